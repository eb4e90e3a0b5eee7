import Checking
import Testing

@Suite("The number of tests a report names")
struct CheckReportTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let count: Int?
        var testDescription: String { name }
        init(_ name: String, _ text: String, _ count: Int?) {
            (self.name, self.text, self.count) = (name, text, count)
        }
    }

    static let closingLines: [Row] = [
        Row("unittest", "..\n----\nRan 2 tests in 0.001s\n\nOK\n", 2),
        Row("unittest, one", "Ran 1 test in 0.001s\n\nOK", 1),
        Row("unittest, none", "Ran 0 tests in 0.000s\n\nNO TESTS RAN\n", 0),
        Row("pytest", "==== 3 passed, 1 failed, 2 skipped in 0.12s ====", 4),
        Row("pytest, quiet", "3 passed in 0.01s", 3),
        Row("pytest, none", "no tests ran in 0.01s", 0),
        Row("pytest, an error in a fixture", "=== 1 error in 0.05s ===", 1),
        Row("pytest, deselected", "2 deselected in 0.01s", 0),
        Row("Swift Testing", "✔ Test run with 12 tests in 3 suites passed after 0.2 seconds.", 12),
        Row("XCTest", "\t Executed 3 tests, with 0 failures (0 unexpected) in 0.1 (0.1) seconds", 3),
        Row("cargo", "test result: ok. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out", 4),
        Row(
            "cargo, a crate and its examples",
            "test result: ok. 3 passed; 0 failed; 0 ignored\ntest result: ok. 0 passed; 0 failed; 0 ignored",
            3),
        Row(
            "go",
            "=== RUN TestA\n--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\n--- SKIP: TestC (0.00s)\n", 2),
        Row("jest", "Tests:       1 failed, 2 skipped, 5 passed, 8 total", 6),
        Row("node", "# tests 7\n# suites 0\n# pass 7\n# fail 0\n# cancelled 0\n# skipped 0\n", 7),
        Row("lines that end in CR LF", "Ran 2 tests in 0.001s\r\n\r\nOK\r\n", 2),
        Row("two programs after each other", "Ran 2 tests in 0.0s\n3 passed in 0.1s\n", 5),
    ]

    @Test("is read from what each known program prints last", arguments: closingLines)
    func known(row: Row) { #expect(CheckReport.testsRun(in: row.text) == row.count) }

    static let skippedTests: [Row] = [
        Row("unittest, all skipped", "Ran 3 tests in 0.0s\n\nOK (skipped=3)\n", 0),
        Row("unittest, some skipped", "Ran 3 tests in 0.0s\n\nFAILED (failures=1, skipped=1)\n", 2),
        Row("pytest, all skipped", "3 skipped in 0.01s", 0),
        Row("XCTest, all skipped", "Executed 2 tests, with 2 tests skipped and 0 failures (0 unexpected)", 0),
        Row("node, all skipped", "# tests 2\n# pass 0\n# skipped 2\n", 0),
        Row("cargo, all ignored", "test result: ok. 0 passed; 0 failed; 4 ignored", 0),
        Row(
            "XCTest, suites around the same tests",
            String(repeating: "Executed 2 tests, with 0 failures\n", count: 3),
            2),
    ]

    @Test("counts what ran: not what was skipped, and nothing twice", arguments: skippedTests)
    func skipped(row: Row) { #expect(CheckReport.testsRun(in: row.text) == row.count) }

    static let hostileTexts: [Row] = [
        Row("nothing", "", nil),
        Row("prose", "All tests passed, believe me.\nRan away in tests\nExecuted well", nil),
        Row("a number no machine holds", "Ran 99999999999999999999999999 tests in 0.0s", nil),
        Row("a negative number", "Ran -3 tests in 0.0s\n-3 passed in 0.1s", nil),
        Row(
            "numbers whose sum no machine holds",
            "Ran 9223372036854775807 tests in 0.0s\nRan 9223372036854775807 tests in 0.0s", nil),
        Row(
            "sums of the same in one line",
            "9223372036854775807 passed, 9223372036854775807 failed in 0.1s\n"
                + "test result: ok. 9223372036854775807 passed; 9223372036854775807 failed", 0),
        Row("many large numbers", String(repeating: "Ran 9999999 tests in 0.0s\n", count: 3), 10_000_000),
        Row("more skipped than ran", "Ran 1 test in 0.0s\nOK (skipped=9999999)\nOK (skipped=9999999)", 0),
        Row("digits of another script", "Ran ٣ tests in 0.0s", nil),
        Row("a word between", "Ran 3 of 5 tests in 0.0s", nil),
        Row("zero bytes", "\0Ran 3 tests\0", nil),
        Row("a sentence that holds the words", "I think 3 passed, maybe 4 in all", nil),
    ]

    @Test("is not made up of what hostile text says", arguments: hostileTexts)
    func hostile(row: Row) { #expect(CheckReport.testsRun(in: row.text) == row.count) }

    @Test("is read from a very long text with very long lines")
    func long() {
        let noise = String(repeating: String(repeating: "x in ", count: 2_000) + "\n", count: 20)
        #expect(CheckReport.testsRun(in: noise + "Ran 2 tests in 0.1s\n" + noise) == 2)
    }
}
