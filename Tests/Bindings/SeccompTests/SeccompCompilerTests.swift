import Seccomp
import Testing

@Suite("The filter compiler")
struct SeccompCompilerTests {
    private let program = SeccompProgram(
        rules: [SeccompRule("ptrace", .fail(errno: 1))], firstUnknownNumber: 450)

    @Test("makes whole instructions, its own six first")
    func instructions() throws {
        let bytes = try SeccompCompiler.compile(program)
        #expect(bytes.count % 8 == 0)
        // Load the architecture, and answer ENOSYS (38) as errno: the first and the sixth instruction.
        #expect(Array(bytes[..<8]) == [0x20, 0, 0, 0, 4, 0, 0, 0])
        #expect(Array(bytes[40..<48]) == [0x06, 0, 0, 0, 38, 0, 0x05, 0])
    }

    @Test("makes the same bytes for the same program")
    func determinism() throws {
        #expect(try SeccompCompiler.compile(program) == SeccompCompiler.compile(program))
    }

    @Test("refuses a misspelt name, for the rule would protect nothing")
    func misspelt() {
        var misspelt = program
        misspelt.rules.append(SeccompRule("ptraec", .fail(errno: 1)))
        #expect(throws: SeccompError.unknownSystemCall("ptraec")) { try SeccompCompiler.compile(misspelt) }
        #expect(throws: SeccompError.unknownSystemCall("ptraec")) { try SeccompCompiler.number(of: "ptraec") }
    }

    @Test("passes over a call that only other architectures have")
    func otherArchitecture() throws {
        var wider = program
        wider.rules.append(SeccompRule("breakpoint", .fail(errno: 1)))  // 32-bit ARM
        #expect(try SeccompCompiler.number(of: "breakpoint") == nil)
        #expect(try SeccompCompiler.compile(wider) == SeccompCompiler.compile(program))
    }

    @Test("refuses two comparisons that the library cannot express together")
    func impossibleRule() {
        var impossible = program
        impossible.rules.append(
            SeccompRule("read", where: [SeccompArgument(9, .equal(1))], .fail(errno: 1)))
        #expect(throws: SeccompError.refusedRule(systemCall: "read", errno: 22)) {
            try SeccompCompiler.compile(impossible)
        }
    }
}
