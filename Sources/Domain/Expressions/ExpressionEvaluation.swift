extension ExpressionNode {
    /// Walks the tree. Depth was bounded at reading, so recursion is.
    func value(_ variables: [String: ExpressionValue]) throws(EvaluationError) -> ExpressionValue {
        switch self {
        case .literal(let value): return value
        case .list(let nodes):
            var values: [ExpressionValue] = []
            values.reserveCapacity(nodes.count)
            for node in nodes { values.append(try node.value(variables)) }
            return .list(values)
        case .variable(let name, _):
            guard let value = variables[name] else { throw .unknownVariable(name) }
            return value
        case .field(let base, let name, _): return try base.value(variables).member(name)
        case .index(let base, let index):
            return try base.value(variables).element(at: try index.value(variables))
        case .size(let base): return try base.value(variables).size()
        case .not(let operand):
            let value = try operand.value(variables)
            guard case .bool(let answer) = value else {
                throw .noSuchOperation(operation: "!", types: [value.typeName])
            }
            return .bool(!answer)
        case .all(let operands):
            return .bool(try Self.decide(operands, variables, operation: "&&", decisive: false))
        case .any(let operands):
            return .bool(try Self.decide(operands, variables, operation: "||", decisive: true))
        case .comparison(let comparison, let left, let right):
            return .bool(try comparison.holds(try left.value(variables), try right.value(variables)))
        case .membership(let element, let container):
            return .bool(try container.value(variables).contains(try element.value(variables)))
        }
    }

    /// CEL's `&&` and `||` do not depend on the order of their operands: the decisive value wins over any
    /// error, on whichever side it stands; without it the first error is the answer.
    private static func decide(
        _ operands: [ExpressionNode], _ variables: [String: ExpressionValue], operation: String,
        decisive: Bool
    ) throws(EvaluationError) -> Bool {
        var firstError: EvaluationError?
        for operand in operands {
            do throws(EvaluationError) {
                let value = try operand.value(variables)
                guard case .bool(let answer) = value else {
                    throw .noSuchOperation(operation: operation, types: [value.typeName])
                }
                if answer == decisive { return decisive }
            } catch {
                if firstError == nil { firstError = error }
            }
        }
        if let firstError { throw firstError }
        return !decisive
    }
}

extension ExpressionNode.Comparison {
    func holds(_ left: ExpressionValue, _ right: ExpressionValue) throws(EvaluationError) -> Bool {
        switch self {
        case .equal: return left.equals(right)
        case .notEqual: return !left.equals(right)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: break
        }
        guard let order = left.precedes(right) else {
            throw .noSuchOperation(operation: rawValue, types: [left.typeName, right.typeName])
        }
        switch (self, order) {
        case (.less, .less), (.lessOrEqual, .less), (.lessOrEqual, .same): return true
        case (.greater, .greater), (.greaterOrEqual, .greater), (.greaterOrEqual, .same): return true
        case (.less, _), (.lessOrEqual, _), (.greater, _), (.greaterOrEqual, _), (.equal, _), (.notEqual, _):
            return false
        }
    }
}

extension ExpressionValue {
    fileprivate func member(_ name: String) throws(EvaluationError) -> ExpressionValue {
        guard case .map(let members) = self else { throw .noFields(field: name, type: typeName) }
        guard let value = members.exactMember(name) else { throw .noSuchField(name) }
        return value
    }

    fileprivate func element(at index: ExpressionValue) throws(EvaluationError) -> ExpressionValue {
        switch (self, index) {
        case (.map, .string(let name)): return try member(name)
        case (.list(let values), .int(let position)): return try Self.element(of: values, at: position)
        case (.list(let values), .double(let position)):
            guard let whole = Int64(exactly: position) else { throw .badIndex(type: "double", of: "list") }
            return try Self.element(of: values, at: whole)
        case (.null, _), (.bool, _), (.int, _), (.double, _), (.string, _), (.list, _), (.map, _):
            throw .badIndex(type: index.typeName, of: typeName)
        }
    }

    private static func element(of values: [ExpressionValue], at position: Int64) throws(EvaluationError)
        -> ExpressionValue
    {
        guard position >= 0, position < values.count else {
            throw .indexOutOfRange(index: position, count: values.count)
        }
        return values[Int(position)]
    }

    fileprivate func size() throws(EvaluationError) -> ExpressionValue {
        switch self {
        case .string(let text): .int(Int64(text.unicodeScalars.count))
        case .list(let values): .int(Int64(values.count))
        case .map(let members): .int(Int64(members.count))
        case .null, .bool, .int, .double: throw .noSuchOperation(operation: "size()", types: [typeName])
        }
    }

    fileprivate func contains(_ element: ExpressionValue) throws(EvaluationError) -> Bool {
        switch self {
        case .list(let values): return values.contains { $0.equals(element) }
        case .map(let members):
            guard case .string(let key) = element else { return false }
            return members.exactMember(key) != nil
        case .null, .bool, .int, .double, .string:
            throw .noSuchOperation(operation: "in", types: [element.typeName, typeName])
        }
    }
}
