import Fixtures
import Glibc
import Journal
import Linux
import SQLite
import Testing
import Vocabulary

typealias Entry = EventJournal.Entry

/// A journal whose time stands still.
func makeJournal(_ folder: TemporaryFolder) throws -> EventJournal {
    try EventJournal(path: folder.path("journal.db"), now: { "2026-01-02T03:04:05.678Z" })
}

@Suite("The journal")
struct EventJournalTests {
    @Test("gives events back in their order, as they were stored")
    func order() async throws {
        try await withTemporaryFolder { folder in
            let journal = try makeJournal(folder)
            let run = RunID("r1")
            let sequences = try await journal.append([
                Entry(run: run, kind: "runRequested", payload: #"{"goal":"ü"}"#),
                Entry(run: nil, kind: "serverStarted", payload: "{}", idempotencyKey: "start"),
            ])
            #expect(sequences == [1, 2])
            let events = try await journal.events()
            // The hashes were computed by another program (Python's hashlib) from the documented form.
            #expect(
                events == [
                    EventJournal.Stored(
                        sequence: 1, run: run, kind: "runRequested", payload: #"{"goal":"ü"}"#,
                        idempotencyKey: nil,
                        recordedAt: "2026-01-02T03:04:05.678Z",
                        hash: Digest("63a8cf1c5e4eb75a5ba4d1168301a0ddd70ded0ca467816dc8eb36e59b1e0bf1")),
                    EventJournal.Stored(
                        sequence: 2, run: nil, kind: "serverStarted", payload: "{}", idempotencyKey: "start",
                        recordedAt: "2026-01-02T03:04:05.678Z",
                        hash: Digest("c53f3deaf53441ee3413550834c3d4528c139087ae87f627017b646f1d9336d6")),
                ])
        }
    }

    @Test("answers by run, from any point on, no more than asked for")
    func selection() async throws {
        try await withTemporaryFolder { folder in
            let journal = try makeJournal(folder)
            for number in 1...6 {
                try await journal.append(
                    Entry(run: RunID(number % 2 == 0 ? "even" : "odd"), kind: "k\(number)", payload: "{}"))
            }
            #expect(try await journal.runs() == [RunID("odd"), RunID("even")])
            #expect(try await journal.events(run: RunID("even")).map(\.sequence) == [2, 4, 6])
            #expect(try await journal.events(run: RunID("even"), after: 2, limit: 1).map(\.sequence) == [4])
            #expect(try await journal.events(after: 4).map(\.sequence) == [5, 6])
            #expect(try await journal.events(run: RunID("none")) == [])
        }
    }

    @Test("remembers everything when it is opened again, and goes on counting")
    func reopened() async throws {
        try await withTemporaryFolder { folder in
            let before = try await {
                let journal = try makeJournal(folder)
                try await journal.append(Entry(run: nil, kind: "one", payload: "1"))
                return try await journal.events()
            }()
            let journal = try makeJournal(folder)
            #expect(try await journal.events() == before)
            #expect(try await journal.append(Entry(run: nil, kind: "two", payload: "2")) == 2)
            guard case .intact(entries: 2, head: _) = try await journal.verifyChain() else {
                Issue.record("the chain does not hold across openings")
                return
            }
        }
    }

    @Test("is readable for its owner alone, with all its side files")
    func mode() async throws {
        try await withTemporaryFolder { folder in
            let journal = try EventJournal(path: folder.path("deep/er/journal.db"))
            try await journal.append(Entry(run: nil, kind: "k", payload: "{}"))
            let files = try Files.list(folder.path("deep/er"))
            #expect(files == ["journal.db", "journal.db-shm", "journal.db-wal"])
            for file in files {
                #expect(try Files.status(of: folder.path("deep/er/\(file)")).st_mode & 0o777 == 0o600)
            }
            #expect(try Files.status(of: folder.path("deep")).st_mode & 0o777 == 0o700)
        }
    }

