import Hashing
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    @Test(
        "gives the digests of the standard (FIPS 180-4, examples)",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func vectors(text: String, digest: String) {
        #expect(SHA256.hex(of: text) == digest)
    }

    @Test("does not depend on the pieces in which the bytes arrive")
    func pieces() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for size in [1, 3, 64, 65, 999, 1000] {
            var hash = SHA256()
            var start = 0
            while start < bytes.count {
                let end = min(start + size, bytes.count)
                hash.update(bytes[start..<end])
                start = end
            }
            #expect(hash.finalize() == SHA256.hash(bytes))
        }
        // A sequence without storage of its own goes the slow way.
        #expect(
            SHA256.hash(sequence(first: 0) { $0 < 9 ? $0 + 1 : nil })
                == SHA256.hash([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
    }
}
