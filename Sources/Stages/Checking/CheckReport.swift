/// What a test program said about how many tests it ran, read from the closing lines it is known to print.
///
/// Formats and their sources: unittest `Ran 3 tests in …` (https://docs.python.org/3/library/unittest.html),
/// pytest `3 passed, 1 failed in …`, Swift Testing `Test run with 3 tests …` and XCTest `Executed 3 tests`,
/// cargo `test result: ok. 3 passed; 0 failed`, go `--- PASS:` lines of `go test -v`, node and TAP `# tests
/// 3`, jest `Tests: 3 passed, 3 total`.
package enum CheckReport {
    /// The number of tests that were executed; nil when no known report is in the text.
    package static func testsRun(in text: String) -> Int? {
        var total: Int?
        func add(_ count: Int) { total = (total ?? 0) + count }
        var goTests = 0
        for rawLine in text.split(separator: "\n", omittingEmptySubsequences: true) {
            let line = rawLine.drop { $0 == " " || $0 == "=" || $0 == "\t" || $0 == "\u{1B}" }
            if let count = number(in: line, after: "Ran ", before: " test") {
                add(count)
            } else if let count = number(in: line, after: "Executed ", before: " test") {
                add(count)
            } else if let rest = line.after("Test run with "), let count = leadingNumber(rest) {
                add(count)
            } else if line.hasPrefix("test result: ") {
                add(count(of: ["passed", "failed"], in: line, separator: ";"))
            } else if line.hasPrefix("Tests:") {
                add(count(of: ["passed", "failed"], in: line.dropFirst("Tests:".count), separator: ","))
            } else if line.hasPrefix("# tests "), let count = leadingNumber(line.dropFirst("# tests ".count))
            {
                add(count)
            } else if line.hasPrefix("--- PASS: ") || line.hasPrefix("--- FAIL: ") {
                goTests += 1
            } else if line.contains(" in "), let executed = pytest(line) {
                add(executed)
            }
        }
        if goTests > 0 { add(goTests) }
        return total
    }

    /// pytest's last line: `2 failed, 3 passed, 1 skipped in 0.12s`, or `no tests ran in 0.01s`.
    private static func pytest(_ line: Substring) -> Int? {
        guard let summary = line.before(" in ") else { return nil }
        if summary.hasPrefix("no tests ran") { return 0 }
        let words = [
            "passed", "failed", "error", "errors", "skipped", "xfailed", "xpassed", "deselected", "warnings",
            "warning",
        ]
        var executed = 0
        for part in summary.split(separator: ",") {
            let fields = part.split(separator: " ")
            guard fields.count == 2, let count = Int(fields[0]), words.contains(String(fields[1])) else {
                return nil
            }
            // An error is a test that could not even begin; it did not pass, but it was not left out either.
            if ["passed", "failed", "xfailed", "xpassed", "error", "errors"].contains(String(fields[1])) {
                executed += count
            }
        }
        return executed
    }

    private static func number(in line: Substring, after prefix: String, before suffix: String) -> Int? {
        guard line.hasPrefix(prefix) else { return nil }
        let rest = line.dropFirst(prefix.count)
        let digits = rest.prefix { $0.isNumber }
        return rest.dropFirst(digits.count).hasPrefix(suffix) ? Int(digits) : nil
    }
    private static func leadingNumber(_ text: Substring) -> Int? { Int(text.prefix { $0.isNumber }) }
    private static func count(of words: [String], in line: Substring, separator: Character) -> Int {
        line.split(separator: separator).reduce(0) { sum, part in
            let fields = part.split(separator: " ")
            guard fields.count >= 2, words.contains(String(fields[fields.count - 1])),
                let count = Int(fields[fields.count - 2])
            else { return sum }
            return sum + count
        }
    }
}

extension Substring {
    /// What follows the first place of a text; nil when it is not there.
    fileprivate func after(_ text: String) -> Substring? {
        firstRange(of: text).map { self[$0.upperBound...] }
    }
    /// What stands before the first place of a text; nil when it is not there.
    fileprivate func before(_ text: String) -> Substring? {
        firstRange(of: text).map { self[..<$0.lowerBound] }
    }
}
