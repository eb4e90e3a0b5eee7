import ChildProcess
import FoundationEssentials
import Glibc
package import Harnesses
import Linux
package import Vocabulary

/// Starts runners and finds them again. Stateless: what lives is known by the locks in the session
/// directories.
package struct RunnerHost: Sendable {
    /// A runner that is not ready by then never will be; on an idle machine it takes some ten milliseconds.
    static let readyLimit: Duration = .seconds(30)
    /// How much of a failed runner's log is shown.
    static let logBytesMax = 16 << 10
    static let logLinesShown = 5

    package let executables: String
    package let stateDirectory: String?
    package let programs: [HarnessProgram]
    package let searchPath: [String]

    /// - Parameters:
    ///   - executables: the folder of `graftwork-runner`, `sandbox-init` and `graftwork-agent`.
    ///   - stateDirectory: where a root server keeps copies of programs that session uids cannot reach.
    ///   - programs: the harnesses found on this machine.
    ///   - searchPath: the folders in which the commands of `acp` and `command` agents are looked for.
    package init(
        executables: String, stateDirectory: String?, programs: [HarnessProgram], searchPath: [String] = []
    ) {
        self.executables = executables
        self.stateDirectory = stateDirectory
        self.programs = programs
        self.searchPath = searchPath
    }

    /// Starts the session, or finds it again: acting twice is harmless.
    ///
    /// 1. a runner of this session lives: its handle  2. the spool has ended: a handle that replays it  3.
    ///   the spool has begun and nobody writes it: ``AgentError/runnerLost(session:)``, and the caller starts
    ///   a *new* session
    /// 4. otherwise: a new runner, which outlives this process.
    package func start(
        _ specification: SessionSpecification, keys: [String: String]
    ) async throws(AgentError) -> RunnerHandle {
        let files = SessionFiles(directory: specification.directory)
        guard files.fitsSocketNames else {
            throw .directoryTooLong(path: files.directory, limit: SessionFiles.socketNameBytesMax)
        }
        switch try await Self.state(of: files) {
        case .running, .ended: return RunnerHandle(session: specification.session, directory: files.directory)
        case .lost: throw .runnerLost(session: specification.session)
        case .fresh: break
        }
        let order = RunnerOrder(
            specification: specification, keys: keys, program: try program(for: specification.agent),
            executables: executables, stateDirectory: stateDirectory)
        try await launch(order, files)
        return RunnerHandle(session: specification.session, directory: files.directory)
    }

    /// The session of a directory, by a server that was started anew; nil when no runner ever began there.
    ///
    /// Throws ``AgentError/runnerLost(session:)`` when its runner died before the session ended.
    package func reattach(session: SessionID, directory: String) async throws(AgentError) -> RunnerHandle? {
        switch try await Self.state(of: SessionFiles(directory: directory)) {
        case .running, .ended: return RunnerHandle(session: session, directory: directory)
        case .lost: throw .runnerLost(session: session)
        case .fresh: return nil
        }
    }

    private enum DirectoryState { case fresh, running, ended, lost }

    private static func state(of files: SessionFiles) async throws(AgentError) -> DirectoryState {
        try await runBlocking { () throws(AgentError) in try read(files) }
    }

    private static func read(_ files: SessionFiles) throws(AgentError) -> DirectoryState {
        let isAlive = try AgentError.naming(files.lock) { () throws(SystemError) in try files.lockIsHeld() }
        if isAlive { return .running }
        do throws(SpoolError) {
            guard let newest = try SpoolReader.lastLine(of: files.spool) else {
                return Files.exists(files.spool) ? .lost : .fresh
            }
            return SpoolReader.entry(Data(newest))?.isLast == true ? .ended : .lost
        } catch {
            throw .directoryUnusable(path: files.spool, cause: error.description)
        }
    }

    private func program(for agent: AgentDefinition) throws(AgentError) -> HarnessProgram {
        switch agent.harness {
        case .builtIn, .claude, .codex:
            if let found = programs.first(where: { $0.kind == agent.harness }) { return found }
        case .acp, .command:
            if let found = HarnessDetector.program(for: agent, searching: searchPath) { return found }
        }
        throw .noProgram(agent: agent.name, harness: agent.harness)
    }

    private func launch(_ order: RunnerOrder, _ files: SessionFiles) async throws(AgentError) {
        let path = executables + "/graftwork-runner"
        guard Files.isExecutable(path) else { throw .runnerMissing(path: path) }
        let child: RunningChild
        let document: [UInt8]
        do {
            document = Array(try JSONEncoder().encode(order))
            try Files.makeDirectory(files.directory)
            // The sandbox of a root server's session is built by the session's own uid, which must get at its
            // home.
            if let uid = order.specification.uid {
                try Files.changeOwner(tree: files.directory, uid: uid, gid: uid)
            }
            let log = try Descriptor.open(files.log, flags: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
            child = try Child.spawn(
                ChildCommand([path], environment: [:], workingDirectory: "/", grouping: .ownSession),
                stdin: .pipe, stdout: .pipe, stderr: .descriptor(log))
        } catch {
            throw .directoryUnusable(path: files.directory, cause: "\(error)")
        }
        defer { child.stdout?.close() }
        do throws(SystemError) {
            try await child.stdin?.write(document)
        } catch {
            // It ended before it had read its order; its log says why.
        }
        child.stdin?.close()
        guard await Self.isReady(child) else {
            child.signal(SIGKILL)
            _ = await child.wait()
            // Another start of the same session may have been faster; then its runner is the one.
            if try await Self.state(of: files) == .running { return }
            throw .runnerFailed(session: order.specification.session, log: Self.tail(of: files.log))
        }
    }

    /// The runner says one line when its control socket stands.
    private static func isReady(_ child: RunningChild) async -> Bool {
        guard let stdout = child.stdout else { return false }
        let limit = Task {
            try await ContinuousClock().sleep(for: readyLimit)
            child.signal(SIGKILL)
        }
        defer { limit.cancel() }
        // Not a cause lost: a runner that says nothing readable is not ready, and its log says why.
        let line = (try? await LineStream(reading: stdout, lineBytesMax: 64).next()).flatMap(\.self)
        return line?.text == Runner.readyLine
    }

    private static func tail(of log: String) -> String {
        // Not a cause lost: without a log there is nothing to add to the error that is being thrown.
        guard let text = try? Files.readText(log, bytesMax: logBytesMax) else { return "" }
        let lines = text.split(separator: "\n").suffix(logLinesShown)
        return VisibleText.oneLine(lines.joined(separator: " "), limit: 1 << 10)
    }
}

extension SpoolReader {
    /// The last whole line of a spool; nil when there is none.
    static func lastLine(of path: String) throws(SpoolError) -> ArraySlice<UInt8>? {
        guard var reader = try SpoolReader(path: path) else { return nil }
        var newest: ArraySlice<UInt8>?
        while let line = try reader.nextLines().last { newest = line }
        return newest
    }
}
