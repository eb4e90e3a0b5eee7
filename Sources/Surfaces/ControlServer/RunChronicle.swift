internal import ControlProtocol
internal import Lifecycle
internal import Vocabulary

/// When things happened in a run and what was last seen of each task: what a view adds to the run's state.
///
/// Wall times come from the journal's records; they are shown, and never decide anything.
struct RunChronicle: Hashable, Sendable {
    private(set) var startedAt: Double = 0
    private(set) var lastAt: Double = 0
    private(set) var activity = ""
    private(set) var begun: [TaskID: Double] = [:]
    private(set) var ended: [TaskID: Double] = [:]
    private(set) var lastAction: [TaskID: String] = [:]
    private(set) var askedAt: [ApprovalID: Double] = [:]
    /// The facts as people read them, bounded to the newest.
    private(set) var events: [EventView] = []
    static let eventsMax = 5_000
    /// What was said of worktrees, which is the same for all of a run.
    private var saidOfWorktrees: Set<String> = []

    /// Notes a durable fact; returns it as people read it.
    @discardableResult
    mutating func note(_ fact: RunFact, sequence: Int64, at: Double, run: RunLifecycle) -> EventView {
        var fact = fact
        if case .worktreePrepared(let task, var worktree) = fact, let note = worktree.note,
            !saidOfWorktrees.insert(note).inserted
        {
            worktree.note = nil
            fact = .worktreePrepared(task: task, worktree: worktree)
        }
        if events.isEmpty { startedAt = at }
        lastAt = at
        if let approval = fact.requestedApproval { askedAt[approval.id] = at }
        let wording = EventWording.describe(fact, in: run)
        let task = fact.task ?? fact.session.flatMap { run.session($0)?.record.task }
        if let task {
            if begun[task] == nil { begun[task] = at }
            // What became of it is worth more than that its worktree was tidied away.
            if !fact.isHousekeeping { lastAction[task] = wording.text }
            ended[task] = run.task(task)?.displayState.isSettled ?? false ? (ended[task] ?? at) : nil
        } else {
            activity = wording.text
        }
        let event = EventView(
            sequence: sequence, at: at, run: run.request.run, task: task, kind: fact.name, text: wording.text,
            tone: wording.tone)
        events.append(event)
        if events.count > Self.eventsMax { events.removeFirst(events.count - Self.eventsMax) }
        return event
    }

    /// Notes what an agent or a stage is doing; gone after a restart.
    mutating func note(_ text: String, task: TaskID?) {
        if let task { lastAction[task] = text } else { activity = text }
    }

    func view(of run: RunLifecycle, stall: Problem?) -> RunView {
        let request = run.request
        return RunView(
            id: request.run, goal: request.goal, repository: request.repository, target: run.targetBranch,
            base: request.base, state: run.state, tasks: run.tasks.map { view(of: $0, in: run) },
            waiting: run.openApprovals.filter { open in
                !run.undelivered.contains { $0.approval.id == open.id }
            }
            .map { view(of: $0, in: run) },
            spend: run.spend, spendIsPartial: run.spendIsPartial, isRehearsed: request.isRehearsed,
            startedAt: startedAt,
            endedAt: run.state.isSettled || stall != nil ? lastAt : nil, activity: activity,
            problem: stall ?? run.problem,
            exit: stall?.exitCode ?? run.exitCode, pausedBy: run.pause(of: nil)?.by)
    }

    private func view(of task: TaskLifecycle, in run: RunLifecycle) -> TaskView {
        let id = task.task.id
        let sessions = run.sessions.filter { $0.record.task == id }
        return TaskView(
            id: id, title: task.task.title, state: task.displayState, attempt: task.attempt,
            agent: task.author.name.rawValue,
            harness: task.author.harness.rawValue, authorVendors: task.authorVendors,
            reviewerVendors: task.lastVerdict?.reviewerVendors ?? [], lastAction: lastAction[id] ?? "",
            startedAt: begun[id], endedAt: ended[id],
            spend: sessions.reduce(.zero) { $0 + ($1.outcome?.cost ?? .zero) },
            worktree: task.worktreeIsReleased ? nil : task.worktree?.path, landedCommit: task.landedCommit,
            problem: task.problem, collisions: task.hasLiveWorktree ? task.collisions : [],
            pausedBy: task.displayState.isSettled ? nil : run.pause(of: id)?.by)
    }

