import CGit2

/// The id of a git object: twenty bytes of SHA-1.
package struct GitID: Hashable, Sendable, Comparable, CustomStringConvertible {
    let raw: GitIDBytes

    init(_ oid: git_oid) { raw = GitIDBytes(oid) }

    /// nil when it is not forty hexadecimal digits.
    package init?(hex: String) {
        guard hex.utf8.count == Self.hexLength else { return nil }
        var oid = git_oid()
        guard git_oid_fromstr(&oid, hex) == 0 else { return nil }
        raw = GitIDBytes(oid)
    }

    /// From the twenty bytes themselves.
    package init(rawBytes: UnsafeRawBufferPointer) {
        precondition(rawBytes.count == 20, "an id has twenty bytes")
        var oid = git_oid()
        withUnsafeMutableBytes(of: &oid.id) { $0.copyMemory(from: rawBytes) }
        raw = GitIDBytes(oid)
    }
    package var rawBytes: [UInt8] { raw.bytes }

    package static let hexLength = 40
    /// All zeros, which git writes where there is no object.
    package static let zero = GitID(git_oid())

    package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: Self.hexLength) { buffer in
            for (index, byte) in raw.bytes.enumerated() {
                buffer[2 * index] = digits[Int(byte >> 4)]
                buffer[2 * index + 1] = digits[Int(byte & 15)]
            }
            return Self.hexLength
        }
    }
    package var description: String { hex }

    var oid: git_oid { raw.oid }

    package static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.raw.bytes.lexicographicallyPrecedes(rhs.raw.bytes)
    }
}

/// The bytes of an id as a value that can be compared; the C struct holds them in a tuple of twenty.
struct GitIDBytes: Hashable, Sendable {
    private let high: UInt64
    private let middle: UInt64
    private let low: UInt32

    init(_ oid: git_oid) {
        (high, middle, low) = withUnsafeBytes(of: oid.id) { bytes in
            (
                bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
            )
        }
    }

    var bytes: [UInt8] {
        withUnsafeBytes(of: high) { Array($0) } + withUnsafeBytes(of: middle) { Array($0) }
            + withUnsafeBytes(of: low) { Array($0) }
    }

    var oid: git_oid {
        var oid = git_oid()
        withUnsafeMutableBytes(of: &oid.id) { target in
            target.storeBytes(of: high, toByteOffset: 0, as: UInt64.self)
            target.storeBytes(of: middle, toByteOffset: 8, as: UInt64.self)
            target.storeBytes(of: low, toByteOffset: 16, as: UInt32.self)
        }
        return oid
    }
}
