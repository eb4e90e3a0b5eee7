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
        arguments: [
            ([], "say what to be: launch, init or probe"),
            (["enter"], "'enter' is none of launch, init and probe"),
            (["launch", "--what", "1", "--", "/bin/true"], "launch does not know '--what'"),
            (["launch", "--parent"], "--parent needs a value"),
            (["launch", "--parent", "x", "--", "/bin/true"], "--parent needs a decimal number, not 'x'"),
            (["launch", "--parent", "", "--", "/bin/true"], "--parent needs a number"),
            (["launch", "--parent", "-1", "--", "/bin/true"], "--parent needs a decimal number, not '-1'"),
            (
                ["launch", "--uid", "99999999999", "--", "/bin/true"],
                "--uid is at most 4294967294, not '99999999999'"
            ),
            (["launch", "--core", "0", "--core", "0", "--", "/bin/true"], "--core is given twice"),
            (
                ["launch", "--keep", "1", "--", "/bin/true"],
                "--keep takes descriptors above 2; the first three are always kept"
            ),
            (["launch", "--keep", "3,,4", "--", "/bin/true"], "--keep needs a number"),
            (["launch", "--parent", "1"], "launch needs -- and the path of bwrap"),
            (["launch", "--core", "0", "--nofile", "9", "--", "/bin/true"], "launch needs --parent"),
            (["launch", "--parent", "1", "--nofile", "9", "--", "/bin/true"], "launch needs --core"),
            (["launch", "--parent", "1", "--core", "0", "--", "/bin/true"], "launch needs --nofile"),
            (
                ["launch", "--parent", "1", "--core", "0", "--nofile", "9", "--", "bwrap"],
                "bwrap is named by an absolute path, not 'bwrap'"
            ),
            (["init", "--relay", "1"], "--relay needs a port and the path of a socket"),
            (["init", "--relay", "0", "/s", "--", "true"], "--relay needs a port above 0"),
            (["init", "--relay", "70000", "/s", "--", "true"], "--relay is at most 65535, not '70000'"),
            (["init", "--relay", "1", "s", "--", "true"], "--relay needs an absolute path, not 's'"),
            (["init", "--what", "--", "true"], "init does not know '--what', or has it twice"),
            (["init"], "init needs -- and a command"),
            (["init", "--"], "init needs -- and a command"),
            (["probe", "--secret"], "--secret needs a value"),
            (["probe"], "probe needs --secret, --outside and --variables"),
        ])
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
