import CSQLite

/// One connection to one database file.
///
/// It is not Sendable: it belongs to one actor, whose executor must be a dedicated one because every call may
/// block (on the disk, and up to the busy timeout on another connection).
package final class SQLiteConnection {
    package let path: String
    private let handle: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]

    /// How long a call waits for another connection's lock.
    package static let busyMilliseconds: Int32 = 5_000
    /// How many compiled statements are kept.
    private static let statementsMax = 64

    /// Opens a file, making it where needed: WAL, `synchronous=FULL` (a commit has reached the disk when it
    /// returns), foreign keys on. Double-quoted strings and schema tricks of a hostile file are off.
    package init(path: String) throws(SQLiteError) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
        let code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let handle else {
            let failure = SQLiteError(handle, code)
            sqlite3_close_v2(handle)
            throw failure
        }
        self.path = path
        self.handle = handle
        sqlite3_busy_timeout(handle, Self.busyMilliseconds)
        try execute(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON;
            """)
    }

    deinit {
        statements = [:]
        sqlite3_close_v2(handle)
    }

    /// Runs a script of statements without arguments.
    package func execute(_ script: String) throws(SQLiteError) {
        let code = sqlite3_exec(handle, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteError(handle, code, sql: script) }
    }

    /// Runs one statement and answers how many rows it changed.
    @discardableResult
    package func run(_ sql: String, _ arguments: [SQLiteValue] = []) throws(SQLiteError) -> Int {
        try statement(sql).run(arguments) { _ in }
        return Int(sqlite3_changes(handle))
    }

    /// Runs one statement and answers its rows; the statement bounds how many.
    package func query(_ sql: String, _ arguments: [SQLiteValue] = []) throws(SQLiteError) -> [SQLiteRow] {
        var rows: [SQLiteRow] = []
        try statement(sql).run(arguments) { rows.append($0) }
        return rows
    }

    /// Runs the body in one transaction: all of it is stored when this returns, and nothing when it throws.
    ///
    /// The write lock is taken at the beginning (`IMMEDIATE`), so that what the body reads cannot grow old
    /// before it writes. Transactions do not nest.
    package func transaction<Value, Failure: Error>(
        orFailAs failure: (SQLiteError) -> Failure, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        do throws(SQLiteError) { try run("BEGIN IMMEDIATE") } catch { throw failure(error) }
        let value: Value
        do throws(Failure) {
            value = try body()
        } catch {
            rollBack()
            throw error
        }
        do throws(SQLiteError) {
            try run("COMMIT")
        } catch {
            rollBack()
            throw failure(error)
        }
        return value
    }

    package func transaction<Value>(_ body: () throws(SQLiteError) -> Value) throws(SQLiteError) -> Value {
        try transaction(orFailAs: { $0 }, body)
    }

    /// Whether a transaction is open.
    package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Looks through the whole file for damage; empty when there is none.
    package func findDamage() throws(SQLiteError) -> [String] {
        try query("PRAGMA quick_check(3)").compactMap { $0.text(0) }.filter { $0 != "ok" }
    }

    private func rollBack() {
        // A full disk or an I/O error may have rolled back by itself; a ROLLBACK that fails leaves nothing
        // open either (lang_transaction.html, "Response To Errors Within A Transaction").
        guard isInTransaction else { return }
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }

    private func statement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        if let known = statements[sql] { return known }
        let statement = try SQLiteStatement(sql, in: handle)
        if statements.count >= Self.statementsMax { statements = [:] }
        statements[sql] = statement
        return statement
    }
}
