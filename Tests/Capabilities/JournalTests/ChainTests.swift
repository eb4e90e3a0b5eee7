import Fixtures
import Journal
import SQLite
import Testing
import Vocabulary

@Suite("The chain of hashes")
struct ChainTests {
    private func filled(_ folder: TemporaryFolder) async throws -> EventJournal {
        let journal = try makeJournal(folder)
        for number in 1...5 {
            try await journal.append(
                Entry(
                    run: RunID("r"), kind: "k", payload: "\(number)",
                    idempotencyKey: number == 2 ? "key" : nil))
        }
        return journal
    }

    /// Changes the file behind the journal's back, as one with write access to it could.
    private func tamper(_ folder: TemporaryFolder, _ sql: String) throws {
        let database = try SQLiteConnection(path: folder.path("journal.db"))
        try database.execute(
            "DROP TRIGGER events_are_not_changed; DROP TRIGGER events_are_not_removed; \(sql)")
    }

    @Test("holds over an untouched journal, and over an empty one")
    func intact() async throws {
        try await withTemporaryFolder { folder in
            let empty = try await makeJournal(folder).verifyChain()
            #expect(empty == .intact(entries: 0, head: Digest(String(repeating: "0", count: 64))))
            let journal = try await filled(folder)
            let last = try #require(try await journal.events().last)
            #expect(try await journal.verifyChain() == .intact(entries: 5, head: last.hash))
        }
    }

    @Test(
        "shows the first entry that was changed",
        arguments: [
            "payload = '33' WHERE sequence = 3", "kind = 'approved' WHERE sequence = 3",
            "run = 's' WHERE sequence = 3", "run = NULL WHERE sequence = 3",
            "recorded_at = '2027-01-01T00:00:00.000Z' WHERE sequence = 3",
            "idempotency_key = 'new' WHERE sequence = 3",
            "hash = lower(hex(randomblob(32))) WHERE sequence = 3",
            "payload = 'x', hash = (SELECT hash FROM events WHERE sequence = 2) WHERE sequence = 3",
        ])
    func changed(change: String) async throws {
        try await withTemporaryFolder { folder in
            let journal = try await filled(folder)
            try tamper(folder, "UPDATE events SET \(change)")
            #expect(
                try await journal.verifyChain()
                    == .broken(sequence: 3, reason: "entry 3 is not as it was written"))
        }
    }

    @Test("shows an entry that was taken out, and two that changed places")
    func moved() async throws {
        try await withTemporaryFolder { folder in
            let journal = try await filled(folder)
            try tamper(folder, "DELETE FROM events WHERE sequence = 3")
            #expect(try await journal.verifyChain() == .broken(sequence: 3, reason: "entry 3 is missing"))
        }
        try await withTemporaryFolder { folder in
            let journal = try await filled(folder)
            try tamper(
                folder,
                """
                UPDATE events SET sequence = 99 WHERE sequence = 3;
                UPDATE events SET sequence = 3 WHERE sequence = 4;
                UPDATE events SET sequence = 4 WHERE sequence = 99;
                """)
            #expect(
                try await journal.verifyChain()
                    == .broken(sequence: 3, reason: "entry 3 is not as it was written"))
        }
    }

    @Test("moves its head when entries are taken off the end")
    func truncated() async throws {
        try await withTemporaryFolder { folder in
            let journal = try await filled(folder)
            let before = try await journal.verifyChain()
            try tamper(folder, "DELETE FROM events WHERE sequence = 5")
            #expect(try await journal.verifyChain() != before)
        }
    }

    @Test("does not let two different entries share a hash by moving text between fields")
    func fieldBorders() async throws {
        try await withTemporaryFolder { folder in
            let journal = try await filled(folder)
            try tamper(folder, "UPDATE events SET kind = 'k3', payload = '' WHERE sequence = 3")
            #expect(
                try await journal.verifyChain()
                    == .broken(sequence: 3, reason: "entry 3 is not as it was written"))
        }
    }

    @Test("needs no defence against slips: the database itself refuses to change or remove an event")
    func appendOnly() async throws {
        try await withTemporaryFolder { folder in
            let journal = try await filled(folder)
            let database = try SQLiteConnection(path: folder.path("journal.db"))
            for sql in ["UPDATE events SET kind = 'x'", "DELETE FROM events"] {
                let failure = #expect(throws: SQLiteError.self) { try database.run(sql) }
                #expect(failure?.message == "the journal is append-only")
            }
            #expect(try await journal.events().count == 5)
        }
    }
}
