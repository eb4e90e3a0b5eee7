internal import Lifecycle
internal import Synchronization
internal import Vocabulary
internal import Worktrees

/// Saves one task's worktree and writes down what was saved.
///
/// A snapshot that holds what the last one held is no new one, and is not written down again unless it ends a
/// turn.
struct WorktreeSaver: Sendable {
    let store: RepositoryStore
    let worktree: PreparedWorktree
    let run: RunID
    let task: TaskID
    let attempt: Int
    let record: @Sendable (RunFact) async throws -> RunLifecycle
    let report: @Sendable (String) -> Void
    private let seen: Seen
    /// What the snapshots of the minutes of one attempt may write into the user's repository: a file that is
    /// rewritten all the time would fill the disk, an object for each minute.
    var minuteBytesMax: Int64 = 2 << 30
    /// More than these are counted by the last of them.
    private static let notesMax = 3

    /// What is written down already.
    private final class Seen: Sendable {
        struct State: Sendable {
            var number: Int
            var turns: [AuthorTurn]
            /// The last turn of each session that was told of.
            var ended: [SessionID: Int] = [:]
            /// What was saved last; nil: nothing but the base.
            var tree: ObjectID?
            /// What the minutes have written.
            var minuteBytes: Int64 = 0
            var isToldOfLimit = false
        }
        let state: Mutex<State>
        init(_ state: State) { self.state = Mutex(state) }
    }

    init(
        store: RepositoryStore, worktree: PreparedWorktree, run: RunID, task: TaskLifecycle,
        record: @escaping @Sendable (RunFact) async throws -> RunLifecycle,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.worktree = worktree
        self.run = run
        self.task = task.task.id
        self.attempt = task.attempt
        self.record = record
        self.report = report
        seen = Seen(
            Seen.State(
                number: task.lastSnapshot?.number ?? task.snapshots, turns: task.turns,
                tree: task.lastSnapshot?.tree))
    }

    /// How many turns of a session have ended, as far as it was told.
    func endedTurns(of session: SessionID?) -> Int {
        session.flatMap { session in seen.state.withLock { $0.ended[session] } } ?? 0
    }

    /// Saves the worktree in the middle of a session. What fails is one line for people.
    func saveLive(after turn: EndedTurn?) async {
        if let turn {
            let isKnown = seen.state.withLock { state in
                state.ended[turn.session] = max(state.ended[turn.session] ?? 0, turn.number)
                return state.turns.contains {
                    $0.session == turn.session && $0.turnOfSession >= turn.number
                }
            }
            // Told again after a restart: what lies there now is not what that turn left.
            guard !isKnown else { return }
        }
        do {
            if let turn {
                try await save(
                    .turn, session: turn.session, turn: turn.number,
                    message: "Turn \(turn.number) of session \(turn.session)")
            } else {
                try await saveMinute()
            }
        } catch {
            report("The worktree could not be saved just now: \(Problem(error).description)")
        }
    }

    /// Saves what a minute brought, unless the minutes before have written too much.
    private func saveMinute() async throws {
        let (before, isOver, isToldNow) = seen.state.withLock { state in
            let isOver = state.minuteBytes >= minuteBytesMax
            defer { state.isToldOfLimit = isOver }
            return (state.tree ?? worktree.base, isOver, isOver && !state.isToldOfLimit)
        }
        guard !isOver else {
            if isToldNow {
                report("So much was rewritten that only what each turn leaves is saved from now on.")
            }
            return
        }
        let snapshot = try await save(.minute, message: "A minute later")
        let bytes = try await store.bytes(of: snapshot.tree, beyond: before)
        seen.state.withLock { $0.minuteBytes += bytes }
    }

    /// Saves the worktree and writes it down where it is news.
    @discardableResult
    func save(
        _ occasion: SnapshotRecord.Occasion, session: SessionID? = nil, turn: Int? = nil, message: String
    ) async throws -> Snapshot {
        let (store, worktree, words) = (store, worktree, "\(message), \(run)/\(task)")
        // A stop must not cut it short: what is saved last is what a person wants back.
        let snapshot = try await Task { try await store.snapshot(worktree, message: words) }.value
        let earlier: Int? = seen.state.withLock { state in
            state.tree = snapshot.tree
            let isEarlierTurn = state.turns.last.map {
                $0.session == session && $0.turnOfSession == turn && $0.snapshot == snapshot.number
            }
            guard occasion == .turn ? isEarlierTurn != true : state.number != snapshot.number else {
                return nil
            }
            defer { state.number = snapshot.number }
            return state.number
        }
        guard let earlier else { return snapshot }
        for note in snapshot.notes.prefix(Self.notesMax) { report("Not saved: \(note)") }
        do {
            let after = try await record(
                .snapshotTaken(
                    task: task,
                    snapshot: SnapshotRecord(
                        number: snapshot.number, tree: snapshot.tree, commit: snapshot.commit,
                        base: worktree.base, attempt: attempt, occasion: occasion, session: session,
                        turn: turn, notes: snapshot.notes)))
            let turns = after.task(task)?.turns
            seen.state.withLock { state in state.turns = turns ?? state.turns }
        } catch {
            // What is not written down is news the next time, unless a later one was written down since.
            seen.state.withLock { state in
                if state.number == snapshot.number { state.number = earlier }
            }
            throw error
        }
        return snapshot
    }
}
