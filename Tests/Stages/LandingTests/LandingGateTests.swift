import Fixtures
import Landing
import Lifecycle
import Linux
import Simulation
import Testing
import Vocabulary
import Worktrees

@Suite("The gate")
struct LandingGateTests {
    static let id = GateScene.id

    @Test("lands exactly the tree that was checked and reviewed, together with its clean checkout")
    func lands() async throws {
        var scene = try await GateScene()
        #expect(try await scene.settle().decision == .allow)
        try await scene.test()
        let fact = try await scene.land()
        let commit = try #require(fact.landedCommit)
        #expect(fact == .landed(task: Self.id, commit: commit, sameVendor: false))
        #expect(try await scene.head == commit)
        #expect(ObjectID(try await scene.repository.revParse("HEAD^{tree}")) == scene.candidate.tree)
        #expect(try await scene.repository.status() == [])
        #expect(
            try await scene.repository.git("log", "-1", "--format=%B").contains(
                "Reviewed-by-Vendor: anthropic"))
    }

    // MARK: Bytes

    @Test("does not land a candidate that changed after its review, whatever the record of the merge says")
    func candidateChangedAfterReview() async throws {
        var scene = try await GateScene()
        try await scene.settle()
        let before = try await scene.head
        let other = try await Self.otherTree(in: scene)
        // A merge record that carries the reviewed delta, and checks that passed, on other bytes.
        try scene.apply(.mergeStarted(task: Self.id))
        try scene.apply(
            .mergeBuilt(
                task: Self.id,
                merge: MergeRecord(
                    head: before, tree: other.tree, commit: other.commit, candidate: scene.candidate,
                    checks: SampleRun.results(other.tree.rawValue))))
        #expect(try await scene.land().voidReason == "the merge changes other bytes than were approved")
        #expect(try await scene.head == before)
    }

    @Test("does not land a commit that holds another tree than the one that was checked")
    func commitOfAnotherTree() async throws {
        var scene = try await GateScene()
        try await scene.settle()
        let before = try await scene.head
        let other = try await Self.otherTree(in: scene)
        try scene.apply(.mergeStarted(task: Self.id))
        try scene.apply(
            .mergeBuilt(
                task: Self.id,
                merge: MergeRecord(
                    head: before, tree: scene.candidate.tree, commit: other.commit,
                    candidate: scene.candidate,
                    checks: SampleRun.results(scene.candidate.tree.rawValue))))
        #expect(try await scene.land().voidReason == "the commit holds another tree than was tested")
        #expect(try await scene.head == before)
    }

    /// A commit on the target's head with bytes that nobody checked or reviewed.
    private static func otherTree(in scene: GateScene) async throws -> (tree: ObjectID, commit: ObjectID) {
        let worktree = try await scene.store.prepareWorktree(
            run: RunID("r2"), task: "x", base: scene.candidate.base, owner: nil)
        try Files.writeAtomically(
            "\(worktree.path)/mul.py", text: "import os\nos.system('id')\n", mode: 0o644)
        let snapshot = try await scene.store.snapshot(worktree, message: "changed")
        return (snapshot.tree, snapshot.commit)
    }

    @Test("checks the merge itself when the target has moved, and lands nothing on a red one")
    func redMerge() async throws {
        var scene = try await GateScene()
        try await scene.settle()
        try scene.repository.write("other.py", "x = 1\n")
        let moved = ObjectID(try await scene.repository.commit("a stranger's commit"))
        let fact = try await scene.test(.failed)
        guard case .mergeBuilt(_, let merge) = fact else {
            Issue.record("\(fact)")
            return
        }
        #expect(merge.head == moved)
        #expect(merge.tree != scene.candidate.tree)
        #expect(merge.checks.map(\.tree) == [merge.tree])
        #expect(try scene.task.displayState == .authoring)
    }

    @Test("does not let checks of the candidate speak for another tree")
    func checksOfAnotherTree() async throws {
        var scene = try await GateScene()
        try await scene.settle()
        try scene.repository.write("other.py", "x = 1\n")
        let moved = ObjectID(try await scene.repository.commit("a stranger's commit"))
        try scene.apply(.mergeStarted(task: Self.id))
        guard
            case .mergeBuilt(_, var merge) = try await scene.gate.test(
                scene.task, of: scene.run, now: 0, check: { SampleRun.results($0.rawValue) })
        else { return }
        merge.checks = SampleRun.results(scene.candidate.tree.rawValue)
        try scene.apply(.mergeBuilt(task: Self.id, merge: merge))
        let hold = try await scene.land().hold
        #expect(hold?.exitCode == .denied)
        #expect(hold?.description.contains("The checks did not run") == true)
        #expect(try await scene.head == moved)
    }

    @Test("does not let an empty test run pass, whatever its outcome says")
    func emptyTestRun() async throws {
        var scene = try await GateScene(requireTests: 1, testsRun: 0)
        let evaluation = try await scene.settle()
        #expect(evaluation.decision == .deny)
        #expect(evaluation.reasons.contains { $0.contains("an empty test run is not a pass") })
        #expect(scene.run.exitCode == .denied)
    }

    // MARK: The target

    @Test("moves no target that somebody else moved between test and landing, and merges again")
    func targetMoved() async throws {
        var scene = try await GateScene()
        try await scene.bringToTheGate()
        try scene.repository.write("other.py", "x = 1\n")
        let moved = ObjectID(try await scene.repository.commit("a stranger's commit"))
        let fact = try await scene.land()
        #expect(fact == .targetMoved(task: Self.id, actual: moved))
        #expect(try await scene.head == moved)
        try scene.apply(fact)
        try await scene.test()
        #expect(try await scene.land().landedCommit != nil)
        #expect(try await scene.repository.subjects() == ["Task a", "a stranger's commit", "begin"])
        #expect(try await scene.repository.show("HEAD", "other.py") == "x = 1\n")
    }

    @Test("lands once, however often it is tried")
    func twice() async throws {
        var scene = try await GateScene()
        try await scene.bringToTheGate()
        let first = try await scene.land()
        let commit = try #require(first.landedCommit)
        // Killed before it could be written down: the same state tries again.
        #expect(try await scene.land() == first)
        #expect(try await scene.repository.subjects() == ["Task a", "begin"])
        // Somebody goes on from there; it has landed all the same.
        try scene.repository.write("other.py", "x = 1\n")
        let next = ObjectID(try await scene.repository.commit("a stranger's commit"))
        #expect(try await scene.land().landedCommit == commit)
        #expect(try await scene.head == next)
    }

    @Test("holds for a checkout with changes, touches nothing, and lands when it is clean")
    func dirtyCheckout() async throws {
        var scene = try await GateScene()
        try await scene.bringToTheGate()
        let before = try await scene.head
        try scene.repository.write("calc.py", "def add(a, b):\n    return 0\n")
        let fact = try await scene.land()
        let hold = try #require(fact.hold)
        #expect(hold.exitCode == .held)
        #expect(hold.description.contains(scene.repository.path) && hold.description.contains("calc.py"))
        #expect(hold.hint?.contains("graftwork land r1") == true)
        #expect(try await scene.head == before)
        #expect(try await scene.repository.status() == [" M calc.py"])
        try scene.apply(fact)
        #expect(scene.run.exitCode == .held)
        try await scene.repository.git("checkout", "--", "calc.py")
        try scene.apply(.landingRetried(task: Self.id, updateCheckout: nil, target: nil))
        try await scene.test()
        #expect(try await scene.land().landedCommit != nil)
        #expect(try await scene.repository.status() == [])
    }

    @Test("holds for a checkout that nobody allowed it to move")
    func undecidedCheckout() async throws {
        var scene = try await GateScene(updateCheckout: nil)
        try await scene.bringToTheGate()
        let before = try await scene.head
        let hold = try #require(try await scene.land().hold)
        #expect(hold.hint?.contains("--update-checkout") == true)
        #expect(try await scene.head == before)
    }

    // MARK: Independence

    @Test("refuses a reviewer of the author's vendor, though the verdict approves")
    func reviewerOfTheAuthorsVendor() async throws {
        var scene = try await GateScene(authors: [.openai], reviewers: [.openai])
        let evaluation = try await scene.settle()
        #expect(evaluation.decision == .deny)
        #expect(evaluation.reasons == ["The reviewer vendor is the author's (openai)."])
        #expect(scene.run.exitCode == .denied)
    }

    @Test("lands a same-vendor review where a person allowed it, and marks it in every record")
    func sameVendorAllowed() async throws {
        var scene = try await GateScene(reviewers: [.openai], allowsSameVendor: true)
        try await scene.bringToTheGate()
        let fact = try await scene.land()
        let commit = try #require(fact.landedCommit)
        #expect(fact == .landed(task: Self.id, commit: commit, sameVendor: true))
        #expect(
            try await scene.repository.git("log", "-1", "--format=%B").contains(
                "Graftwork-Review: same-vendor"))
    }

    @Test("counts no rehearsed verdict and no rehearsed author in a normal run", arguments: [true, false])
    func rehearsed(isReview: Bool) async throws {
        var scene = try await GateScene(authorIsRehearsed: !isReview, reviewIsRehearsed: isReview)
        let evaluation = try await scene.settle()
        #expect(evaluation.decision == .deny)
        #expect(evaluation.reasons.contains { $0.contains("in a normal run") })
    }

    // MARK: Policies

    static func policy(_ rules: String...) -> String {
        "version: 1\npolicies:\n" + rules.map { "  - \($0)\n" }.joined()
    }
    static let asksAlways = policy(
        "{ name: always, on: [land], when: 'true', then: ask, reason: Look first. }")

    @Test("settles a task again when a policy came to the target's tip after it was allowed")
    func policyAddedAfterApproval() async throws {
        var scene = try await GateScene()
        try await scene.bringToTheGate()
        try scene.repository.write(GateScene.policyFile, Self.asksAlways)
        let tip = ObjectID(try await scene.repository.commit("a rule"))
        try scene.apply(try await scene.land())
        try await scene.test()
        let fact = try await scene.land()
        #expect(fact.voidReason == "the branch or the policies in force have changed")
        #expect(try await scene.head == tip)
        try scene.apply(fact)
        #expect(try await scene.settle().decision == .ask)
        #expect(scene.run.state == .awaitingApproval)
        try scene.approve()
        try await scene.test()
        #expect(try await scene.land().landedCommit != nil)
    }

    @Test("takes no yes for one branch as a yes for another")
    func anotherBranch() async throws {
        var scene = try await GateScene(files: [GateScene.policyFile: Self.asksAlways])
        try await scene.repository.git("branch", "release")
        try await scene.settle()
        let first = try #require(scene.run.openApprovals.first)
        #expect(first.text.contains("on main"))
        try scene.approve()
        try await scene.test()
        try scene.apply(.taskHeld(task: Self.id, problem: SampleRun.problem("The checkout is dirty.")))
        try scene.apply(
            .landingRetried(task: Self.id, updateCheckout: nil, target: "refs/heads/release"))
        try await scene.test()
        let fact = try await scene.land()
        #expect(fact.voidReason == "the branch or the policies in force have changed")
        try scene.apply(fact)
        try await scene.settle()
        let second = try #require(scene.run.openApprovals.first)
        #expect(second.text.contains("on release"))
        #expect(second.id != first.id)
        #expect(try await scene.repository.subjects("release") == ["begin"])
    }

    @Test("decides by the branch it lands on now, not by the one the run was started for")
    func policyOfABranch() async throws {
        let rules = Self.policy(
            "{ name: frozen, on: [land], when: 'action.target == \"release\"', then: deny, reason: Frozen. }")
        var scene = try await GateScene(files: [GateScene.policyFile: rules])
        try await scene.repository.git("branch", "release")
        #expect(try await scene.settle().decision == .allow)
        try await scene.test()
        try scene.apply(.taskHeld(task: Self.id, problem: SampleRun.problem("The checkout is dirty.")))
        try scene.apply(
            .landingRetried(task: Self.id, updateCheckout: nil, target: "refs/heads/release"))
        try await scene.test()
        try scene.apply(try await scene.land())
        #expect(try await scene.settle().reasons == ["Frozen."])
        #expect(try await scene.repository.subjects("release") == ["begin"])
    }

    @Test("lets a policy ask where somebody else changes the same files")
    func policyOfCollisions() async throws {
        let rules = Self.policy(
            "{ name: alone, on: [land], when: 'worktree.collisions.size() > 0', then: ask, reason: Wait. }")
        var scene = try await GateScene(files: [GateScene.policyFile: rules])
        try scene.apply(
            .collisionsFound(
                task: Self.id,
                collisions: [Collision(run: RunID("r2"), task: TaskID("b"), paths: ["mul.py"])]))
        let evaluation = try await scene.settle()
        #expect(evaluation.decision == .ask && evaluation.reasons == ["Wait."])
    }

    @Test("takes a yes as the answer to what was asked, and to nothing that a policy asks since")
    func anotherQuestion() async throws {
        let rules = Self.policy(
            "{ name: always, on: [land], when: 'true', then: ask, reason: Look first. }",
            "{ name: refused, on: [land], when: 'run.denials > 0', then: ask, reason: It was refused. }")
        var scene = try await GateScene(files: [GateScene.policyFile: rules])
        try await scene.bringToTheGate()
        try scene.apply(
            .toolDecided(
                session: SessionID("s"), number: 1,
                call: ToolCall(id: ToolCallID("t"), kind: .other, rawName: "x", input: .null),
                evaluation: SampleRun.evaluation(.deny)))
        let fact = try await scene.land()
        #expect(fact.voidReason?.contains("It was refused.") == true)
        #expect(try await scene.repository.subjects() == ["begin"])
    }

    @Test("holds a merge that may not land though its candidate might, instead of settling it for ever")
    func deniedMerge() async throws {
        var scene = try await GateScene(writes: ["guide.md": "Read me.\n"])
        #expect(try await scene.settle().decision == .allow)
        try scene.repository.write("GUIDE.md", "READ ME.\n")
        let tip = ObjectID(try await scene.repository.commit("a stranger's commit"))
        try await scene.test()
        let fact = try await scene.land()
        #expect(fact.hold?.exitCode == .denied)
        #expect(fact.hold?.description.contains("on main is denied") == true)
        #expect(try await scene.head == tip)
    }
}
