package import Vocabulary

/// Why a text is no expression of this version, and where in the text.
package struct ExpressionError: ExplainedError, Hashable {
    package enum Kind: Hashable, Sendable {
        /// The text breaks the grammar; the payload is a clause without a full stop.
        case syntax(String)
        /// The text may be right CEL, but this version does not evaluate it.
        case notSupported(String)
    }
    package var kind: Kind
    /// The character the trouble starts at, counted from 0.
    package var offset: Int
    /// The same place as line and column inside the expression, both from 1.
    package var line: Int
    package var column: Int

    package init(kind: Kind, offset: Int, line: Int, column: Int) {
        self.kind = kind
        self.offset = offset
        self.line = line
        self.column = column
    }

    /// What is wrong, without the place.
    package var message: String {
        switch kind {
        case .syntax(let clause): clause
        case .notSupported(let what): "\(what) is not supported yet"
        }
    }
    package var description: String { "At \(line):\(column) of the expression: \(message)." }
    package var hint: String? {
        switch kind {
        case .syntax: nil
        case .notSupported:
            "Conditions may use field paths, literals, == != < <= > >=, &&, ||, !, in and size()."
        }
    }
    package var blame: Blame { .configuration }
}

/// Why an expression that was read well has no value for these facts.
package enum EvaluationError: ExplainedError, Hashable {
    case unknownVariable(String)
    case noSuchField(String)
    case noFields(field: String, type: String)
    case indexOutOfRange(index: Int64, count: Int)
    case badIndex(type: String, of: String)
    case noSuchOperation(operation: String, types: [String])
    case notTrueOrFalse(type: String)

    package var description: String {
        switch self {
        case .unknownVariable(let name): "There is no value named \(name)."
        case .noSuchField(let name): "There is no field \(String(reflecting: name))."
        case .noFields(let field, let type): "A \(type) has no field \(String(reflecting: field))."
        case .indexOutOfRange(let index, let count): "Index \(index) is outside a list of \(count)."
        case .badIndex(let type, let of): "A \(of) cannot be indexed by a \(type)."
        case .noSuchOperation(let operation, let types):
            "\(operation) is not defined for \(types.joined(separator: " and "))."
        case .notTrueOrFalse(let type): "The condition is a \(type), not true or false."
        }
    }
    package var hint: String? { nil }
    package var blame: Blame { .configuration }
}
