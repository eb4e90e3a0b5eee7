/// A recursive-descent reader over bytes, strict as RFC 8259: no comments, no trailing commas, nothing after
/// the end.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONText.Flaw) -> JSONValue {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw flaw("there is more after the end") }
        return value
    }

    private func flaw(_ reason: String) -> JSONText.Flaw { JSONText.Flaw(offset: position, reason: reason) }
    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONText.Flaw) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try nested { reader throws(JSONText.Flaw) in try reader.object() }
        case UInt8(ascii: "["): return try nested { reader throws(JSONText.Flaw) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(
        _ body: (inout JSONReader) throws(JSONText.Flaw) -> JSONValue
    ) throws(JSONText.Flaw) -> JSONValue {
        guard depth < JSONText.depthMax else { throw flaw("it nests deeper than \(JSONText.depthMax)") }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONText.Flaw) -> JSONValue {
        let count = text.utf8CodeUnitCount
        let matches = text.withUTF8Buffer { word in
            position + count <= bytes.count && bytes[position..<position + count].elementsEqual(word)
        }
        guard matches else { throw flaw("an unknown word") }
        position += count
        return value
    }

    private mutating func object() throws(JSONText.Flaw) -> JSONValue {
        var members: [String: JSONValue] = [:]
        skipSpace()
        if skip("}") { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw flaw("a member needs a name") }
            let name = try string()
            skipSpace()
            guard skip(":") else { throw flaw("a member needs a colon") }
            members[name] = try value()
            skipSpace()
            if skip("}") { return .object(members) }
            guard skip(",") else { throw flaw("members need a comma between them") }
        }
    }

    private mutating func array() throws(JSONText.Flaw) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if skip("]") { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if skip("]") { return .array(elements) }
            guard skip(",") else { throw flaw("elements need a comma between them") }
        }
    }

    private mutating func number() throws(JSONText.Flaw) -> JSONValue {
        let start = position
        _ = skip("-")
        let integerStart = position
        skipDigits()
        guard position > integerStart else { throw flaw("no value begins here") }
        if bytes[integerStart] == UInt8(ascii: "0"), position > integerStart + 1 {
            throw flaw("a number begins with zero")
        }
        var isWhole = true
        if skip(".") {
            isWhole = false
            let fraction = position
            skipDigits()
            guard position > fraction else { throw flaw("digits must follow the point") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if !skip("+") { _ = skip("-") }
            let exponent = position
            skipDigits()
            guard position > exponent else { throw flaw("digits must follow the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let whole = Int64(text) { return .int(whole) }
        guard let number = Double(text), number.isFinite else { throw flaw("the number is out of range") }
        return .double(number)
    }

    private mutating func skipDigits() {
        while let byte = next, byte >= 0x30, byte <= 0x39 { position += 1 }
    }

    private mutating func string() throws(JSONText.Flaw) -> String {
        position += 1
        var collected: [UInt8] = []
        var start = position
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                let tail = bytes[start..<position]
                position += 1
                if collected.isEmpty { return String(decoding: tail, as: UTF8.self) }
                return String(decoding: collected + tail, as: UTF8.self)
            case UInt8(ascii: "\\"):
                collected += bytes[start..<position]
                position += 1
                collected += try escape().utf8
                start = position
            case 0..<0x20: throw flaw("a control character stands in a string")
            default: position += 1
            }
        }
        throw flaw("a string does not end")
    }

    private mutating func escape() throws(JSONText.Flaw) -> String {
        guard let byte = next else { throw flaw("a string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default: throw flaw("an unknown escape")
        }
    }

    /// One `\uXXXX`, or the two of a surrogate pair; half a pair becomes the replacement character.
    private mutating func unicode() throws(JSONText.Flaw) -> String {
        let first = try hexadecimal()
        if (0xD800..<0xDC00).contains(first), position + 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            let mark = position
            position += 2
            let second = try hexadecimal()
            if (0xDC00..<0xE000).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return String(scalar)
            }
            position = mark
        }
        return Unicode.Scalar(first).map { String($0) } ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONText.Flaw) -> UInt32 {
        guard position + 4 <= bytes.count else { throw flaw("a string does not end") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x41 + 10)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x61 + 10)
            default: throw flaw("four hexadecimal digits must follow")
            }
        }
        position += 4
        return value
    }
}
