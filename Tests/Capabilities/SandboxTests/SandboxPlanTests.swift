import Linux
import Sandbox
import Testing
import Vocabulary

@Suite("The plan of a sandbox")
struct SandboxPlanTests {
    private let host = HostFacts(
        callerUID: 0, rootLinks: ["bin": "usr/bin", "lib": "usr/lib"],
        procEntries: ["/proc/sys", "/proc/irq", "/proc/kcore", "/proc/keys"], dotGit: .file)
    private let profile = SandboxProfile(
        kind: .author, worktree: "/srv/state/w/7", gitPointerFile: "/srv/state/s/pointer",
        privateGitDirectory: "/srv/state/s/git", home: "/srv/state/s/home",
        gatewaySocket: "/srv/state/s/g.sock",
        readOnlyPaths: ["/opt/swift", "/usr/local/go", "/opt/harness"],
        environment: ["LANG": "de_DE.UTF-8", "KEY": "placeholder"],
        command: ["claude", "--print"], uid: 1_900_000_001)

    private func plan(_ change: (inout SandboxProfile) -> Void = { _ in }, host other: HostFacts? = nil)
        throws -> SandboxPlan
    {
        var changed = profile
        change(&changed)
        return try SandboxPlan(changed, sandboxInit: "/opt/graftwork/sandbox-init", host: other ?? host)
    }

    private func refusal(_ change: (inout SandboxProfile) -> Void, host other: HostFacts? = nil)
        -> SandboxError?
    {
        do {
            _ = try plan(change, host: other)
            return nil
        } catch {
            return error as? SandboxError
        }
    }

