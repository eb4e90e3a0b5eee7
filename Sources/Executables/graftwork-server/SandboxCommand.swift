import ChildProcess
import Configuration
import ControlProtocol
import Dispatch
import Glibc
import Linux
import Sandbox
import Vocabulary
import Workflows

/// `graftwork sandbox run`: any command behind the walls of an agent's session, for people to try them.
struct SandboxCommand {
    private let place: Installation
    private var kind = SandboxProfile.Kind.author
    private var worktree: String?
    private var readOnlyPaths: [String] = []
    private var environment: [String: String] = [:]
    private var printsPlan = false
    private var asJSON = false
    private var command: [String] = []

    /// What `graftwork` passes on: options with their values, `--`, the command.
    init(place: Installation, arguments: [String]) throws {
        self.place = place
        var rest = arguments[...]
        while let option = rest.popFirst(), option != "--" {
            if option == "--print-plan" || option == "--json" {
                printsPlan = printsPlan || option == "--print-plan"
                asJSON = asJSON || option == "--json"
                continue
            }
            guard let value = rest.popFirst() else { throw Self.usage("\(option) needs a value.") }
            switch option {
            case "--profile": kind = try Self.kind(named: value)
            case "--worktree": worktree = try Self.folder(value)
            case "--read": readOnlyPaths.append(try Self.existing(value))
            case "--env":
                let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else {
                    throw Self.usage(
                        "\(VisibleText.quoted(value)) is no variable with a value, like NAME=VALUE.")
                }
                environment[String(parts[0])] = String(parts[1])
            default:
                throw Self.usage("\(VisibleText.quoted(option)) is no option of `graftwork sandbox run`.")
            }
        }
        command = Array(rest)
    }

    /// The command's own exit code.
    func run() async throws -> Int32 {
        let tools = try SandboxTools.locate(beside: place.executables)
        let isRoot = SystemIdentity.isRoot
        try Files.makeDirectory(place.locations.state, mode: isRoot ? 0o711 : 0o700)
        let places = SessionPlaces(state: place.locations.state)
        let launcher = SandboxLauncher(
            tools: tools, mirror: isRoot ? ProgramMirror(stateDirectory: place.locations.state) : nil)
        if !printsPlan {
            // As for a session: nothing starts where the walls are not proven, and it says what to mend.
            try await SandboxProof(places: places) { () throws(SandboxError) in tools }.require()
        }
        let name = "sandbox-\(SystemIdentity.pid)"
        let owner = try worktreeOwner()
        let claimed = owner == nil ? try await places.claim(for: name) : nil
        do {
            // One that was killed may have had this number.
            try await places.removeFolder(name)
            let folder = try places.makeFolder(name, uid: owner ?? claimed)
            let code = try await run(launcher, in: folder, uid: owner ?? claimed)
            try await places.removeFolder(name)
            try await places.release(claimed, owner: name)
            return code
        } catch {
            do {
                try await places.removeFolder(name)
                try await places.release(claimed, owner: name)
            } catch let leftover {
                // The next server takes it. What went wrong first is what to tell last.
                FileHandleOutput.standardError("graftwork: \(Problem(explaining: leftover).description)\n")
            }
            throw error
        }
    }

    /// As root: whoever owns the folder that was named works in it.
    private func worktreeOwner() throws -> UInt32? {
        guard SystemIdentity.isRoot, let worktree else { return nil }
        let owner = try Files.status(of: worktree).st_uid
        guard owner != 0 else { return nil }
        // A sandbox's group has the number of its user, which may be somebody else's.
        guard !SystemIdentity.isGroup(owner) || SystemIdentity.account(of: owner)?.gid == owner else {
            throw Problem(
                "\(VisibleText.quoted(worktree)) belongs to uid \(owner), and group \(owner) is another's.",
                hint: "Give the folder to root, or run this as its owner.", blame: .user)
        }
        return owner
    }

