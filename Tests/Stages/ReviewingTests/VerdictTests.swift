import Lifecycle
import Simulation
import Testing
import Vocabulary

@testable import Reviewing

@Suite("A reviewer's verdict")
struct VerdictTests {
    static let candidate = SampleRun.candidate("t1")

    /// A task under review, whose author's session these vendors answered.
    static func reviewing(
        by authors: [Vendor] = [.openai], allowsSameVendor: Bool = false
    ) throws -> (task: TaskLifecycle, run: RunLifecycle) {
        var request = SampleRun.request()
        request.allowsSameVendor = allowsSameVendor
        let id = TaskID("a")
        let session = SessionRecord(
            id: SessionID("s"), role: .author, task: id, attempt: 1, agent: SampleRun.builder,
            directory: "/s", uid: nil)
        let run = try RunLifecycle(folding: [
            .runRequested(request: request), .baseProven(results: SampleRun.results("base")),
            .planProposed(plan: SampleRun.plan(SampleRun.task("a"))),
            .worktreePrepared(task: id, worktree: SampleRun.worktree), .sessionStarted(session: session),
            .sessionEnded(
                session: session.id,
                outcome: SessionOutcome(result: .completed(text: "", structured: nil), vendors: authors)),
            .candidateTaken(task: id, attempt: 1, candidate: candidate, snapshot: 1),
            .checksFinished(task: id, results: SampleRun.results("t1")),
        ])
        return (try #require(run.task(id)), run)
    }

    static func answer(
        _ verdict: String = "approve", findings: [JSONValue] = []
    ) -> JSONValue {
        ["verdict": .string(verdict), "summary": "I read all of it.", "findings": .array(findings)]
    }
    static func finding(_ severity: String, claim: String = "It is wrong.") -> JSONValue {
        [
            "severity": .string(severity), "file": "a", "line": 1, "claim": .string(claim), "why": "Because.",
            "suggestion": .null,
        ]
    }

    static func verdict(
        _ structured: JSONValue?, vendors: [Vendor] = [.anthropic], isRehearsed: Bool = false,
        authors: [Vendor] = [.openai], allowsSameVendor: Bool = false
    ) throws -> Verdict {
        let (task, run) = try reviewing(by: authors, allowsSameVendor: allowsSameVendor)
        let outcome = SessionOutcome(
            result: .completed(text: "", structured: structured), vendors: vendors, isRehearsed: isRehearsed)
        return ReviewStage.verdict(outcome, on: candidate, by: task, of: run)
    }

    @Test("names the tree and delta it is about, and the vendors that answered")
    func names() throws {
        #expect(
            try Self.verdict(Self.answer(), isRehearsed: true)
                == Verdict(
                    outcome: .approve, summary: "I read all of it.", findings: [], tree: Self.candidate.tree,
                    delta: Self.candidate.delta.digest, reviewerVendors: [.anthropic], isRehearsed: true))
    }

