internal import Vocabulary
internal import Workflows

extension RunLifecycle {
    package static let planTriesMax = 2

    /// Takes one fact. Throws when it cannot have happened in this state, and is then unchanged.
    package mutating func apply(_ fact: RunFact) throws(IllegalTransition) {
        var next = self
        try next.take(fact)
        next.useSessions(fact)
        next.settleTasks()
        self = next
    }

    private mutating func take(_ fact: RunFact) throws(IllegalTransition) {
        switch fact {
        case .runRequested: throw illegal(fact)
        case .baseProven(let results):
            guard phase == .proving else { throw illegal(fact) }
            baseResults = results
            phase = .planning
        case .baseRefused(let problem, let results):
            guard phase == .proving else { throw illegal(fact) }
            baseResults = results
            phase = .held(problem)
        case .sessionStarted(let session):
            guard self.session(session.id) == nil else { throw illegal(fact) }
            sessions.append(SessionLedger(record: session))
            if session.role == .author, let task = session.task {
                try update(task, fact) { task in task.beginTurn() }
            }
        case .toolDecided(let id, let number, _, let evaluation):
            try update(id, fact) { ledger in
                ledger.lastNumber = max(ledger.lastNumber, number)
                if evaluation.decision == .deny { ledger.refusals += 1 }
            }
        case .sessionEnded(let id, let outcome):
            try endSession(id, outcome, fact)
        case .planProposed(let plan):
            guard phase == .planning else { throw illegal(fact) }
            self.plan = plan
            let limit = request.planJob?.approvalAboveTasks
            if request.planOnly || limit.map({ plan.tasks.count > $0 }) ?? false {
                phase = .planProposed
            } else {
                accept(plan)
            }
        case .planRefused(let problem):
            guard phase == .planning else { throw illegal(fact) }
            planTries += 1
            switch problem.exitCode {
            case .held, .budget: phase = .held(problem)
            case .done, .failed, .usage, .denied, .conflict:
                if planTries >= Self.planTriesMax { phase = .failed(problem) }
            }
        case .approvalRequested(let approval):
            guard !openApprovals.contains(where: { $0.id == approval.id }) else { throw illegal(fact) }
            openApprovals.append(approval)
        case .approvalAnswered(let id, let allowed, let person, let note):
            try answer(id, allowed: allowed, by: person, note: note, fact)
        case .answerDelivered(let id):
            openApprovals.removeAll { $0.id == id }
            undelivered.removeAll { $0.approval.id == id }
        case .worktreePrepared(let id, let worktree):
            try update(id, fact) { task throws(IllegalTransition) in try task.worktreePrepared(worktree) }
        // A record of what was done; nothing waits for it.
        case .treeSetUp: break
        case .worktreeMoved(let id, let base):
            try update(id, fact) { task throws(IllegalTransition) in try task.worktreeMoved(to: base) }
        case .snapshotTaken(let id, let record):
            try update(id, fact) { task throws(IllegalTransition) in try task.snapshotTaken(record) }
        case .collisionsFound(let id, let collisions):
            try update(id, fact) { task in task.collisions = collisions }
        case .candidateTaken(let id, let attempt, let candidate, let snapshot):
            try update(id, fact) { task throws(IllegalTransition) in
                try task.candidateTaken(candidate, attempt: attempt, snapshot: snapshot)
            }
        case .attemptFailed(let id, let attempt, let failure, let problem):
            let limits = limits
            try update(id, fact) { task throws(IllegalTransition) in
                try task.attemptFailed(attempt: attempt, failure: failure, problem: problem, limits: limits)
            }
        case .checksFinished(let id, let results):
            let limits = limits
            try update(id, fact) { task throws(IllegalTransition) in
                try task.checksFinished(results, limits: limits)
            }
        case .reviewFinished(let id, let round, let verdict):
            let limits = limits
            try update(id, fact) { task throws(IllegalTransition) in
                try task.reviewFinished(verdict, round: round, limits: limits)
            }
        case .landingEvaluated(let id, let delta, let policies, let evaluation, let approval):
            try update(id, fact) { task throws(IllegalTransition) in
                try task.landingEvaluated(
                    delta: delta, policies: policies, evaluation: evaluation, approval: approval)
            }
            if let approval { openApprovals.append(approval) }
        case .mergeStarted(let id):
            try update(id, fact) { task throws(IllegalTransition) in try task.mergeStarted() }
        case .mergeBuilt(let id, let merge):
            let limits = limits
            try update(id, fact) { task throws(IllegalTransition) in
                try task.mergeBuilt(merge, limits: limits)
            }
        case .mergeConflicted(let id, let head, let tree, let paths):
            let limits = limits
            try update(id, fact) { task throws(IllegalTransition) in
                try task.mergeConflicted(head: head, tree: tree, paths: paths, limits: limits)
            }
        case .targetMoved(let id, _):
            try update(id, fact) { task throws(IllegalTransition) in try task.targetMoved() }
        case .approvalVoided(let id, let reason):
            let limits = limits
            try update(id, fact) { task throws(IllegalTransition) in
                try task.approvalVoided(reason, limits: limits)
            }
        case .landed(let id, let commit, let sameVendor):
            try update(id, fact) { task throws(IllegalTransition) in
                try task.landed(commit, sameVendor: sameVendor)
            }
        case .worktreeReleased(let id): try update(id, fact) { task in task.worktreeIsReleased = true }
        case .taskHeld(let id, let problem):
            try update(id, fact) { task throws(IllegalTransition) in try task.held(problem) }
        case .runHeld(let problem): phase = .held(problem)
        case .landingRetried(let id, let checkout, let newTarget):
            if let checkout { updateCheckout = checkout }
            if let newTarget { target = newTarget }
            try update(id, fact) { task in task.resume() }
        case .runStopped:
            isStopped = true
            pauses = []
        case .paused(let task, let person):
            guard pauseRefusal(of: task) == nil else { throw illegal(fact) }
            pauses.append(Pause(task: task, by: person))
        case .unpaused(let task, _):
            guard pauses.contains(where: { task == nil || $0.task == task }) else { throw illegal(fact) }
            pauses.removeAll { task == nil || $0.task == task }
        case .runResumed: resume()
        }
    }

