import Testing
import Vocabulary

@Suite("A program as the record keeps it") struct ExecutedProgramTests {
    private func program(_ arguments: [String]) -> ExecutedProgram {
        ExecutedProgram(path: "/bin/cc", arguments: arguments, process: 7, parent: 6)
    }

    @Test("keeps a short command line whole") func whole() {
        let short = program(["cc", "-c", "a.c"])
        #expect(short.arguments == ["cc", "-c", "a.c"] && short.bytesLeftOut == nil)
        #expect(short.line == "cc -c a.c")
    }

    @Test("keeps two kibibytes of a long one, and says how much it left out") func bounded() {
        let long = program(["cc"] + Array(repeating: String(repeating: "x", count: 700), count: 90))
        #expect(long.arguments.count == 4 && long.argumentCount == 91)
        #expect(long.arguments.reduce(0) { $0 + $1.utf8.count } < ExecutedProgram.argumentBytesMax + 200)
        #expect(long.arguments.last?.hasSuffix("bytes more)") == true)
        #expect(long.bytesLeftOut == 87 * 700)
        #expect(long.line.hasSuffix(" … (87 more with 60900 bytes)"))
    }

    @Test("cuts one argument that is long by itself, whatever it is made of") func one() {
        let one = program(["sh", "-c", String(repeating: "\u{1B}", count: 60_000)])
        #expect(one.arguments[2].utf8.count < ExecutedProgram.textBytesMax + 40)
        #expect(one.arguments[2].hasPrefix("\\u{1b}\\u{1b}"))
        #expect(one.bytesLeftOut == nil && one.arguments[2].hasSuffix("bytes more)"))
    }

    @Test("says of so many arguments how many there were; as many as are kept are not said to be more")
    func many() {
        let kept = ExecutedProgram.argumentsMax
        let long = program([String](repeating: "a", count: kept + 36))
        #expect(long.arguments.count == kept && long.argumentCount == kept + 36)
        #expect(long.line.hasSuffix(" … (36 more with 36 bytes)"))
        #expect(!program([String](repeating: "a", count: kept)).line.contains("more"))
    }

    @Test("holds nothing that could move a cursor or break a line") func escaped() {
        let seen = ExecutedProgram(
            path: "/a\nb", arguments: ["a\u{1b}[2J", "b\tc", "\u{202e}d"], process: 7, parent: 3)
        #expect(seen.path == "/a\\nb")
        #expect(seen.arguments == ["a\\u{1b}[2J", "b\\tc", "\\u{202e}d"])
        #expect((seen.process, seen.parent) == (7, 3))
    }

    @Test("without arguments is its path") func none() {
        #expect(program([]).line == "/bin/cc")
    }
}