    // The configured reviewer is of another vendor in each of these; what answered decides.
    @Test("refuses a reviewer of the author's vendor, by what answered and not by what was configured")
    func reviewerOfTheAuthorsVendor() throws {
        let refused = try Self.verdict(Self.answer(), vendors: [.openai])
        #expect(refused.outcome == .incomplete)
        #expect(refused.summary == "openai answered, whose model also wrote the change.")
        // One shared vendor among several is enough, on either side.
        #expect(try Self.verdict(Self.answer(), vendors: [.anthropic, .openai]).outcome == .incomplete)
        #expect(
            try Self.verdict(Self.answer(), vendors: [.mistral], authors: [.mistral, .openai]).outcome
                == .incomplete)
    }

    @Test("lets a reviewer of the author's vendor pass where a person said so")
    func sameVendorAllowed() throws {
        let verdict = try Self.verdict(Self.answer(), vendors: [.openai], allowsSameVendor: true)
        #expect(verdict.outcome == .approve)
        #expect(verdict.reviewerVendors == [.openai])
    }

    @Test("is incomplete when no vendor answered, or one that nothing names", arguments: [true, false])
    func unknownVendor(allowsSameVendor: Bool) throws {
        for vendors in [[], [Vendor.unknown], [.anthropic, .unknown]] {
            let verdict = try Self.verdict(
                Self.answer(), vendors: vendors, allowsSameVendor: allowsSameVendor)
            #expect(verdict.outcome == .incomplete, "\(vendors)")
        }
    }

    @Test(
        "is incomplete when the answer does not follow its schema",
        arguments: [
            nil, "approve", [:], ["verdict": "approve"], ["verdict": "approve", "summary": "Fine."],
            ["verdict": "approve", "summary": "Fine.", "findings": "none"],
            ["verdict": true, "summary": "Fine.", "findings": []],
            ["verdict": "approve", "summary": "Fine.", "findings": [["severity": "grave"]]],
            answer("APPROVE"), answer("approved"), answer("reject"), answer(""),
        ] as [JSONValue?])
    func brokenAnswer(structured: JSONValue?) throws {
        #expect(try Self.verdict(structured).outcome == .incomplete)
    }

    @Test("asks for changes when it approves and blocks at once")
    func approvesAndBlocks() throws {
        let verdict = try Self.verdict(Self.answer("approve", findings: [Self.finding("blocking")]))
        #expect(verdict.outcome == .requestChanges)
        #expect(
            try Self.verdict(Self.answer("approve", findings: [Self.finding("advice")])).outcome == .approve)
    }

    @Test("is incomplete when it asks for changes and names none")
    func changesWithoutReason() throws {
        let verdict = try Self.verdict(Self.answer("changes"))
        #expect(verdict.outcome == .incomplete)
        #expect(verdict.summary == "it asks for changes and names none.")
        #expect(
            try Self.verdict(Self.answer("changes", findings: [Self.finding("advice")])).outcome
                == .requestChanges)
    }

    @Test("is incomplete when it has more findings than are read, whatever they say")
    func tooManyFindings() throws {
        let many = Array(repeating: Self.finding("advice"), count: ReviewAnswer.findingsMax + 1)
        let verdict = try Self.verdict(Self.answer("approve", findings: many))
        #expect(verdict.outcome == .incomplete)
        #expect(verdict.findings.count == ReviewAnswer.findingsMax)
        #expect(try Self.verdict(Self.answer("approve", findings: many.dropLast())).outcome == .approve)
    }

    @Test("keeps a stranger's words bounded and visible")
    func bounded() throws {
        let long = String(repeating: "x", count: 100_000) + "\u{1B}[2J"
        let verdict = try Self.verdict(
            Self.answer("changes", findings: [Self.finding("blocking", claim: "\u{1B}[2J" + long)]))
        let claim = try #require(verdict.findings.first?.claim)
        #expect(claim.utf8.count <= ReviewAnswer.textBytesMax + 64)
        #expect(!claim.contains("\u{1B}"))
    }

    @Test(
        "is incomplete when the reviewer crashed, hung, babbled or broke its schema",
        arguments: [SessionFailure.crashed, .hung, .tooLong, .garbage, .model, .schema])
    func failed(reason: SessionFailure) throws {
        let (task, run) = try Self.reviewing()
        let outcome = SessionOutcome(
            result: .failed(reason: reason, message: "It broke"), vendors: [.anthropic])
        let verdict = ReviewStage.verdict(outcome, on: Self.candidate, by: task, of: run)
        #expect(verdict.outcome == .incomplete)
        #expect(verdict.summary == "It broke.")
    }

    @Test("chooses the first reviewer of another vendor, and none where there is none")
    func choice() throws {
        let (task, run) = try Self.reviewing(by: [.openai])
        #expect(try ReviewStage.reviewer(for: task, of: run).name == SampleRun.second.name)
        let (both, shared) = try Self.reviewing(by: [.anthropic, .openai])
        #expect(throws: (any Error).self) { try ReviewStage.reviewer(for: both, of: shared) }
        let (unknown, run2) = try Self.reviewing(by: [.unknown])
        #expect(throws: (any Error).self) { try ReviewStage.reviewer(for: unknown, of: run2) }
    }
}
