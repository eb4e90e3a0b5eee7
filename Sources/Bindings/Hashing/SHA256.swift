import COpenSSL

/// A SHA-256 that is fed piece by piece.
package struct SHA256: ~Copyable {
    private let context: OpaquePointer

    package init() {
        // Nil only when there is no memory left, or OpenSSL was built without SHA-256.
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL offers no SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            _ = EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
        guard isDone == nil else { return }
        let copy = Array(bytes)
        _ = EVP_DigestUpdate(context, copy, copy.count)
    }

    package mutating func update(_ text: String) { update(text.utf8) }

    /// The 32 bytes; the hash is used up.
    package consuming func finalize() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        let code = EVP_DigestFinal_ex(context, &digest, &count)
        precondition(code == 1 && count == 32, "OpenSSL did not finish a SHA-256")
        return digest
    }

    /// The digest as 64 lower-case hexadecimal digits.
    package consuming func finalizeHex() -> String { Self.hex(finalize()) }

    package static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }

    package static func hex(of bytes: some Sequence<UInt8>) -> String { hex(hash(bytes)) }
    package static func hex(of text: String) -> String { hex(of: text.utf8) }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
