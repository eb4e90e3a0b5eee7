import Glibc

/// A path inside a tree, as git keeps it: bytes without a meaning, parted by slashes.
package struct GitPath: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: String) { bytes = Array(text.utf8) }
    /// From bytes that end with a zero.
    package init(cString: UnsafePointer<CChar>) {
        bytes = UnsafeBufferPointer(start: cString, count: strlen(cString)).map { UInt8(bitPattern: $0) }
    }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.bytes.lexicographicallyPrecedes(rhs.bytes) }

    /// The path as text where it is UTF-8; otherwise with every foreign byte written as `\xNN`.
    package var text: String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let digits = Array("0123456789abcdef")
        var text = ""
        for byte in bytes {
            if byte < 0x80 {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return text
    }
    package var isUTF8: Bool { String(validating: bytes, as: UTF8.self) != nil }
    package var description: String { text }

    package var components: [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    }
    package var parent: GitPath? {
        bytes.lastIndex(of: UInt8(ascii: "/")).map { GitPath(bytes: Array(bytes[..<$0])) }
    }

    package func appending(_ name: [UInt8]) -> GitPath {
        bytes.isEmpty ? GitPath(bytes: name) : GitPath(bytes: bytes + [UInt8(ascii: "/")] + name)
    }

    func withCString<Value, Failure: Error>(
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer throws(Failure) in
            guard let start = buffer.baseAddress else {
                preconditionFailure("an array with a NUL in it is not empty")
            }
            return try body(start)
        }
    }
}
