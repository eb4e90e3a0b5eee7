package import Lifecycle
package import Vocabulary

/// What a run lets others know.
package enum RunNotice: Sendable {
    /// These facts are durable, with their sequence numbers, and led to this state.
    case recorded(facts: [(sequence: Int64, fact: RunFact)], run: RunLifecycle)
    /// Something an agent did; it stands in the session's spool.
    case session(id: SessionID, role: SessionRole, task: TaskID?, event: SessionEvent)
    /// What a stage is doing just now.
    case activity(task: TaskID?, text: String)
    /// The journal refused a fact: nothing goes on until the run is resumed.
    case stalled(problem: Problem)
}

/// Drives one run: takes facts in one order, appends them, applies them, performs what the new state wants.
///
/// All facts pass one intake. They are tried on a copy of the state, appended in one group, and only then do
/// they count; effects begin after that. So what the journal holds is never behind what was acted on.
package actor RunConductor {
    package private(set) var run: RunLifecycle
    /// Why nothing goes on; nil while the journal takes facts.
    package private(set) var stall: Problem?

    private let append: @Sendable ([RunFact]) async throws -> [Int64]
    let stages: StageActions
    let host: SessionHost
    let notify: @Sendable (RunNotice) -> Void

    private struct Intake {
        let facts: [RunFact]
        let taken: CheckedContinuation<RunLifecycle, any Error>
    }
    private var intake: [Intake] = []
    private var isDraining = false
    private var underWay: [RunEffect: Task<Void, Never>] = [:]
    private var isStarted = false
    /// Sessions whose beginning is being written down, with the part of the budget they were given.
    var beginning: [SessionID: SessionRecord] = [:]
    /// Who is told when a turn ends, by the task it is about.
    var turnListeners: [TaskID: AsyncStream<EndedTurn>.Continuation] = [:]
    /// Counts applied batches; an effect that ends without moving it would be begun for ever.
    private var revision = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []
    /// Sessions that wait to begin until a pause is over.
    var held: [CheckedContinuation<Void, Never>] = []

    package init(
        run: RunLifecycle, append: @escaping @Sendable ([RunFact]) async throws -> [Int64],
        stages: StageActions,
        host: SessionHost, notify: @escaping @Sendable (RunNotice) -> Void
    ) {
        self.run = run
        self.append = append
        self.stages = stages
        self.host = host
        self.notify = notify
    }

    /// Begins what the state wants. Called once, after the run's facts were folded.
    package func start() {
        isStarted = true
        pump()
    }

    /// Appends facts, all or none, and returns the state after them.
    @discardableResult
    package func record(_ facts: [RunFact]) async throws -> RunLifecycle {
        try await withCheckedThrowingContinuation { continuation in
            intake.append(Intake(facts: facts, taken: continuation))
            guard !isDraining else { return }
            isDraining = true
            Task { await drain() }
        }
    }

    /// Clears a stall and goes on; facts that were refused are found again by the effects that led to them.
    package func resume(by person: String) async throws {
        stall = nil
        try await record([.runResumed(by: person)])
    }

    /// Returns when nothing is under way any more.
    package func waitUntilIdle() async {
        while !underWay.isEmpty || isDraining {
            await withCheckedContinuation { waiters.append($0) }
        }
    }

    private func drain() async {
        while !intake.isEmpty {
            let batch = intake
            intake = []
            var next = run
            var accepted: [Intake] = []
            for item in batch {
                var trial = next
                do {
                    for fact in item.facts { try trial.apply(fact) }
                    next = trial
                    accepted.append(item)
                } catch {
                    item.taken.resume(throwing: error)
                }
            }
            guard !accepted.isEmpty else { continue }
            let facts = accepted.flatMap(\.facts)
            do {
                let sequences = try await append(facts)
                run = next
                revision += 1
                notify(.recorded(facts: Array(zip(sequences, facts)), run: next))
                wakeHeld()
                for item in accepted { item.taken.resume(returning: next) }
                pump()
            } catch {
                let problem = Problem(error)
                stall = problem
                notify(.stalled(problem: problem))
                for item in accepted { item.taken.resume(throwing: error) }
            }
        }
        isDraining = false
        wakeIfIdle()
    }

    /// Starts what is wanted and not under way, and cancels what is under way and no longer wanted.
    private func pump() {
        guard isStarted, stall == nil else { return }
        let wanted = run.wanted
        for (effect, task) in underWay where !wanted.contains(effect) { task.cancel() }
        for effect in wanted where underWay[effect] == nil && mayBegin(effect) {
            let begunIn = run
            let begunAt = revision
            underWay[effect] = Task { await self.carryOut(effect, in: begunIn, begunAt: begunAt) }
        }
        answerAutomatically()
    }

    private func carryOut(_ effect: RunEffect, in state: RunLifecycle, begunAt: Int) async {
        do {
            let facts = try await perform(effect, in: state)
            // What a stopped stage concludes no longer counts, and is begun anew when the run goes on; but a
            // branch that has moved has moved.
            if !facts.isEmpty, !Task.isCancelled || effect.movesTarget { try await record(facts) }
        } catch {
            await conclude(effect, with: error)
        }
        underWay[effect] = nil
        if revision == begunAt, stall == nil, !Task.isCancelled, run.wanted.contains(effect) {
            await conclude(
                effect,
                with: Problem(
                    "The step \(effect) ended without a result.",
                    hint: "Please report this with `graftwork audit`."))
        }
        pump()
        wakeIfIdle()
    }

    /// Turns an error into the fact that holds what failed. Nothing is recorded for a stop, or while the
    /// journal refuses.
    private func conclude(_ effect: RunEffect, with error: any Error) async {
        guard stall == nil, !Task.isCancelled, !(error is CancellationError) else { return }
        let problem = Problem(error)
        do {
            switch effect {
            case .proveBase, .plan, .askPlanApproval: try await record([.runHeld(problem: problem)])
            case .deliverAnswer(let approval):
                // Nobody waits for it any more, or nobody can be reached: trying for ever would mend neither.
                notify(.activity(task: nil, text: problem.description))
                try await record([.answerDelivered(approval: approval)])
            case .releaseWorktree(let task):
                // It stays on disk and in `worktree ls`; nothing is lost by going on.
                notify(.activity(task: task, text: problem.description))
                try await record([.worktreeReleased(task: task)])
            case .prepareWorktree(let task), .author(let task, _), .check(let task, _),
                .review(let task, _, _),
                .settleLanding(let task, _), .testMerge(let task), .land(let task, _):
                try await record([.taskHeld(task: task, problem: problem)])
            }
        } catch {
            notify(
                .activity(
                    task: effect.task,
                    text: "\(Problem(error).description) (while recording: \(problem.description))"))
        }
    }

    private func answerAutomatically() {
        guard run.request.answersYes else { return }
        let unanswered = run.openApprovals.filter { open in
            !open.subject.needsOwnAnswer && !run.undelivered.contains { $0.approval.id == open.id }
        }
        guard !unanswered.isEmpty else { return }
        let person = "\(run.request.person) (--yes)"
        Task {
            for approval in unanswered {
                do {
                    try await record([
                        .approvalAnswered(approval: approval.id, allowed: true, by: person, note: nil)
                    ])
                } catch is IllegalTransition {
                    // Another answer was first; it counts.
                } catch {
                    notify(.stalled(problem: Problem(error)))
                }
            }
        }
    }

    private func wakeIfIdle() {
        guard underWay.isEmpty, !isDraining else { return }
        let woken = waiters
        waiters = []
        for waiter in woken { waiter.resume() }
    }
}