    @Test("lies where a link in its path leads, but is never a link itself")
    func links() async throws {
        try await withTemporaryFolder { folder in
            try Files.makeDirectory(folder.path("real"))
            try Files.makeLink(at: folder.path("home"), to: "real")
            let journal = try EventJournal(path: folder.path("home/journal.db"))
            try await journal.append(Entry(run: nil, kind: "k", payload: "{}"))
            #expect(Files.exists(folder.path("real/journal.db-wal")))
            try Files.makeLink(at: folder.path("link.db"), to: "real/journal.db")
            #expect(throws: JournalError.self) { try EventJournal(path: folder.path("link.db")) }
        }
    }

    @Test("stores an entry once, however often its key comes")
    func idempotency() async throws {
        try await withTemporaryFolder { folder in
            let journal = try makeJournal(folder)
            let effect = Entry(run: nil, kind: "done", payload: "{}", idempotencyKey: "effect-1")
            #expect(try await journal.append(effect) == 1)
            #expect(try await journal.append(Entry(run: nil, kind: "other", payload: "{}")) == 2)
            #expect(try await journal.append(effect) == 1)
            // Twice in one call, and between new ones.
            let twice = Entry(run: nil, kind: "done", payload: "{}", idempotencyKey: "effect-2")
            #expect(try await journal.append([effect, twice, effect, twice]) == [1, 3, 1, 3])
            #expect(try await journal.events().map(\.kind) == ["done", "other", "done"])
        }
    }

    @Test("puts appends that wait together into one transaction, in the order they came")
    func groups() async throws {
        try await withTemporaryFolder { folder in
            let journal = try makeJournal(folder)
            let sequences = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for number in 0..<500 {
                    group.addTask {
                        try await journal.append([
                            Entry(run: nil, kind: "a\(number)", payload: "{}"),
                            Entry(run: nil, kind: "b\(number)", payload: "{}"),
                        ])
                    }
                }
                return try await group.reduce(into: [Int64]()) { $0 += $1 }
            }
            #expect(sequences.sorted() == (1...1000).map { Int64($0) })
            let commits = await journal.commits
            #expect(commits < 250, "500 appends took \(commits) transactions")
            // The two entries of a call stay together.
            let kinds = try await journal.events().map(\.kind)
            for index in stride(from: 0, to: 1000, by: 2) {
                #expect(kinds[index].dropFirst() == kinds[index + 1].dropFirst())
            }
        }
    }

    @Test("refuses an entry beyond the bound, before anything is stored")
    func bound() async throws {
        try await withTemporaryFolder { folder in
            let journal = try makeJournal(folder)
            let large = Entry(
                run: nil, kind: "k", payload: String(repeating: "x", count: EventJournal.entryBytesMax))
            await #expect(
                throws: JournalError.entryTooLarge(
                    kind: "k", bytes: EventJournal.entryBytesMax + 1, limit: EventJournal.entryBytesMax)
            ) {
                try await journal.append([Entry(run: nil, kind: "fine", payload: "{}"), large])
            }
            #expect(try await journal.events() == [])
            #expect(try await journal.append([]) == [])
        }
    }

    @Test("can be read by others while it is written")
    func readers() async throws {
        try await withTemporaryFolder { folder in
            let journal = try makeJournal(folder)
            try await journal.append(Entry(run: RunID("r"), kind: "k", payload: "{}"))
            let reader = try makeJournal(folder)
            #expect(try await reader.runs() == [RunID("r")])
            try await journal.append(Entry(run: RunID("s"), kind: "k", payload: "{}"))
            #expect(try await reader.runs() == [RunID("r"), RunID("s")])
            // Even a second writer does not break the chain.
            #expect(try await reader.append(Entry(run: nil, kind: "k", payload: "{}")) == 3)
            #expect(try await journal.append(Entry(run: nil, kind: "k", payload: "{}")) == 4)
            guard case .intact(entries: 4, head: _) = try await journal.verifyChain() else {
                Issue.record("the chain is broken")
                return
            }
        }
    }
}
