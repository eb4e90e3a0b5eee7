import ChildProcess
import Fixtures
import Linux
import SandboxScene
import Testing

@Suite("sandbox-init")
struct SandboxInitTests {
    private func run(_ arguments: [String]) async throws -> ChildOutput {
        try await Child.run(
            ChildCommand([try builtProduct(named: "sandbox-init")] + arguments, environment: [:]),
            timeout: .seconds(30))
    }

    @Test(
        "refuses every argument it does not know, with one sentence and a code of its own",
        arguments: RefusedArguments.rows)
    func usage(arguments: [String], sentence: String) async throws {
        let output = try await run(arguments)
        #expect(output.termination == .exited(64))
        #expect(output.stderrText == "sandbox-init: \(sentence).\n")
        #expect(output.stdout.isEmpty)
    }

    @Test("does not start for a parent that is gone")
    func orphan() async throws {
        let output = try await run(
            ["launch", "--parent", "1", "--core", "0", "--nofile", "9"]
                + (SystemIdentity.isRoot ? ["--uid", "65534"] : []) + ["--", "/bin/true"])
        #expect(output.termination == .exited(71))
        #expect(output.stderrText == "sandbox-init: the parent (process 1) is gone.\n")
    }

    @Test("never starts a sandbox as uid 0", .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func root() async throws {
        let common = ["--parent", String(SystemIdentity.pid), "--core", "0", "--nofile", "9"]
        let without = try await run(["launch"] + common + ["--", "/bin/true"])
        #expect(without.termination == .exited(71))
        #expect(
            without.stderrText == "sandbox-init: root needs --uid: a sandbox is never started by uid 0.\n")
        let zero = try await run(["launch", "--uid", "0"] + common + ["--", "/bin/true"])
        #expect(zero.termination == .exited(64))
    }

    @Test("says that bwrap cannot be executed, with a code of its own")
    func noBwrap() async throws {
        let output = try await run(
            ["launch", "--parent", String(SystemIdentity.pid), "--core", "0", "--nofile", "64"]
                + (SystemIdentity.isRoot ? ["--uid", "65534"] : []) + ["--", "/nowhere/bwrap"])
        #expect(output.termination == .exited(72))
        #expect(
            output.stderrText == "sandbox-init: cannot execute /nowhere/bwrap: No such file or directory.\n")
    }

    @Test(
        "drops everything that is root's before it starts bwrap",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func dropsPrivileges() async throws {
        let script = try TemporaryFolder(reachable: true)
        let show = try script.write(
            "bwrap", "#!/bin/sh\ngrep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs)' /proc/self/status; env\n",
            mode: 0o755)
        let output = try await run(
            [
                "launch", "--parent", String(SystemIdentity.pid), "--uid", "1920004000", "--core", "0",
                "--nofile", "64", "--", show,
            ])
        let lines = output.stdoutText.split(separator: "\n").map {
            $0.split(whereSeparator: { $0 == "\t" || $0 == " " })
        }
        let facts = Dictionary(lines.map { (String($0[0]), $0.dropFirst().joined(separator: " ")) }) {
            first, _ in first
        }
        let ids = "1920004000 1920004000 1920004000 1920004000"
        #expect(
            facts == [
                "Uid:": ids, "Gid:": ids, "Groups:": "", "CapInh:": "0000000000000000",
                "CapPrm:": "0000000000000000",
                "CapEff:": "0000000000000000", "CapBnd:": "0000000000000000", "CapAmb:": "0000000000000000",
                "NoNewPrivs:": "1", "PATH=/usr/bin:/bin": "", "PWD=/": "",
            ])
    }
}
