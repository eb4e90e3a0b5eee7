import Fixtures
import Glibc
import SQLite
import Testing

@Suite("A database connection")
struct SQLiteConnectionTests {
    @Test("gives values back as they were stored")
    func values() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteConnection(path: folder.path("db"))
            let values: [SQLiteValue] = [
                .null, .integer(.min), .real(0.1), .text(""), .text("a\0b – ü"), .blob([]), .blob([0, 255]),
            ]
            try database.execute("CREATE TABLE t(a, b, c, d, e, f, g)")
            #expect(try database.run("INSERT INTO t VALUES(?, ?, ?, ?, ?, ?, ?)", values) == 1)
            #expect(try database.query("SELECT * FROM t") == [SQLiteRow(values: values)])
        }
    }

    @Test("is durable and checks references: WAL, full synchronisation, foreign keys")
    func settings() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteConnection(path: folder.path("db"))
            #expect(try database.query("PRAGMA journal_mode").first?.text(0) == "wal")
            #expect(try database.query("PRAGMA synchronous").first?.integer(0) == 2)
            #expect(try database.query("PRAGMA foreign_keys").first?.integer(0) == 1)
            #expect(try database.query("PRAGMA busy_timeout").first?.integer(0) == 5000)
        }
    }

    @Test("stores all of a transaction or nothing, and can go on after a failure")
    func transactions() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteConnection(path: folder.path("db"))
            try database.execute("CREATE TABLE t(a INTEGER PRIMARY KEY)")
            let failure = #expect(throws: SQLiteError.self) {
                try database.transaction { () throws(SQLiteError) in
                    try database.run("INSERT INTO t VALUES(1)")
                    try database.run("INSERT INTO t VALUES(?)", [.integer(1)])
                }
            }
            #expect(failure?.kind == .constraint)
            #expect(!database.isInTransaction)
            try database.transaction { () throws(SQLiteError) in
                _ = try database.run("INSERT INTO t VALUES(2)")
            }
            #expect(try database.query("SELECT a FROM t").map { $0.integer(0) } == [2])
        }
    }

    @Test("names the statement in an error, and never its arguments")
    func errors() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteConnection(path: folder.path("db"))
            try database.execute("CREATE TABLE t(a TEXT UNIQUE)")
            try database.run("INSERT INTO t VALUES(?)", [.text("s3cret")])
            let failure = #expect(throws: SQLiteError.self) {
                try database.run("INSERT INTO t VALUES(?)", [.text("s3cret")])
            }
            #expect(
                failure?.description
                    == "UNIQUE constraint failed: t.a (SQLite 2067) in `INSERT INTO t VALUES(?)`")
            for sql in ["SELEC 1", "", "SELECT * FROM nowhere"] {
                #expect(throws: SQLiteError.self) { try database.query(sql) }
            }
            #expect(throws: SQLiteError.self) { try database.query("SELECT ?", []) }
        }
    }

    @Test("tells a database that is full, one that is locked, one that is damaged and one out of reach apart")
    func kinds() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteConnection(path: folder.path("db"))
            try database.execute("CREATE TABLE t(a); PRAGMA max_page_count = 4; PRAGMA busy_timeout = 0")
            let full = #expect(throws: SQLiteError.self) {
                try database.run("INSERT INTO t VALUES(zeroblob(100000))")
            }
            #expect(full?.kind == .full)

            let other = try SQLiteConnection(path: folder.path("db"))
            try other.execute("BEGIN IMMEDIATE")
            let busy = #expect(throws: SQLiteError.self) { try database.run("INSERT INTO t VALUES(1)") }
            #expect(busy?.kind == .busy)

            try folder.write("damaged", String(repeating: "no database at all ", count: 100))
            let corrupt = #expect(throws: SQLiteError.self) {
                try SQLiteConnection(path: folder.path("damaged"))
            }
            #expect(corrupt?.kind == .corrupt)

            let access = #expect(throws: SQLiteError.self) {
                try SQLiteConnection(path: folder.path("none/db"))
            }
            #expect(access?.kind == .access)
        }
    }

    @Test("finds damage within the file")
    func damage() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("db")
            do {
                let database = try SQLiteConnection(path: path)
                try database.execute("CREATE TABLE t(a TEXT); CREATE INDEX i ON t(a)")
                for number in 0..<500 {
                    try database.run("INSERT INTO t VALUES(?)", [.text("row \(number)")])
                }
                #expect(try database.findDamage() == [])
            }
            let file = open(path, O_WRONLY)
            let garbage = [UInt8](repeating: 0xA5, count: 600)
            #expect(pwrite(file, garbage, garbage.count, 3 * 4096) == garbage.count)
            close(file)
            let database = try SQLiteConnection(path: path)
            #expect(try database.findDamage() != [])
        }
    }
}

@Suite("A schema")
struct SQLiteMigrationTests {
    private let first = SQLiteMigration("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
    private let second = SQLiteMigration("ALTER TABLE t ADD COLUMN b DEFAULT 'new'")

    @Test("grows step by step, also when there is data already")
    func grows() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteConnection(path: folder.path("db"))
            try database.migrate([first])
            try database.migrate([first, second])
            try database.migrate([first, second])
            #expect(try database.schemaVersion == 2)
            #expect(
                try database.query("SELECT a, b FROM t") == [SQLiteRow(values: [.integer(1), .text("new")])])
        }
    }

    @Test("stays as it was when a step fails")
    func failing() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteConnection(path: folder.path("db"))
            #expect(throws: SQLiteError.self) {
                try database.migrate([first, SQLiteMigration("CREATE TABLE t(a)")])
            }
            #expect(try database.schemaVersion == 0)
            #expect(throws: SQLiteError.self) { try database.query("SELECT a FROM t") }
        }
    }

    @Test("of a later version is refused")
    func newer() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteConnection(path: folder.path("db"))
            try database.migrate([first, second])
            #expect(throws: SQLiteSchemaIsNewer(found: 2, known: 1)) { try database.migrate([first]) }
        }
    }
}
