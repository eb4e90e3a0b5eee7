/// Why a text is not a YAML document we read, and where.
package struct YAMLError: Error, Hashable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// libyaml's own words.
        case syntax(String)
        case empty
        case severalDocuments
        case anchor(String)
        case alias(String)
        case tag(String)
        case directive
        /// The line of the first one is in the payload.
        case duplicateKey(String, firstLine: Int)
        case keyNotText
        case tooLarge(limit: Int)
        case tooDeep(limit: Int)
        case tooManyNodes(limit: Int)
    }

    package var file: String
    package var line: Int
    package var column: Int
    package var kind: Kind

    package init(file: String, line: Int, column: Int, kind: Kind) {
        self.file = file
        self.line = line
        self.column = column
        self.kind = kind
    }

    /// What is wrong, without the place.
    package var message: String {
        switch kind {
        case .syntax(let words): words
        case .empty: "the file holds no document"
        case .severalDocuments: "a second document starts here; a file holds exactly one"
        case .anchor(let name): "anchor &\(name) is not allowed; write the value where it is used"
        case .alias(let name): "alias *\(name) is not allowed; write the value where it is used"
        case .tag(let name): "tag \(name) is not allowed; values are plain YAML"
        case .directive: "a %YAML or %TAG directive is not allowed"
        case .duplicateKey(let key, let line): "key \(String(reflecting: key)) is already set on line \(line)"
        case .keyNotText: "a key must be a single piece of text, not a list or a mapping"
        case .tooLarge(let limit): "the file is larger than \(limit) bytes"
        case .tooDeep(let limit): "values are nested more than \(limit) levels deep"
        case .tooManyNodes(let limit): "the file holds more than \(limit) values"
        }
    }

    package var description: String { "\(file):\(line):\(column): \(message)" }
}
