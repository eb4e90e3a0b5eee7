package import Seccomp
package import Vocabulary

/// Everything about one sandbox, decided and nothing done: tests compare it whole, the launcher carries it
/// out.
///
/// The order of the mounts; narrower ones come after wider ones, so that they lie on top:
///  1. `/usr` and the links of the root folder into it
///  2. `/etc`: the loader's cache, certificates, alternatives, and four generated files
///  3. `/proc`, with `/proc/sys` and its neighbours read-only: the second lock beside the dropped uid
///  4. `/dev`, `/dev/shm`, `/tmp`: in memory, with a size; no `/sys`
///  5. what the profile shows, parents before children: home, worktree, private git directory, toolchains,
///     the gateway's socket, sandbox-init. An overlay is on the
///     worktree's path already when bwrap starts
///  6. the pointer file, or nothing, over `WORKTREE/.git`
///  7. masks over files of `/proc`
///  8. the root folder and `/dev` become read-only: what is not mounted writable above cannot be written
package struct SandboxPlan: Hashable, Sendable {
    package var mounts: [SandboxMount]
    /// By name, in order.
    package var environment: [SandboxVariable]
    package var limits: SandboxLimits
    /// Loaded by bwrap before anything of the agent runs.
    package var filter: SeccompProgram
    package var workingDirectory: String
    /// Mounted on the working directory, in namespaces that sandbox-init makes around bwrap's.
    package var overlay: OverlayLayers?
    /// Folders of the server's that look like the session's own: overlays and packs are made by one uid and
    /// read by many.
    package var ownFolders: [String]
    /// sandbox-init's arguments inside, the command last.
    package var command: [String]
    /// nil: the caller's own.
    package var uid: UInt32?
    /// The command inherits the channel of an ``ExecLedger``.
    package var recordsExecs: Bool
    /// Folders of the host that it writes to: what they grow by is limited.
    package var writtenFolders: [String]
    /// Host paths that bwrap must be able to reach as the session's uid, with what they are.
    package var sources: [Source]

    package struct Source: Hashable, Sendable {
        package var path: String
        package var what: String
        /// What `worktree: share:` and `toolchains:` name.
        static let readOnlyPath = "read-only path"
        package init(path: String, what: String) {
            self.path = path
            self.what = what
        }
    }

    package static let homeInside = "/home/agent"
    package static let gatewaySocketInside = "/run/egress.sock"
    package static let sandboxInitInside = "/run/sandbox-init"
    /// Where the relay listens inside. Fixed, because every sandbox has a loopback of its own.
    package static let relayPort: UInt16 = 17300

    package static let procReadOnly = ["/proc/sys", "/proc/irq", "/proc/bus", "/proc/fs"]
    package static let procHidden = [
        "/proc/kcore", "/proc/kallsyms", "/proc/keys", "/proc/key-users", "/proc/timer_list", "/proc/kmsg",
        "/proc/sched_debug", "/proc/config.gz", "/proc/sysrq-trigger",
    ]

    package init(_ profile: SandboxProfile, sandboxInit: String, host: HostFacts) throws(SandboxError) {
        uid = try Self.sessionUID(of: profile, host: host)
        limits = profile.limits
        filter = SandboxFilter.program
        environment = try SandboxEnvironment.merged(with: profile.environment)
        workingDirectory = profile.worktree
        recordsExecs = profile.recordsExecs
        let shown = try ShownPaths(profile, sandboxInit: sandboxInit)
        sources = shown.sources
        overlay = profile.overlay
        writtenFolders = Self.writtenFolders(of: profile)
        ownFolders = uid == nil ? [] : [profile.overlay?.lower, profile.sharedObjects].compactMap(\.self)
        mounts =
            Self.programs(host) + Self.settings + Self.kernelViews(host) + Self.memory(profile.limits)
            + shown.mounts + (try Self.dotGit(profile, host))
            + Self.procHidden.filter(host.procEntries.contains).map { .hiddenFile(at: $0) }
            + [.sealed(at: "/dev"), .sealed(at: "/")]
        command = try Self.command(of: profile, ledger: recordsExecs ? Self.ledgerDescriptor(mounts) : nil)
    }

    // MARK: Parts

    private static func sessionUID(of profile: SandboxProfile, host: HostFacts) throws(SandboxError)
        -> UInt32?
    {
        guard let uid = profile.uid else {
            if host.callerUID == 0 { throw .rootNeedsSessionUID }
            return nil
        }
        if uid == 0 || uid == UInt32.max { throw .uidRefused(uid: uid, reason: "it is reserved") }
        if uid == host.callerUID { return nil }
        if host.callerUID != 0 { throw .uidRefused(uid: uid, reason: "only root can become another uid") }
        return uid
    }

    private static let commandBytesMax = 1 << 20

    private static func command(of profile: SandboxProfile, ledger: Int32?) throws(SandboxError) -> [String] {
        guard let program = profile.command.first, !program.isEmpty else {
            throw .commandRefused(reason: "it is empty")
        }
        guard profile.command.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw .commandRefused(reason: "an argument holds a NUL byte")
        }
        guard profile.command.reduce(0, { $0 + $1.utf8.count + 1 }) <= commandBytesMax else {
            throw .commandRefused(reason: "it is longer than \(commandBytesMax) bytes")
        }
        let relay = profile.gatewaySocket == nil ? [] : ["--relay", String(relayPort), gatewaySocketInside]
        let execs = ledger.map { ["--ledger", String($0)] } ?? []
        return [sandboxInitInside, "init", "--processes", String(profile.limits.resources.processesMax)]
            + relay
            + execs + ["--"] + profile.command
    }

    private static func programs(_ host: HostFacts) -> [SandboxMount] {
        [.readOnly("/usr", at: "/usr")]
            + host.rootLinks.sorted { $0.key < $1.key }.map { .link($0.value, at: "/" + $0.key) }
    }

    private static let settings: [SandboxMount] = [
        .directory(at: "/etc"),
        .readOnlyIfPresent("/etc/ld.so.cache", at: "/etc/ld.so.cache"),
        // Not the whole of /etc/ssl: its neighbour `private` holds keys.
        .readOnlyIfPresent("/etc/ssl/certs", at: "/etc/ssl/certs"),
        .readOnlyIfPresent("/etc/ssl/openssl.cnf", at: "/etc/ssl/openssl.cnf"),
        .readOnlyIfPresent("/etc/alternatives", at: "/etc/alternatives"),
        .file(
            at: "/etc/passwd",
            text: """
                root:x:0:0:root:/nonexistent:/usr/sbin/nologin
                agent:x:1000:1000:agent:\(homeInside):/bin/sh
                nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

                """),
        .file(at: "/etc/group", text: "root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n"),
        .file(at: "/etc/hosts", text: "127.0.0.1 localhost agent\n::1 localhost\n"),
        .file(at: "/etc/nsswitch.conf", text: "passwd: files\ngroup: files\nhosts: files\n"),
    ]

    private static func kernelViews(_ host: HostFacts) -> [SandboxMount] {
        [.processes(at: "/proc")]
            + procReadOnly.filter(host.procEntries.contains).map { .readOnly($0, at: $0) }
    }

    private static func memory(_ limits: SandboxLimits) -> [SandboxMount] {
        [
            .devices(at: "/dev"),
            .memory(at: "/dev/shm", bytesMax: limits.sharedMemoryBytesMax, mode: "1777"),
            .memory(at: "/tmp", bytesMax: limits.temporaryBytesMax, mode: "0700"),
        ]
    }

    /// The places inside whose files lie in memory, and how large each is.
    static func memoryFolders(_ limits: SandboxLimits) -> [(folder: String, bytes: UInt64)] {
        [("/tmp", limits.temporaryBytesMax), ("/dev/shm", limits.sharedMemoryBytesMax)]
    }

    private static func writtenFolders(of profile: SandboxProfile) -> [String] {
        let tree =
            profile.treeIsReadOnly
            ? [] : profile.overlay.map { [$0.upper, $0.work] } ?? [profile.worktree]
        return tree + [profile.privateGitDirectory, profile.home].compactMap(\.self)
    }

    private static func dotGit(_ profile: SandboxProfile, _ host: HostFacts) throws(SandboxError)
        -> [SandboxMount]
    {
        let place = profile.worktree + "/.git"
        switch (host.dotGit, profile.gitPointerFile) {
        case (.file, let pointer?): return [.readOnly(pointer, at: place)]
        // With nothing to lie on, bwrap would leave an empty file behind in the worktree.
        case (.absent, _?): throw .pathMissing(path: place, what: "git pointer of the worktree")
        case (.directory, _?), (.other, _):
            throw .pathRefused(
                path: place, reason: "a worktree has a file there, which the pointer file covers")
        case (.absent, nil): return []
        case (.file, nil): return [.hiddenFile(at: place)]
        case (.directory, nil): return [.hiddenDirectory(at: place)]
        }
    }
}

