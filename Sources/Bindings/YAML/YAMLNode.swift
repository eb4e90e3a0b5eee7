/// One value of a YAML document, with the place it stands.
///
/// Scalars keep their text as written: what `yes`, `1e3` or `~` means is for the reader of a field to say, not for YAML.
package struct YAMLNode: Sendable {
    package enum Value: Sendable {
        /// `isPlain` is true when the text stood there without quotes and not as a block.
        case scalar(text: String, isPlain: Bool)
        case sequence([YAMLNode])
        /// In the order of the file; keys are always scalars and differ from each other.
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    package var value: Value
    /// Where the node starts; both count from 1, columns in characters.
    package var line: Int
    package var column: Int
    /// A scalar written as `|` or `>`: its text does not start at `column`.
    package var isBlock: Bool

    package init(value: Value, line: Int, column: Int, isBlock: Bool = false) {
        self.value = value
        self.line = line
        self.column = column
        self.isBlock = isBlock
    }
}

extension YAMLNode {
    /// The text of a scalar, quoted or not; nil for a sequence or mapping.
    package var text: String? {
        guard case .scalar(let text, _) = value else { return nil }
        return text
    }

    /// The elements of a sequence; nil for anything else.
    package var elements: [YAMLNode]? {
        guard case .sequence(let elements) = value else { return nil }
        return elements
    }

    /// The entries of a mapping in the order of the file; nil for anything else.
    package var entries: [(key: YAMLNode, value: YAMLNode)]? {
        guard case .mapping(let entries) = value else { return nil }
        return entries
    }

    /// The value under a key of a mapping; nil when this is no mapping or has no such key.
    package subscript(_ key: String) -> YAMLNode? {
        entries?.first { $0.key.text == key }?.value
    }

    /// True for a scalar that stands for nothing: no text at all, `~` or `null`, unquoted.
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = value else { return false }
        return text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
    }
}
