package import ChildProcess
package import Fixtures
import Linux
package import Sandbox
import Synchronization

/// A worktree, a home and a launcher for one test of the sandbox, in one of the ways a sandbox is started.
///
/// Outside stand things an attacker would like: a secret that everybody may read, and the user's own folder.
package final class SandboxScene: Sendable {
    /// As whom the sandbox is started.
    package enum Mode: String, Sendable, CustomStringConvertible {
        /// By a root server, under a session's uid.
        case sessionUID
        /// By an ordinary user, under the same uid; root takes another identity for it.
        case ordinaryUser
        /// By whoever runs the tests, who is not root.
        case own

        /// All modes that can be tried here.
        package static var available: [Mode] {
            SystemIdentity.isRoot ? [.sessionUID, .ordinaryUser] : [.own]
        }
        package var description: String { rawValue }
    }

    package let mode: Mode
    package let folder: TemporaryFolder
    /// The uid inside which everything happens, as the host sees it.
    package let uid: UInt32
    package let worktree: String
    package let home: String
    /// A file that everybody may read, and that is not shown.
    package let secret: String
    package static let secretText = "not for agents"

    /// Beside the range a server claims from, so that tests do not meet the sessions of one.
    private static let uids: Range<UInt32> =
        SessionUIDs.availableRange() == SessionUIDs.preferredRange
        ? 1_910_000_000..<1_911_000_000 : 50_000..<60_000

    package let launcher: SandboxLauncher
    private let sandboxInit: String

    /// `wrapper` stands in front of sandbox-init, or, with `bareLaunch`, of bwrap itself: what sandbox-init
    /// does before bwrap is then left undone. `shared` is what the sandbox shares with its host.
    package init(
        _ mode: Mode, wrapper: [String] = [], bareLaunch: Bool = false, sharing shared: Set<HostShare> = []
    ) throws {
        self.mode = mode
        folder = try TemporaryFolder(reachable: true)
        worktree = folder.path("worktree")
        home = folder.path("home")
        // One uid per scene, as in life: what one leaves behind another may not signal.
        uid = mode == .own ? SystemIdentity.effectiveUID : UInt32.random(in: Self.uids)
        secret = try folder.write("secret", Self.secretText)
        try Files.makeDirectory(worktree, mode: 0o755)
        try Files.makeDirectory(home, mode: 0o755)

        // A copy that every uid can reach, wherever this package was built.
        let built = try builtProduct(named: "sandbox-init")
        if mode == .own {
            sandboxInit = built
        } else {
            try Files.makeDirectory(folder.path("state"), mode: 0o755)
            sandboxInit = try ProgramMirror(stateDirectory: folder.path("state")).reachable(built, by: uid)
        }
        // In front of sandbox-init stands what makes root an ordinary user, and what a test puts there.
        var front = wrapper
        if mode == .ordinaryUser {
            front += ["setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups"]
        }
        var started = sandboxInit
        if !front.isEmpty || bareLaunch {
            let words = (front + (bareLaunch ? [] : [sandboxInit])).map { "'\($0)'" }.joined(separator: " ")
            let skip = bareLaunch ? "while [ \"$1\" != -- ]; do shift; done; shift\n" : ""
            started = try folder.write(
                "start", "#!/bin/sh\n\(skip)PATH=/usr/bin:/bin exec \(words) \"$@\"\n", mode: 0o755)
        }
        var bwrap = try SandboxTools.locate(beside: Files.parent(of: built)).bwrap
        if !shared.isEmpty {
            bwrap = try folder.write("bwrap", HostShare.script(for: shared, bwrap: bwrap), mode: 0o755)
        }
        // An ordinary user finds no groups that it may make others in, as a rule.
        let hasGroups = mode == .sessionUID && !bareLaunch
        launcher = SandboxLauncher(
            tools: SandboxTools(bwrap: bwrap, sandboxInit: started),
            findGroups: { () throws(ControlGroups.Absence) in
                guard hasGroups else { throw ControlGroups.Absence(description: "this user has none") }
                return try ControlGroups.find(name: SandboxLauncher.groupFolder)
            })
        try own()
    }

    /// Gives what the agent works on to the sandbox's uid; to be called again after adding files.
    package func own(_ others: String...) throws {
        guard mode != .own else { return }
        for path in [worktree, home] + others { try Files.changeOwner(tree: path, uid: uid, gid: uid) }
    }

    package func profile(_ command: [String]) -> SandboxProfile {
        SandboxProfile(
            kind: .author, worktree: worktree, home: home, command: command,
            uid: mode == .sessionUID ? uid : nil)
    }

    /// The plan as the product makes it, for the caller this mode stands for.
    package func plan(_ profile: SandboxProfile) throws -> SandboxPlan {
        var host = HostFacts.observe(profile)
        if mode == .ordinaryUser { host.callerUID = uid }
        return try SandboxPlan(profile, sandboxInit: sandboxInit, host: host)
    }

    /// No test waits for time; this only ends what would never end.
    package static let patience = Duration.seconds(300)

    package func run(_ profile: SandboxProfile, input: [UInt8]? = nil) async throws -> SandboxOutput {
        try await run(plan(profile), input: input)
    }

    package func run(
        _ plan: SandboxPlan, input: [UInt8]? = nil, outputBytesMax: Int = 1 << 20
    ) async throws -> SandboxOutput {
        let output = try await launcher.run(
            plan, input: input, outputBytesMax: outputBytesMax, timeout: Self.patience)
        guard !output.timedOut else { throw SceneFailure("the sandbox did not end: \(output.stderrText)") }
        return output
    }

    package func run(_ command: String...) async throws -> SandboxOutput { try await run(profile(command)) }

    /// Starts a plan with pipes and returns while it runs.
    package func start(_ profile: SandboxProfile, ledger: ExecLedger? = nil) throws -> RunningChild {
        try launcher.start(plan(profile), stdin: .pipe, stdout: .pipe, stderr: .pipe, ledger: ledger).child
    }

    /// Runs a command inside with every exec recorded, and answers what it printed and the entries, in order.
    package func recorded(
        _ command: [String], decide: @escaping ExecLedger.Decide = { _ in true }
    ) async throws -> (output: ChildOutput, entries: [ExecEntry]) {
        let entries = Mutex<[ExecEntry]>([])
        let ledger = try ExecLedger(
            decide: decide, record: { entry in entries.withLock { $0.append(entry) } })
        var profile = profile(command)
        profile.recordsExecs = true
        let child = try launcher.start(
            plan(profile), stdin: .null, stdout: .pipe, stderr: .pipe, ledger: ledger)
        async let stdout = Self.all(of: child.stdout)
        async let stderr = Self.all(of: child.stderr)
        let streams = try await (stdout, stderr)
        let termination = await child.wait()
        await ledger.ended()
        let output = ChildOutput(
            termination: termination, stdout: streams.0, stderr: streams.1, stdoutWasTruncated: false,
            stderrWasTruncated: false, timedOut: false)
        return (output, entries.withLock { $0 })
    }

    private static func all(of stream: Descriptor?) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await stream?.read(upTo: 64 << 10), !chunk.isEmpty { bytes += chunk }
        return bytes
    }

    /// Runs a shell script inside and answers what it printed, both streams; the script itself must succeed.
    package func shell(_ script: String, _ change: (inout SandboxProfile) -> Void = { _ in }) async throws
        -> String
    {
        try await said(["sh", "-c", script], change)
    }

    /// Runs a Python script inside and answers what it printed. `call(name or number, …)` makes a system call
    /// and answers its result, or the name of its error.
    package func python(_ script: String, _ change: (inout SandboxProfile) -> Void = { _ in }) async throws
        -> String
    {
        try await said(["/usr/bin/python3", "-I", "-c", Self.prelude + script], change)
    }

    private func said(_ command: [String], _ change: (inout SandboxProfile) -> Void) async throws -> String {
        var profile = profile(command)
        change(&profile)
        let output = try await run(profile)
        guard output.isSuccess else {
            throw SceneFailure("the script \(output.termination): \(output.stderrText)")
        }
        var text = output.stdoutText
        while text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    private static let prelude = """
        import ctypes, errno, os, socket, sys
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        def call(number, *arguments):
            ctypes.set_errno(0)
            kept = (bytes, ctypes._Pointer, ctypes.Array)
            given = [a if isinstance(a, kept) else ctypes.c_ulong(a) for a in arguments]
            result = libc.syscall(ctypes.c_long(number), *given)
            if result != -1: return result
            return errno.errorcode.get(ctypes.get_errno(), str(ctypes.get_errno()))
        def attempt(action):
            try:
                action()
                return "done"
            except OSError as error:
                return errno.errorcode.get(error.errno, str(error))

        """
}

/// A scene that did not play as the test relies on.
package struct SceneFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
