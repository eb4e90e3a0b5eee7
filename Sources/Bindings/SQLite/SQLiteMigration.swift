/// One step of a schema; once shipped it is never edited.
package struct SQLiteMigration: Hashable, Sendable {
    package let script: String
    package init(_ script: String) { self.script = script }
}

/// A file made by a later version of the program.
package struct SQLiteSchemaIsNewer: Error, Hashable {
    package let found: Int
    package let known: Int
    package init(found: Int, known: Int) {
        self.found = found
        self.known = known
    }
}

extension SQLiteConnection {
    /// How many migrations the file has seen (`user_version`).
    package var schemaVersion: Int {
        get throws(SQLiteError) { Int(try query("PRAGMA user_version").first?.integer(0) ?? 0) }
    }

    /// Brings the schema up to the last migration, in one transaction; throws `SQLiteSchemaIsNewer` or
    /// `SQLiteError`.
    package func migrate(_ migrations: [SQLiteMigration]) throws {
        let found = try schemaVersion
        if found == migrations.count { return }
        guard found < migrations.count else {
            throw SQLiteSchemaIsNewer(found: found, known: migrations.count)
        }
        try transaction { () throws(SQLiteError) in
            // Asked again under the lock: another process may have migrated meanwhile.
            for migration in migrations.dropFirst(try schemaVersion) { try execute(migration.script) }
            try execute("PRAGMA user_version = \(migrations.count)")
        }
    }
}
