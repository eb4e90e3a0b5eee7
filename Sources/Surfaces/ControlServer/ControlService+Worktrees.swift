internal import ControlProtocol
internal import Lifecycle
internal import Sandbox
internal import Telemetry
internal import Vocabulary
internal import Worktrees

extension ControlService {
    /// Every worktree there is: those the journal needs, those it does not, and those that are being removed.
    func worktrees(of id: RunID?, measuresDisk: Bool) async throws -> [WorktreeView] {
        let all = await runs.lifecycles()
        let chosen = if let id { [try await runs.lifecycle(id)] } else { all }
        var views: [WorktreeView] = []
        for repository in Set(chosen.map(\.request.repository)).sorted() {
            let owners = all.filter { $0.request.repository == repository }
            views += await worktrees(of: repository, owners, measuresDisk)
        }
        return views.filter { id == nil || $0.run == id }.sorted { ($0.run, $0.task) < ($1.run, $1.task) }
    }

    private func worktrees(
        of repository: String, _ owners: [RunLifecycle], _ measuresDisk: Bool
    ) async -> [WorktreeView] {
        var views: [WorktreeName: WorktreeView] = [:]
        for run in owners {
            for task in run.tasks where task.worktree != nil && !task.worktreeIsReleased {
                guard let name = Self.name(of: task, in: run), let worktree = task.worktree else { continue }
                views[name] = WorktreeView(
                    run: run.request.run, task: task.task.id, path: worktree.path, branch: worktree.branch,
                    state: task.displayState, snapshots: task.snapshots, runState: run.state,
                    session: Self.session(in: task, of: run)?.record.id, isPresent: false,
                    collisions: task.collisions)
            }
        }
        do {
            let store = try await repositories.store(of: repository)
            for found in try await store.survey(measuresDisk: measuresDisk) {
                guard await !runs.unreadable.contains(RunID(found.name.run)) else { continue }
                var view = views[found.name] ?? Self.unneeded(found, owners)
                view.changedPaths = found.changedPaths
                view.bytesOnDisk = found.bytesOnDisk
                view.problem = found.problem?.description
                if let known = found.known {
                    view.snapshots = known.snapshots.count
                    view.isPresent = known.isPresent
                    view.isOverlay = known.worktree.layers != nil
                }
                views[found.name] = view
            }
            for removal in try await store.pendingRemovals() {
                var view =
                    views[removal.name]
                    ?? WorktreeView(
                        run: RunID(removal.name.run), task: TaskID(removal.name.task), path: "",
                        branch: removal.name.branch, state: nil, snapshots: 0, isPresent: false)
                view.removal = removal.problem ?? "under way"
                views[removal.name] = view
            }
        } catch {
            // The repository may be gone; what the journal knows is shown all the same.
            for name in views.keys where views[name]?.isPresent == false {
                views[name]?.problem = Problem(error).description
            }
            log.error(
                "Worktrees could not be looked at.",
                ["repository": repository, "why": Problem(error).description])
        }
        return Array(views.values)
    }

    /// One that no task needs: its task gave it up and could not remove it, a person brought it back, or
    /// there is no such task.
    private static func unneeded(_ found: SurveyedWorktree, _ owners: [RunLifecycle]) -> WorktreeView {
        let (run, task) = (RunID(found.name.run), TaskID(found.name.task))
        let owner = owners.first { $0.request.run == run }
        let state = owner?.task(task)?.displayState
        return WorktreeView(
            run: run, task: task, path: found.path, branch: found.name.branch, state: state, snapshots: 0,
            runState: state == nil ? nil : owner?.state, isOrphan: state == nil, isKept: state != nil)
    }

