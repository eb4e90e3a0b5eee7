package import Vocabulary

/// A value that an expression reads or yields.
///
/// `==` on this type compares representations (for tests and tables); what the *language* calls equal is
/// ``equals(_:)``: there `1 == 1.0` holds and `NaN` equals nothing.
package enum ExpressionValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case list([ExpressionValue])
    case map([String: ExpressionValue])
}

extension ExpressionValue {
    package init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .list(values.map(ExpressionValue.init))
        case .object(let members): self = .map(members.mapValues(ExpressionValue.init))
        }
    }

    /// The language's name for the type, for messages.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .double: "double"
        case .string: "string"
        case .list: "list"
        case .map: "map"
        }
    }

    /// The value as text in a sentence: a string as it is, a list joined by commas, a map by its sorted keys.
    package var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .string(let value): value
        case .list(let values): values.map(\.text).joined(separator: ", ")
        case .map(let members):
            members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")
        }
    }
}

extension ExpressionValue {
    /// Equality as CEL defines it: numbers by value whatever their type, texts by code points, different
    /// types never.
    package func equals(_ other: ExpressionValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.int(let a), .double(let b)), (.double(let b), .int(let a)): Double(a) == b
        case (.string(let a), .string(let b)): a.sameCodePoints(as: b)
        case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.equals($1) }
        case (.map(let a), .map(let b)):
            a.count == b.count
                && a.allSatisfy { key, value in b.exactMember(key).map { value.equals($0) } ?? false }
        case (.null, _), (.bool, _), (.int, _), (.double, _), (.string, _), (.list, _), (.map, _): false
        }
    }

    /// Order as CEL defines it; nil when the two have none (different types, null, lists, maps) .
    func precedes(_ other: ExpressionValue) -> Order? {
        switch (self, other) {
        case (.bool(let a), .bool(let b)): a == b ? .same : (b ? .less : .greater)
        case (.int(let a), .int(let b)): a == b ? .same : (a < b ? .less : .greater)
        case (.double(let a), .double(let b)): Self.order(a, b)
        case (.int(let a), .double(let b)): Self.order(Double(a), b)
        case (.double(let a), .int(let b)): Self.order(a, Double(b))
        case (.string(let a), .string(let b)):
            if a.sameCodePoints(as: b) {
                .same
            } else {
                a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars) ? .less : .greater
            }
        case (.null, _), (.bool, _), (.int, _), (.double, _), (.string, _), (.list, _), (.map, _): nil
        }
    }

    /// How two comparable values stand; `unordered` is what NaN brings: every comparison is false.
    enum Order { case less, same, greater, unordered }

    private static func order(_ a: Double, _ b: Double) -> Order {
        if a == b { return .same }
        if a < b { return .less }
        return a > b ? .greater : .unordered
    }
}

extension String {
    // Swift's own == calls "é" and "e\u{301}" equal; a rule about a host or a path must not.
    func sameCodePoints(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension [String: ExpressionValue] {
    /// The member whose key has exactly these code points.
    func exactMember(_ key: String) -> ExpressionValue? {
        guard let index = index(forKey: key), self[index].key.sameCodePoints(as: key) else { return nil }
        return self[index].value
    }
}
