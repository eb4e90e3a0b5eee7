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
            var reader = JSONReader(bytes: base, at: range.lowerBound, end: range.upperBound)
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

    /// Whether a reader could take this object for another one than we do: a member is there twice, is
    /// spelled with an escape, or in other letters than ours, which some readers overlook.
    func isAmbiguous(for names: [String]) -> Bool {
        members.contains { bytes[$0.name].contains(UInt8(ascii: "\\")) }
            || names.contains { name in
                let alike = members.filter { resembles($0, name) }
                return alike.count > 1 || alike.contains { !matches($0, name) }
            }
    }

    private func resembles(_ member: Member, _ name: String) -> Bool {
        member.name.count == name.utf8.count
            && zip(bytes[member.name], name.utf8).allSatisfy { $0 == $1 || $0 | 0x20 == $1 | 0x20 }
    }

    func object(_ name: String) -> JSONMembers? {
        range(of: name).flatMap { JSONMembers(bytes, in: $0) }
    }

    func integer(_ name: String) -> Int64? {
        guard let range = range(of: name) else { return nil }
        let text = String(decoding: bytes[range], as: UTF8.self)
        return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0.rounded()) }
    }

    /// The object at a range of these bytes, such as an element of an array.
    func object(at range: Range<Int>) -> JSONMembers? { JSONMembers(bytes, in: range) }

    /// The values in an array; nil when there is none at the range.
    func elements(of range: Range<Int>) -> [Range<Int>]? {
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var reader = JSONReader(bytes: base, at: range.lowerBound, end: range.upperBound)
            guard reader.take("[") else { return nil }
            var found: [Range<Int>] = []
            if reader.take("]") { return reader.isAtEnd ? found : nil }
            repeat {
                guard let value = reader.value() else { return nil }
                found.append(value)
            } while reader.take(",")
            return reader.take("]") && reader.isAtEnd ? found : nil
        }
    }

    func isNull(_ range: Range<Int>) -> Bool { bytes[range].elementsEqual("null".utf8) }

    /// The text of the string at a range, escapes resolved as far as names need it; blanks around it are
    /// passed over. What is no string has the empty text.
    func unescapedText(_ range: Range<Int>) -> String {
        var inner = bytes[range].drop { $0 != UInt8(ascii: "\"") }.dropFirst()
        while let last = inner.last, last != UInt8(ascii: "\"") { inner.removeLast() }
        inner = inner.dropLast()
        guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
        var text: [UInt8] = []
        var at = inner.startIndex
        while at < inner.endIndex {
            guard inner[at] == UInt8(ascii: "\\"), at + 1 < inner.endIndex else {
                text.append(inner[at])
                at += 1
                continue
            }
            let digits = inner[(at + 2)...].prefix(4)
            if inner[at + 1] == UInt8(ascii: "u"), digits.count == 4,
                let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                // No name we look for has anything but ASCII.
                text.append(code < 0x80 ? UInt8(code) : UInt8(ascii: "?"))
                at += 6
            } else {
                text.append(inner[at + 1])
                at += 2
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    func isTrue(_ name: String) -> Bool {
        range(of: name).map { bytes[$0].elementsEqual("true".utf8) } ?? false
    }

    func isFalse(_ name: String) -> Bool {
        range(of: name).map { bytes[$0].elementsEqual("false".utf8) } ?? false
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
struct JSONReader {
    let bytes: UnsafePointer<UInt8>
    var at: Int
    let end: Int

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return at == end
        }
    }

    /// The first byte of what comes next; nil at the end.
    mutating func next() -> UInt8? {
        skipSpace()
        return at < end ? bytes[at] : nil
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
