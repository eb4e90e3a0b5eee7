import Linux
import SQLite
package import Vocabulary

/// The record of everything that happened: append-only, durable, and linked by hashes.
///
/// Facts are written here before anything is done about them. All appends that wait at the same moment are
/// stored in one transaction, with one fsync for all of them.
package actor EventJournal {
    /// The longest entry, in bytes of all its texts.
    package static let entryBytesMax = 8 << 20
    /// How many entries one transaction stores at most; one append is never split.
    static let groupEntriesMax = 1024
    /// How many entries one call of `events` answers at most.
    package static let pageEntriesMax = 10_000

    package nonisolated let path: String
    /// How many transactions have stored entries, for measurements and tests.
    package private(set) var commits = 0

    private let executor: DedicatedExecutor
    private let database: SQLiteConnection
    private let now: @Sendable () -> String
    private var waiting: [Append] = []
    private var isStoring = false

    /// One call of `append` that waits for its entries to be durable.
    private struct Append {
        let entries: [Entry]
        let done: CheckedContinuation<Result<[Int64], JournalError>, Never>
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the journal, making it (for this user alone) where there is none, and looks through it for
    /// damage.
    ///
    /// Blocks for as long as the file takes to read.
    package init(path: String) throws(JournalError) {
        try self.init(path: path, now: { WallClock.nowText() })
    }

    /// `now` gives the time that is recorded.
    package init(path: String, now: @escaping @Sendable () -> String) throws(JournalError) {
        self.path = path
        self.now = now
        executor = DedicatedExecutor(label: "journal")
        do {
            let path = try Self.prepareFile(at: path)
            database = try SQLiteConnection(path: path)
            try database.migrate(JournalSchema.migrations)
            if let damage = try database.findDamage().first {
                throw JournalError.corrupt(path: path, detail: damage)
            }
        } catch let error as SQLiteError {
            throw JournalError(error, path: path)
        } catch let error as SystemError {
            throw JournalError(error, path: path)
        } catch let error as SQLiteSchemaIsNewer {
            throw .newerSchema(path: path, found: error.found, known: error.known)
        } catch let error as JournalError {
            throw error
        } catch {
            throw .failed(path: path, detail: "\(error)")
        }
    }

    /// Makes the file where there is none, and answers its path without links: SQLite is told to follow none.
    private static func prepareFile(at path: String) throws(SystemError) -> String {
        let parent = Files.parent(of: path)
        try Files.makeDirectory(parent, mode: 0o700)
        let folder = try Files.realPath(parent)
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let file = "\(folder)/\(name)"
        if !Files.exists(file) {
            // Made here and not by SQLite, which would go by the umask; its side files take the mode of this
            // one. SQLite makes its side files' names durable, but not this file's, nor the folder's.
            try Files.create(file, mode: 0o600)
            try Files.synchronizeDirectory(folder)
            try Files.synchronizeDirectory(Files.parent(of: folder))
        }
        return file
    }

    /// Stores entries, all or none, and answers their sequence numbers once they are on the disk.
    ///
    /// Appends keep the order in which they arrived. An entry whose idempotency key is already stored is not
    /// stored again: its number is the first one's. After a failure nothing of it is stored and the next
    /// append may succeed. A cancelled task is answered like any other.
    @discardableResult
    package func append(_ entries: [Entry]) async throws(JournalError) -> [Int64] {
        for entry in entries where entry.bytes > Self.entryBytesMax {
            throw .entryTooLarge(kind: entry.kind, bytes: entry.bytes, limit: Self.entryBytesMax)
        }
        if entries.isEmpty { return [] }
        let result = await withCheckedContinuation { done in
            waiting.append(Append(entries: entries, done: done))
            if !isStoring {
                isStoring = true
                // Takes its place in the executor's queue behind the appends that are already there, so that
                // it finds them all waiting.
                Task { storeWaiting() }
            }
        }
        return try result.get()
    }

    @discardableResult
    package func append(_ entry: Entry) async throws(JournalError) -> Int64 {
        let sequences = try await append([entry])
        guard let sequence = sequences.first else {
            throw .failed(path: path, detail: "no sequence was given")
        }
        return sequence
    }

    /// Events after a sequence number in their order, of one run or (nil) of all; at most `pageEntriesMax`.
    package func events(
        run: RunID? = nil, after sequence: Int64 = 0, limit: Int = pageEntriesMax
    ) async throws(JournalError) -> [Stored] {
        let limit = Int64(min(max(0, limit), Self.pageEntriesMax))
        do throws(SQLiteError) {
            guard let run else {
                return try stored(
                    "\(Self.selection) WHERE sequence > ? ORDER BY sequence LIMIT ?",
                    [.integer(sequence), .integer(limit)])
            }
            return try stored(
                "\(Self.selection) WHERE run = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                [.text(run.rawValue), .integer(sequence), .integer(limit)])
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// The runs in the order of their first events.
    package func runs() async throws(JournalError) -> [RunID] {
        do throws(SQLiteError) {
            return try database.query(
                "SELECT run FROM events WHERE run IS NOT NULL GROUP BY run ORDER BY min(sequence)"
            ).compactMap { $0.text(0).map { RunID($0) } }
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// Recomputes every hash from the first entry on. Appends may go on meanwhile.
    ///
    /// Finds entries that were changed, put in between or taken out. Entries taken off the end leave an
    /// intact chain: compare its `head` with one that was kept elsewhere.
    package func verifyChain() async throws(JournalError) -> ChainVerification {
        var previous = Digest.beforeFirst
        var sequence: Int64 = 0
        while true {
            let page = try await events(after: sequence, limit: 1000)
            if page.isEmpty { return .intact(entries: sequence, head: previous) }
            for entry in page {
                sequence += 1
                guard entry.sequence == sequence else {
                    return .broken(sequence: sequence, reason: "entry \(sequence) is missing")
                }
                guard entry.hash == entry.expectedHash(after: previous) else {
                    return .broken(sequence: sequence, reason: "entry \(sequence) is not as it was written")
                }
                previous = entry.hash
            }
            await Task.yield()
        }
    }

    /// Bounds the size of the file in pages of 4 KiB; beyond it appends fail as on a full disk.
    package func limitPages(to count: Int) async throws(JournalError) {
        do throws(SQLiteError) {
            try database.execute("PRAGMA max_page_count = \(count)")
        } catch {
            throw JournalError(error, path: path)
        }
    }

    // MARK: Storing

    private func storeWaiting() {
        var group: [Append] = []
        var count = 0
        while let next = waiting.first, group.isEmpty || count + next.entries.count <= Self.groupEntriesMax {
            count += next.entries.count
            group.append(waiting.removeFirst())
        }
        do throws(JournalError) {
            let sequences = try store(group.map(\.entries))
            for (append, numbers) in zip(group, sequences) {
                append.done.resume(returning: .success(numbers))
            }
        } catch {
            for append in group { append.done.resume(returning: .failure(error)) }
        }
        isStoring = !waiting.isEmpty
        if isStoring { Task { storeWaiting() } }
    }

    /// Stores the entries of several appends in one transaction.
    private func store(_ appends: [[Entry]]) throws(JournalError) -> [[Int64]] {
        do throws(SQLiteError) {
            let sequences = try database.transaction { () throws(SQLiteError) in
                // Asked under the lock and not remembered, so that a failed transaction leaves nothing to
                // mend.
                var head = try lastLink()
                var answer: [[Int64]] = []
                for entries in appends {
                    var numbers: [Int64] = []
                    for entry in entries { numbers.append(try store(entry, after: &head)) }
                    answer.append(numbers)
                }
                return answer
            }
            commits += 1
            return sequences
        } catch {
            throw JournalError(error, path: path)
        }
    }

    private func lastLink() throws(SQLiteError) -> (sequence: Int64, hash: Digest) {
        let row = try database.query("SELECT sequence, hash FROM events ORDER BY sequence DESC LIMIT 1").first
        return (row?.integer(0) ?? 0, row?.text(1).map { Digest($0) } ?? .beforeFirst)
    }

    private func store(_ entry: Entry, after head: inout (sequence: Int64, hash: Digest)) throws(SQLiteError)
        -> Int64
    {
        if let key = entry.idempotencyKey,
            let known = try database.query(
                "SELECT sequence FROM events WHERE idempotency_key = ?", [.text(key)]
            ).first
        {
            return known.integer(0) ?? 0
        }
        let next = Stored(
            sequence: head.sequence + 1, run: entry.run, kind: entry.kind, payload: entry.payload,
            idempotencyKey: entry.idempotencyKey, recordedAt: now(), hash: .beforeFirst
        ).linked(to: head.hash)
        try database.run(
            "INSERT INTO events(sequence, run, kind, payload, idempotency_key, recorded_at, hash) "
                + "VALUES(?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(next.sequence), .optional(next.run?.rawValue), .text(next.kind), .text(next.payload),
                .optional(next.idempotencyKey), .text(next.recordedAt), .text(next.hash.rawValue),
            ])
        head = (next.sequence, next.hash)
        return next.sequence
    }

    // MARK: Reading

    private static let selection =
        "SELECT sequence, run, kind, payload, idempotency_key, recorded_at, hash FROM events"

    private func stored(_ sql: String, _ arguments: [SQLiteValue]) throws(SQLiteError) -> [Stored] {
        try database.query(sql, arguments).map { row in
            // The table is STRICT, with these columns NOT NULL: the fallbacks are never met in a sound file,
            // and in a damaged one they break the chain.
            Stored(
                sequence: row.integer(0) ?? 0, run: row.text(1).map { RunID($0) }, kind: row.text(2) ?? "",
                payload: row.text(3) ?? "", idempotencyKey: row.text(4), recordedAt: row.text(5) ?? "",
                hash: Digest(row.text(6) ?? ""))
        }
    }
}
