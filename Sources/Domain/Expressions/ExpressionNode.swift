/// The shape of an expression after reading.
package indirect enum ExpressionNode: Hashable, Sendable {
    package enum Comparison: String, Hashable, Sendable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }
    case literal(ExpressionValue)
    case list([ExpressionNode])
    /// `offset` is where the name stands in the text.
    case variable(String, offset: Int)
    case field(ExpressionNode, String, offset: Int)
    case index(ExpressionNode, ExpressionNode)
    case size(ExpressionNode)
    case not(ExpressionNode)
    /// `a && b && …`, two or more.
    case all([ExpressionNode])
    /// `a || b || …`, two or more.
    case any([ExpressionNode])
    case comparison(Comparison, ExpressionNode, ExpressionNode)
    case membership(ExpressionNode, of: ExpressionNode)
}
