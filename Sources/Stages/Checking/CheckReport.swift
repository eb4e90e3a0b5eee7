/// What a test program said about how many tests it ran, read from the closing lines it is known to print.
///
/// Formats and their sources: unittest `Ran 3 tests in …` (https://docs.python.org/3/library/unittest.html),
/// pytest `3 passed, 1 failed in …`, Swift Testing `Test run with 3 tests …` and XCTest `Executed 3 tests`,
/// cargo `test result: ok. 3 passed; 0 failed`, go `--- PASS:` lines of `go test -v`, node and TAP `# tests
/// 3`, jest `Tests: 3 passed, 3 total`.
///
/// A test that was skipped did not run. The text is a stranger's: numbers no test run can have are no report.
package enum CheckReport {
    /// More tests than this are not believed; sums of believed numbers do not overflow.
    static let testsMax = 10_000_000

    /// The number of tests that were executed; nil when no known report is in the text.
    package static func testsRun(in text: String) -> Int? {
        var sums = Sums()
        for line in text.split(whereSeparator: \.isNewline) {
            sums.read(line.drop { $0 == " " || $0 == "=" || $0 == "\t" || $0 == "\u{1B}" })
        }
        return sums.total
    }

    /// What each kind of program has said so far.
    private struct Sums {
        private var counted: Int?
        private var unittest: Int?
        private var unittestSkipped = 0
        /// XCTest says the same tests again for each suite around them: the largest number is all of them.
        private var xctest: Int?
        private var goTests: Int?
        private var tap: Int?
        private var tapSkipped = 0

        var total: Int? {
            let parts = [
                counted, unittest.map { max(0, $0 - unittestSkipped) }, xctest, goTests,
                tap.map { max(0, $0 - tapSkipped) },
            ].compactMap(\.self)
            return parts.isEmpty ? nil : parts.reduce(0, Self.sum)
        }

        mutating func read(_ line: Substring) {
            if let count = number(in: line, after: "Ran ", before: " test") {
                unittest = Self.sum(unittest ?? 0, count)
            } else if line.hasPrefix("OK (") || line.hasPrefix("FAILED (") {
                unittestSkipped = Self.sum(
                    unittestSkipped, line.after("skipped=").flatMap(leadingNumber) ?? 0)
            } else if let count = number(in: line, after: "Executed ", before: " test") {
                let skipped = line.after(" with ").flatMap { rest in
                    rest.contains(" skipped") ? leadingNumber(rest) : nil
                }
                xctest = max(xctest ?? 0, count - (skipped ?? 0))
            } else if let count = line.after("Test run with ").flatMap(leadingNumber) {
                add(count)
            } else if line.hasPrefix("test result: ") {
                add(count(of: ["passed", "failed"], in: line, separator: ";"))
            } else if line.hasPrefix("Tests:") {
                add(count(of: ["passed", "failed"], in: line.dropFirst("Tests:".count), separator: ","))
            } else if let count = line.after(prefix: "# tests ").flatMap(leadingNumber) {
                tap = Self.sum(tap ?? 0, count)
            } else if let count = line.after(prefix: "# skipped ").flatMap(leadingNumber) {
                tapSkipped = Self.sum(tapSkipped, count)
            } else if line.hasPrefix("--- PASS: ") || line.hasPrefix("--- FAIL: ") {
                goTests = Self.sum(goTests ?? 0, 1)
            } else if line.contains(" in "), let executed = pytest(line) {
                add(executed)
            }
        }

        private mutating func add(_ count: Int) { counted = Self.sum(counted ?? 0, count) }
        private static func sum(_ a: Int, _ b: Int) -> Int { min(a + b, testsMax) }

        /// pytest's last line: `2 failed, 3 passed, 1 skipped in 0.12s`, or `no tests ran in 0.01s`.
        private func pytest(_ line: Substring) -> Int? {
            guard let summary = line.before(" in ") else { return nil }
            if summary.hasPrefix("no tests ran") { return 0 }
            let words = [
                "passed", "failed", "error", "errors", "skipped", "xfailed", "xpassed", "deselected",
                "warnings", "warning",
            ]
            var executed = 0
            for part in summary.split(separator: ",") {
                let fields = part.split(separator: " ")
                guard fields.count == 2, let count = believed(fields[0]), words.contains(String(fields[1]))
                else { return nil }
                // An error is a test that could not even begin; it did not pass, but it was not left out
                // either.
                if ["passed", "failed", "xfailed", "xpassed", "error", "errors"].contains(String(fields[1])) {
                    executed = Self.sum(executed, count)
                }
            }
            return executed
        }

        private func count(of words: [String], in line: Substring, separator: Character) -> Int {
            line.split(separator: separator).reduce(0) { sum, part in
                let fields = part.split(separator: " ")
                guard fields.count >= 2, words.contains(String(fields[fields.count - 1])),
                    let count = believed(fields[fields.count - 2])
                else { return sum }
                return Self.sum(sum, count)
            }
        }
    }

    private static func number(in line: Substring, after prefix: String, before suffix: String) -> Int? {
        guard let rest = line.after(prefix: prefix) else { return nil }
        let digits = rest.prefix { $0.isNumber }
        return rest.dropFirst(digits.count).hasPrefix(suffix) ? believed(digits) : nil
    }
    private static func leadingNumber(_ text: Substring) -> Int? { believed(text.prefix { $0.isNumber }) }

    /// A number a test run can have; nil for any other text.
    private static func believed(_ digits: Substring) -> Int? {
        guard let count = Int(digits), (0...testsMax).contains(count) else { return nil }
        return count
    }
}

extension Substring {
    fileprivate func after(prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
    /// What follows the first place of a text; nil when it is not there.
    fileprivate func after(_ text: String) -> Substring? {
        firstRange(of: text).map { self[$0.upperBound...] }
    }
    /// What stands before the first place of a text; nil when it is not there.
    fileprivate func before(_ text: String) -> Substring? {
        firstRange(of: text).map { self[..<$0.lowerBound] }
    }
}
