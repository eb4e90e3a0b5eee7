import Testing
import Vocabulary

@testable import Checking

@Suite("The program a check missed")
struct MissingProgramTests {
    private func names(_ output: String, _ command: CheckDefinition.Command) -> [String] {
        MissingProgram.names(in: output, of: command)
    }

    @Test(
        "is the one that the shell, env or the launcher says was not there",
        arguments: [
            "sh: 1: swift: not found", "bash: line 1: swift: command not found",
            "env: ‘swift’: No such file or directory", "/bin/sh: 1: swift: Permission denied",
        ])
    func shells(line: String) {
        #expect(names("building\n\(line)\n", .script("./build")) == ["swift"])
    }

    @Test("is first of all the one the command begins with")
    func first() {
        #expect(names("", .argv(["prove-it", "now"])) == ["prove-it"])
        #expect(names("sh: 1: cargo: not found\n", .argv(["prove-it"])) == ["prove-it", "cargo"])
        #expect(names("", .script("prove-it now")) == [])
        #expect(names("sh: 1: prove-it: not found\n", .script("prove-it now")) == ["prove-it"])
    }

    @Test("is none that only a stranger's output names, or that is no name of a program")
    func strangers() {
        #expect(names("sh: 1: passwords: not found\n", .argv(["make", "test"])) == ["make"])
        #expect(names("sh: ../../cargo: not found /root/.ssh/id_rsa\n", .script("x")) == [])
        let many = (0..<1_000).map { "x\($0): not found" }.joined(separator: "\n")
        #expect(names(many, .script((0..<1_000).map { "x\($0)" }.joined(separator: " "))).count == 20)
    }
}
