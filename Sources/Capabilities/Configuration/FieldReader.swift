import Expressions
import Vocabulary
import YAML

/// Reads the fields of one YAML mapping and refuses every key it does not know.
struct FieldReader {
    let file: String
    /// What the mapping is, for messages: `job build`.
    let place: String
    let node: YAMLNode
    private let entries: [(key: YAMLNode, value: YAMLNode)]

    /// `later` names the keys that exist in the product but not in this version.
    init(
        _ node: YAMLNode, file: String, place: String, keys: [String], later: [String] = []
    ) throws(ConfigurationError) {
        try self.init(open: node, file: file, place: place)
        for (key, _) in entries {
            let name = key.text ?? ""
            if later.contains(name) {
                throw ConfigurationError(.notSupported("\"\(name)\" in \(place)", advice: nil), at: position(key))
            }
            guard keys.contains(name) else {
                throw ConfigurationError(.unknownKey(name, place: place, known: keys), at: position(key))
            }
        }
    }

    /// A mapping whose keys are names somebody chose.
    init(open node: YAMLNode, file: String, place: String) throws(ConfigurationError) {
        self.file = file
        self.place = place
        self.node = node
        guard let entries = node.entries else {
            throw ConfigurationError(
                .wrongType(field: place, expected: "a mapping"),
                at: SourcePosition(file: file, line: node.line, column: node.column))
        }
        self.entries = entries
    }

    /// Reads a file's text up to its root mapping.
    static func root(_ text: String, file: String) throws(ConfigurationError) -> YAMLNode {
        do {
            return try YAMLDocument.parse(text: text, file: file)
        } catch {
            throw ConfigurationError(
                .yaml(error.message), at: SourcePosition(file: file, line: error.line, column: error.column))
        }
    }

    // MARK: Places

    func position(_ node: YAMLNode) -> SourcePosition { SourcePosition(file: file, line: node.line, column: node.column) }
    var position: SourcePosition { position(node) }

    /// Where a key stands; the mapping's own place when it is not there.
    func keyPosition(_ key: String) -> SourcePosition {
        entries.first { $0.key.text == key }.map { position($0.key) } ?? position
    }

    /// Where a character of a scalar's text stands in the file, as exactly as YAML lets us say.
    func position(_ node: YAMLNode, offset: Int, line: Int) -> SourcePosition {
        guard line == 1, !node.isBlock, case .scalar(_, let isPlain) = node.value else { return position(node) }
        return SourcePosition(file: file, line: node.line, column: node.column + offset + (isPlain ? 0 : 1))
    }

    // MARK: Fields

    /// All entries, keys as text.
    var named: [(name: String, key: YAMLNode, value: YAMLNode)] {
        entries.map { (name: $0.key.text ?? "", key: $0.key, value: $0.value) }
    }

    /// The value of a key; nil when it is not there or empty.
    func value(_ key: String) -> YAMLNode? {
        guard let value = node[key], !value.isNull else { return nil }
        return value
    }

    func required<Value>(_ key: String, _ value: Value?) throws(ConfigurationError) -> Value {
        guard let value else { throw ConfigurationError(.missingKey(key, place: place), at: position) }
        return value
    }

    func text(_ key: String, lengthMax: Int = 20_000) throws(ConfigurationError) -> String? {
        guard let value = value(key) else { return nil }
        return try text(value, key, lengthMax: lengthMax)
    }

    func text(_ value: YAMLNode, _ key: String, lengthMax: Int = 20_000) throws(ConfigurationError) -> String {
        guard let text = value.text else {
            throw ConfigurationError(.wrongType(field: key, expected: "a text"), at: position(value))
        }
        guard !text.contains("${{") else {
            throw ConfigurationError(.notSupported("an expression in \"\(key)\"", advice: nil), at: position(value))
        }
        guard text.utf8.count <= lengthMax else {
            throw bad(key, "is longer than \(lengthMax) bytes", at: value)
        }
        guard !text.unicodeScalars.contains(where: { $0.value == 0 }) else { throw bad(key, "contains a NUL", at: value) }
        return text
    }

    func int(_ key: String) throws(ConfigurationError) -> Int? {
        guard let value = value(key) else { return nil }
        guard case .scalar(let text, isPlain: true) = value.value, let number = Int(text) else {
            throw ConfigurationError(.wrongType(field: key, expected: "a whole number"), at: position(value))
        }
        return number
    }

