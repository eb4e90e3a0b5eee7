internal import Vocabulary
internal import Workflows

extension RunLifecycle {
    /// What should be under way in this state, in the order it should be begun.
    ///
    /// Pure and total: the conductor performs what is here and not yet under way, and cancels what no longer
    /// is.
    package var wanted: [RunEffect] {
        var effects = undelivered.map { RunEffect.deliverAnswer($0.approval.id) }
        guard !isStopped else { return effects }
        switch phase {
        // Nothing is copied, and so nothing proven, before a person has answered.
        case .proving: if openApprovals.isEmpty { effects.append(.proveBase) }
        case .planning: effects.append(.plan)
        case .planProposed:
            if !request.planOnly, !openApprovals.contains(where: { $0.subject == .plan }) {
                effects.append(.askPlanApproval)
            }
        case .building: effects += wantedByTasks
        case .held, .failed: break
        }
        return effects
    }

    private var wantedByTasks: [RunEffect] {
        var effects: [RunEffect] = []
        // One landing at a time, the oldest first; a person's sleep never blocks the queue, for only cleared
        // tasks are in it.
        let front = queue.first
        for task in tasks {
            let id = task.task.id
            switch task.state {
            case .planned: break
            case .preparing: effects.append(.prepareWorktree(id))
            case .authoring:
                effects.append(
                    task.worktreeIsReleased ? .prepareWorktree(id) : .author(id, attempt: task.attempt))
            case .checking(let candidate): effects.append(.check(id, tree: candidate.tree))
            case .reviewing(let candidate, _):
                effects.append(.review(id, round: task.round, tree: candidate.tree))
            case .settling(let evidence):
                effects.append(.settleLanding(id, delta: evidence.candidate.delta.digest))
            case .awaitingApproval: break
            case .queued, .testing:
                if front == id { effects.append(.testMerge(id)) }
            case .landing(_, _, let merge): effects.append(.land(id, commit: merge.commit))
            case .landed, .held, .failed, .abandoned: break
            }
            if wantsRelease(task) { effects.append(.releaseWorktree(id)) }
        }
        return effects
    }

    /// Moves tasks on that need no fact of their own: starts what may start, gives up what can no longer
    /// start, and keeps the queue. Runs after every fact, so that the same facts always give the same state.
    mutating func settleTasks() {
        guard phase == .building else { return }
        let limit = max(1, request.authorJob?.maxParallel ?? 1)
        for index in tasks.indices {
            guard case .planned = tasks[index].state else { continue }
            if let lost = tasks[index].task.dependsOn.first(where: { isLost($0) }) {
                tasks[index].abandon(
                    Problem(
                        """
                        Task \(tasks[index].task.id) was not begun, because it depends on \(lost), \
                        which did not land.
                        """,
                        hint: nil, blame: .agent))
            } else if canStart(tasks[index]), tasks.count(where: \.isAtWork) < limit {
                tasks[index].beginPreparing()
            }
        }
        let cleared = tasks.filter(\.isInQueue).map(\.task.id)
        queue.removeAll { !cleared.contains($0) }
        queue += cleared.filter { !queue.contains($0) }
    }

    private func isLost(_ id: TaskID) -> Bool {
        switch task(id)?.displayState {
        case .failed, .abandoned, nil: true
        case .planned, .preparing, .authoring, .checking, .reviewing, .awaitingApproval, .queued, .testing,
            .landing,
            .landed, .changesRequested, .conflicted, .held:
            false
        }
    }
}

extension TaskLifecycle {
    /// Uses one of the workflow's parallel places.
    var isAtWork: Bool {
        switch state {
        case .preparing, .authoring, .checking, .reviewing, .settling: true
        case .planned, .awaitingApproval, .queued, .testing, .landing, .landed, .held, .failed, .abandoned:
            false
        }
    }
    var isInQueue: Bool {
        switch state {
        case .queued, .testing, .landing: true
        case .planned, .preparing, .authoring, .checking, .reviewing, .settling, .awaitingApproval, .landed,
            .held, .failed,
            .abandoned:
            false
        }
    }
}
