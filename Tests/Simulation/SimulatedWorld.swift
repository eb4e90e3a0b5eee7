package import Lifecycle
package import Vocabulary

/// A world with state in which the effects of a run come true, fail, or are lost, as a seed decides.
///
/// It keeps the target branch itself, so that what really landed can be compared with what the run believes.
package struct SimulatedWorld: Sendable {
    package private(set) var head = ObjectID("base")
    /// Every commit the branch ever had, in order.
    package private(set) var history: [ObjectID] = [ObjectID("base")]
    /// What was shown for each commit when it landed.
    package private(set) var landedWith:
        [ObjectID: (evidence: Evidence, clearance: Clearance, merge: MergeRecord)] = [:]
    private var serial = 0
    private var generator: SeededGenerator

    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func name(_ stem: String) -> String {
        serial += 1
        return "\(stem)\(serial)"
    }
    private mutating func oneIn(_ n: Int) -> Bool { generator.oneIn(n) }

    /// Somebody else commits to the target now and then.
    package mutating func stir() {
        guard oneIn(12) else { return }
        head = ObjectID(name("stranger"))
        history.append(head)
    }

    /// The facts that conclude an effect; empty: the effect was lost in a crash, and its outcome with it.
    package mutating func perform(_ effect: RunEffect, in run: RunLifecycle, plan: Plan) -> [RunFact] {
        stir()
        // A crash before anything was done, or after it was done and before it was written down.
        let isLost = oneIn(7)
        let facts = outcome(of: effect, in: run, plan: plan)
        return isLost ? [] : facts
    }

    private mutating func outcome(of effect: RunEffect, in run: RunLifecycle, plan: Plan) -> [RunFact] {
        switch effect {
        case .proveBase:
            return oneIn(9)
                ? [.baseRefused(problem: SampleRun.problem(), results: SampleRun.results("base", .failed))]
                : [.baseProven(results: SampleRun.results("base"))]
        case .plan:
            return oneIn(5) ? [.planRefused(problem: SampleRun.problem())] : [.planProposed(plan: plan)]
        case .askPlanApproval:
            return [.approvalRequested(approval: approval("plan", task: nil, .plan))]
        case .prepareWorktree(let id): return [.worktreePrepared(task: id, worktree: SampleRun.worktree)]
        case .author(let id, let attempt): return author(id, attempt, in: run)
        case .check(let id, let tree):
            return [
                .checksFinished(
                    task: id, results: SampleRun.results(tree.rawValue, oneIn(4) ? .failed : .passed))
            ]
        case .review(let id, let round, _): return review(id, round, in: run)
        case .settleLanding(let id, let delta): return settle(id, delta)
        case .testMerge(let id): return testMerge(id, in: run)
        case .land(let id, let commit): return land(id, commit, in: run)
        case .releaseWorktree(let id): return [.worktreeReleased(task: id)]
        case .deliverAnswer(let id): return [.answerDelivered(approval: id)]
        }
    }

    private mutating func author(_ id: TaskID, _ attempt: Int, in run: RunLifecycle) -> [RunFact] {
        guard let task = run.task(id) else { return [] }
        var facts: [RunFact] = []
        if let move = task.pendingMove { facts.append(.worktreeMoved(task: id, base: move.base)) }
        let session = SessionID(name("s"))
        facts.append(
            .sessionStarted(
                session: SessionRecord(
                    id: session, role: .author, task: id, attempt: attempt, agent: task.author,
                    directory: "/s", uid: nil)))
        // Saved while it is at work, and collides with somebody now and then.
        for number in 0..<2 where oneIn(3) {
            facts.append(snapshot(of: task, session, attempt, .minute, number: task.snapshots + 1 + number))
        }
        if oneIn(4) {
            let other = Collision(run: RunID("r2"), task: TaskID("x"), paths: ["a"])
            facts.append(.collisionsFound(task: id, collisions: oneIn(2) ? [other] : []))
        }
        let vendor = run.request.expectedVendor(of: task.author) ?? .unknown
        let failed = oneIn(5)
        facts.append(
            .sessionEnded(
                session: session,
                outcome: SessionOutcome(
                    result: failed
                        ? .failed(reason: .crashed, message: "crash") : .completed(text: "", structured: nil),
                    vendors: [vendor])))
        facts.append(snapshot(of: task, session, attempt, .turn, number: task.snapshots + 3))
        if failed {
            facts.append(
                .attemptFailed(task: id, attempt: attempt, failure: .crashed, problem: SampleRun.problem()))
        } else {
            let base = task.pendingMove?.base ?? task.worktree?.base ?? ObjectID("base")
            facts.append(
                .candidateTaken(
                    task: id, attempt: attempt,
                    candidate: SampleRun.candidate(name("tree"), base: base.rawValue),
                    snapshot: attempt))
        }
        return facts
    }

    private mutating func snapshot(
        of task: TaskLifecycle, _ session: SessionID, _ attempt: Int, _ occasion: SnapshotRecord.Occasion,
        number: Int
    ) -> RunFact {
        let tree = name("saved")
        return .snapshotTaken(
            task: task.task.id,
            snapshot: SnapshotRecord(
                number: number, tree: ObjectID(tree), commit: ObjectID("\(tree)-commit"),
                base: task.worktree?.base ?? ObjectID("base"), attempt: attempt, occasion: occasion,
                session: session, turn: occasion == .turn ? 1 : nil))
    }

    private mutating func review(_ id: TaskID, _ round: Int, in run: RunLifecycle) -> [RunFact] {
        guard let task = run.task(id), case .reviewing(let candidate, _) = task.state else { return [] }
        let outcome: Verdict.Outcome = oneIn(3) ? .requestChanges : oneIn(9) ? .incomplete : .approve
        let vendor: Vendor = task.authorVendors.contains(.anthropic) ? .openai : .anthropic
        return [
            .reviewFinished(
                task: id, round: round, verdict: SampleRun.verdict(outcome, of: candidate, by: vendor))
        ]
    }

    private mutating func settle(_ id: TaskID, _ delta: Digest) -> [RunFact] {
        let decision: Decision = oneIn(3) ? .ask : oneIn(9) ? .deny : .allow
        let question =
            decision == .ask
            ? approval(name("land"), task: id, .land(delta: delta, policies: Digest("p"))) : nil
        return [
            .landingEvaluated(
                task: id, delta: delta, policies: Digest("p"), evaluation: SampleRun.evaluation(decision),
                approval: question)
        ]
    }

    private mutating func testMerge(_ id: TaskID, in run: RunLifecycle) -> [RunFact] {
        let evidence: Evidence
        var facts: [RunFact] = []
        switch run.task(id)?.state {
        case .queued(let queued, _):
            evidence = queued
            facts.append(.mergeStarted(task: id))
        case .testing(let queued, _): evidence = queued
        default: return []
        }
        if head != evidence.candidate.base, oneIn(5) {
            return facts + [
                .mergeConflicted(task: id, head: head, tree: ObjectID(name("marked")), paths: ["a"])
            ]
        }
        var landing = evidence.candidate
        if head != evidence.candidate.base {
            let changesDelta = oneIn(4)
            landing = SampleRun.candidate(
                name("merged"), base: head.rawValue,
                delta: changesDelta ? nil : evidence.candidate.delta.digest.rawValue)
        }
        let merge = MergeRecord(
            head: head, tree: landing.tree, commit: ObjectID(name("commit")), candidate: landing,
            checks: SampleRun.results(landing.tree.rawValue, oneIn(6) ? .failed : .passed))
        return facts + [.mergeBuilt(task: id, merge: merge)]
    }

    private mutating func land(_ id: TaskID, _ commit: ObjectID, in run: RunLifecycle) -> [RunFact] {
        guard case .landing(let evidence, let clearance, let merge) = run.task(id)?.state else { return [] }
        if head == commit { return [.landed(task: id, commit: commit, sameVendor: false)] }
        guard head == merge.head else {
            // Landed by an earlier try, and somebody else went on from there.
            if history.contains(commit) { return [.landed(task: id, commit: commit, sameVendor: false)] }
            return [.targetMoved(task: id, actual: head)]
        }
        if oneIn(8) { return [.taskHeld(task: id, problem: SampleRun.problem("The checkout is dirty."))] }
        if oneIn(10) { return [.approvalVoided(task: id, reason: "the policies changed")] }
        head = commit
        history.append(commit)
        landedWith[commit] = (evidence, clearance, merge)
        return [.landed(task: id, commit: commit, sameVendor: false)]
    }

    private func approval(_ id: String, task: TaskID?, _ subject: ApprovalRequest.Subject) -> ApprovalRequest
    {
        ApprovalRequest(
            id: ApprovalID(id), task: task, subject: subject, text: "May it?",
            evaluation: SampleRun.evaluation(.ask))
    }

    /// What a person does when nothing goes on by itself: answers, resumes, or gives up.
    package mutating func person(in run: RunLifecycle) -> [RunFact] {
        if let open = run.openApprovals.first(where: { open in
            !run.undelivered.contains { $0.approval.id == open.id }
        }) {
            return [.approvalAnswered(approval: open.id, allowed: !oneIn(6), by: "ada", note: nil)]
        }
        if !run.isStopped, let held = run.tasks.first(where: \.isHeldAtGate), oneIn(2) {
            return [.landingRetried(task: held.task.id, updateCheckout: true, target: nil)]
        }
        return run.needsResuming ? [.runResumed(by: "ada")] : []
    }

    /// Now and then a person stops a run that is at work.
    package mutating func interruption(of run: RunLifecycle) -> [RunFact] {
        !run.state.isSettled && oneIn(80) ? [.runStopped(by: "ada")] : []
    }
}