    func double(_ key: String) throws(ConfigurationError) -> Double? {
        guard let value = value(key) else { return nil }
        guard case .scalar(let text, isPlain: true) = value.value, let number = Double(text), number.isFinite else {
            throw ConfigurationError(.wrongType(field: key, expected: "a number"), at: position(value))
        }
        return number
    }

    func bool(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let value = value(key) else { return nil }
        switch value.value {
        case .scalar("true", isPlain: true): return true
        case .scalar("false", isPlain: true): return false
        case .scalar, .sequence, .mapping:
            throw ConfigurationError(.wrongType(field: key, expected: "true or false"), at: position(value))
        }
    }

    func elements(_ key: String) throws(ConfigurationError) -> [YAMLNode]? {
        guard let value = value(key) else { return nil }
        guard let elements = value.elements else {
            throw ConfigurationError(.wrongType(field: key, expected: "a list"), at: position(value))
        }
        return elements
    }

    /// A list of texts.
    func texts(_ key: String, countMax: Int = 1_000) throws(ConfigurationError) -> [String]? {
        guard let elements = try elements(key) else { return nil }
        guard elements.count <= countMax else { throw bad(key, "has more than \(countMax) elements", at: node[key] ?? node) }
        var texts: [String] = []
        for element in elements { texts.append(try text(element, key)) }
        return texts
    }

    /// One text, or a list of them.
    func oneOrMore(_ key: String) throws(ConfigurationError) -> [YAMLNode]? {
        guard let value = value(key) else { return nil }
        switch value.value {
        case .scalar: return [value]
        case .sequence(let elements): return elements
        case .mapping: throw ConfigurationError(.wrongType(field: key, expected: "a text or a list of texts"), at: position(value))
        }
    }

    /// A word out of a fixed set.
    func choice<Choice: CaseIterable & RawRepresentable>(
        _ key: String, _ type: Choice.Type, what: String
    ) throws(ConfigurationError) -> Choice? where Choice.RawValue == String {
        guard let value = value(key) else { return nil }
        return try choice(value, key, type, what: what)
    }

    func choice<Choice: CaseIterable & RawRepresentable>(
        _ value: YAMLNode, _ key: String, _ type: Choice.Type, what: String
    ) throws(ConfigurationError) -> Choice where Choice.RawValue == String {
        let word = try text(value, key)
        guard let choice = Choice(rawValue: word) else {
            throw ConfigurationError(
                .unknownValue(word, what: what, known: Choice.allCases.map(\.rawValue)), at: position(value))
        }
        return choice
    }

    /// A name that is safe in a path, a branch name and a table.
    func name(_ text: String, _ what: String, at node: YAMLNode) throws(ConfigurationError) -> String {
        let isSafe = text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
        }
        guard isSafe, !text.isEmpty, text.utf8.count <= 40, !text.hasPrefix("-") else {
            throw ConfigurationError(
                .badValue(
                    field: String(text.prefix(40)), why: "is no name of \(what): up to 40 letters, digits, - and _"),
                at: position(node))
        }
        return text
    }

    /// The version every file starts with.
    func version() throws(ConfigurationError) {
        let version = try required("version", try int("version"))
        guard version == 1 else {
            throw ConfigurationError(
                .badValue(field: "version", why: "is \(version); this program reads version 1"), at: keyPosition("version"))
        }
    }

    func bad(_ field: String, _ why: String, at node: YAMLNode) -> ConfigurationError {
        ConfigurationError(.badValue(field: field, why: why), at: position(node))
    }

    // MARK: Expressions

    /// The one expression that a text consists of, as in `${{ jobs.plan.tasks }}`.
    func expression(_ key: String) throws(ConfigurationError) -> (expression: ParsedExpression, node: YAMLNode)? {
        guard let value = value(key) else { return nil }
        guard let text = value.text else {
            throw ConfigurationError(.wrongType(field: key, expected: "an expression ${{ … }}"), at: position(value))
        }
        do {
            guard let expression = try InterpolatedText(text).onlyExpression else {
                throw ConfigurationError(.wrongType(field: key, expected: "one expression ${{ … }}"), at: position(value))
            }
            return (expression, value)
        } catch let error as ExpressionError {
            throw failed(error, value)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(.expression("\(error)", hint: nil), at: position(value))
        }
    }

    func failed(_ error: ExpressionError, _ node: YAMLNode) -> ConfigurationError {
        ConfigurationError(
            .expression(error.message, hint: error.hint), at: position(node, offset: error.offset, line: error.line))
    }
}
