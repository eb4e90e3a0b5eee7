/// A value as SQLite stores it.
package enum SQLiteValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// Text, or null for nil.
    package static func optional(_ text: String?) -> SQLiteValue { text.map { .text($0) } ?? .null }
}

/// One row of an answer, by position.
package struct SQLiteRow: Hashable, Sendable {
    package let values: [SQLiteValue]

    package init(values: [SQLiteValue]) { self.values = values }

    /// The integer in a column; nil for any other type and for a column there is not.
    package func integer(_ column: Int) -> Int64? {
        guard values.indices.contains(column), case .integer(let value) = values[column] else { return nil }
        return value
    }

    package func text(_ column: Int) -> String? {
        guard values.indices.contains(column), case .text(let value) = values[column] else { return nil }
        return value
    }
}
