import Glibc

/// Finds the members of a JSON object by their byte ranges, without building a tree.
///
/// A request or an event of a stream is read on the way past it; decoding it whole would cost more than
/// sending it.
struct JSONMembers {
    struct Member {
        /// Without its quotes.
        let name: Range<Int>
        let value: Range<Int>
    }

    let bytes: [UInt8]
    let members: [Member]
    /// Just behind the opening brace.
    let start: Int

    /// nil when the bytes are not one JSON object, as far as its outermost structure shows.
    init?(_ bytes: [UInt8]) {
        self.init(bytes, in: 0..<bytes.count)
    }

    private init?(_ bytes: [UInt8], in range: Range<Int>) {
        guard let found = Self.scan(bytes, range) else { return nil }
        self.bytes = bytes
        self.members = found.members
        self.start = found.start
    }

    private static func scan(_ bytes: [UInt8], _ range: Range<Int>) -> (members: [Member], start: Int)? {
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var reader = Reader(bytes: base, at: range.lowerBound, end: range.upperBound)
            var members: [Member] = []
            guard reader.take("{") else { return nil }
            let start = reader.at
            if reader.take("}") { return reader.isAtEnd ? (members, start) : nil }
            repeat {
                guard let name = reader.string(), reader.take(":"), let value = reader.value() else {
                    return nil
                }
                members.append(Member(name: name.lowerBound + 1..<name.upperBound - 1, value: value))
            } while reader.take(",")
            guard reader.take("}"), reader.isAtEnd else { return nil }
            return (members, start)
        }
    }

    /// The range of a member's value; of repeated ones the last, as JSON parsers commonly take it.
    func range(of name: String) -> Range<Int>? {
        members.last { matches($0, name) }?.value
    }

    /// Whether a reader could take this object for another one than we do: a member is there twice, or is
    /// spelled with an escape.
    func isAmbiguous(for names: [String]) -> Bool {
        members.contains { bytes[$0.name].contains(UInt8(ascii: "\\")) }
            || names.contains { name in members.count { matches($0, name) } > 1 }
    }

    func object(_ name: String) -> JSONMembers? {
        range(of: name).flatMap { JSONMembers(bytes, in: $0) }
    }

    func integer(_ name: String) -> Int64? {
        guard let range = range(of: name) else { return nil }
        let text = String(decoding: bytes[range], as: UTF8.self)
        return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0.rounded()) }
    }

    func isTrue(_ name: String) -> Bool {
        range(of: name).map { bytes[$0].elementsEqual("true".utf8) } ?? false
    }

    /// A text member without escapes: enough for names of models and types; nil for anything else.
    func plainText(_ name: String) -> String? {
        guard let range = range(of: name), range.count >= 2, bytes[range.lowerBound] == UInt8(ascii: "\"")
        else { return nil }
        let inner = bytes[range.lowerBound + 1..<range.upperBound - 1]
        return inner.contains(UInt8(ascii: "\\")) ? nil : String(decoding: inner, as: UTF8.self)
    }

    private func matches(_ member: Member, _ name: String) -> Bool {
        bytes[member.name].elementsEqual(name.utf8)
    }
}

/// Steps over JSON values. Nesting costs no stack, so depth needs no limit.
///
/// Over a pointer, and strings by `memchr`: every request and every event of a stream goes through here. `at`
/// never passes `end`, the end of the bytes or of the part of them that is read.
private struct Reader {
    let bytes: UnsafePointer<UInt8>
    var at: Int
    let end: Int

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return at == end
        }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard at < end, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// The range of a string with its quotes.
    mutating func string() -> Range<Int>? {
        skipSpace()
        let first = at
        guard take("\"") else { return nil }
        while at < end, let found = memchr(bytes + at, Int32(UInt8(ascii: "\"")), end - at) {
            let quote = UnsafePointer<UInt8>(found.assumingMemoryBound(to: UInt8.self)) - bytes
            var escapes = 0
            while quote - escapes > at, bytes[quote - escapes - 1] == UInt8(ascii: "\\") { escapes += 1 }
            at = quote + 1
            // An odd number of backslashes before it: the quote is part of the text.
            if escapes % 2 == 0 { return first..<at }
        }
        return nil
    }

    mutating func value() -> Range<Int>? {
        skipSpace()
        let first = at
        guard at < end else { return nil }
        switch bytes[at] {
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 0
            while at < end {
                switch bytes[at] {
                case UInt8(ascii: "\""):
                    guard string() != nil else { return nil }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                at += 1
                if depth == 0 { return first..<at }
            }
            return nil
        default:
            while at < end, !isDelimiter(bytes[at]) { at += 1 }
            return at > first ? first..<at : nil
        }
    }

    private mutating func skipSpace() {
        while at < end, isSpace(bytes[at]) { at += 1 }
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    private func isDelimiter(_ byte: UInt8) -> Bool {
        isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }
}
