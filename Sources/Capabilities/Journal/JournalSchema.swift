import SQLite

/// The tables of the journal, step by step; a step that was shipped is never edited.
enum JournalSchema {
    static let migrations = [
        SQLiteMigration(
            """
            CREATE TABLE events(
                sequence INTEGER PRIMARY KEY,
                run TEXT,
                kind TEXT NOT NULL,
                payload TEXT NOT NULL,
                idempotency_key TEXT,
                recorded_at TEXT NOT NULL,
                hash TEXT NOT NULL
            ) STRICT;
            CREATE UNIQUE INDEX events_by_key ON events(idempotency_key) WHERE idempotency_key IS NOT NULL;
            CREATE INDEX events_by_run ON events(run, sequence);
            CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
                BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
            CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
                BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
            """)
    ]
}
