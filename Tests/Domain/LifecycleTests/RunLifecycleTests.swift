import Lifecycle
import Simulation
import Testing
import Vocabulary
import Workflows

@Suite("A run's lifecycle")
struct RunLifecycleTests {
    static let a = TaskID("a")
    static let candidate = SampleRun.candidate("t1")

    /// A run of one task, brought as far as these facts go.
    static func run(_ request: RunRequest = SampleRun.request(), _ facts: RunFact...) throws -> RunLifecycle {
        var run = RunLifecycle(request: request)
        for fact in facts { try run.apply(fact) }
        return run
    }
    static func building(_ plan: Plan = SampleRun.plan(SampleRun.task("a"))) throws -> RunLifecycle {
        try run(
            SampleRun.request(), .baseProven(results: SampleRun.results("base")), .planProposed(plan: plan))
    }
    static func reviewing() throws -> RunLifecycle {
        var run = try building()
        try run.apply(.worktreePrepared(task: a, worktree: SampleRun.worktree))
        try run.apply(.candidateTaken(task: a, attempt: 1, candidate: candidate, snapshot: 1))
        try run.apply(.checksFinished(task: a, results: SampleRun.results("t1")))
        return run
    }
    static func queued() throws -> RunLifecycle {
        var run = try reviewing()
        try run.apply(.reviewFinished(task: a, round: 1, verdict: SampleRun.verdict(.approve, of: candidate)))
        try run.apply(
            .landingEvaluated(
                task: a, delta: candidate.delta.digest, policies: Digest("p"),
                evaluation: SampleRun.allowed(), approval: nil))
        return run
    }
    static func merge(_ candidate: Candidate = candidate, checks: CheckResult.Outcome = .passed)
        -> MergeRecord
    {
        MergeRecord(
            head: candidate.base, tree: candidate.tree, commit: ObjectID("c1"), candidate: candidate,
            checks: SampleRun.results(candidate.tree.rawValue, checks))
    }

    @Test("proves the base before anything else is wanted")
    func provesBase() throws {
        #expect(try Self.run().wanted == [.proveBase])
    }

    @Test("spends nothing on a red base, and proves it again when it goes on")
    func redBase() throws {
        var run = try Self.run(
            SampleRun.request(),
            .baseRefused(problem: SampleRun.problem(), results: SampleRun.results("base", .failed)))
        #expect(run.state == .held)
        #expect(run.wanted.isEmpty)
        try run.apply(.runResumed(by: "ada"))
        #expect(run.wanted == [.proveBase])
    }

    @Test("walks one task from the plan to the branch")
    func happyPath() throws {
        var run = try Self.building()
        #expect(run.wanted == [.prepareWorktree(Self.a)])
        try run.apply(.worktreePrepared(task: Self.a, worktree: SampleRun.worktree))
        #expect(run.wanted == [.author(Self.a, attempt: 1)])
        try run.apply(.candidateTaken(task: Self.a, attempt: 1, candidate: Self.candidate, snapshot: 1))
        #expect(run.wanted == [.check(Self.a, tree: ObjectID("t1"))])
        try run.apply(.checksFinished(task: Self.a, results: SampleRun.results("t1")))
        #expect(run.wanted == [.review(Self.a, round: 1, tree: ObjectID("t1"))])
        try run.apply(
            .reviewFinished(task: Self.a, round: 1, verdict: SampleRun.verdict(.approve, of: Self.candidate)))
        #expect(run.wanted == [.settleLanding(Self.a, delta: Self.candidate.delta.digest)])
        run = try Self.queued()
        #expect(run.wanted == [.testMerge(Self.a)])
        try run.apply(.mergeStarted(task: Self.a))
        try run.apply(.mergeBuilt(task: Self.a, merge: Self.merge()))
        #expect(run.wanted == [.land(Self.a, commit: ObjectID("c1"))])
        try run.apply(.landed(task: Self.a, commit: ObjectID("c1"), sameVendor: false))
        #expect(run.wanted == [.releaseWorktree(Self.a)])
        #expect(run.state == .building)
        try run.apply(.worktreeReleased(task: Self.a))
        #expect(run.wanted.isEmpty)
        #expect(run.state == .landed)
        #expect(run.exitCode == .done)
    }