    private func run(_ launcher: SandboxLauncher, in folder: String, uid: UInt32?) async throws -> Int32 {
        let tree = worktree ?? folder + "/tree"
        for path in [folder + "/home"] + (worktree == nil ? [tree] : []) {
            try Files.makeDirectory(path, mode: 0o700)
            if let uid { try Files.changeOwner(tree: path, uid: uid, gid: uid) }
        }
        let stated = try place.configuration()
        let variables = stated.worktree?.variables ?? []
        let toolchains = stated.toolchains + readOnlyPaths
        let profile = SandboxProfile(
            kind: kind, worktree: tree, treeIsReadOnly: kind == .reviewer || kind == .planner,
            home: folder + "/home", readOnlyPaths: toolchains + (stated.worktree?.shares ?? []),
            environment: Toolchains.environment(for: toolchains)
                .merging(variables.map { ($0.name, $0.value) }) { $1 }.merging(environment) { $1 },
            command: command.isEmpty ? ["sh"] : command, uid: uid,
            limits: SandboxLimits(resources: stated.resources ?? .standard), recordsExecs: true)
        let plan = try launcher.plan(profile)
        if printsPlan {
            let document = SandboxPlanDocument(plan, limitsAreKeptBy: SandboxLauncher.limitMeans().means)
            FileHandleOutput.standardOutput(
                asJSON ? try JSONText.document(encoding: document) + "\n" : document.text)
            return 0
        }
        let ledger = try ExecLedger(decide: { _ in true }, record: { _ in })
        // Pipes, never the terminal itself: a terminal is a way out.
        let sandbox = try launcher.start(plan, stdin: .pipe, stdout: .pipe, stderr: .pipe, ledger: ledger)
        let child = sandbox.child
        let signals = Self.passedOn.map { Self.passing($0, to: child) }
        defer { for signal in signals { signal.cancel() } }
        do {
            if let input = child.stdin { try Self.pump(STDIN_FILENO, into: input) }
        } catch {
            child.signal(SandboxLauncher.killSignal)
            _ = await sandbox.wait()
            throw error
        }
        async let out: Void = Self.copy(child.stdout, to: STDOUT_FILENO)
        async let err: Void = Self.copy(child.stderr, to: STDERR_FILENO)
        _ = await (out, err)
        let termination = await sandbox.wait()
        if let excess = sandbox.excess {
            throw Problem(
                "The command was ended. \(excess.sentence)",
                hint: "`graftwork sandbox run --print-plan` shows the limits.", blame: .user)
        }
        switch termination {
        case .exited(let code): return code
        case .signalled(let number): return 128 + number
        }
    }

    private static let passedOn = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    private static func passing(_ number: Int32, to child: RunningChild) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)  // The source below sees it all the same.
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { child.signal(number) }
        source.resume()
        return source
    }

    private static let pieceBytes = 64 << 10

    /// On a thread of its own, which a person who types nothing would hold: it ends with the program.
    private static func pump(_ source: Int32, into destination: Descriptor) throws(SystemError) {
        try startThread(named: "input") {
            var buffer = [UInt8](repeating: 0, count: pieceBytes)
            while true {
                let count = read(source, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                var written = 0
                while written < count {
                    let result = try? destination.withRawValue("write") { number in
                        buffer[written..<count].withUnsafeBytes {
                            Glibc.write(number, $0.baseAddress, $0.count)
                        }
                    }
                    // The command closed its input, or has ended.
                    guard let result, result > 0 || errno == EINTR else { return destination.close() }
                    written += max(0, result)
                }
            }
            destination.close()
        }
    }

    private static func copy(_ source: Descriptor?, to number: Int32) async {
        // Not a cause lost: a pipe that cannot be read has ended.
        while let bytes = try? await source?.read(upTo: pieceBytes), !bytes.isEmpty {
            await runBlocking {
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
                    // Whoever read it is gone; the command goes on, as in a shell that ignores SIGPIPE.
                    guard count > 0 || errno == EINTR else { return }
                    rest = rest.dropFirst(max(0, count))
                }
            }
        }
    }

    // MARK: What was asked for

    private static func kind(named name: String) throws -> SandboxProfile.Kind {
        guard let kind = SandboxProfile.Kind(rawValue: name) else {
            let names = SandboxProfile.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw usage("\(VisibleText.quoted(name)) is no profile; there are \(names).")
        }
        return kind
    }

    private static func folder(_ path: String) throws -> String {
        let real = try existing(path)
        guard Files.isDirectory(real) else { throw usage("\(VisibleText.quoted(path)) is no folder.") }
        return real
    }

    private static func existing(_ path: String) throws -> String {
        do {
            return try Files.realPath(path)
        } catch {
            throw usage("\(VisibleText.quoted(path)) cannot be shown: \(SystemError.text(of: error.code)).")
        }
    }

    private static func usage(_ sentence: String) -> Problem {
        Problem(
            sentence, hint: "`graftwork help sandbox` shows how it is used.", blame: .user, exitCode: .usage)
    }
}
