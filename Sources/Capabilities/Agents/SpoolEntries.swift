import FoundationEssentials
import Linux
import Vocabulary

/// The entries of one session in their order: from the live runner while there is one, from the spool
/// otherwise.
///
/// Nothing is read ahead of the consumer but one batch. Ends after the `ended` entry, or when the consuming
/// task is cancelled. Throws ``AgentError/runnerLost(session:)`` when the runner died without that entry,
/// after every entry it did write.
package struct SpoolEntries: AsyncSequence, Sendable {
    package typealias Element = SpoolEntry
    package typealias Failure = AgentError

    let session: SessionID
    let files: SessionFiles
    let after: Int

    package func makeAsyncIterator() -> Iterator { Iterator(session: session, files: files, last: after) }

    package struct Iterator: AsyncIteratorProtocol {
        /// A runner that lives but does not let us in is given up after this many tries.
        static let attemptsMax = 200
        static let attemptPause: Duration = .milliseconds(50)
        /// Entries taken from the file at once.
        static let batchMax = 256
        /// The longest line a spool can have: one event holds at most one line of the harness, escaped.
        static let entryBytesMax = 64 << 20

        private let session: SessionID
        private let files: SessionFiles
        /// The number of the entry returned last.
        private var last: Int
        private var isComplete = false
        private var live: LineStream?
        private var stored: ArraySlice<SpoolEntry> = []

        init(session: SessionID, files: SessionFiles, last: Int) {
            self.session = session
            self.files = files
            self.last = last
        }

        package mutating func next() async throws(AgentError) -> SpoolEntry? {
            try await next(isolation: nil)
        }

        package mutating func next(isolation actor: isolated (any Actor)?) async throws(AgentError)
            -> SpoolEntry?
        {
            if isComplete { return nil }
            for _ in 0..<Self.attemptsMax {
                if let entry = stored.popFirst() { return returned(entry) }
                if live == nil { live = await connected() }
                if let entry = await nextLive() { return returned(entry) }
                if Task.isCancelled { return nil }
                // No runner lets us in. First the lock, then the file: a runner that let go of the lock has
                // written all.
                let isAlive = try AgentError.naming(files.lock) { () throws(SystemError) in
                    try files.lockIsHeld()
                }
                let (batch, hasEnded) = try readStored()
                stored = batch[...]
                if let entry = stored.popFirst() { return returned(entry) }
                if hasEnded { return nil }
                guard isAlive else { break }
                // Not a cause lost: a cancelled task is seen above.
                try? await ContinuousClock().sleep(for: Self.attemptPause)
            }
            throw .runnerLost(session: session)
        }

        private mutating func returned(_ entry: SpoolEntry) -> SpoolEntry {
            last = entry.n
            isComplete = entry.isLast
            return entry
        }

        private func connected() async -> LineStream? {
            do throws(SystemError) {
                let connection = try UnixSocket.connect(path: files.controlSocket)
                try await LineWriter(writing: connection).write("{\"attach\":{\"after\":\(last)}}")
                return LineStream(reading: connection, lineBytesMax: Self.entryBytesMax)
            } catch {
                return nil  // What that means is told by lock and spool.
            }
        }

        /// nil when there is no connection, or no longer.
        private mutating func nextLive() async -> SpoolEntry? {
            guard let stream = live else { return nil }
            // Not a cause lost: what a broken connection means is told by lock and spool.
            let line = (try? await stream.next()).flatMap(\.self)
            if let line, !line.wasTruncated, let entry = SpoolReader.entry(Data(line.text.utf8)),
                entry.n == last + 1
            {
                return entry
            }
            stream.descriptor.close()
            live = nil
            return nil
        }

        /// The next entries of the file, and whether the file ends with `ended`.
        private func readStored() throws(AgentError) -> ([SpoolEntry], hasEnded: Bool) {
            do throws(SpoolError) {
                guard var reader = try SpoolReader(path: files.spool) else { return ([], false) }
                var batch: [SpoolEntry] = []
                var hasEnded = false
                while batch.count < Self.batchMax {
                    let entries = try reader.nextEntries()
                    guard let newest = entries.last else { break }
                    hasEnded = newest.isLast
                    batch += entries.filter { $0.n > last }
                }
                return (batch, hasEnded)
            } catch {
                throw .directoryUnusable(path: files.spool, cause: error.description)
            }
        }
    }
}

extension SessionFiles {
    /// Whether a runner of this session lives. It lives exactly as long as it holds the lock, however it
    /// ends.
    func lockIsHeld() throws(SystemError) -> Bool {
        guard Files.exists(lock) else { return false }
        guard let mine = try FileLock.tryAcquire(path: lock) else { return true }
        mine.close()
        return false
    }
}

extension AgentError {
    static func naming<Value>(_ path: String, _ body: () throws(SystemError) -> Value) throws(AgentError)
        -> Value
    {
        do throws(SystemError) {
            return try body()
        } catch {
            throw .directoryUnusable(path: path, cause: SystemError.text(of: error.code))
        }
    }
}
