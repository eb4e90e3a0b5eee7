package import ControlProtocol
import Synchronization
package import Vocabulary

/// Follows a run until it is settled, through lost connections, and shows it.
package struct RunWatcher: Sendable {
    package struct End: Hashable, Sendable {
        package enum Reason: Hashable, Sendable {
            case settled
            /// The person left the view; the run goes on. Not success: `graftwork run … && deploy` must not
            /// deploy.
            case left
            /// Nothing goes on without a person, and there is none at a terminal here.
            case needsPerson
        }
        package var reason: Reason
        package var run: RunView?
        package var exit: ExitCode
    }

    package var client: ServerClient
    /// The pauses before each attempt to connect again; all of them together are the limit.
    package var reconnectPauses: [Duration] = [
        .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800), .seconds(1),
        .seconds(2), .seconds(2),
    ]
    /// nil: wait for a person for ever. Otherwise: how long the run may stand still before that is an end.
    package var personPatience: Duration?
    /// The server answers all questions itself but those that need an answer of their own.
    package var isYes = false

    package init(client: ServerClient, personPatience: Duration? = nil) {
        self.client = client
        self.personPatience = personPatience
    }

    /// Returns when the run is settled or the calling task is cancelled.
    package func watch(_ run: RunID, on display: any RunDisplay) async throws(Problem) -> End {
        var seen = Seen()
        var attempt = 0
        while true {
            let sequence = seen.sequence
            do throws(ConnectionError) {
                let exit = try await follow(run, on: display, &seen)
                return End(reason: .settled, run: seen.run, exit: exit)
            } catch {
                switch error {
                case .problem(let problem): throw problem
                case .cancelled: return End(reason: .left, run: seen.run, exit: .failed)
                case .lost:
                    if seen.needsPerson.isSet { return End(reason: .needsPerson, run: seen.run, exit: .held) }
                }
            }
            // Whoever gets further each time is not stuck.
            if seen.sequence > sequence { attempt = 0 }
            guard attempt < reconnectPauses.count else { throw Self.serverEnded(run) }
            await display.show(notice: "The server does not answer; connecting again …")
            do { try await Task.sleep(for: reconnectPauses[attempt]) } catch {
                return End(reason: .left, run: seen.run, exit: .failed)
            }
            attempt += 1
        }
    }

    private struct Seen {
        var sequence: Int64 = 0
        var run: RunView?
        let needsPerson = Latch()
    }

    /// One connection's worth of watching.
    private func follow(
        _ run: RunID, on display: any RunDisplay, _ seen: inout Seen
    ) async throws(ConnectionError) -> ExitCode {
        let running: ServerConnection?
        do throws(Problem) {
            running = try client.connectIfRunning()
        } catch {
            throw .problem(error)
        }
        guard let connection = running else { throw .lost("no server runs") }
        defer { connection.close() }
        try await connection.send(.watch(run: run, after: seen.sequence))
        var giveUp: Task<Void, Never>?
        defer { giveUp?.cancel() }
        while true {
            let reply = try await connection.next()
            switch reply {
            case .event(let event):
                seen.sequence = max(seen.sequence, event.sequence)
                await display.show(event)
            case .view(let view):
                seen.run = view
                await display.show(notice: nil)
                await display.show(view)
                giveUp?.cancel()
                giveUp = nil
                if let personPatience, view.needsOnlyAPerson,
                    !isYes || view.waiting.contains(where: \.needsOwnAnswer)
                {
                    giveUp = closing(connection, after: personPatience, seen.needsPerson)
                }
            case .done(let exit): return exit
            case .problem(let problem): throw .problem(problem)
            case .prepared, .accepted, .runs, .logLine, .diff, .inbox, .worktrees, .opened, .restored,
                .removed,
                .pruned, .importedSetup, .reached, .cost, .audit:
                break  // Not part of an answer to `watch`.
            }
        }
    }

    private func closing(_ connection: ServerConnection, after pause: Duration, _ latch: Latch) -> Task<
        Void, Never
    > {
        Task {
            do { try await Task.sleep(for: pause) } catch { return }
            latch.set()
            connection.close()
        }
    }

    private static func serverEnded(_ run: RunID) -> Problem {
        Problem(
            "The server ended while run \(run) was going on; nothing that it had acknowledged is lost.",
            hint: "`graftwork resume \(run)` starts it again and goes on where it was.", blame: .environment)
    }
}

/// Is set once and stays set.
private final class Latch: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

extension RunView {
    /// Whether nothing will happen in the run until a person answers: every task that could move waits for an
    /// answer.
    package var needsOnlyAPerson: Bool {
        guard !state.isSettled else { return false }
        if pausedBy != nil { return true }
        guard !waiting.isEmpty else { return false }
        if state == .awaitingApproval { return true }
        let asked = Set(waiting.compactMap(\.task))
        return tasks.allSatisfy { task in
            task.state.isSettled || task.state == .planned || task.state == .awaitingApproval
                || asked.contains(task.id)
        }
    }
}
