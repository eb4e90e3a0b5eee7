import ChildProcess
import Fixtures
import Glibc
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

    @Test(
        "starts what it starts in the control group it is told, and stays outside",
        .enabled(if: UnifiedGroup.isPossible, "no cgroup file system of version 2 that this user may write"))
    func unifiedGroup() async throws {
        let group = try UnifiedGroup()
        defer { group.remove() }
        // In place of bwrap; its parent is the launcher.
        let output = try await run(
            [
                "launch", "--parent", String(SystemIdentity.pid), "--uid", "65534", "--core", "0", "--nofile",
                "64", "--cgroup", group.folder, "--", "/bin/sh", "-c",
                "cat /proc/self/cgroup /proc/$PPID/cgroup",
            ])
        #expect(output.isSuccess, "\(output.stderrText)")
        let lines = output.stdoutText.split(separator: "\n").filter { $0.hasPrefix("0::") }
        #expect(lines.count == 2 && lines[0].hasSuffix("/\(group.name)"), "\(lines)")
        #expect(lines.last?.contains(group.name) == false)
    }

    @Test("starts nothing where it cannot enter a control group", arguments: ["--cgroup", "--tasks"])
    func noGroup(option: String) async throws {
        let output = try await run(
            ["launch", "--parent", String(SystemIdentity.pid), "--core", "0", "--nofile", "64"]
                + (SystemIdentity.isRoot ? ["--uid", "65534"] : [])
                + [option, "/nowhere/group", "--", "/bin/echo", "started"])
        #expect(output.termination == .exited(71))
        #expect(output.stdoutText == "")
        #expect(
            output.stderrText.hasSuffix("the control group /nowhere/group: No such file or directory.\n"),
            "\(output.stderrText)")
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

    // MARK: What it does before bwrap

    /// Runs `launch` with a shell script in bwrap's place, from a shell that first does `setting`.
    private func launched(
        _ options: [String], after setting: String = ":", bwrap script: String
    ) async throws -> ChildOutput {
        let folder = try TemporaryFolder(reachable: true)
        let command = try line(options, folder, script)
        return try await Child.run(
            ChildCommand(
                ["/bin/bash", "-c", "\(setting); exec \"$@\"", "-"] + command,
                environment: ["PATH": "/usr/bin:/bin"]), timeout: .seconds(300))
    }

    private func line(_ options: [String], _ folder: TemporaryFolder, _ script: String) throws -> [String] {
        let bwrap = try folder.write("bwrap", "#!/bin/sh\n\(script)\n", mode: 0o755)
        return [
            try builtProduct(named: "sandbox-init"), "launch", "--parent", String(SystemIdentity.pid),
            "--core",
            "0",
        ] + (SystemIdentity.isRoot ? ["--uid", "1920004001"] : []) + options + ["--", bwrap]
    }

    @Test("keeps the descriptors that are named and closes all others")
    func descriptors() async throws {
        let output = try await launched(
            ["--nofile", "64", "--keep", "9,5"],
            after: "for n in 4 5 6 9 20; do eval \"exec $n</dev/null\"; done",
            bwrap: "for n in $(seq 3 30); do [ -e /proc/$$/fd/$n ] && echo $n; done; :")
        // dash holds its script at 10.
        #expect(output.stdoutText == "5\n9\n10\n", "\(output.stderrText)")
    }

    @Test("sets the limits, and raises none that is lower already")
    func limits() async throws {
        let output = try await launched(
            ["--nofile", "64", "--fsize", "1048576"], after: "ulimit -n 32; ulimit -c unlimited",
            bwrap: "ulimit -n; ulimit -Hn; ulimit -c; ulimit -f; grep 'core file' /proc/self/limits")
        // Blocks of 512 bytes; a core limit of one byte is less than one, and no dump fits.
        let lines = output.stdoutText.split(separator: "\n").map(String.init)
        #expect(lines.prefix(4) == ["32", "32", "0", "2048"], "\(output.stderrText)")
        #expect(lines.last?.split(separator: " ").dropFirst(4).prefix(2) == ["1", "1"])
    }

    @Test("makes the limit of core dumps 1 also where it was 0, and starts nothing where that cannot be")
    func coreLimit() async throws {
        let output = try await launched(
            ["--nofile", "64"], after: "ulimit -c 0", bwrap: "grep 'core file' /proc/self/limits")
        // Root may be without the capability, as in a container.
        let raising = ChildCommand(["/bin/bash", "-c", "ulimit -c 0; ulimit -Hc 1"], environment: [:])
        if try await Child.run(raising, timeout: .seconds(300)).isSuccess {
            let words = output.stdoutText.split(separator: " ")
            #expect(words.dropFirst(4).prefix(2) == ["1", "1"], "\(output.stderrText)")
        } else {
            #expect(output.termination == .exited(71) && output.stdoutText == "")
            let said = "cannot raise the hard limit of core dumps to 1: Operation not permitted"
            #expect(output.stderrText == "sandbox-init: \(said).\n")
        }
    }

    @Test("gives bwrap the signals as a program expects them, whatever its caller ignored or blocked")
    func signals() async throws {
        let output = try await launched(
            ["--nofile", "64"], after: "trap '' PIPE INT HUP TERM USR1",
            bwrap: "grep -E '^Sig(Ign|Blk)' /proc/self/status")
        // Of the two that libc keeps for itself it lets nobody say anything.
        let masks = output.stdoutText.split(separator: "\n").compactMap {
            UInt64($0.split(separator: "\t").last ?? "", radix: 16)
        }
        #expect(masks.map { $0 & ~(0b11 << 31) } == [0, 0], "\(output.stdoutText) \(output.stderrText)")
    }

    /// Also one that ends nobody by itself, for which no time runs.
    @Test(
        "a signal that comes before there is anybody inside ends all of it", .timeLimit(.minutes(2)),
        arguments: [Int32(15), 10])
    func earlySignal(number: Int32) async throws {
        let folder = try TemporaryFolder(reachable: true)
        let child = try Child.spawn(
            ChildCommand(
                try line(["--nofile", "64"], folder, "trap '' TERM USR1; echo up; exec sleep 1000000"),
                environment: ["PATH": "/usr/bin:/bin"]), stdin: .null, stdout: .pipe, stderr: .null)
        let lines = LineStream(reading: try #require(child.stdout), lineBytesMax: 100)
        #expect(try await lines.next()?.text == "up")
        child.signal(number)
        #expect(await child.wait() == .exited(128 + 9))
    }

    @Test("is over when the last process that was left is gone, not when bwrap is")
    func orphanOfBwrap() async throws {
        let output = try await launched(
            ["--nofile", "64"], bwrap: "(trap '' TERM HUP; exec sleep 1000000) & echo $!; exit 6")
        #expect(output.termination == .exited(6), "\(output.stderrText)")
        let orphan = try #require(Int32(output.stdoutText.split(separator: "\n").first ?? ""))
        #expect(!Files.exists("/proc/\(orphan)"))
    }
}

/// An empty control group of version 2, which needs no controller.
private struct UnifiedGroup {
    let name = "graftwork-test-\(RandomBytes.hex(count: 6))"
    let folder: String

    static var isPossible: Bool {
        guard SystemIdentity.isRoot, let group = try? UnifiedGroup() else { return false }
        group.remove()
        return true
    }

    init() throws {
        let mounts = try Files.readText("/proc/self/mountinfo", bytesMax: 1 << 20).split(separator: "\n")
        let unified = try #require(mounts.first { $0.contains(" - cgroup2 ") })
        folder = "\(unified.split(separator: " ")[4])/\(name)"
        try Files.makeDirectory(folder, mode: 0o755)
    }

    func remove() { rmdir(folder) }
}
