import Testing
import Vocabulary

@testable import Checking

@Suite("The judgement of a check")
struct JudgementTests {
    static let passed = CheckResult.Outcome.passed
    static let failed = CheckResult.Outcome.failed
    static let didNotRun = CheckResult.Outcome.didNotRun

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        var exit: Int32? = 0
        var ran: Int?
        var required: Int?
        var timedOut = false
        let outcome: CheckResult.Outcome
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "exit 0, nothing required", outcome: passed),
        Row(name: "exit 0, enough tests", ran: 3, required: 1, outcome: passed),
        Row(name: "exit 0, more tests than required", ran: 3, required: 3, outcome: passed),
        Row(name: "exit 1", exit: 1, outcome: failed),
        Row(name: "exit 1 without a report: it does not even build", exit: 1, required: 1, outcome: failed),
        Row(name: "exit 1, tests ran", exit: 1, ran: 3, required: 1, outcome: failed),
        Row(name: "ended by a signal", exit: nil, ran: 3, required: 1, outcome: failed),
        Row(name: "exit 127: no such command", exit: 127, outcome: didNotRun),
        Row(name: "exit 126: not executable", exit: 126, ran: 3, outcome: didNotRun),
        Row(name: "no test ran, exit 0", ran: 0, outcome: didNotRun),
        Row(name: "no test ran, exit 5 (pytest)", exit: 5, ran: 0, required: 1, outcome: didNotRun),
        Row(name: "no report where tests are required", required: 1, outcome: didNotRun),
        Row(name: "fewer tests than required", ran: 2, required: 3, outcome: didNotRun),
        Row(name: "out of time", timedOut: true, outcome: .timedOut),
        Row(
            name: "out of time with a report of passes", ran: 9, required: 1, timedOut: true,
            outcome: .timedOut),
    ]

    @Test("is passed only for a command that ended with 0 and ran what was required", arguments: rows)
    func matrix(row: Row) {
        let check = CheckDefinition(
            name: "tests", command: .argv(["true"]), requireTests: row.required, origin: "sample")
        let result = CheckResult(
            name: "tests", outcome: .failed, tree: ObjectID("t"), exitCode: row.exit, testsRun: row.ran,
            seconds: 0, outputTail: "")
        let (outcome, reason) = CheckRunner.judge(check, result, timedOut: row.timedOut)
        #expect(outcome == row.outcome)
        #expect((reason == nil) == (outcome == .passed || outcome == .failed && row.exit != nil))
    }

    @Test("does not call an empty test run a pass: an empty test run did not run")
    func emptyTestRun() {
        let check = CheckDefinition(name: "tests", command: .script("true"), origin: "sample")
        let text = "Ran 0 tests in 0.000s\n\nOK\n"
        let result = CheckResult(
            name: "tests", outcome: .failed, tree: ObjectID("t"), exitCode: 0,
            testsRun: CheckReport.testsRun(in: text), seconds: 0, outputTail: text)
        let (outcome, reason) = CheckRunner.judge(check, result, timedOut: false)
        #expect(outcome == .didNotRun)
        #expect(reason == "its report says that no test ran")
    }
}
