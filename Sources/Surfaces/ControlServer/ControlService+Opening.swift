internal import ControlProtocol
internal import Lifecycle
internal import Linux
internal import Sandbox
internal import Vocabulary
internal import Worktrees

extension ControlService {
    /// Makes a worktree one that a person can go into; what lies there is saved first.
    ///
    /// One that cannot be saved is opened all the same, and it is said: nothing in it goes by that. A
    /// checkout has its files where they are: what cannot be done with it, as on a full disk, is said too,
    /// and while a step of its run is at work there it is shown and not touched. An overlay is refused then,
    /// for its files would be moved from under the agent.
    func openWorktree(of id: TaskID, in run: RunID) async throws -> ControlReply {
        let place = try await place(of: id, in: run)
        guard let known = try await place.store.known(place.name), known.isPresent else {
            throw Self.noFiles(place.name)
        }
        let isOverlay = known.worktree.layers != nil
        let refusal = refusal(in: place) { task, lifecycle in
            try Self.refuseWhileAtWork(task, in: lifecycle)
            try Self.refuseBetweenSteps(task, in: lifecycle)
        }
        if isOverlay, let problem = await refusal() { throw problem }
        var notices: [String] = []
        func notice(_ failure: String, _ error: any Error) {
            notices.append("\(run)/\(id) \(failure): \(Problem(error).description)")
        }
        var saved: Snapshot?
        do {
            let snapshot = try await place.store.snapshot(known.worktree, message: "Before it was opened")
            saved = snapshot
            try await note(snapshot, .opening, in: place, base: known.worktree.base)
        } catch {
            notice("could not be saved before it was opened", error)
        }
        var isAtWork = false
        do {
            _ = try await place.store.materialise(known.worktree, refusal: refusal)
        } catch {
            guard !isOverlay else { throw error }
            if case .inUse = error {
                isAtWork = true
            } else {
                notice("was not made ready for a person", error)
            }
        }
        return .opened(
            path: known.worktree.path, snapshot: saved?.number, wasOverlay: isOverlay, isAtWork: isAtWork,
            notices: notices)
    }

    /// Makes the files of a worktree those of one of its snapshots; what lies there is saved first.
    func restoreWorktree(of id: TaskID, in run: RunID, snapshot: Int?, turn: Int?) async throws
        -> ControlReply
    {
        let place = try await place(of: id, in: run)
        let refusal = refusal(in: place) { task, lifecycle in
            try Self.refuseWhileAtWork(task, in: lifecycle)
            try Self.refuseUnsettled(task, in: lifecycle)
        }
        if let problem = await refusal() { throw problem }
        let number = try await number(snapshot: snapshot, turn: turn, place)
        let before = try await place.store.known(place.name)
        var saved: Snapshot?
        if let before, before.isPresent {
            saved = try await place.store.snapshot(before.worktree, message: "Before a restore")
            if let saved { try await note(saved, .restore, in: place, base: before.worktree.base) }
        }
        let owner =
            try await before == nil ? places.claim(for: "\(run)/\(id)") : before?.worktree.owner
        let restored: PreparedWorktree
        do {
            restored = try await place.store.restore(
                place.name, number: number, owner: owner, refusal: refusal)
        } catch {
            if before == nil, try await place.store.known(place.name) == nil {
                try await places.release(owner, owner: "\(run)/\(id)")
            }
            throw error
        }
        let after = try await place.store.snapshot(restored, message: "Restored from snapshot \(number)")
        try await note(after, .restored, in: place, base: restored.base)
        return .restored(path: restored.path, snapshot: number, saved: saved?.number)
    }

    /// A worktree, where it is, and the task it belongs to; no task for one that the journal does not know.
    private struct Place {
        let name: WorktreeName
        let store: RepositoryStore
        let run: RunLifecycle?
        let task: TaskLifecycle?
    }

    private func place(of id: TaskID, in run: RunID) async throws -> Place {
        let name = try WorktreeName(run: run, task: id.rawValue)
        try await refuseUnreadable(run)
        let all = await runs.lifecycles()
        if let lifecycle = all.first(where: { $0.request.run == run }), let task = lifecycle.task(id) {
            return Place(
                name: name, store: try await repositories.store(of: lifecycle.request.repository),
                run: lifecycle, task: task)
        }
        for repository in Set(all.map(\.request.repository)).sorted() {
            // Not a cause lost: a repository that is gone has no worktree.
            guard let store = try? await repositories.store(of: repository) else { continue }
            if try await store.known(name) != nil {
                return Place(name: name, store: store, run: nil, task: nil)
            }
        }
        throw Problem(
            "There is no worktree \(run)/\(id).", hint: "List them with `graftwork worktree ls`.",
            blame: .user, exitCode: .usage)
    }

    /// Why the worktree may not be changed, as its run stands by then.
    private func refusal(
        in place: Place, _ judge: @escaping @Sendable (TaskLifecycle, RunLifecycle) throws -> Void
    ) -> RepositoryStore.Refusal {
        refusal(of: TaskID(place.name.task), in: RunID(place.name.run), judge)
    }

    /// Its author is just about to enter it, or it is being set up.
    private static func refuseBetweenSteps(_ task: TaskLifecycle, in run: RunLifecycle) throws {
        guard !run.isStopped, [.preparing, .authoring].contains(task.displayState) else { return }
        throw Problem(
            "The worktree of task \(task.task.id) is in use: the task is \(task.displayState.rawValue).",
            hint: "Wait for it, or stop the run with `graftwork stop \(run.request.run)`.", blame: .user)
    }

    /// A run that this version cannot read may be at work all the same.
    func refuseUnreadable(_ run: RunID) async throws {
        guard await runs.unreadable.contains(run) else { return }
        throw Problem(
            "Run \(run) was written by another version of Graftwork; nobody knows what is at work in it.",
            hint: "Use the version that began it.", blame: .environment)
    }

    private func number(snapshot: Int?, turn: Int?, _ place: Place) async throws -> Int {
        if let snapshot { return snapshot }
        if let turn {
            guard let found = place.task?.turns.first(where: { $0.number == turn }) else {
                let last = place.task?.turns.last?.number ?? 0
                throw Problem(
                    "Task \(place.name.task) has no turn \(turn).",
                    hint: last == 0 ? "Its author has not ended a turn yet." : "Its last turn is \(last).",
                    blame: .user, exitCode: .usage)
            }
            return found.snapshot
        }
        guard let newest = try await place.store.snapshotNumbers(of: place.name).last else {
            throw Problem(
                "Nothing of \(place.name.run)/\(place.name.task) was saved yet.",
                hint: "A worktree is saved after each turn, and each minute while its author is at work.",
                blame: .user)
        }
        return newest
    }

    private func note(
        _ snapshot: Snapshot, _ occasion: SnapshotRecord.Occasion, in place: Place, base: ObjectID
    ) async throws {
        guard let run = place.run, let task = place.task, task.worktree != nil else { return }
        try await runs.note([Self.fact(of: snapshot, occasion, task, base: base)], in: run.request.run)
    }

    private static func noFiles(_ name: WorktreeName) -> Problem {
        Problem(
            "The worktree \(name.run)/\(name.task) has no files any more.",
            hint: "What was saved comes back with `graftwork worktree restore \(name.run)/\(name.task)`.",
            blame: .user)
    }
}