    @Test("mounts the wide before the narrow, masks last, and seals what is left")
    func mounts() throws {
        let passwd = """
            root:x:0:0:root:/nonexistent:/usr/sbin/nologin
            agent:x:1000:1000:agent:/home/agent:/bin/sh
            nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

            """
        #expect(
            try plan().mounts == [
                .readOnly("/usr", at: "/usr"), .link("usr/bin", at: "/bin"), .link("usr/lib", at: "/lib"),
                .directory(at: "/etc"), .readOnlyIfPresent("/etc/ld.so.cache", at: "/etc/ld.so.cache"),
                .readOnlyIfPresent("/etc/ssl/certs", at: "/etc/ssl/certs"),
                .readOnlyIfPresent("/etc/ssl/openssl.cnf", at: "/etc/ssl/openssl.cnf"),
                .readOnlyIfPresent("/etc/alternatives", at: "/etc/alternatives"),
                .file(at: "/etc/passwd", text: passwd),
                .file(at: "/etc/group", text: "root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n"),
                .file(at: "/etc/hosts", text: "127.0.0.1 localhost agent\n::1 localhost\n"),
                .file(at: "/etc/nsswitch.conf", text: "passwd: files\ngroup: files\nhosts: files\n"),
                .processes(at: "/proc"), .readOnly("/proc/sys", at: "/proc/sys"),
                .readOnly("/proc/irq", at: "/proc/irq"),
                .devices(at: "/dev"), .memory(at: "/dev/shm", bytesMax: 64 << 20, mode: "1777"),
                .memory(at: "/tmp", bytesMax: 256 << 20, mode: "0700"),
                .writable("/srv/state/s/home", at: "/home/agent"),
                .readOnly("/opt/harness", at: "/opt/harness"),
                .readOnly("/opt/swift", at: "/opt/swift"),
                .readOnly("/srv/state/s/g.sock", at: "/run/egress.sock"),
                .readOnly("/opt/graftwork/sandbox-init", at: "/run/sandbox-init"),
                .writable("/srv/state/s/git", at: "/srv/state/s/git"),
                .writable("/srv/state/w/7", at: "/srv/state/w/7"),
                .readOnly("/srv/state/s/pointer", at: "/srv/state/w/7/.git"), .hiddenFile(at: "/proc/kcore"),
                .hiddenFile(at: "/proc/keys"), .sealed(at: "/dev"), .sealed(at: "/"),
            ])
    }

    @Test("is said to bwrap whole, without a secret in an argument of the process")
    func arguments() throws {
        let plan = try plan {
            $0.gitPointerFile = nil
            $0.readOnlyPaths = []
            $0.treeIsReadOnly = true
        }
        #expect(
            plan.bwrapArguments == [
                "--unshare-all", "--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000",
                "--hostname",
                "agent", "--new-session", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL",
                "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib",
                "--dir", "/etc", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
                "--ro-bind-try", "/etc/ssl/certs", "/etc/ssl/certs",
                "--ro-bind-try", "/etc/ssl/openssl.cnf", "/etc/ssl/openssl.cnf",
                "--ro-bind-try", "/etc/alternatives", "/etc/alternatives",
                "--perms", "0444", "--file", "5", "/etc/passwd", "--perms", "0444", "--file", "6",
                "/etc/group",
                "--perms", "0444", "--file", "7", "/etc/hosts", "--perms", "0444", "--file", "8",
                "/etc/nsswitch.conf",
                "--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--ro-bind", "/proc/irq",
                "/proc/irq",
                "--dev", "/dev", "--perms", "1777", "--size", "67108864", "--tmpfs", "/dev/shm",
                "--perms", "0700", "--size", "268435456", "--tmpfs", "/tmp",
                "--bind", "/srv/state/s/home", "/home/agent", "--ro-bind", "/srv/state/s/g.sock",
                "/run/egress.sock",
                "--ro-bind", "/opt/graftwork/sandbox-init", "/run/sandbox-init",
                "--bind", "/srv/state/s/git", "/srv/state/s/git", "--ro-bind", "/srv/state/w/7",
                "/srv/state/w/7",
                "--ro-bind", "/dev/null", "/srv/state/w/7/.git", "--ro-bind", "/dev/null", "/proc/kcore",
                "--ro-bind", "/dev/null", "/proc/keys", "--remount-ro", "/dev", "--remount-ro", "/",
                "--clearenv", "--setenv", "GIT_CONFIG_NOSYSTEM", "1", "--setenv", "GIT_TERMINAL_PROMPT", "0",
                "--setenv", "HOME", "/home/agent", "--setenv", "KEY", "placeholder", "--setenv", "LANG",
                "de_DE.UTF-8",
                "--setenv", "LOGNAME", "agent", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin",
                "--setenv", "PYTHONDONTWRITEBYTECODE", "1",
                "--setenv", "TERM", "dumb", "--setenv", "TMPDIR", "/tmp", "--setenv", "USER", "agent",
                "--seccomp", "4", "--chdir", "/srv/state/w/7",
            ])
        #expect(
            plan.launchArguments(
                tools: SandboxTools(bwrap: "/usr/bin/bwrap", sandboxInit: "/i"), parent: 42,
                groups: [.tasks(file: "/cg/a/tasks"), .folder("/cg/b")], sharesProcessors: true)
                == [
                    "/i", "launch", "--parent", "42", "--uid", "1900000001", "--core", "0", "--nofile",
                    "4096", "--fsize",
                    "8589934592", "--tasks", "/cg/a/tasks", "--cgroup", "/cg/b", "--keep",
                    "3,4,5,6,7,8", "--", "/usr/bin/bwrap", "--args", "3", "--",
                    "/run/sandbox-init",
                    "init", "--processes", "512", "--relay", "17300", "/run/egress.sock", "--", "claude",
                    "--print",
                ])
    }

    @Test("steps behind other programs where no control group gives it a share of the processors")
    func niceness() throws {
        let tools = SandboxTools(bwrap: "/usr/bin/bwrap", sandboxInit: "/i")
        let arguments = try plan().launchArguments(tools: tools, parent: 42)
        #expect(arguments.firstIndex(of: "--nice").map { arguments[$0 + 1] } == "10")
    }

    @Test(
        "counts what is written in worktree, git directory and home, and in an overlay's upper layer"
    )
    func writtenFolders() throws {
        #expect(
            try plan().writtenFolders == ["/srv/state/w/7", "/srv/state/s/git", "/srv/state/s/home"])
        #expect(
            try plan { $0.treeIsReadOnly = true }.writtenFolders == ["/srv/state/s/git", "/srv/state/s/home"])
        let layers = OverlayLayers(lower: "/srv/b/1", upper: "/srv/o/up", work: "/srv/o/work")
        #expect(
            try plan { $0.overlay = layers }.writtenFolders
                == ["/srv/o/up", "/srv/o/work", "/srv/state/s/git", "/srv/state/s/home"])
    }

    @Test("has no relay where there is no gateway")
    func noRelay() throws {
        #expect(
            try plan { $0.gatewaySocket = nil }.command == [
                "/run/sandbox-init", "init", "--processes", "512", "--", "claude", "--print",
            ])
    }

    @Test("gives every profile the same filter")
    func filter() throws {
        for kind in SandboxProfile.Kind.allCases {
            #expect(try plan { $0.kind = kind }.filter == SandboxFilter.program)
        }
    }

    @Test("refuses variables that lead to the user's agents, buses, screens, containers or loaders")
    func environment() {
        for name in [
            "SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "DOCKER_HOST",
            "LD_PRELOAD",
            "LD_LIBRARY_PATH", "GIT_DIR", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "", "1A", "A=B", "A B", "Ä",
        ] {
            #expect(refusal { $0.environment = [name: "x"] } == .environmentRefused(name: name))
        }
        #expect(refusal { $0.environment = ["A": "x\0y"] } == .environmentRefused(name: "A"))
        for name in [
            "GIT_AUTHOR_NAME", "GIT_TERMINAL_PROMPT", "ANTHROPIC_BASE_URL", "_a1", "HTTPS_PROXY", "PATH",
        ] {
            #expect(refusal { $0.environment = [name: "x"] } == nil)
        }
    }

    @Test("refuses paths that are relative, not normalised, too wide, or made by the sandbox")
    func paths() {
        for path in [
            "", "relative", "/a/../b", "/a//b", "/a/./b", "/a/", "/", "/etc", "/home", "/root", "/tmp",
            "/var",
        ] {
            #expect(refusal { $0.readOnlyPaths = [path] } != nil, "\(path)")
            #expect(refusal { $0.worktree = path } != nil, "\(path)")
        }
        for path in ["/proc/self", "/sys/kernel", "/dev/mem", "/run/user/1000", "/run"] {
            #expect(
                refusal { $0.readOnlyPaths = [path] }
                    == .pathRefused(
                        path: path,
                        reason: "/\(path.split(separator: "/")[0]) is made by the sandbox itself"))
        }
        #expect(
            refusal { $0.readOnlyPaths = ["/srv/state"] }
                == .pathRefused(
                    path: "/srv/state", reason: "it holds /srv/state/w/7, and would show what lies beside it")
        )
        #expect(refusal { $0.readOnlyPaths = ["/srv/state/w/7/vendor", "/root/tools"] } == nil)
    }

    @Test("refuses root without a session uid, and anyone else with one")
    func uids() {
        var user = host
        user.callerUID = 1000
        #expect(refusal { $0.uid = nil } == .rootNeedsSessionUID)
        #expect(refusal { $0.uid = 0 } == .uidRefused(uid: 0, reason: "it is reserved"))
        #expect(
            refusal({ $0.uid = 7 }, host: user)
                == .uidRefused(uid: 7, reason: "only root can become another uid"))
        #expect(refusal({ $0.uid = 1000 }, host: user) == nil)
        #expect(refusal({ $0.uid = nil }, host: user) == nil)
    }

    @Test("covers what stands at .git: with the pointer, with nothing, and never a link")
    func dotGit() throws {
        func mount(_ kind: HostFacts.DotGit, pointer: String?) throws -> [SandboxMount] {
            var facts = host
            facts.dotGit = kind
            return try plan({ $0.gitPointerFile = pointer }, host: facts).mounts.filter {
                "\($0)".contains("/srv/state/w/7/.git")
            }
        }
        #expect(try mount(.file, pointer: "/p") == [.readOnly("/p", at: "/srv/state/w/7/.git")])
        #expect(try mount(.file, pointer: nil) == [.hiddenFile(at: "/srv/state/w/7/.git")])
        #expect(try mount(.directory, pointer: nil) == [.hiddenDirectory(at: "/srv/state/w/7/.git")])
        #expect(try mount(.absent, pointer: nil) == [])
        for (kind, pointer) in [
            (HostFacts.DotGit.absent, "/p"), (.directory, "/p"), (.other, "/p"), (.other, nil),
        ] {
            #expect(throws: SandboxError.self) { try mount(kind, pointer: pointer) }
        }
    }

    @Test("refuses a command that is empty, holds a NUL or is too long")
    func commands() {
        #expect(refusal { $0.command = [] } == .commandRefused(reason: "it is empty"))
        #expect(refusal { $0.command = [""] } == .commandRefused(reason: "it is empty"))
        #expect(
            refusal { $0.command = ["a", "b\0c"] } == .commandRefused(reason: "an argument holds a NUL byte"))
        #expect(
            refusal { $0.command = ["a", String(repeating: "x", count: 1 << 20)] }
                == .commandRefused(reason: "it is longer than 1048576 bytes"))
    }
}
