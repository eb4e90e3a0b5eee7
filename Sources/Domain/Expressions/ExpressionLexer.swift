/// One word of an expression.
struct ExpressionToken: Equatable {
    enum Kind: Equatable {
        case identifier(String)
        case int(UInt64)
        case double(Double)
        case string(String)
        /// An operator or bracket that the language knows, whether or not this version evaluates it.
        case symbol(String)
        case end
    }
    var kind: Kind
    var offset: Int
}

/// Cuts a text into words, by CEL's lexical rules.
struct ExpressionLexer {
    private let source: String
    private let scalars: [Unicode.Scalar]
    private var position = 0

    /// Longest first, so that `<=` is not read as `<`.
    private static let symbols = [
        "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?",
        "+", "-", "*",
        "/", "%",
    ].map { Array($0.unicodeScalars) }

    init(_ source: String) {
        self.source = source
        self.scalars = Array(source.unicodeScalars)
    }

    mutating func next() throws(ExpressionError) -> ExpressionToken {
        skipBlanks()
        let start = position
        guard let first = peek() else { return ExpressionToken(kind: .end, offset: start) }
        if let prefixLength = stringPrefixLength() {
            let prefix = scalars[position..<(position + prefixLength)].map { $0.properties.lowercaseMapping }
            guard !prefix.contains("b") else {
                throw error(.notSupported("a bytes literal (b\"…\")"), at: start)
            }
            position += prefixLength
            return ExpressionToken(
                kind: .string(try string(isRaw: !prefix.isEmpty, start: start)), offset: start)
        }
        if first == "_" || first.isASCIILetter {
            while let scalar = peek(), scalar == "_" || scalar.isASCIILetter || scalar.isDigit {
                position += 1
            }
            return ExpressionToken(kind: .identifier(text(from: start)), offset: start)
        }
        if first.isDigit || (first == "." && peek(1)?.isDigit == true) {
            return ExpressionToken(kind: try number(), offset: start)
        }
        guard let symbol = Self.symbols.first(where: { scalars[position...].starts(with: $0) }) else {
            if first == "`" { throw error(.notSupported("a field name in backticks"), at: start) }
            throw error(.syntax("\(Self.shown(first)) does not belong here"), at: start)
        }
        position += symbol.count
        return ExpressionToken(kind: .symbol(text(from: start)), offset: start)
    }

