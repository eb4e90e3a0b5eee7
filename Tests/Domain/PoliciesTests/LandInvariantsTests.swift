import Policies
import Testing
import Vocabulary

@Suite("A landing's invariants") struct LandInvariantsTests {
    private let tree = ObjectID("1111111111aaaa")
    private let otherTree = ObjectID("2222222222bbbb")

    private func result(_ outcome: CheckResult.Outcome = .passed, tests: Int? = 4, tree: ObjectID? = nil)
        -> CheckResult
    {
        CheckResult(
            name: "tests", outcome: outcome, tree: tree ?? self.tree, exitCode: 0, testsRun: tests,
            seconds: 1, outputTail: "",
            reason: outcome == .didNotRun ? "exit code 127" : nil)
    }

    private func verdict(
        _ outcome: Verdict.Outcome = .approve, tree: ObjectID? = nil, delta: Digest = Digest("d"),
        vendors: [Vendor] = [.openai], findings: [Finding] = [], isRehearsed: Bool = false
    ) -> Verdict {
        Verdict(
            outcome: outcome, summary: "", findings: findings, tree: tree ?? self.tree, delta: delta,
            reviewerVendors: vendors,
            isRehearsed: isRehearsed)
    }

    /// Good evidence for a landing; each test spoils one thing.
    private var good: LandInvariants {
        LandInvariants(
            landingTree: tree, landingDelta: Digest("d"), candidateTree: tree,
            requiredChecks: [
                CheckDefinition(name: "tests", command: .argv(["t"]), requireTests: 1, origin: "here")
            ],
            checks: [result()], verdict: verdict(), authorVendors: [.anthropic], permitsSameVendor: false,
            runIsRehearsed: false, isEvidenceRehearsed: false)
    }

    private func reasons(_ change: (inout LandInvariants) -> Void) -> [String] {
        var invariants = good
        change(&invariants)
        let denials = invariants.denials
        #expect(denials.allSatisfy { $0.decision == .deny && $0.rule.hasPrefix("built-in: ") })
        return denials.map(\.reason)
    }