/// What the profile shows of the host, in the order in which it is mounted.
private struct ShownPaths {
    var mounts: [SandboxMount] = []
    var sources: [SandboxPlan.Source] = []

    init(_ profile: SandboxProfile, sandboxInit: String) throws(SandboxError) {
        var writable = [(profile.worktree, "worktree")]
        if let directory = profile.privateGitDirectory {
            writable.append((directory, "private git directory"))
        }
        for (path, _) in writable { try ShownPath.check(path) }
        try ShownPath.checkSource(profile.home)

        var binds: [(place: String, mount: SandboxMount)] = []
        func add(_ source: String, _ what: String, _ mount: SandboxMount, at place: String) {
            binds.append((place, mount))
            sources.append(.init(path: source, what: what))
        }
        for (path, what) in writable {
            let isTree = path == profile.worktree
            add(
                path, what,
                isTree && profile.treeIsReadOnly ? .readOnly(path, at: path) : .writable(path, at: path),
                at: path)
        }
        if let layers = profile.overlay {
            for path in [layers.lower, layers.upper, layers.work] {
                try ShownPath.checkSource(path)
                sources.append(.init(path: path, what: "layer of the worktree"))
            }
        }
        if let objects = profile.sharedObjects {
            try ShownPath.check(objects)
            add(objects, "folder of packs", .readOnly(objects, at: objects), at: objects)
        }
        let home = SandboxPlan.homeInside
        add(profile.home, "session's home", .writable(profile.home, at: home), at: home)
        for path in Set(profile.readOnlyPaths).sorted() {
            try ShownPath.check(path)
            if ShownPath.contains("/usr", path) { continue }
            for kept in writable.map(\.0) + [profile.home] where ShownPath.contains(path, kept) {
                throw .pathRefused(path: path, reason: "it holds \(kept), and would show what lies beside it")
            }
            let source = profile.readOnlyCopies[path] ?? path
            add(source, SandboxPlan.Source.readOnlyPath, .readOnly(source, at: path), at: path)
        }
        if let socket = profile.gatewaySocket {
            try ShownPath.checkSource(socket)
            let place = SandboxPlan.gatewaySocketInside
            add(socket, "gateway's socket", .readOnly(socket, at: place), at: place)
        }
        try ShownPath.checkSource(sandboxInit)
        let place = SandboxPlan.sandboxInitInside
        add(sandboxInit, "program sandbox-init", .readOnly(sandboxInit, at: place), at: place)
        if let pointer = profile.gitPointerFile {
            try ShownPath.checkSource(pointer)
            sources.append(.init(path: pointer, what: "git pointer file"))
        }

        // Parents before children; a path sorts before everything below it.
        mounts = binds.sorted { $0.place < $1.place }.map(\.mount)
    }
}