    func error(_ kind: ExpressionError.Kind, at offset: Int) -> ExpressionError {
        let (line, column) = source.place(of: offset)
        return ExpressionError(kind: kind, offset: offset, line: line, column: column)
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        scalar.value > 0x20 && scalar.value < 0x7F
            ? String(scalar) : "U+" + String(scalar.value, radix: 16, uppercase: true)
    }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        position + ahead < scalars.count ? scalars[position + ahead] : nil
    }

    private func text(from start: Int) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[start..<position])
        return String(text)
    }

    private mutating func skipBlanks() {
        while let scalar = peek() {
            if scalar == "/" && peek(1) == "/" {
                while let inside = peek(), inside != "\n" { position += 1 }
            } else if [" ", "\t", "\n", "\r", "\u{C}"].contains(scalar) {
                position += 1
            } else {
                return
            }
        }
    }

    // MARK: Numbers

    private mutating func number() throws(ExpressionError) -> ExpressionToken.Kind {
        let start = position
        if peek() == "0", peek(1) == "x" || peek(1) == "X" {
            position += 2
            let digits = position
            while let scalar = peek(), scalar.hexValue != nil { position += 1 }
            try endOfNumber(start)
            guard let value = UInt64(text(from: digits), radix: 16) else {
                throw error(.syntax("\(text(from: start)) is not a whole number of 64 bits"), at: start)
            }
            return .int(value)
        }
        skipDigits()
        var isDouble = false
        if peek() == ".", peek(1)?.isDigit == true {
            isDouble = true
            position += 1
            skipDigits()
        }
        if peek() == "e" || peek() == "E" {
            let sign = peek(1) == "+" || peek(1) == "-" ? 2 : 1
            if peek(sign)?.isDigit == true {
                isDouble = true
                position += sign
                skipDigits()
            }
        }
        try endOfNumber(start)
        let digits = text(from: start)
        if isDouble {
            guard let value = Double(digits.hasPrefix(".") ? "0" + digits : digits), value.isFinite else {
                throw error(.syntax("\(digits) is too large for a double"), at: start)
            }
            return .double(value)
        }
        guard let value = UInt64(digits) else {
            throw error(.syntax("\(digits) is not a whole number of 64 bits"), at: start)
        }
        return .int(value)
    }

    private mutating func skipDigits() {
        while peek()?.isDigit == true { position += 1 }
    }

    private func endOfNumber(_ start: Int) throws(ExpressionError) {
        guard let after = peek(), after == "_" || after.isASCIILetter else { return }
        if after == "u" || after == "U" {
            throw error(.notSupported("an unsigned number (\(text(from: start))u)"), at: start)
        }
        throw error(.syntax("\(text(from: start))\(after) is neither a number nor a name"), at: start)
    }

    // MARK: Strings

    /// The length of `r`, `b` or both before a quote; 0 for a plain quote; nil when no string starts here.
    private func stringPrefixLength() -> Int? {
        for length in 0...2 {
            guard let scalar = peek(length) else { return nil }
            if scalar == "\"" || scalar == "'" { return length }
            guard ["r", "R", "b", "B"].contains(scalar) else { return nil }
        }
        return nil
    }

    private mutating func string(isRaw: Bool, start: Int) throws(ExpressionError) -> String {
        guard let quote = peek() else { throw error(.syntax("this text does not end"), at: start) }
        let isTriple = peek(1) == quote && peek(2) == quote
        position += isTriple ? 3 : 1
        var text = String.UnicodeScalarView()
        while let scalar = peek() {
            if scalar == quote && (!isTriple || (peek(1) == quote && peek(2) == quote)) {
                position += isTriple ? 3 : 1
                return String(text)
            }
            if !isTriple && (scalar == "\n" || scalar == "\r") { break }
            position += 1
            if scalar != "\\" {
                text.append(scalar)
            } else if isRaw {
                // A backslash is itself in a raw text, but still keeps the quote after it from ending it.
                text.append(scalar)
                if let kept = peek() {
                    text.append(kept)
                    position += 1
                }
            } else {
                text.append(try escape())
            }
        }
        throw error(.syntax("this text does not end"), at: start)
    }

    /// The character that the escape after a backslash stands for.
    private mutating func escape() throws(ExpressionError) -> Unicode.Scalar {
        let start = position - 1
        guard let letter = peek() else { throw error(.syntax("this text does not end"), at: start) }
        position += 1
        switch letter {
        case "a": return "\u{7}"
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "\\", "?", "\"", "'", "`": return letter
        case "x", "X": return try codePoint(digits: 2, radix: 16, start: start)
        case "u": return try codePoint(digits: 4, radix: 16, start: start)
        case "U": return try codePoint(digits: 8, radix: 16, start: start)
        case "0", "1", "2", "3":
            position -= 1
            return try codePoint(digits: 3, radix: 8, start: start)
        default: throw error(.syntax("\\\(Self.shown(letter)) is not an escape"), at: start)
        }
    }

    private mutating func codePoint(digits: Int, radix: UInt32, start: Int) throws(ExpressionError)
        -> Unicode.Scalar
    {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = peek()?.hexValue, digit < radix else {
                throw error(.syntax("this escape needs \(digits) digits"), at: start)
            }
            value = value &* radix &+ digit
            position += 1
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw error(.syntax("this escape names no character"), at: start)
        }
        return scalar
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
    fileprivate var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
    fileprivate var hexValue: UInt32? {
        switch self {
        case "0"..."9": value - 0x30
        case "a"..."f": value - 0x61 + 10
        case "A"..."F": value - 0x41 + 10
        default: nil
        }
    }
}
