import Fixtures
import Linux
import Policies
import Sandbox
import Synchronization
import Testing
import Vocabulary

@testable import Agents

@Suite("A policy on what is executed", .timeLimit(.minutes(10))) struct ExecPolicyTests {
    private static let policies = """
        version: 1
        policies:
          - name: no-ls
            on: [exec]
            when: 'action.command == "ls /"'
            then: deny
            reason: No lists.
          - name: look-first
            on: [exec]
            when: 'action.command == "id"'
            then: ask
            reason: Look first.
        """

    /// Tries what is denied, what somebody would have to be asked about, and what is allowed.
    private static let attempts = """
        env ls / > listed 2>/dev/null || touch ls-refused
        sh -c 'exec id' > known 2>/dev/null || touch id-refused
        ls README > allowed
        """

    @Test(
        "holds for a command and for an agent of the protocol alike, and asks nobody",
        arguments: [
            (HarnessKind.command, attempts), (.acp, acpScript("\(attempts)\nsay done; end")),
        ])
    func everyHarness(kind: HarnessKind, script: String) async throws {
        let session = try RealSession(kind, script, policies: Self.policies)
        var refused: [ExecutedProgram: [String]] = [:]
        var asked = 0
        var outcome: SessionOutcome?
        for try await entry in try await session.start().events() {
            switch entry.event {
            case .executed(let program, let refusal?):
                #expect(refusal.decision == .deny)
                refused[program] = refusal.reasons
            case .asked: asked += 1
            case .ended(let ended): outcome = ended
            default: break
            }
        }
        guard case .completed = outcome?.result else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(asked == 0)
        #expect(
            Set(refused.map { "\($0.key.line): \($0.value.joined(separator: " "))" }) == [
                "ls /: No lists.", "id: Nobody can be asked in the middle of an exec: Look first.",
            ])
        for name in ["ls-refused", "id-refused"] {
            #expect(Files.exists(session.folder.path("tree/\(name)")))
        }
        #expect(try session.folder.read("tree/listed") == "" && session.folder.read("tree/known") == "")
        #expect(try session.folder.read("tree/allowed") == "README\n")
    }

    @Test("lets nothing begin once the session's record is full, whatever the policies say")
    func fullRecord() async {
        let policy = SessionPolicy { _, _ in Evaluation(decision: .allow, matched: []) }
        let feed = ExecFeed(policy: policy, facts: SharedFacts())
        let request = ExecRequest(path: "/p", arguments: ["p"], process: 1, parent: 1)
        #expect(feed.decide(request))
        feed.refuseAll()
        #expect(!feed.decide(request))
        feed.record(.refused(request))
        feed.finish()
        var reasons: [String] = []
        await feed.report { fact in
            if case .executed(_, let refusal?) = fact { reasons += refusal.reasons }
        }
        #expect(reasons == ["The record of its session is full."])
    }

    @Test("is asked no further ahead than the record can be written") func backlog() async throws {
        let policy = SessionPolicy { _, _ in Evaluation(decision: .allow, matched: []) }
        let feed = ExecFeed(policy: policy, facts: SharedFacts())
        let count = ExecFeed.backlogMax + 40
        let recorded = Mutex(0)
        try startThread(named: "execs") {
            for number in 0..<count {
                let request = ExecRequest(path: "/p", arguments: ["\(number)"], process: 1, parent: 1)
                guard feed.decide(request) else { return }
                feed.record(.allowed(request))
                recorded.withLock { $0 += 1 }
            }
            feed.finish()
        }
        try await wait { recorded.withLock { $0 >= ExecFeed.backlogMax } }
        // Nobody writes yet. Without the bound the rest would be through in far less than this.
        try await ContinuousClock().sleep(for: .milliseconds(100))
        #expect(recorded.withLock { $0 } == ExecFeed.backlogMax)

        let written = Mutex<[String]>([])
        await feed.report { fact in
            if case .executed(let program, nil) = fact {
                written.withLock { $0.append(program.arguments[0]) }
            }
        }
        #expect(written.withLock { $0 } == (0..<count).map { "\($0)" })
    }
}
