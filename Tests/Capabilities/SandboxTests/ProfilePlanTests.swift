import Foundation
import Sandbox
import Testing
import Vocabulary

/// The whole plan of each profile, as sessions, checks and set-ups ask for it.
@Suite("The plan of each profile")
struct ProfilePlanTests {
    private static let state = "/srv/state"
    private static let tree = "/srv/state/w/7"
    private static let sandboxInit = "/opt/graftwork/sandbox-init"
    private static let host = HostFacts(
        callerUID: 0, rootLinks: ["bin": "usr/bin", "lib": "usr/lib"],
        procEntries: ["/proc/sys", "/proc/kcore", "/proc/keys"], dotGit: .file)

    private func plan(_ profile: SandboxProfile) throws -> SandboxPlan {
        try SandboxPlan(profile, sandboxInit: Self.sandboxInit, host: Self.host)
    }

    /// What every profile has before and after what it shows of the host.
    private static let before: [SandboxMount] = [
        .readOnly("/usr", at: "/usr"), .link("usr/bin", at: "/bin"), .link("usr/lib", at: "/lib"),
        .directory(at: "/etc"), .readOnlyIfPresent("/etc/ld.so.cache", at: "/etc/ld.so.cache"),
        .readOnlyIfPresent("/etc/ssl/certs", at: "/etc/ssl/certs"),
        .readOnlyIfPresent("/etc/ssl/openssl.cnf", at: "/etc/ssl/openssl.cnf"),
        .readOnlyIfPresent("/etc/alternatives", at: "/etc/alternatives"),
        .file(
            at: "/etc/passwd",
            text: """
                root:x:0:0:root:/nonexistent:/usr/sbin/nologin
                agent:x:1000:1000:agent:/home/agent:/bin/sh
                nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

                """),
        .file(at: "/etc/group", text: "root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n"),
        .file(at: "/etc/hosts", text: "127.0.0.1 localhost agent\n::1 localhost\n"),
        .file(at: "/etc/nsswitch.conf", text: "passwd: files\ngroup: files\nhosts: files\n"),
        .processes(at: "/proc"), .readOnly("/proc/sys", at: "/proc/sys"), .devices(at: "/dev"),
        .memory(at: "/dev/shm", bytesMax: 64 << 20, mode: "1777"),
        .memory(at: "/tmp", bytesMax: 256 << 20, mode: "0700"),
    ]
    private static let after: [SandboxMount] = [
        .hiddenFile(at: "/proc/kcore"), .hiddenFile(at: "/proc/keys"), .sealed(at: "/dev"), .sealed(at: "/"),
    ]

    private static func variables(_ added: [String: String] = [:]) -> [SandboxVariable] {
        let base = [
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "HOME": "/home/agent", "LANG": "C.UTF-8",
            "LOGNAME": "agent", "PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1",
            "TERM": "dumb", "TMPDIR": "/tmp", "USER": "agent",
        ]
        return base.merging(added) { $1 }.sorted { $0.key < $1.key }.map {
            SandboxVariable(name: $0.key, value: $0.value)
        }
    }

    private static let relay = ["--relay", "17300", "/run/egress.sock"]
    private static let shownInit: SandboxMount = .readOnly(sandboxInit, at: "/run/sandbox-init")
    private static let initSource = SandboxPlan.Source(path: sandboxInit, what: "program sandbox-init")

