import Glibc

/// Takes a key out of what an upstream sends back, also where it is split over two chunks.
///
/// Covers the key as it was sent. An upstream that encodes it first (base64, escapes) is not covered.
struct SecretRedactor {
    static let replacement = Array("[redacted]".utf8)
    /// Shorter ones are no secrets, and would be found in every second word.
    static let secretBytesMin = 8

    private let secret: [UInt8]
    /// The end of the last chunk, where it could be the beginning of the key.
    private var held: [UInt8] = []

    init(secret: String?) {
        let bytes = Array((secret ?? "").utf8)
        self.secret = bytes.count >= Self.secretBytesMin ? bytes : []
    }

    func redacted(_ text: String) -> String {
        guard !secret.isEmpty else { return text }
        var copy = SecretRedactor(secret: nil, bytes: secret)
        return String(decoding: copy.feed(Array(text.utf8)) + copy.finish(), as: UTF8.self)
    }

    private init(secret: String?, bytes: [UInt8]) { self.secret = bytes }

    /// What may be passed on now: everything but an end that could be the beginning of the key.
    mutating func feed(_ chunk: [UInt8]) -> [UInt8] {
        guard !secret.isEmpty else { return chunk }
        let bytes = held.isEmpty ? chunk : held + chunk
        var output: [UInt8] = []
        var copied = 0
        while let found = place(in: bytes, from: copied) {
            output += bytes[copied..<found] + Self.replacement
            copied = found + secret.count
        }
        let rest = bytes[copied...]
        let heldCount = beginningAtEnd(of: rest)
        held = Array(rest.suffix(heldCount))
        if copied == 0, heldCount == 0 { return bytes }
        return output + rest.dropLast(heldCount)
    }

    private func place(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var at = start
            while at + secret.count <= buffer.count,
                let found = memchr(base + at, Int32(secret[0]), buffer.count - secret.count - at + 1)
            {
                if memcmp(found, secret, secret.count) == 0 { return UnsafeRawPointer(found) - base }
                at = UnsafeRawPointer(found) - base + 1
            }
            return nil
        }
    }

    /// How many of the last bytes could be the first ones of the key.
    private func beginningAtEnd(of bytes: ArraySlice<UInt8>) -> Int {
        var count = min(bytes.count, secret.count - 1)
        while count > 0, !secret.starts(with: bytes.suffix(count)) { count -= 1 }
        return count
    }

    /// What was held back, when nothing follows.
    mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }
}
