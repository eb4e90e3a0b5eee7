import Vocabulary

/// Reads the part of TOML 1.0 that the files of other worktree tools use: tables, arrays of tables, strings
/// of all four kinds, whole numbers, true and false, arrays, inline tables.
///
/// Not a general reader: dates, fractions and dotted keys before `=` are refused with their line. The text is
/// a stranger's, so depth and count are bounded.
enum TOMLReader {
    struct Flaw: Error, Hashable {
        var line: Int
        var reason: String
    }

    static let valuesMax = 10_000
    static let depthMax = 8

    static func parse(_ text: String) throws(Flaw) -> JSONValue {
        var cursor = TOMLCursor(text)
        var root: [String: JSONValue] = [:]
        var place: [String] = []
        while try cursor.skipToContent() {
            if cursor.take("[[") {
                place = try cursor.tablePath(end: "]]")
                try appendTable(at: place, to: &root, cursor)
            } else if cursor.take("[") {
                place = try cursor.tablePath(end: "]")
                try set(.object([:]), at: place, in: &root, cursor, isTable: true)
            } else {
                let key = try cursor.key()
                cursor.skipSpaces()
                guard cursor.take("=") else { throw cursor.flaw("a key without `=`") }
                cursor.skipSpaces()
                try set(try cursor.value(depth: 0), at: place + [key], in: &root, cursor, isTable: false)
            }
            try cursor.endLine()
        }
        return .object(root)
    }

    private static func set(
        _ value: JSONValue, at path: [String], in table: inout [String: JSONValue], _ cursor: TOMLCursor,
        isTable: Bool
    ) throws(Flaw) {
        guard let first = path.first else { return }
        if path.count == 1 {
            switch (table[first], isTable) {
            case (nil, _): table[first] = value
            // `[a.b]` may stand before `[a]`.
            case (.object, true): break
            case (.some, _): throw cursor.flaw("“\(first)” is there twice")
            }
            return
        }
        switch table[first] {
        case nil:
            var inner: [String: JSONValue] = [:]
            try set(value, at: Array(path.dropFirst()), in: &inner, cursor, isTable: isTable)
            table[first] = .object(inner)
        case .object(var inner):
            try set(value, at: Array(path.dropFirst()), in: &inner, cursor, isTable: isTable)
            table[first] = .object(inner)
        case .array(var elements):
            // The keys after `[[a]]` belong to its last element.
            guard case .object(var inner)? = elements.last else {
                throw cursor.flaw("“\(first)” is no table")
            }
            try set(value, at: Array(path.dropFirst()), in: &inner, cursor, isTable: isTable)
            elements[elements.count - 1] = .object(inner)
            table[first] = .array(elements)
        case .some: throw cursor.flaw("“\(first)” is no table")
        }
    }

    private static func appendTable(
        at path: [String], to table: inout [String: JSONValue], _ cursor: TOMLCursor
    ) throws(Flaw) {
        guard let first = path.first else { return }
        if path.count > 1 {
            guard case .object(var inner) = table[first] ?? .object([:]) else {
                throw cursor.flaw("“\(first)” is no table")
            }
            try appendTable(at: Array(path.dropFirst()), to: &inner, cursor)
            table[first] = .object(inner)
            return
        }
        guard case .array(let elements) = table[first] ?? .array([]) else {
            throw cursor.flaw("“\(first)” is no array of tables")
        }
        table[first] = .array(elements + [.object([:])])
    }
}