    @Test("an author writes its worktree and its own git directory, through a gateway, on record")
    func author() throws {
        let profile = SandboxProfile(
            kind: .author, worktree: Self.tree, gitPointerFile: "/srv/state/s/pointer",
            privateGitDirectory: "/srv/state/s/git", home: "/srv/state/s/home",
            gatewaySocket: "/srv/state/s/g.sock", readOnlyPaths: ["/opt/harness"],
            environment: ["ANTHROPIC_BASE_URL": "http://127.0.0.1:17300"], command: ["claude", "--print"],
            uid: 1_900_000_001, recordsExecs: true, sharedObjects: "/srv/state/packs/p")
        #expect(
            try plan(profile)
                == SandboxPlan(
                    mounts: Self.before + [
                        .writable("/srv/state/s/home", at: "/home/agent"),
                        .readOnly("/opt/harness", at: "/opt/harness"),
                        .readOnly("/srv/state/s/g.sock", at: "/run/egress.sock"), Self.shownInit,
                        .readOnly("/srv/state/packs/p", at: "/srv/state/packs/p"),
                        .writable("/srv/state/s/git", at: "/srv/state/s/git"),
                        .writable(Self.tree, at: Self.tree),
                        .readOnly("/srv/state/s/pointer", at: Self.tree + "/.git"),
                    ] + Self.after,
                    environment: Self.variables(["ANTHROPIC_BASE_URL": "http://127.0.0.1:17300"]),
                    ownFolders: ["/srv/state/packs/p"],
                    command: ["/run/sandbox-init", "init", "--processes", "512"] + Self.relay
                        + ["--ledger", "9", "--", "claude", "--print"],
                    uid: 1_900_000_001, recordsExecs: true,
                    sources: [
                        .init(path: Self.tree, what: "worktree"),
                        .init(path: "/srv/state/s/git", what: "private git directory"),
                        .init(path: "/srv/state/packs/p", what: "folder of packs"),
                        .init(path: "/srv/state/s/home", what: "session's home"),
                        .init(path: "/opt/harness", what: "read-only path"),
                        .init(path: "/srv/state/s/g.sock", what: "gateway's socket"), Self.initSource,
                        .init(path: "/srv/state/s/pointer", what: "git pointer file"),
                    ],
                    writtenFolders: [Self.tree, "/srv/state/s/git", "/srv/state/s/home"]))
    }

    @Test(
        "a reviewer and a planner see the tree and the history, and write neither",
        arguments: [
            SandboxProfile.Kind.reviewer, .planner,
        ])
    func reader(kind: SandboxProfile.Kind) throws {
        let profile = SandboxProfile(
            kind: kind, worktree: Self.tree, treeIsReadOnly: true, home: "/srv/state/s/home",
            gatewaySocket: "/srv/state/s/g.sock", command: ["codex"], uid: 1_900_000_001, recordsExecs: true)
        #expect(
            try plan(profile)
                == SandboxPlan(
                    mounts: Self.before + [
                        .writable("/srv/state/s/home", at: "/home/agent"),
                        .readOnly("/srv/state/s/g.sock", at: "/run/egress.sock"), Self.shownInit,
                        .readOnly(Self.tree, at: Self.tree), .hiddenFile(at: Self.tree + "/.git"),
                    ] + Self.after,
                    environment: Self.variables(), ownFolders: [],
                    command: ["/run/sandbox-init", "init", "--processes", "512"] + Self.relay
                        + ["--ledger", "9", "--", "codex"],
                    uid: 1_900_000_001, recordsExecs: true,
                    sources: [
                        .init(path: Self.tree, what: "worktree"),
                        .init(path: "/srv/state/s/home", what: "session's home"),
                        .init(path: "/srv/state/s/g.sock", what: "gateway's socket"), Self.initSource,
                    ],
                    writtenFolders: ["/srv/state/s/home"]))
    }

    @Test("a check has no gateway, no history and nobody who records it")
    func check() throws {
        let profile = SandboxProfile(
            kind: .check, worktree: Self.tree, home: "/srv/state/c/home", readOnlyPaths: ["/opt/swift"],
            environment: ["CI": "1"], command: ["make", "test"], uid: 1_900_000_002)
        #expect(
            try plan(profile)
                == SandboxPlan(
                    mounts: Self.before + [
                        .writable("/srv/state/c/home", at: "/home/agent"),
                        .readOnly("/opt/swift", at: "/opt/swift"), Self.shownInit,
                        .writable(Self.tree, at: Self.tree), .hiddenFile(at: Self.tree + "/.git"),
                    ] + Self.after,
                    environment: Self.variables(["CI": "1"]), ownFolders: [],
                    command: [
                        "/run/sandbox-init", "init", "--processes", "512", "--", "make", "test",
                    ], uid: 1_900_000_002, recordsExecs: false,
                    sources: [
                        .init(path: Self.tree, what: "worktree"),
                        .init(path: "/srv/state/c/home", what: "session's home"),
                        .init(path: "/opt/swift", what: "read-only path"), Self.initSource,
                    ],
                    writtenFolders: [Self.tree, "/srv/state/c/home"]))
    }

    @Test("a set-up works in the layers that the author will see")
    func setup() throws {
        let layers = OverlayLayers(
            lower: "/srv/state/bases/b", upper: "/srv/state/o/up", work: "/srv/state/o/work")
        let profile = SandboxProfile(
            kind: .setup, worktree: Self.tree, gitPointerFile: "/srv/state/s/pointer",
            privateGitDirectory: "/srv/state/s/git", home: "/srv/state/u/home",
            environment: ["PORT": "41000"], command: ["npm", "ci"], uid: 1_900_000_003, overlay: layers,
            sharedObjects: "/srv/state/packs/p")
        var expected = try SandboxPlan(
            mounts: Self.before + [
                .writable("/srv/state/u/home", at: "/home/agent"), Self.shownInit,
                .readOnly("/srv/state/packs/p", at: "/srv/state/packs/p"),
                .writable("/srv/state/s/git", at: "/srv/state/s/git"), .writable(Self.tree, at: Self.tree),
                .readOnly("/srv/state/s/pointer", at: Self.tree + "/.git"),
            ] + Self.after,
            environment: Self.variables(["PORT": "41000"]),
            ownFolders: ["/srv/state/bases/b", "/srv/state/packs/p"],
            command: ["/run/sandbox-init", "init", "--processes", "512", "--", "npm", "ci"],
            uid: 1_900_000_003, recordsExecs: false,
            sources: [
                .init(path: Self.tree, what: "worktree"),
                .init(path: "/srv/state/s/git", what: "private git directory"),
                .init(path: "/srv/state/bases/b", what: "layer of the worktree"),
                .init(path: "/srv/state/o/up", what: "layer of the worktree"),
                .init(path: "/srv/state/o/work", what: "layer of the worktree"),
                .init(path: "/srv/state/packs/p", what: "folder of packs"),
                .init(path: "/srv/state/u/home", what: "session's home"), Self.initSource,
                .init(path: "/srv/state/s/pointer", what: "git pointer file"),
            ],
            writtenFolders: [
                "/srv/state/o/up", "/srv/state/o/work", "/srv/state/s/git", "/srv/state/u/home",
            ])
        expected.overlay = layers
        #expect(try plan(profile) == expected)
    }

    // MARK: As it is printed

    /// A plan as `--print-plan` writes it, beside these tests' data.
    private func golden(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Data/plans")
        return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    private var printed: SandboxPlanDocument {
        get throws {
            SandboxPlanDocument(
                try plan(
                    SandboxProfile(
                        kind: .author, worktree: Self.tree, gitPointerFile: "/srv/state/s/pointer",
                        privateGitDirectory: "/srv/state/s/git", home: "/srv/state/s/home",
                        gatewaySocket: "/srv/state/s/g.sock", readOnlyPaths: ["/opt/harness"],
                        environment: ["NAME": "you"], command: ["sh", "-c", "echo hello"],
                        uid: 1_900_000_001, recordsExecs: true)), limitsAreKeptBy: .cgroup2)
        }
    }

    @Test("is printed as text, whole") func text() throws {
        #expect(try printed.text == golden("author.txt"))
    }

    @Test("is printed as JSON, whole, and read back as the same") func json() throws {
        let document = try printed
        let text = try golden("author.json")
        #expect(try JSONText.document(encoding: document) + "\n" == text)
        #expect(try JSONDecoder().decode(SandboxPlanDocument.self, from: Data(text.utf8)) == document)
    }
}

extension SandboxPlan {
    /// The whole plan, stated; what no profile changes is as any plan has it.
    fileprivate init(
        mounts: [SandboxMount], environment: [SandboxVariable], ownFolders: [String], command: [String],
        uid: UInt32?, recordsExecs: Bool, sources: [Source], writtenFolders: [String]
    ) throws {
        try self.init(
            SandboxProfile(kind: .check, worktree: "/srv/state/w/7", home: "/h/h", command: ["x"], uid: 7),
            sandboxInit: "/i/i",
            host: HostFacts(callerUID: 0, rootLinks: [:], procEntries: [], dotGit: .absent))
        (self.mounts, self.environment, self.ownFolders) = (mounts, environment, ownFolders)
        self.writtenFolders = writtenFolders
        (self.command, self.uid, self.recordsExecs, self.sources) = (command, uid, recordsExecs, sources)
    }
}