    @Test("gives tasks to the authors in turn, as many at once as the workflow allows")
    func parallel() throws {
        let run = try Self.building(
            SampleRun.plan(SampleRun.task("a"), SampleRun.task("b"), SampleRun.task("c")))
        #expect(run.tasks.map(\.author.name.rawValue) == ["builder", "second", "builder"])
        #expect(run.wanted == [.prepareWorktree(TaskID("a")), .prepareWorktree(TaskID("b"))])
    }

    @Test("begins a task only when what it depends on has landed, and gives it up when that is lost")
    func dependencies() throws {
        let plan = SampleRun.plan(SampleRun.task("a"), SampleRun.task("b", dependsOn: ["a"]))
        var run = try Self.building(plan)
        #expect(run.wanted == [.prepareWorktree(Self.a)])
        try run.apply(.worktreePrepared(task: Self.a, worktree: SampleRun.worktree))
        try run.apply(
            .attemptFailed(task: Self.a, attempt: 1, failure: .schema, problem: SampleRun.problem()))
        #expect(run.task(TaskID("b"))?.displayState == .abandoned)
    }

    @Test("does not land a candidate that changed after its review: a verdict on another tree is no fact")
    func changedCandidate() throws {
        var run = try Self.reviewing()
        let other = SampleRun.candidate("t2")
        #expect(throws: IllegalTransition.self) {
            try run.apply(
                .reviewFinished(task: Self.a, round: 1, verdict: SampleRun.verdict(.approve, of: other)))
        }
        #expect(run.wanted == [.review(Self.a, round: 1, tree: ObjectID("t1"))])
    }

    @Test("sends a merge whose delta differs from what was reviewed back through checks and review")
    func changedDelta() throws {
        var run = try Self.queued()
        try run.apply(.mergeStarted(task: Self.a))
        let moved = SampleRun.candidate("t9", base: "head2")
        try run.apply(.mergeBuilt(task: Self.a, merge: Self.merge(moved)))
        #expect(run.wanted == [.check(Self.a, tree: ObjectID("t9"))])
        try run.apply(.checksFinished(task: Self.a, results: SampleRun.results("t9")))
        #expect(run.wanted == [.review(Self.a, round: 2, tree: ObjectID("t9"))])
    }

    @Test("takes no result of checks on another tree, and no empty list of them")
    func foreignChecks() throws {
        var run = try Self.building()
        try run.apply(.worktreePrepared(task: Self.a, worktree: SampleRun.worktree))
        try run.apply(.candidateTaken(task: Self.a, attempt: 1, candidate: Self.candidate, snapshot: 1))
        #expect(throws: IllegalTransition.self) { try run.apply(.checksFinished(task: Self.a, results: [])) }
        #expect(throws: IllegalTransition.self) {
            try run.apply(.checksFinished(task: Self.a, results: SampleRun.results("t2")))
        }
    }

    @Test("holds for a person when a check did not run, instead of calling it passed or failed")
    func didNotRun() throws {
        var run = try Self.building()
        try run.apply(.worktreePrepared(task: Self.a, worktree: SampleRun.worktree))
        try run.apply(.candidateTaken(task: Self.a, attempt: 1, candidate: Self.candidate, snapshot: 1))
        try run.apply(.checksFinished(task: Self.a, results: SampleRun.results("t1", .didNotRun)))
        #expect(run.state == .held)
        #expect(run.exitCode == .held)
        try run.apply(.runResumed(by: "ada"))
        #expect(run.wanted == [.check(Self.a, tree: ObjectID("t1"))])
    }

    @Test("sends findings back to the author until the rounds are used up, then asks a person")
    func rounds() throws {
        var run = try Self.reviewing()
        try run.apply(
            .reviewFinished(
                task: Self.a, round: 1, verdict: SampleRun.verdict(.requestChanges, of: Self.candidate)))
        #expect(run.wanted == [.author(Self.a, attempt: 2)])
        let second = SampleRun.candidate("t2")
        try run.apply(.candidateTaken(task: Self.a, attempt: 2, candidate: second, snapshot: 2))
        try run.apply(.checksFinished(task: Self.a, results: SampleRun.results("t2")))
        try run.apply(
            .reviewFinished(task: Self.a, round: 2, verdict: SampleRun.verdict(.requestChanges, of: second)))
        #expect(run.state == .held)
        try run.apply(.runResumed(by: "ada"))
        #expect(run.wanted == [.author(Self.a, attempt: 3)])
    }

    @Test("starts a crashed session again as often as the workflow says, then holds the task")
    func crashes() throws {
        var run = try Self.building()
        try run.apply(.worktreePrepared(task: Self.a, worktree: SampleRun.worktree))
        let crash = RunFact.attemptFailed(
            task: Self.a, attempt: 1, failure: .crashed, problem: SampleRun.problem())
        try run.apply(crash)
        #expect(run.wanted == [.author(Self.a, attempt: 1)])
        try run.apply(crash)
        #expect(run.state == .held)
    }

    @Test("waits for a person where a policy asks, and never puts an unanswered task into the queue")
    func asks() throws {
        var run = try Self.reviewing()
        try run.apply(
            .reviewFinished(task: Self.a, round: 1, verdict: SampleRun.verdict(.approve, of: Self.candidate)))
        let question = ApprovalRequest(
            id: ApprovalID("q"), task: Self.a,
            subject: .land(delta: Self.candidate.delta.digest, policies: Digest("p")),
            text: "Land?", evaluation: SampleRun.evaluation(.ask))
        try run.apply(
            .landingEvaluated(
                task: Self.a, delta: Self.candidate.delta.digest, policies: Digest("p"),
                evaluation: SampleRun.evaluation(.ask),
                approval: question))
        #expect(run.state == .awaitingApproval)
        #expect(run.wanted.isEmpty)
        var denied = run
        try denied.apply(.approvalAnswered(approval: question.id, allowed: false, by: "ada", note: nil))
        #expect(denied.task(Self.a)?.displayState == .abandoned)
        #expect(denied.wanted == [.releaseWorktree(Self.a)])
        try denied.apply(.worktreeReleased(task: Self.a))
        #expect(denied.exitCode == .denied)
        try run.apply(.approvalAnswered(approval: question.id, allowed: true, by: "ada", note: nil))
        #expect(run.wanted == [.testMerge(Self.a)])
    }

    @Test("tests and lands one task at a time, the oldest in the queue first")
    func queueOrder() throws {
        var run = try Self.building(SampleRun.plan(SampleRun.task("a"), SampleRun.task("b")))
        for id in ["b", "a"] {
            let candidate = SampleRun.candidate("t-\(id)")
            try run.apply(.worktreePrepared(task: TaskID(id), worktree: SampleRun.worktree))
            try run.apply(.candidateTaken(task: TaskID(id), attempt: 1, candidate: candidate, snapshot: 1))
            try run.apply(.checksFinished(task: TaskID(id), results: SampleRun.results("t-\(id)")))
            try run.apply(
                .reviewFinished(
                    task: TaskID(id), round: 1, verdict: SampleRun.verdict(.approve, of: candidate)))
            try run.apply(
                .landingEvaluated(
                    task: TaskID(id), delta: candidate.delta.digest, policies: Digest("p"),
                    evaluation: SampleRun.allowed(),
                    approval: nil))
        }
        #expect(run.queue == [TaskID("b"), TaskID("a")])
        #expect(run.wanted == [.testMerge(TaskID("b"))])
    }

    @Test("gives the same state when its facts are folded again, and wants nothing while it is stopped")
    func stopped() throws {
        var run = try Self.queued()
        try run.apply(.runStopped(by: "ada"))
        #expect(run.wanted.isEmpty)
        #expect(run.state == .stopped)
        try run.apply(.runResumed(by: "ada"))
        #expect(run.wanted == [.testMerge(Self.a)])
    }

    @Test("takes a session's outcome once: a restart before the next fact finds it, a restart after does not")
    func unusedSession() throws {
        var run = try Self.building()
        try run.apply(.worktreePrepared(task: Self.a, worktree: SampleRun.worktree))
        let session = SessionRecord(
            id: SessionID("s"), role: .author, task: Self.a, attempt: 1, agent: SampleRun.builder,
            directory: "/s", uid: nil)
        try run.apply(.sessionStarted(session: session))
        #expect(run.unusedSession(role: .author, task: Self.a, attempt: 1)?.outcome == nil)
        let outcome = SessionOutcome(result: .completed(text: "done", structured: nil), vendors: [.openai])
        try run.apply(.sessionEnded(session: session.id, outcome: outcome))
        #expect(run.unusedSession(role: .author, task: Self.a, attempt: 1)?.outcome == outcome)
        try run.apply(.candidateTaken(task: Self.a, attempt: 1, candidate: Self.candidate, snapshot: 1))
        #expect(run.unusedSession(role: .author, task: Self.a, attempt: 1) == nil)
        #expect(run.task(Self.a)?.authorVendors == [.openai])
    }

    @Test("stops after the plan when only a plan was asked for")
    func planOnly() throws {
        let run = try Self.run(
            SampleRun.request(planOnly: true), .baseProven(results: SampleRun.results("base")),
            .planProposed(plan: SampleRun.plan(SampleRun.task("a"))))
        #expect(run.state == .planned)
        #expect(run.wanted.isEmpty)
    }

    @Test(
        "makes another plan after one that a person denied, and calls nothing landed that was never planned")
    func deniedPlan() throws {
        let request = SampleRun.request(workflow: SampleRun.workflow(approvalAbove: 0))
        var run = try Self.run(
            request, .baseProven(results: SampleRun.results("base")),
            .planProposed(plan: SampleRun.plan(SampleRun.task("a"))))
        let question = ApprovalRequest(
            id: ApprovalID("plan"), task: nil, subject: .plan, text: "Build it",
            evaluation: SampleRun.evaluation(.ask))
        try run.apply(.approvalRequested(approval: question))
        try run.apply(.approvalAnswered(approval: question.id, allowed: false, by: "ada", note: nil))
        #expect(run.exitCode == .denied)
        try run.apply(.runResumed(by: "ada"))
        #expect(run.state == .planning)
        #expect(run.wanted == [.plan])
    }

    @Test("ends a run with a held task as held, whatever failed before a person was asked for")
    func heldExitCode() throws {
        var run = try Self.building()
        try run.apply(.taskHeld(task: Self.a, problem: Problem("Its agent broke.", blame: .agent)))
        #expect(run.state == .held)
        #expect(run.exitCode == .held)
        try run.apply(.runResumed(by: "ada"))
        try run.apply(
            .taskHeld(task: Self.a, problem: Problem("Spent.", blame: .user, exitCode: .budget)))
        #expect(run.exitCode == .budget)
    }

    @Test("holds a merge whose check did not run, instead of sending it back to its author")
    func mergeDidNotRun() throws {
        var run = try Self.queued()
        try run.apply(.mergeStarted(task: Self.a))
        try run.apply(.mergeBuilt(task: Self.a, merge: Self.merge(checks: .didNotRun)))
        #expect(run.state == .held)
        try run.apply(.runResumed(by: "ada"))
        #expect(run.wanted == [.testMerge(Self.a)])
    }

    @Test("gives up a task of which the target holds everything already, and lands no empty commit")
    func nothingLeft() throws {
        var run = try Self.queued()
        try run.apply(.mergeStarted(task: Self.a))
        var empty = SampleRun.candidate("head2-tree", base: "head2")
        empty.delta.entries = []
        try run.apply(.mergeBuilt(task: Self.a, merge: Self.merge(empty)))
        #expect(run.task(Self.a)?.displayState == .abandoned)
        #expect(run.wanted == [.releaseWorktree(Self.a)])
        try run.apply(.worktreeReleased(task: Self.a))
        #expect(run.exitCode == .conflict)
    }

    @Test("asks a person when what cleared a task is void again and again, instead of going round for ever")
    func voidedForEver() throws {
        var run = try Self.queued()
        var rounds = 0
        while run.state == .building, rounds < 10 {
            rounds += 1
            try run.apply(.mergeStarted(task: Self.a))
            try run.apply(.mergeBuilt(task: Self.a, merge: Self.merge()))
            try run.apply(.approvalVoided(task: Self.a, reason: "the policies changed"))
            guard case .settleLanding? = run.wanted.first else { break }
            try run.apply(
                .landingEvaluated(
                    task: Self.a, delta: Self.candidate.delta.digest, policies: Digest("p"),
                    evaluation: SampleRun.allowed(), approval: nil))
        }
        #expect(rounds == 4)
        #expect(run.state == .held)
        #expect(run.task(Self.a)?.isHeldAtGate == true)
        try run.apply(.landingRetried(task: Self.a, updateCheckout: nil, target: nil))
        #expect(run.wanted == [.settleLanding(Self.a, delta: Self.candidate.delta.digest)])
    }

    @Test("draws nothing from a session that a stop cut short, though it ended after the run went on")
    func cutShort() throws {
        var run = try Self.building()
        try run.apply(.worktreePrepared(task: Self.a, worktree: SampleRun.worktree))
        let session = SessionRecord(
            id: SessionID("s"), role: .author, task: Self.a, attempt: 1, agent: SampleRun.builder,
            directory: "/s", uid: nil)
        try run.apply(.sessionStarted(session: session))
        try run.apply(.runStopped(by: "ada"))
        try run.apply(.runResumed(by: "ada"))
        try run.apply(
            .sessionEnded(
                session: session.id,
                outcome: SessionOutcome(result: .failed(reason: .stopped, message: "stopped"))))
        #expect(run.unusedSession(role: .author, task: Self.a, attempt: 1) == nil)
        #expect(run.wanted == [.author(Self.a, attempt: 1)])
    }

    @Test("keeps a session's outcome that was not drawn yet when a person resumes the run for another reason")
    func undrawnOutcome() throws {
        var run = try Self.building(SampleRun.plan(SampleRun.task("a"), SampleRun.task("b")))
        try run.apply(.worktreePrepared(task: Self.a, worktree: SampleRun.worktree))
        let session = SessionRecord(
            id: SessionID("s"), role: .author, task: Self.a, attempt: 1, agent: SampleRun.builder,
            directory: "/s", uid: nil)
        try run.apply(.sessionStarted(session: session))
        let outcome = SessionOutcome(result: .completed(text: "done", structured: nil))
        try run.apply(.sessionEnded(session: session.id, outcome: outcome))
        try run.apply(.taskHeld(task: TaskID("b"), problem: SampleRun.problem()))
        try run.apply(.runResumed(by: "ada"))
        #expect(run.unusedSession(role: .author, task: Self.a, attempt: 1)?.outcome == outcome)
    }

    @Test("gives sessions that work side by side no more together than the run may spend")
    func budget() throws {
        let request = SampleRun.request(
            workflow: SampleRun.workflow(maxParallel: 2, stopAt: Money(microdollars: 1_000)))
        var run = try Self.run(request, .baseProven(results: SampleRun.results("base")))
        #expect(run.allowance(beside: []) == Money(microdollars: 1_000))
        try run.apply(.planProposed(plan: SampleRun.plan(SampleRun.task("a"), SampleRun.task("b"))))
        func session(_ id: String, _ limit: Money?) -> SessionRecord {
            SessionRecord(
                id: SessionID("s-\(id)"), role: .author, task: TaskID(id), attempt: 1,
                agent: SampleRun.builder, directory: "/s", uid: nil, spendLimit: limit)
        }
        let first = session("a", run.allowance(beside: []))
        #expect(first.spendLimit == Money(microdollars: 500))
        // Not in the journal yet, and given out all the same.
        #expect(run.allowance(beside: [first]) == Money(microdollars: 500))
        try run.apply(.sessionStarted(session: first))
        let second = session("b", run.allowance(beside: [first]))
        #expect(second.spendLimit == Money(microdollars: 500))
        try run.apply(.sessionStarted(session: second))
        #expect(run.allowance(beside: []) == .zero)
        // What the first left over goes to whoever comes next; what the second may spend stays its own.
        try run.apply(
            .sessionEnded(
                session: first.id,
                outcome: SessionOutcome(
                    result: .completed(text: "", structured: nil), cost: Money(microdollars: 100))))
        #expect(run.allowance(beside: []) == Money(microdollars: 400))
        #expect(Self.sample(budget: nil).allowance(beside: []) == nil)
    }
    private static func sample(budget: Money?) -> RunLifecycle {
        RunLifecycle(request: SampleRun.request(workflow: SampleRun.workflow(stopAt: budget)))
    }

    @Test("makes another worktree for a task whose own a person removed while it was held")
    func removedWorktree() throws {
        var run = try Self.building()
        try run.apply(.worktreePrepared(task: Self.a, worktree: SampleRun.worktree))
        try run.apply(.taskHeld(task: Self.a, problem: SampleRun.problem()))
        try run.apply(.worktreeReleased(task: Self.a))
        try run.apply(.runResumed(by: "ada"))
        #expect(run.wanted == [.prepareWorktree(Self.a)])
        try run.apply(.worktreePrepared(task: Self.a, worktree: SampleRun.worktree))
        #expect(run.wanted == [.author(Self.a, attempt: 1)])
        #expect(run.task(Self.a)?.worktreeIsReleased == false)
    }
}