    func view(of approval: ApprovalRequest, in run: RunLifecycle) -> ApprovalView {
        let subject: String
        let bound: String
        switch approval.subject {
        case .plan: (subject, bound) = ("plan", run.plan.map { "\($0.tasks.count) tasks" } ?? "")
        case .tool(let session, let call):
            (subject, bound) = ("tool", "\(session) \(call?.id.rawValue ?? "")")
        case .land(let delta, _): (subject, bound) = ("land", delta.rawValue)
        case .copy(_, let digest): (subject, bound) = ("copy", digest.rawValue)
        }
        return ApprovalView(
            id: approval.id, run: run.request.run, task: approval.task, subject: subject, text: approval.text,
            reasons: approval.evaluation.reasons, boundTo: bound, askedAt: askedAt[approval.id] ?? lastAt)
    }
}

extension RunFact {
    /// Says nothing of how the task goes.
    var isHousekeeping: Bool {
        switch self {
        case .worktreeReleased, .snapshotTaken: true
        case .runRequested, .baseProven, .baseRefused, .sessionStarted, .toolDecided, .sessionEnded,
            .planProposed, .planRefused, .approvalRequested, .approvalAnswered, .answerDelivered,
            .worktreePrepared, .treeSetUp, .worktreeMoved, .collisionsFound, .candidateTaken,
            .attemptFailed,
            .checksFinished, .reviewFinished, .landingEvaluated, .mergeStarted, .mergeBuilt,
            .mergeConflicted, .targetMoved, .approvalVoided, .landed, .taskHeld, .runHeld, .landingRetried,
            .runStopped, .runResumed, .paused, .unpaused:
            false
        }
    }

    /// The question this fact asks.
    var requestedApproval: ApprovalRequest? {
        switch self {
        case .approvalRequested(let approval): approval
        case .landingEvaluated(_, _, _, _, let approval): approval
        case .runRequested, .baseProven, .baseRefused, .sessionStarted, .toolDecided, .sessionEnded,
            .planProposed,
            .planRefused, .approvalAnswered, .answerDelivered, .worktreePrepared, .treeSetUp, .worktreeMoved,
            .snapshotTaken, .collisionsFound, .candidateTaken,
            .attemptFailed, .checksFinished, .reviewFinished, .mergeStarted, .mergeBuilt, .mergeConflicted,
            .targetMoved,
            .approvalVoided, .landed, .worktreeReleased, .taskHeld, .runHeld, .landingRetried, .runStopped,
            .runResumed, .paused, .unpaused:
            nil
        }
    }

    /// The session this fact is about.
    var session: SessionID? {
        switch self {
        case .sessionStarted(let session): session.id
        case .toolDecided(let id, _, _, _), .sessionEnded(let id, _): id
        case .runRequested, .baseProven, .baseRefused, .planProposed, .planRefused, .approvalRequested,
            .approvalAnswered,
            .answerDelivered, .worktreePrepared, .treeSetUp, .worktreeMoved, .snapshotTaken, .collisionsFound,
            .candidateTaken, .attemptFailed,
            .checksFinished,
            .reviewFinished, .landingEvaluated, .mergeStarted, .mergeBuilt, .mergeConflicted, .targetMoved,
            .approvalVoided,
            .landed, .worktreeReleased, .taskHeld, .runHeld, .landingRetried, .runStopped, .runResumed,
            .paused, .unpaused:
            nil
        }
    }
}
