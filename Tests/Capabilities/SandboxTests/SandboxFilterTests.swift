import Sandbox
import Seccomp
import Testing

@Suite("The table of refused system calls")
struct SandboxFilterTests {
    @Test("names only calls that the library knows, and gives each a reason")
    func names() throws {
        for row in SandboxFilter.rows {
            _ = try SeccompCompiler.number(of: row.name)
            #expect(!row.reason.isEmpty && !row.rules.isEmpty)
            #expect(row.rules.allSatisfy { $0.systemCall == row.name })
        }
    }

    @Test("names each call once")
    func once() {
        let names = SandboxFilter.rows.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test("names nothing from the number on where all calls are refused")
    func bound() throws {
        let numbers = try SandboxFilter.rows.compactMap { try SeccompCompiler.number(of: $0.name) }
        #expect(numbers.allSatisfy { $0 < SandboxFilter.firstUnknownNumber })
    }

    @Test("fits into what the kernel loads: 4096 instructions")
    func size() throws {
        #expect(try SeccompCompiler.compile(SandboxFilter.program).count / 8 <= 4096)
    }
}
