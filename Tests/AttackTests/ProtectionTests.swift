import ChildProcess
import Fixtures
import Linux
import Sandbox
import SandboxScene
import Seccomp
import Testing
import Vocabulary

/// Each protection is taken away once, and what it stops is seen to work: the attacks above can fail.
@Suite("Without its protection, an attack works", bwrapIsHere)
struct ProtectionTests {
    private let mode = SandboxScene.Mode.available[0]

    private func run(
        _ scene: SandboxScene, _ command: [String], without change: (inout SandboxPlan) -> Void
    ) async throws -> String {
        var plan = try scene.plan(scene.profile(command))
        change(&plan)
        return try await scene.run(plan).stdoutText
    }

    @Test("no filter: ptrace, namespaces by clone, vsock, new calls and set-user-id bits are allowed")
    func filter() async throws {
        let scene = try SandboxScene(mode)
        let script = """
            import ctypes, os
            libc = ctypes.CDLL(None)
            calls = [(\(try number("ptrace")), 0), (\(try number("socket")), 40, 1, 0), \
            (\(try number("keyctl")), 0, -3 & 0xffffffff, 0)]
            print([libc.syscall(*call) >= 0 for call in calls])
            open('file', 'w').close(); os.chmod('file', 0o4755); print(oct(os.stat('file').st_mode & 0o7777))
            """
        let command = ["/usr/bin/python3", "-I", "-c", script]
        let seen = try await run(scene, command) {
            $0.filter = SeccompProgram(rules: [], firstUnknownNumber: 0x3fff_ffff)
        }
        #expect(seen == "[True, True, True]\n0o4755\n" || seen == "[True, False, True]\n0o4755\n")
    }

    /// Without arguments and without rights: each ends with an error of the kernel's, or does nothing.
    @Test("no filter: calls that it refuses reach the kernel")
    func refusedCalls() async throws {
        let names = [
            "unshare", "setns", "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd",
            "keyctl", "add_key", "request_key", "get_mempolicy", "set_mempolicy", "perf_event_open",
        ]
        let table = try names.map { "('\($0)', \(try number($0)))" }.joined(separator: ", ")
        let script = """
            import ctypes, errno
            libc = ctypes.CDLL(None, use_errno=True)
            for name, number in [\(table)]:
                ctypes.set_errno(0)
                libc.syscall(number, 0, 0, 0, 0, 0, 0)
                if ctypes.get_errno() in (errno.EPERM, errno.ENOSYS): print(name)
            """
        let command = ["/usr/bin/python3", "-I", "-c", script]
        let scene = try SandboxScene(mode)
        #expect(
            try await scene.run(scene.profile(command)).stdoutText == names.joined(separator: "\n") + "\n")
        let stopped = try await run(try SandboxScene(mode), command) {
            $0.filter = SeccompProgram(rules: [], firstUnknownNumber: 0x3fff_ffff)
        }
        #expect(stopped == "")
    }

    @Test("no read-only tree: a reviewer writes what it reviews")
    func readOnlyTree() async throws {
        let scene = try SandboxScene(mode)
        try scene.folder.write("worktree/file", "kept")
        try scene.own()
        var profile = scene.profile(["sh", "-c", "echo changed > file"])
        profile.treeIsReadOnly = true
        #expect(try await !scene.run(profile).isSuccess)
        #expect(try scene.folder.read("worktree/file") == "kept")
        var plan = try scene.plan(profile)
        let tree = scene.worktree
        plan.mounts = plan.mounts.map { $0 == .readOnly(tree, at: tree) ? .writable(tree, at: tree) : $0 }
        #expect(try await scene.run(plan).isSuccess)
        #expect(try scene.folder.read("worktree/file") == "changed\n")
    }

    @Test("no pointer over .git: the agent writes the file that the user's git reads")
    func pointer() async throws {
        let split = try await SplitGitScene(mode)
        _ = try await run(split.scene, ["sh", "-c", "echo 'gitdir: /tmp/evil' > .git"]) { plan in
            plan.mounts.removeAll { $0 == .hiddenFile(at: split.scene.worktree + "/.git") }
        }
        #expect(try split.scene.folder.read("worktree/.git") == "gitdir: /tmp/evil\n")
    }

    @Test("no seal on /: the agent writes there")
    func seal() async throws {
        let scene = try SandboxScene(mode)
        let seen = try await run(scene, ["sh", "-c", "echo x > /new && cat /new"]) { plan in
            plan.mounts.removeAll { $0 == .sealed(at: "/") }
        }
        #expect(seen == "x\n")
    }

    @Test("no masks: the kernel's configuration is readable")
    func masks() async throws {
        let scene = try SandboxScene(mode)
        let file = try #require(["/proc/kallsyms", "/proc/key-users"].first { Files.exists($0) })
        let seen = try await run(scene, ["sh", "-c", "head -c 4 \(file) | wc -c"]) { plan in
            plan.mounts.removeAll { $0 == .hiddenFile(at: file) }
        }
        #expect(seen == "4\n")
    }

    @Test("no limit on processes: there are more than its limit")
    func processes() async throws {
        let scene = try SandboxScene(mode)
        var profile = scene.profile(["sh", "-c", "set -- $(grep 'Max processes' /proc/self/limits); echo $3"])
        profile.limits.resources.processesMax = 40
        #expect(try await scene.run(profile).stdoutText == "40\n")
        var plan = try scene.plan(profile)
        plan.command.removeAll { $0 == "--processes" || $0 == "40" }
        #expect(try await scene.run(plan).stdoutText != "40\n")
    }

    @Test("the wider mount: the secret beside the worktree is readable")
    func wider() async throws {
        let scene = try SandboxScene(mode)
        let seen = try await run(scene, ["cat", scene.secret]) { plan in
            plan.mounts.insert(.readOnly(scene.folder.path, at: scene.folder.path), at: plan.mounts.count - 2)
        }
        #expect(seen == SandboxScene.secretText)
    }
}
