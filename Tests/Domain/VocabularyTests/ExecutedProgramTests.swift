import Testing
import Vocabulary

@Suite("A program that was executed") struct ExecutedProgramTests {
    private func program(_ path: String, _ arguments: [String]) -> ExecutedProgram {
        ExecutedProgram(path: path, arguments: arguments, process: 7, parent: 3)
    }

    @Test("is kept whole where it is short") func short() {
        let seen = program("/bin/ls", ["ls", "-l", ""])
        #expect(
            (seen.path, seen.arguments.joined(separator: "|"), seen.argumentCount) == ("/bin/ls", "ls|-l|", 3)
        )
        #expect((seen.process, seen.parent) == (7, 3))
        #expect(seen.line == "ls -l ")
    }

    @Test("keeps so many arguments, each so long, and says how many there were") func long() {
        let long = String(repeating: "x", count: ExecutedProgram.textBytesMax + 500)
        let seen = program(long, [String](repeating: long, count: ExecutedProgram.argumentsMax + 36))
        #expect(seen.arguments.count == ExecutedProgram.argumentsMax)
        #expect(seen.argumentCount == ExecutedProgram.argumentsMax + 36)
        let note = 64  // How much was cut, in words.
        let bound = ExecutedProgram.textBytesMax
        #expect(([seen.path] + seen.arguments).allSatisfy { (bound...bound + note).contains($0.utf8.count) })
        #expect(seen.line.hasSuffix(" … (36 more)"))
        // As many as are kept are not said to be more.
        #expect(
            !program("a", [String](repeating: "a", count: ExecutedProgram.argumentsMax)).line.contains("more")
        )
    }

    @Test("holds nothing that could move a cursor or break a line") func escaped() {
        let seen = program("/a\nb", ["a\u{1b}[2J", "b\tc", "\u{202e}d"])
        #expect(seen.path == "/a\\nb")
        #expect(seen.arguments == ["a\\u{1b}[2J", "b\\tc", "\\u{202e}d"])
    }

    @Test("without arguments is its path") func none() {
        #expect(program("/bin/true", []).line == "/bin/true")
    }
}
