internal import Vocabulary

/// Lets time pass for whoever saves worktrees; a test drives it.
package struct SnapshotClock: Sendable {
    /// Returns when this much time has passed; throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    package init(sleep: @escaping @Sendable (Duration) async throws -> Void) { self.sleep = sleep }

    package static let continuous = SnapshotClock { try await ContinuousClock().sleep(for: $0) }
}

/// Has a worktree saved while its author is at work: after each turn, and every minute in between.
struct LiveSnapshots: Sendable {
    /// What an author can lose at most when everything breaks.
    static let interval: Duration = .seconds(60)

    let clock: SnapshotClock
    /// Saves the worktree after a turn; nil: because a minute has passed. Whatever fails in it is told to
    /// people and is nobody's failure.
    let save: @Sendable (EndedTurn?) async -> Void

    /// Runs the work of one session. When it returns, nothing is saved any more, and every turn that ended
    /// meanwhile was.
    func during<Value: Sendable>(
        _ turns: AsyncStream<EndedTurn>, _ work: () async throws -> Value
    ) async throws -> Value {
        let minutes = Task {
            while true {
                do {
                    try await clock.sleep(Self.interval)
                } catch {
                    return
                }
                await save(nil)
            }
        }
        let ends = Task { for await turn in turns { await save(turn) } }
        do {
            let value = try await work()
            minutes.cancel()
            await minutes.value
            // The session has ended, and with it the stream.
            await ends.value
            return value
        } catch {
            minutes.cancel()
            ends.cancel()
            await minutes.value
            await ends.value
            throw error
        }
    }
}