    /// Marks the sessions a fact was drawn from, so that a restart does not draw it twice.
    private mutating func useSessions(_ fact: RunFact) {
        switch fact {
        case .candidateTaken(let task, _, _, _), .attemptFailed(let task, _, _, _):
            use(where: { $0.role == .author && $0.task == task })
        case .reviewFinished(let task, _, _): use(where: { $0.role == .reviewer && $0.task == task })
        case .taskHeld(let task, _): use(where: { $0.task == task })
        case .planProposed, .planRefused, .runHeld: use(where: { $0.role == .planner })
        case .runStopped:
            use(where: { _ in true })
            for index in sessions.indices where sessions[index].outcome == nil {
                sessions[index].isCutShort = true
            }
        case .sessionEnded(let id, _):
            let (isStopped, isCutShort) = (isStopped, session(id)?.isCutShort ?? false)
            use(where: { isStopped || $0.id == id && isCutShort })
        case .runRequested, .baseProven, .baseRefused, .sessionStarted, .toolDecided, .approvalRequested,
            .approvalAnswered,
            .answerDelivered, .worktreePrepared, .treeSetUp, .snapshotTaken, .collisionsFound, .worktreeMoved,
            .checksFinished, .landingEvaluated,
            .mergeStarted,
            .mergeBuilt, .mergeConflicted, .targetMoved, .approvalVoided, .landed, .worktreeReleased,
            .landingRetried, .runResumed, .paused, .unpaused:
            break
        }
    }
    private mutating func use(where isConcerned: (SessionRecord) -> Bool) {
        for index in sessions.indices
        where sessions[index].outcome != nil && isConcerned(sessions[index].record) {
            sessions[index].isUsed = true
        }
    }