    @Test("hold for checks and a verdict of another vendor on exactly these bytes")
    func good_() { #expect(good.denials == []) }

    @Test("refuse checks that failed, did not run, ran elsewhere or ran nothing")
    func checks() {
        #expect(
            reasons { $0.checks = [] } == [
                "The checks did not run: there is no result of tests on tree 1111111111."
            ])
        #expect(
            reasons { $0.checks = [result(tree: otherTree)] } == [
                "The checks did not run: the result of tests is of tree 2222222222, not of 1111111111."
            ])
        #expect(
            reasons { $0.checks = [result(.didNotRun)] } == ["The checks did not run: tests: exit code 127."])
        #expect(reasons { $0.checks = [result(.failed)] } == ["Check tests failed on tree 1111111111."])
        #expect(
            reasons { $0.checks = [result(.timedOut)] } == ["Check tests ran out of time on tree 1111111111."]
        )
        #expect(reasons { $0.requiredChecks = [] } == ["The change has no checks to pass."])
        let empty = "Check tests was an empty test run, and an empty test run is not a pass."
        #expect(reasons { $0.checks = [result(tests: 0)] } == [empty])
        #expect(reasons { $0.checks = [result(tests: nil)] } == [empty])
        #expect(
            reasons { $0.requiredChecks[0].requireTests = 9 } == [
                "Check tests ran 4 tests; at least 9 are required."
            ])
        #expect(
            reasons {
                $0.requiredChecks[0].requireTests = nil
                $0.checks = [result(tests: nil)]
            } == [])
    }

    @Test("take the newest result of a check on the tree")
    func newest() {
        #expect(reasons { $0.checks = [result(.failed), result()] } == [])
        #expect(
            reasons { $0.checks = [result(), result(.failed)] } == ["Check tests failed on tree 1111111111."])
        #expect(reasons { $0.checks = [result(), result(.failed, tree: otherTree)] } == [])
    }

    @Test("refuse a failed check on the tree that nobody required")
    func extra() {
        var lint = result(.failed)
        lint.name = "lint"
        #expect(reasons { $0.checks.append(lint) } == ["Check lint did not pass on tree 1111111111."])
    }

    @Test("refuse a verdict that is missing, incomplete, negative or about other bytes")
    func verdicts() {
        #expect(reasons { $0.verdict = nil } == ["The change was not reviewed."])
        #expect(
            reasons { $0.verdict = verdict(.incomplete) } == [
                "The review is incomplete, and an incomplete review never passes."
            ])
        #expect(reasons { $0.verdict = verdict(.requestChanges) } == ["The reviewer asks for changes."])
        #expect(
            reasons { $0.verdict = verdict(tree: otherTree) } == [
                "The verdict names another tree: it is about 2222222222, the candidate is 1111111111."
            ])
        #expect(
            reasons { $0.candidateTree = otherTree } == [
                "The verdict names another tree: it is about 1111111111, the candidate is 2222222222."
            ])
        #expect(
            reasons { $0.landingDelta = Digest("e") } == [
                "The verdict names another delta than the one about to land."
            ])
        let blocking = Finding(severity: .blocking, file: "a", line: 1, claim: "c", why: "w")
        #expect(
            reasons { $0.verdict = verdict(findings: [blocking]) } == [
                "The verdict approves and blocks at once."
            ])
    }

    @Test("carry a verdict over to a moved base when the delta is the same, but not the checks")
    func movedBase() {
        #expect(
            reasons { $0.landingTree = otherTree } == [
                "The checks did not run: the result of tests is of tree 1111111111, not of 2222222222."
            ])
        #expect(
            reasons {
                $0.landingTree = otherTree
                $0.checks.append(result(tree: otherTree))
            } == [])
    }

    @Test("refuse a reviewer of the author's vendor, unless the person chose that")
    func independence() {
        let shared = "The reviewer vendor is the author's (anthropic)."
        #expect(reasons { $0.verdict = verdict(vendors: [.anthropic]) } == [shared])
        #expect(reasons { $0.verdict = verdict(vendors: [.anthropic, .openai]) } == [shared])
        #expect(
            reasons {
                $0.authorVendors = [.openai, .anthropic]
                $0.verdict = verdict(vendors: [.openai, .anthropic])
            } == [
                "The reviewer vendor is the author's (anthropic, openai)."
            ])
        #expect(
            reasons {
                $0.verdict = verdict(vendors: [.anthropic])
                $0.permitsSameVendor = true
            } == [])
    }

    @Test(
        "never call an unknown or silent vendor another one, whatever the person chose",
        arguments: [false, true])
    func unknown(permitsSameVendor: Bool) {
        func spoiled(_ change: (inout LandInvariants) -> Void) -> [String] {
            reasons {
                change(&$0)
                $0.permitsSameVendor = permitsSameVendor
            }
        }
        #expect(spoiled { $0.authorVendors = [] } == ["No vendor answered in the author's sessions."])
        #expect(
            spoiled { $0.verdict = verdict(vendors: []) } == ["No vendor answered in the reviewer's session."]
        )
        #expect(
            spoiled { $0.authorVendors = [.anthropic, .unknown] } == [
                "The vendor is unknown of a model that answered in the author's sessions."
            ])
        #expect(
            spoiled { $0.verdict = verdict(vendors: [.unknown]) } == [
                "The vendor is unknown of a model that answered in the reviewer's session."
            ])
    }

    @Test("refuse rehearsed evidence in a normal run and take it in a rehearsed one")
    func rehearsal() {
        #expect(
            reasons { $0.verdict = verdict(isRehearsed: true) } == [
                "A rehearsed verdict counts for nothing in a normal run."
            ])
        #expect(
            reasons { $0.isEvidenceRehearsed = true } == [
                "A script answered in a session of this change, in a normal run."
            ])
        #expect(
            reasons {
                $0.verdict = verdict(isRehearsed: true)
                $0.isEvidenceRehearsed = true
                $0.runIsRehearsed = true
            } == [])
    }
}
