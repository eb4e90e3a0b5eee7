package import Vocabulary
internal import Workflows

/// The state of a run: a fold over its facts, and the effects that state wants.
///
/// ```
/// proving → planning → (awaitingApproval) → building → settled
/// ```
/// `apply` takes a fact; `wanted` says what should be under way now. A conductor that was killed folds the
/// journal again and performs what is wanted: there is no other recovery.
package struct RunLifecycle: Hashable, Sendable {
    package enum Phase: Hashable, Sendable {
        case proving
        case planning
        /// The plan waits for its question to be asked, then for the answer.
        case planProposed
        case building
        case held(Problem)
        case failed(Problem)
    }

    package let request: RunRequest
    package internal(set) var phase: Phase = .proving
    package internal(set) var isStopped = false
    /// What persons paused, the oldest first.
    package internal(set) var pauses: [Pause] = []
    package internal(set) var plan: Plan?
    package internal(set) var planTries = 0
    /// In the plan's order.
    package internal(set) var tasks: [TaskLifecycle] = []
    /// Tasks in the order they came to the queue; the oldest is tested and landed first.
    package internal(set) var queue: [TaskID] = []
    package internal(set) var sessions: [SessionLedger] = []
    package internal(set) var openApprovals: [ApprovalRequest] = []
    /// Answers that a runner still waits for.
    package internal(set) var undelivered: [AnsweredApproval] = []
    /// Overrides of the request by a person who tried a held landing again.
    package internal(set) var updateCheckout: Bool?
    package internal(set) var target: String
    package internal(set) var baseResults: [CheckResult] = []
    /// The raw copies a person said yes to.
    package internal(set) var approvedCopies: Digest?

    /// A person's word that nothing new begins and sessions stand still.
    package struct Pause: Hashable, Sendable {
        /// nil: the whole run.
        package var task: TaskID?
        package var by: String
    }

    /// One session with its sums.
    package struct SessionLedger: Hashable, Sendable {
        package var record: SessionRecord
        package var outcome: SessionOutcome?
        /// The spool's last event that reached the journal.
        package var lastNumber = 0
        package var refusals = 0
        /// A later fact was drawn from its outcome, or a stop made it worthless: never used again.
        package var isUsed = false
        /// A person stopped the run while it was at work: its outcome says nothing about the task.
        package var isCutShort = false
    }

    package struct AnsweredApproval: Hashable, Sendable {
        package var approval: ApprovalRequest
        package var allowed: Bool
        package var by: String
        package var note: String?
    }

    package init(request: RunRequest) {
        self.request = request
        self.target = request.target
        self.updateCheckout = request.updateCheckout
    }

    /// Folds a run's facts; the first must be `runRequested`.
    package init(folding facts: some Sequence<RunFact>) throws(IllegalTransition) {
        var iterator = facts.makeIterator()
        guard case .runRequested(let request) = iterator.next() else {
            throw IllegalTransition(fact: "first", state: "not yet requested")
        }
        self.init(request: request)
        while let fact = iterator.next() { try apply(fact) }
    }

    package func task(_ id: TaskID) -> TaskLifecycle? { tasks.first { $0.task.id == id } }
    package func session(_ id: SessionID) -> SessionLedger? { sessions.first { $0.record.id == id } }

    /// The session begun for this role, task and attempt from which no fact was drawn yet; what a restarted
    /// conductor reattaches to, or whose outcome it takes.
    package func unusedSession(role: SessionRole, task: TaskID?, attempt: Int) -> SessionLedger? {
        sessions.last {
            !$0.isUsed && $0.record.role == role && $0.record.task == task && $0.record.attempt == attempt
        }
    }

    package var spend: Money { sessions.reduce(.zero) { $0 + ($1.outcome?.cost ?? .zero) } }
    package var spendIsPartial: Bool { sessions.contains { $0.outcome.map { $0.cost == nil } ?? false } }
    /// What the run may still spend; nil: no limit.
    package var spendLeft: Money? {
        request.workflow.budget.stopAt.map {
            Money(microdollars: max(0, $0.microdollars - spend.microdollars))
        }
    }

    /// What one more session may spend, so that all that are at work together stay within the run's limit;
    /// nil: no limit.
    ///
    /// A session is stopped on the wire by a limit of its own, which no server is needed for. So what is left
    /// is shared out among those that may be at work side by side, and what one was given nobody else has
    /// until it ends.
    /// - Parameter beginning: sessions that have their part already and are not in the journal yet.
    package func allowance(beside beginning: [SessionRecord]) -> Money? {
        guard let left = spendLeft else { return nil }
        let known = sessions.filter { $0.outcome == nil }.map(\.record)
        let live = known + beginning.filter { session in !known.contains { $0.id == session.id } }
        let given = live.reduce(Int64(0)) { $0 + ($1.spendLimit?.microdollars ?? 0) }
        let places = max(1, (request.authorJob?.maxParallel ?? 1) - live.count)
        let waiting = tasks.count { task in
            (task.isAtWork || task.displayState == .planned && canStart(task))
                && !live.contains { $0.task == task.task.id }
        }
        let shares = Int64(max(1, min(places, waiting)))
        return Money(microdollars: max(0, left.microdollars - given) / shares)
    }

    var limits: TaskLimits {
        TaskLimits(
            sendBackMax: request.authorJob?.sendBackMax ?? 0, retryMax: request.authorJob?.retryMax ?? 0,
            reviewRounds: request.authorJob?.review.rounds ?? 1)
    }

    package var state: RunState {
        if isStopped { return .stopped }
        switch phase {
        case .proving: return openApprovals.isEmpty ? .proving : .awaitingApproval
        case .planning: return .planning
        case .planProposed: return request.planOnly ? .planned : .awaitingApproval
        case .held: return .held
        case .failed: return .failed
        case .building:
            guard isQuiet else { return waitsForPerson ? .awaitingApproval : .building }
            let states = tasks.map(\.displayState)
            if states.allSatisfy({ $0 == .landed }) { return .landed }
            return states.contains(.held) ? .held : .failed
        }
    }

    /// No task can go on by itself.
    private var isQuiet: Bool {
        tasks.allSatisfy { task in
            if case .planned = task.state { return !canStart(task) }
            return task.displayState.isSettled && !wantsRelease(task)
        }
    }

    /// Every task that is not settled waits for a person's answer.
    private var waitsForPerson: Bool {
        guard !openApprovals.isEmpty else { return false }
        let asked = Set(openApprovals.compactMap(\.task))
        return tasks.allSatisfy { task in
            if case .planned = task.state { return true }
            return task.displayState.isSettled || asked.contains(task.task.id)
        }
    }

    package var problem: Problem? {
        switch phase {
        case .held(let problem), .failed(let problem): problem
        case .proving, .planning, .planProposed, .building: nil
        }
    }

    /// What a command that waited for the run exits with.
    package var exitCode: ExitCode {
        if isStopped { return .held }
        switch phase {
        case .held(let problem): return problem.exitCodeOfHold
        case .failed(let problem): return problem.exitCode
        case .proving, .planning, .planProposed, .building: break
        }
        switch state {
        case .landed, .planned: return .done
        case .proving, .planning, .awaitingApproval, .building: return .held
        case .held, .failed, .stopped:
            return ExitCode.strongest(
                of: tasks.compactMap { (task) -> ExitCode? in
                    if case .held(let problem, _) = task.state {
                        problem.exitCodeOfHold
                    } else {
                        task.problem?.exitCode
                    }
                })
        }
    }

    /// The branch the run lands on now, without `refs/heads/`: a person may have chosen another since it
    /// began.
    package var targetBranch: String {
        target.hasPrefix("refs/heads/") ? String(target.dropFirst("refs/heads/".count)) : target
    }

    func canStart(_ task: TaskLifecycle) -> Bool {
        task.task.dependsOn.allSatisfy { self.task($0)?.displayState == .landed }
    }
    func wantsRelease(_ task: TaskLifecycle) -> Bool {
        switch task.state {
        case .landed, .failed, .abandoned: task.worktree != nil && !task.worktreeIsReleased
        case .planned, .preparing, .authoring, .checking, .reviewing, .settling, .awaitingApproval, .queued,
            .testing,
            .landing, .held:
            false
        }
    }
}

extension Problem {
    /// What a hold waits for is a person, whoever failed before it; only what says more than that is kept.
    fileprivate var exitCodeOfHold: ExitCode {
        switch exitCode {
        case .done, .failed, .usage: .held
        case .held, .denied, .conflict, .budget: exitCode
        }
    }
}