    private mutating func resume() {
        isStopped = false
        switch phase {
        case .held:
            // What held the run as a whole is tried again from where it stood.
            phase = plan == nil ? (baseResults.isEmpty || !baseIsGreen ? .proving : .planning) : .building
        case .failed:
            planTries = 0
            // A plan that a person denied has no tasks to go on with: another is made.
            if tasks.isEmpty { plan = nil }
            phase = plan == nil ? .planning : .building
        case .proving, .planning, .planProposed, .building: break
        }
        for index in tasks.indices { tasks[index].resume() }
    }
    private var baseIsGreen: Bool { baseResults.allSatisfy { $0.outcome == .passed } }

    private mutating func accept(_ plan: Plan) {
        let authors = request.agents.authors
        tasks = plan.tasks.enumerated().map { index, task in
            TaskLifecycle(task: task, author: authors[index % authors.count])
        }
        phase = .building
    }

    private mutating func answer(
        _ id: ApprovalID, allowed: Bool, by person: String, note: String?, _ fact: RunFact
    ) throws(IllegalTransition) {
        guard let index = openApprovals.firstIndex(where: { $0.id == id }) else { throw illegal(fact) }
        let approval = openApprovals[index]
        switch approval.subject {
        case .plan:
            guard phase == .planProposed, let plan else { throw illegal(fact) }
            openApprovals.remove(at: index)
            if allowed {
                accept(plan)
            } else {
                phase = .failed(
                    Problem(
                        "\(person) denied the plan.", hint: "State the goal anew.", blame: .user,
                        exitCode: .denied))
            }
        case .tool:
            // The question stays open until the runner has the answer; a second answer changes nothing.
            guard !undelivered.contains(where: { $0.approval.id == id }) else { throw illegal(fact) }
            undelivered.append(AnsweredApproval(approval: approval, allowed: allowed, by: person, note: note))
        case .copy(_, let digest):
            guard phase == .proving else { throw illegal(fact) }
            openApprovals.remove(at: index)
            if allowed {
                approvedCopies = digest
            } else {
                phase = .held(
                    Problem(
                        "\(person) denied that files which look like secrets are copied as they are.",
                        hint: "Take `raw: true` from `worktree: copy:` and start a new run.", blame: .user,
                        exitCode: .denied))
            }
        case .land:
            guard let task = approval.task else { throw illegal(fact) }
            openApprovals.remove(at: index)
            try update(task, fact) { task throws(IllegalTransition) in
                try task.approvalAnswered(id, allowed: allowed, by: person)
            }
        }
    }

    private mutating func endSession(
        _ id: SessionID, _ outcome: SessionOutcome, _ fact: RunFact
    ) throws(IllegalTransition) {
        guard let index = sessions.firstIndex(where: { $0.record.id == id }), sessions[index].outcome == nil
        else {
            throw illegal(fact)
        }
        sessions[index].outcome = outcome
        let record = sessions[index].record
        // Nobody waits any more for the answers to a dead session's questions.
        openApprovals.removeAll {
            if case .tool(let session, _) = $0.subject { session == id } else { false }
        }
        undelivered.removeAll {
            if case .tool(let session, _) = $0.approval.subject { session == id } else { false }
        }
        if record.role == .author, let task = record.task {
            try update(task, fact) { task in
                task.authorVendors = Set(task.authorVendors + outcome.vendors).sorted()
                task.authorsAreRehearsed = task.authorsAreRehearsed || outcome.isRehearsed
            }
        }
    }

    private mutating func update(
        _ id: TaskID, _ fact: RunFact, _ change: (inout TaskLifecycle) throws(IllegalTransition) -> Void
    ) throws(IllegalTransition) {
        guard let index = tasks.firstIndex(where: { $0.task.id == id }) else { throw illegal(fact) }
        try change(&tasks[index])
    }
    private mutating func update(
        _ id: SessionID, _ fact: RunFact, _ change: (inout SessionLedger) throws(IllegalTransition) -> Void
    ) throws(IllegalTransition) {
        guard let index = sessions.firstIndex(where: { $0.record.id == id }) else { throw illegal(fact) }
        try change(&sessions[index])
    }

    private func illegal(_ fact: RunFact) -> IllegalTransition {
        IllegalTransition(fact: fact.name, state: "\(state)")
    }
}