    /// Takes a last snapshot of a worktree and removes it; one whose removal did not finish is tried again.
    ///
    /// - Returns: the last snapshot; nil when there were no files any more, or they were given up unsaved.
    func removeWorktree(of id: TaskID, in run: RunID, discardsUnsaved: Bool) async throws -> Snapshot? {
        guard let lifecycle = await runs.lifecycles().first(where: { $0.request.run == run }),
            let task = lifecycle.task(id), let worktree = task.worktree, !task.worktreeIsReleased
        else { return try await removeUnneeded(id, of: run, discardsUnsaved: discardsUnsaved) }
        let refusal = refusal(of: id, in: run) { task, lifecycle in
            try Self.refuseUnsettled(task, in: lifecycle)
            try Self.refuseWhileAtWork(task, in: lifecycle)
        }
        if let problem = await refusal() { throw problem }
        let store = try await repositories.store(of: lifecycle.request.repository)
        let name = try WorktreeName(run: run, task: id.rawValue)
        var isMadeAgain = false
        if try await store.known(name) == nil {
            let finished = try await store.finishRemovals([name])
            if let failure = finished.failed.first { throw failure.error }
            isMadeAgain = finished.removed.first?.isMadeAgain == true
        }
        // A removal that was cut off may have been given up, and the worktree be there again.
        guard !isMadeAgain, let known = try await store.known(name) else {
            // Gone already, by whatever hand: what is left is to say so. Unless it is being made again.
            if !isMadeAgain { try await places.release(worktree.uid, owner: "\(run)/\(id)") }
            try await runs.record([.worktreeReleased(task: id)], in: run)
            return nil
        }
        let last = try await store.retire(
            known.worktree, message: "Before `worktree rm` of \(run)/\(id)", discardsUnsaved: discardsUnsaved,
            refusal: refusal)
        try await places.release(worktree.uid, owner: "\(run)/\(id)")
        let saved = last.map { Self.fact(of: $0, .removal, task, base: known.worktree.base) }
        try await runs.record((saved.map { [$0] } ?? []) + [.worktreeReleased(task: id)], in: run)
        return last
    }

    /// A worktree that no task of the journal has any more, wherever it is.
    private func removeUnneeded(_ id: TaskID, of run: RunID, discardsUnsaved: Bool) async throws -> Snapshot?
    {
        try await refuseUnreadable(run)
        let name = try WorktreeName(run: run, task: id.rawValue)
        for repository in Set(await runs.lifecycles().map(\.request.repository)).sorted() {
            let store: RepositoryStore
            do {
                store = try await repositories.store(of: repository)
            } catch {
                continue
            }
            if let known = try await store.known(name) {
                let last = try await store.retire(
                    known.worktree, message: "Before `worktree rm` of \(run)/\(id)",
                    discardsUnsaved: discardsUnsaved)
                try await places.release(known.worktree.owner, owner: "\(run)/\(id)")
                return last
            }
            let finished = try await store.finishRemovals([name])
            if let failure = finished.failed.first { throw failure.error }
            if let removal = finished.removed.first {
                if !removal.isMadeAgain { try await places.release(removal.owner, owner: "\(run)/\(id)") }
                return nil
            }
        }
        throw Problem(
            "There is no worktree \(run)/\(id).", hint: "List them with `graftwork worktree ls`.",
            blame: .user, exitCode: .usage)
    }

    /// Why the worktree of a task may not be changed, as its run stands by the time it is asked.
    func refusal(
        of id: TaskID, in run: RunID,
        _ judge: @escaping @Sendable (TaskLifecycle, RunLifecycle) throws -> Void
    ) -> RepositoryStore.Refusal {
        {
            await runs.taken()
            guard let lifecycle = await runs.lifecycles().first(where: { $0.request.run == run }),
                let task = lifecycle.task(id)
            else { return nil }
            do {
                try judge(task, lifecycle)
                return nil
            } catch {
                return Problem(error)
            }
        }
    }

    static func refuseUnsettled(_ task: TaskLifecycle, in run: RunLifecycle) throws {
        guard !task.displayState.isSettled, !run.isStopped else { return }
        throw Problem(
            "The worktree of task \(task.task.id) is in use: the task is \(task.displayState.rawValue).",
            hint: "Stop the run first with `graftwork stop \(run.request.run)`.", blame: .user)
    }

    static func refuseWhileAtWork(_ task: TaskLifecycle, in run: RunLifecycle) throws {
        guard let session = session(in: task, of: run) else { return }
        throw Problem(
            "The worktree of task \(task.task.id) is in use: session \(session.record.id) has not ended yet.",
            hint: """
                Try it again in a moment; if the server was killed, `graftwork resume \(run.request.run)` \
                ends it.
                """, blame: .user)
    }

    /// The session of a task that has not ended.
    static func session(in task: TaskLifecycle, of run: RunLifecycle) -> RunLifecycle.SessionLedger? {
        run.sessions.first { $0.record.task == task.task.id && $0.outcome == nil }
    }

    static func name(of task: TaskLifecycle, in run: RunLifecycle) -> WorktreeName? {
        // Not a cause lost: a task that fits no name never had a worktree.
        try? WorktreeName(run: run.request.run, task: task.task.id.rawValue)
    }

    static func fact(
        of snapshot: Snapshot, _ occasion: SnapshotRecord.Occasion, _ task: TaskLifecycle, base: ObjectID
    ) -> RunFact {
        .snapshotTaken(
            task: task.task.id,
            snapshot: SnapshotRecord(
                number: snapshot.number, tree: snapshot.tree, commit: snapshot.commit, base: base,
                attempt: task.attempt, occasion: occasion, notes: snapshot.notes))
    }
}
