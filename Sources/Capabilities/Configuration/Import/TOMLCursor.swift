import Vocabulary

/// A place in the text of a TOML file, and the pieces read from there.
struct TOMLCursor {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var valuesLeft = TOMLReader.valuesMax

    init(_ text: String) { scalars = Array(text.replacing("\r\n", with: "\n").unicodeScalars) }

    func flaw(_ reason: String) -> TOMLReader.Flaw { .init(line: line, reason: reason) }

    private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func advance() {
        if current == "\n" { line += 1 }
        index += 1
    }

    mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard index + wanted.count <= scalars.count,
            scalars[index..<(index + wanted.count)].elementsEqual(wanted)
        else { return false }
        for _ in wanted { advance() }
        return true
    }

    mutating func skipSpaces() {
        while current == " " || current == "\t" { advance() }
    }

    private mutating func skipComment() {
        if current == "#" {
            while let scalar = current, scalar != "\n" {
                _ = scalar
                advance()
            }
        }
    }

    /// Passes over empty lines and comments; false at the end of the text.
    mutating func skipToContent() throws(TOMLReader.Flaw) -> Bool {
        while true {
            skipSpaces()
            skipComment()
            guard current == "\n" else { return current != nil }
            advance()
        }
    }

    mutating func endLine() throws(TOMLReader.Flaw) {
        skipSpaces()
        skipComment()
        guard current == nil || current == "\n" else { throw flaw("something stands after a value") }
    }

    mutating func tablePath(end: String) throws(TOMLReader.Flaw) -> [String] {
        var path: [String] = []
        repeat {
            skipSpaces()
            path.append(try key())
            skipSpaces()
        } while take(".")
        guard take(end) else { throw flaw("a table's name does not end") }
        guard path.count <= TOMLReader.depthMax else { throw flaw("tables are nested too deep") }
        return path
    }

    mutating func key() throws(TOMLReader.Flaw) -> String {
        if current == "\"" || current == "'" { return try string() }
        var name = ""
        while let scalar = current, Self.isBare(scalar) {
            name.unicodeScalars.append(scalar)
            advance()
        }
        guard !name.isEmpty else { throw flaw("a key is missing") }
        return name
    }

    private static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            || scalar == "-" || scalar == "_"
    }

    mutating func value(depth: Int) throws(TOMLReader.Flaw) -> JSONValue {
        valuesLeft -= 1
        guard valuesLeft > 0 else { throw flaw("there are more than \(TOMLReader.valuesMax) values") }
        guard depth <= TOMLReader.depthMax else { throw flaw("values are nested too deep") }
        switch current {
        case "\"", "'": return .string(try string())
        case "[": return try array(depth: depth)
        case "{": return try inlineTable(depth: depth)
        default: return try word()
        }
    }

    private mutating func word() throws(TOMLReader.Flaw) -> JSONValue {
        var text = ""
        while let scalar = current, Self.isBare(scalar) || scalar == "+" || scalar == "." || scalar == ":" {
            text.unicodeScalars.append(scalar)
            advance()
        }
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            guard let number = Int64(text) else {
                throw flaw("“\(text.prefix(40))” is a value this reader does not know")
            }
            return .int(number)
        }
    }

    private mutating func array(depth: Int) throws(TOMLReader.Flaw) -> JSONValue {
        advance()
        var elements: [JSONValue] = []
        while true {
            guard try skipToContent() else { throw flaw("an array does not end") }
            if take("]") { return .array(elements) }
            elements.append(try value(depth: depth + 1))
            guard try skipToContent() else { throw flaw("an array does not end") }
            if take("]") { return .array(elements) }
            guard take(",") else { throw flaw("an array's elements are parted by commas") }
        }
    }

    private mutating func inlineTable(depth: Int) throws(TOMLReader.Flaw) -> JSONValue {
        advance()
        var members: [String: JSONValue] = [:]
        skipSpaces()
        if take("}") { return .object(members) }
        while true {
            skipSpaces()
            let key = try key()
            skipSpaces()
            guard take("=") else { throw flaw("a key without `=`") }
            skipSpaces()
            guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
                throw flaw("“\(key)” is there twice")
            }
            skipSpaces()
            if take("}") { return .object(members) }
            guard take(",") else { throw flaw("a table's members are parted by commas") }
        }
    }

    private mutating func string() throws(TOMLReader.Flaw) -> String {
        for (fence, isLiteral) in [("\"\"\"", false), ("'''", true)] where take(fence) {
            // A line end right after the fence is not part of the text.
            if current == "\n" { advance() }
            return try text(until: fence, isLiteral: isLiteral, isMultiline: true)
        }
        let isLiteral = current == "'"
        advance()
        return try text(until: isLiteral ? "'" : "\"", isLiteral: isLiteral, isMultiline: false)
    }

    private mutating func text(until fence: String, isLiteral: Bool, isMultiline: Bool)
        throws(TOMLReader.Flaw) -> String
    {
        var text = ""
        while let scalar = current {
            if take(fence) {
                // Up to two quotes more belong to the text.
                while isMultiline, let last = fence.first, take(String(last)) { text.append(last) }
                return text
            }
            if scalar == "\n", !isMultiline { throw flaw("a text does not end on its line") }
            if scalar == "\\", !isLiteral {
                advance()
                try escape(into: &text, isMultiline: isMultiline)
            } else {
                text.unicodeScalars.append(scalar)
                advance()
            }
        }
        throw flaw("a text does not end")
    }

    private mutating func escape(into text: inout String, isMultiline: Bool) throws(TOMLReader.Flaw) {
        guard let scalar = current else { throw flaw("a text does not end") }
        if isMultiline, scalar == "\n" || scalar == " " || scalar == "\t" {
            while let next = current, next == "\n" || next == " " || next == "\t" {
                _ = next
                advance()
            }
            return
        }
        advance()
        switch scalar {
        case "b": text += "\u{8}"
        case "t": text += "\t"
        case "n": text += "\n"
        case "f": text += "\u{C}"
        case "r": text += "\r"
        case "e": text += "\u{1B}"
        case "\"": text += "\""
        case "\\": text += "\\"
        case "u": text.unicodeScalars.append(try scalarValue(digits: 4))
        case "U": text.unicodeScalars.append(try scalarValue(digits: 8))
        default: throw flaw("\\\(scalar) is no escape")
        }
    }

    private mutating func scalarValue(digits: Int) throws(TOMLReader.Flaw) -> Unicode.Scalar {
        var hex = ""
        for _ in 0..<digits {
            if let scalar = current { hex.unicodeScalars.append(scalar) }
            advance()
        }
        guard let value = UInt32(hex, radix: 16), let scalar = Unicode.Scalar(value) else {
            throw flaw("\\u\(hex) is no character")
        }
        return scalar
    }
}
