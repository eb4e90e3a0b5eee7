/// An expression of CEL's subset, read once and evaluated often.
///
/// This version reads field paths, indices, literals of int, double, string, bool, null and list, the six
/// comparisons, `&&`, `||`, `!`, `in`, `size()` and parentheses. Anything else of CEL is an error at reading:
/// an expression that was read never means something else than CEL says.
package struct ParsedExpression: Hashable, Sendable {
    /// The most characters an expression may have.
    package static let lengthLimit = 10_000
    /// How deep parentheses, lists and indices may nest while reading.
    package static let nestingLimit = 64
    /// How deep operators may stand inside each other.
    package static let depthLimit = 128

    package let source: String
    package let root: ExpressionNode

    package init(_ source: String) throws(ExpressionError) {
        var parser = try ExpressionParser(source)
        self.root = try parser.whole()
        self.source = source
    }

    /// The value for these variables.
    package func evaluate(_ variables: [String: ExpressionValue]) throws(EvaluationError) -> ExpressionValue {
        try root.value(variables)
    }

    /// The value of a condition; anything but true and false is an error.
    package func isTrue(_ variables: [String: ExpressionValue]) throws(EvaluationError) -> Bool {
        let value = try evaluate(variables)
        guard case .bool(let answer) = value else { throw .notTrueOrFalse(type: value.typeName) }
        return answer
    }

    /// One mention of a variable, with the first field read from it.
    package struct Mention: Hashable, Sendable {
        package var variable: String
        package var offset: Int
        /// The name and place of the first field, where one is read by name.
        package var field: String?
        package var fieldOffset: Int?
        package init(variable: String, offset: Int, field: String? = nil, fieldOffset: Int? = nil) {
            self.variable = variable
            self.offset = offset
            self.field = field
            self.fieldOffset = fieldOffset
        }
    }

    /// Every variable the expression mentions, in the order of the text.
    package var mentions: [Mention] {
        var found: [Mention] = []
        root.collectMentions(into: &found)
        return found.sorted { $0.offset < $1.offset }
    }

    /// Line and column (from 1) of a character of `source`.
    package func place(of offset: Int) -> (line: Int, column: Int) { source.place(of: offset) }
}

extension ExpressionNode {
    fileprivate func collectMentions(into found: inout [ParsedExpression.Mention]) {
        switch self {
        case .literal: break
        case .variable(let name, let offset):
            found.append(.init(variable: name, offset: offset, field: nil, fieldOffset: nil))
        case .field(.variable(let name, let offset), let field, let fieldOffset):
            found.append(.init(variable: name, offset: offset, field: field, fieldOffset: fieldOffset))
        case .field(let base, _, _), .size(let base), .not(let base): base.collectMentions(into: &found)
        case .index(let a, let b), .comparison(_, let a, let b), .membership(let a, let b):
            a.collectMentions(into: &found)
            b.collectMentions(into: &found)
        case .list(let nodes), .all(let nodes), .any(let nodes):
            for node in nodes { node.collectMentions(into: &found) }
        }
    }
}

extension String {
    /// Line and column, both from 1, of the character (unicode scalar) at an offset.
    func place(of offset: Int) -> (line: Int, column: Int) {
        var (line, column) = (1, 1)
        for scalar in unicodeScalars.prefix(offset) {
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}
