import FoundationEssentials
import Linux
import Vocabulary

/// The entries of one session in their order: from the live runner while there is one, from the spool
/// otherwise.
///
/// Nothing is read ahead of the consumer but one batch, and nothing twice. Ends after the `ended` entry, or
/// when the consuming task is cancelled. Throws only when the runner's lock is free, so that nothing of the
/// session is at work any more: ``AgentError/runnerLost(session:)`` when it died without that entry, after
/// every entry it did write, and ``AgentError/directoryUnusable(path:cause:)`` when these cannot be read.
/// While the runner lives, or nobody can tell, what cannot be read is tried again.
package struct SpoolEntries: AsyncSequence, Sendable {
    package typealias Element = SpoolEntry
    package typealias Failure = AgentError

    let session: SessionID
    let files: SessionFiles
    let after: Int
    let patience: SpoolPatience

    package func makeAsyncIterator() -> Iterator { Iterator(self) }

    package struct Iterator: AsyncIteratorProtocol {
        /// The longest line a spool can have: one event holds at most one line of the harness, escaped.
        static let entryBytesMax = 64 << 20

        private let session: SessionID
        private let files: SessionFiles
        private let patience: SpoolPatience
        /// The number of the entry returned last.
        private var last: Int
        private var isComplete = false
        private var live: LineStream?
        private var stored: ArraySlice<SpoolEntry> = []
        private var place = SpoolPlace()

        init(_ entries: SpoolEntries) {
            session = entries.session
            files = entries.files
            patience = entries.patience
            last = entries.after
        }

        package mutating func next() async throws(AgentError) -> SpoolEntry? {
            try await next(isolation: nil)
        }

        package mutating func next(isolation actor: isolated (any Actor)?) async throws(AgentError)
            -> SpoolEntry?
        {
            var failures = 0
            while !isComplete {
                if let entry = stored.popFirst() { return returned(entry) }
                if live == nil { live = await connected() }
                if let entry = await nextLive() { return returned(entry) }
                if Task.isCancelled { return nil }
                // No runner lets us in.
                let look = await look()
                switch (look.batch, look.isAlive) {
                case (.success(let batch), let isAlive):
                    failures = 0
                    place = batch.place
                    stored = batch.entries[...]
                    if !stored.isEmpty { continue }
                    if batch.hasEnded {
                        isComplete = true
                        continue
                    }
                    guard isAlive != false else { throw .runnerLost(session: session) }
                case (.failure(let error), let isAlive):
                    failures += 1
                    let isLasting = failures.isMultiple(of: patience.looks)
                    let cause = AgentError.directoryUnusable(path: error.path, cause: error.cause)
                    // Damage does not mend.
                    if isAlive == false, isLasting || error.isDamage { throw cause }
                    if isLasting || failures == 1 && error.isDamage { await patience.unreadable(cause) }
                }
                await patience.pause()
            }
            return nil
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

        private struct Look: Sendable {
            /// nil: nobody can tell.
            var isAlive: Bool?
            var batch: Result<SpoolBatch, SpoolError>
        }

        /// First the lock, then the file: a runner that let go of the lock has written all.
        private func look() async -> Look {
            let (files, place, last) = (files, place, last)
            return await runBlocking {
                do throws(SystemError) {
                    let isAlive = try files.lockIsHeld()
                    do throws(SpoolError) {
                        let batch = try SpoolReader.batch(of: files.spool, from: place, after: last)
                        return Look(isAlive: isAlive, batch: .success(batch))
                    } catch {
                        return Look(isAlive: isAlive, batch: .failure(error))
                    }
                } catch {
                    return Look(isAlive: nil, batch: .failure(.unusable(path: files.lock, error)))
                }
            }
        }
    }
}

extension SessionFiles {
    /// Whether a runner of this session lives. It lives exactly as long as it holds the lock, however it
    /// ends.
    func lockIsHeld() throws(SystemError) -> Bool {
        do throws(SystemError) {
            // One that is not there is not made: the directory may be on its way out.
            _ = try Files.status(of: lock)
            guard let mine = try FileLock.tryAcquire(path: lock) else { return true }
            mine.close()
            return false
        } catch  where error.isNotFound {
            return false
        }
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
