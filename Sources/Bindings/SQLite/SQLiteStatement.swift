import CSQLite

/// A compiled statement, freed with its owner.
final class SQLiteStatement {
    let sql: String
    private let handle: OpaquePointer
    private let database: OpaquePointer

    init(_ sql: String, in database: OpaquePointer) throws(SQLiteError) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK else { throw SQLiteError(database, code, sql: sql) }
        // An empty statement compiles to nothing.
        guard let handle else {
            throw SQLiteError(
                code: SQLITE_MISUSE, extendedCode: SQLITE_MISUSE, sql: sql, message: "empty statement")
        }
        self.sql = sql
        self.handle = handle
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs it with these arguments and hands over the rows one by one.
    func run(_ arguments: [SQLiteValue], row: (SQLiteRow) -> Void) throws(SQLiteError) {
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        guard arguments.count == Int(sqlite3_bind_parameter_count(handle)) else {
            throw SQLiteError(
                code: SQLITE_MISUSE, extendedCode: SQLITE_MISUSE, sql: sql,
                message: "wrong number of arguments")
        }
        for (index, value) in arguments.enumerated() { try bind(value, at: Int32(index + 1)) }
        while true {
            let code = sqlite3_step(handle)
            switch code {
            case SQLITE_ROW: row(SQLiteRow(values: (0..<sqlite3_column_count(handle)).map(value)))
            case SQLITE_DONE: return
            default: throw SQLiteError(database, code, sql: sql)
            }
        }
    }

    private func bind(_ value: SQLiteValue, at index: Int32) throws(SQLiteError) {
        // SQLITE_TRANSIENT, a cast the importer leaves out: SQLite copies the bytes before the call returns.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code: Int32 =
            switch value {
            case .null: sqlite3_bind_null(handle, index)
            case .integer(let value): sqlite3_bind_int64(handle, index, value)
            case .real(let value): sqlite3_bind_double(handle, index, value)
            case .text(let value): bindText(value, index, copied)
            // A nil pointer would bind NULL, so that an empty blob has its own call.
            case .blob(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(handle, index, 0)
            case .blob(let bytes):
                sqlite3_bind_blob64(handle, index, bytes, sqlite3_uint64(bytes.count), copied)
            }
        guard code == SQLITE_OK else { throw SQLiteError(database, code, sql: sql) }
    }

    private func bindText(_ text: String, _ index: Int32, _ copied: sqlite3_destructor_type) -> Int32 {
        // With its length, so that a zero byte within is kept.
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { buffer in
                guard let base = buffer.baseAddress else {
                    return sqlite3_bind_text(handle, index, "", 0, copied)
                }
                return sqlite3_bind_text64(
                    handle, index, base, sqlite3_uint64(buffer.count), copied, UInt8(SQLITE_UTF8))
            }
        }
    }

    private func value(_ column: Int32) -> SQLiteValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_NULL: return .null
        case let type:
            let start =
                type == SQLITE_TEXT
                ? sqlite3_column_text(handle, column).map { UnsafeRawPointer($0) }
                : sqlite3_column_blob(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            let bytes = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
            return type == SQLITE_TEXT ? .text(String(decoding: bytes, as: UTF8.self)) : .blob(Array(bytes))
        }
    }
}
