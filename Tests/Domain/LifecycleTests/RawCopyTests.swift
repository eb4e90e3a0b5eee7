import Foundation
import Lifecycle
import Simulation
import Testing
import Vocabulary

@Suite("Raw copies in a run's lifecycle")
struct RawCopyTests {
    private static let digest = Digest("d")
    private static let question = ApprovalRequest(
        id: ApprovalID("r1-copy-d"), task: nil,
        subject: .copy(files: [RawCopy(path: ".env", digest: Digest("e"))], digest: digest),
        text: "Let agents read .env as they are", evaluation: SampleRun.allowed())

    @Test("wait for a person before anything is proven, and a yes is to exactly these bytes")
    func allowed() throws {
        var run = try RunLifecycleTests.run(SampleRun.request(), .approvalRequested(approval: Self.question))
        #expect(run.wanted == [] && run.state == .awaitingApproval && run.approvedCopies == nil)
        try run.apply(
            .approvalAnswered(approval: Self.question.id, allowed: true, by: "ada", note: nil))
        #expect(run.wanted == [.proveBase] && run.state == .proving)
        #expect(run.approvedCopies == Self.digest && run.openApprovals == [])
    }

    @Test("denied, hold the run with 4; it asks anew when it goes on")
    func denied() throws {
        var run = try RunLifecycleTests.run(SampleRun.request(), .approvalRequested(approval: Self.question))
        try run.apply(
            .approvalAnswered(approval: Self.question.id, allowed: false, by: "ada", note: nil))
        #expect(run.state == .held && run.exitCode == .denied && run.wanted == [])
        try run.apply(.runResumed(by: "ada"))
        #expect(run.wanted == [.proveBase] && run.approvedCopies == nil)
    }

    @Test("are not answered by a yes to everything; what else is asked is")
    func yes() {
        #expect(Self.question.subject.needsOwnAnswer)
        #expect(ApprovalRequest.Subject.plan.needsOwnAnswer == false)
        #expect(
            ApprovalRequest.Subject.land(delta: Digest("d"), policies: Digest("p")).needsOwnAnswer == false)
    }

    @Test("a set-up is on record and changes nothing of what is wanted, in the base and in a worktree")
    func record() throws {
        let setup = SetupRecord(wasReused: true, seconds: 1)
        var run = try RunLifecycleTests.building()
        let before = run
        try run.apply(.treeSetUp(task: nil, setup: setup))
        try run.apply(.treeSetUp(task: RunLifecycleTests.a, setup: setup))
        #expect(run == before)
        #expect(RunFact.treeSetUp(task: RunLifecycleTests.a, setup: setup).task == RunLifecycleTests.a)
    }

    @Test("a journal from before there were set-ups is read as before")
    func olderJournal() throws {
        let facts: [RunFact] = [
            .runRequested(request: SampleRun.request()),
            .worktreePrepared(task: RunLifecycleTests.a, worktree: SampleRun.worktree),
        ]
        for fact in facts {
            let text = String(decoding: try JSONEncoder().encode(fact), as: UTF8.self)
            // What is not stated is not written, so this is the very text an older version wrote.
            #expect(!text.contains("\"setup\"") && !text.contains("firstPort"))
            #expect(try JSONDecoder().decode(RunFact.self, from: Data(text.utf8)) == fact)
        }
    }
}
