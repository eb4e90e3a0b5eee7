import Fixtures
import Lifecycle
import Linux
import Simulation
import Testing
import Vocabulary
import Worktrees

@testable import Landing

/// A real repository, a task that was written, checked and reviewed there, and the gate it stands before.
struct GateScene {
    static let id = TaskID("a")
    static let policyFile = ".graftwork/policies/land.yaml"

    let repository: TestRepository
    let store: RepositoryStore
    let gate: LandingGate
    /// The facts so far; the state is their fold, as in the product.
    private(set) var facts: [RunFact]
    private(set) var run: RunLifecycle
    let candidate: Candidate

    var task: TaskLifecycle { get throws { try #require(run.task(Self.id)) } }
    var head: ObjectID { get async throws { ObjectID(try await repository.revParse("refs/heads/main")) } }

    /// - Parameters:
    ///   - files: what the base holds beside `calc.py`.
    ///   - writes: what the author wrote.
    init(
        files: [String: String] = [:], writes: [String: String] = ["mul.py": "def mul(a, b): return a * b\n"],
        authors: [Vendor] = [.openai], reviewers: [Vendor] = [.anthropic], allowsSameVendor: Bool = false,
        authorIsRehearsed: Bool = false, reviewIsRehearsed: Bool = false, updateCheckout: Bool? = true,
        requireTests: Int? = nil, testsRun: Int? = 3
    ) async throws {
        repository = try await TestRepository(
            files: files.merging(["calc.py": "def add(a, b):\n    return a + b\n"]) { given, _ in given })
        store = try RepositoryStore(
            repository: repository.path, state: repository.folder.path("store"))
        gate = LandingGate(store: store)

        let base = ObjectID(try await repository.revParse("HEAD"))
        var request = SampleRun.request()
        request.repository = repository.path
        request.base = base
        request.allowsSameVendor = allowsSameVendor
        request.updateCheckout = updateCheckout
        request.checks[0].requireTests = requireTests
        let worktree = try await store.prepareWorktree(run: request.run, task: "a", base: base, owner: nil)
        for (name, text) in writes {
            try Files.makeDirectory(Files.parent(of: "\(worktree.path)/\(name)"), mode: 0o755)
            try Files.writeAtomically("\(worktree.path)/\(name)", text: text, mode: 0o644)
        }
        let snapshot = try await store.snapshot(worktree, message: "Attempt 1")
        candidate = try await store.candidate(from: snapshot, base: base)

        let session = SessionRecord(
            id: SessionID("s"), role: .author, task: Self.id, attempt: 1, agent: SampleRun.builder,
            directory: "/s", uid: nil)
        var checked = SampleRun.results(candidate.tree.rawValue)
        checked[0].testsRun = testsRun
        var verdict = SampleRun.verdict(.approve, of: candidate)
        verdict.reviewerVendors = reviewers
        verdict.isRehearsed = reviewIsRehearsed
        facts = [
            .runRequested(request: request), .baseProven(results: SampleRun.results("base")),
            .planProposed(plan: SampleRun.plan(SampleRun.task("a"))),
            .worktreePrepared(task: Self.id, worktree: SampleRun.worktree),
            .sessionStarted(session: session),
            .sessionEnded(
                session: session.id,
                outcome: SessionOutcome(
                    result: .completed(text: "", structured: nil), vendors: authors,
                    isRehearsed: authorIsRehearsed)),
            .candidateTaken(task: Self.id, attempt: 1, candidate: candidate, snapshot: 1),
            .checksFinished(task: Self.id, results: checked),
            .reviewFinished(task: Self.id, round: 1, verdict: verdict),
        ]
        run = try RunLifecycle(folding: facts)
    }

    mutating func apply(_ fact: RunFact) throws {
        try run.apply(fact)
        facts.append(fact)
    }

    /// Settles the candidate; answers what the policies said.
    @discardableResult
    mutating func settle() async throws -> Evaluation {
        let fact = try await gate.settle(task, of: run)
        try apply(fact)
        guard case .landingEvaluated(_, _, _, let evaluation, _) = fact else {
            throw Problem("The gate settled nothing: \(fact.name).")
        }
        return evaluation
    }

    mutating func approve() throws {
        let question = try #require(run.openApprovals.first)
        try apply(.approvalAnswered(approval: question.id, allowed: true, by: "ada", note: nil))
    }

    /// Builds and checks the merge; what runs on a tree gives this outcome.
    @discardableResult
    mutating func test(_ outcome: CheckResult.Outcome = .passed) async throws -> RunFact {
        try apply(.mergeStarted(task: Self.id))
        let fact = try await gate.test(task, of: run, now: 1_800_000_000) {
            SampleRun.results($0.rawValue, outcome)
        }
        try apply(fact)
        return fact
    }

    func land() async throws -> RunFact { try await gate.land(task, of: run) }

    /// Settled, allowed and merged: nothing but the move is left.
    mutating func bringToTheGate() async throws {
        try await settle()
        if run.openApprovals.first != nil { try approve() }
        try await test()
        guard case .landing = try task.state else {
            throw Problem("The task stands at \(try task.state).")
        }
    }
}

extension RunFact {
    /// The commit that landed; nil for any other fact.
    var landedCommit: ObjectID? { if case .landed(_, let commit, _) = self { commit } else { nil } }
    var voidReason: String? { if case .approvalVoided(_, let reason) = self { reason } else { nil } }
    var hold: Problem? { if case .taskHeld(_, let problem) = self { problem } else { nil } }
}
