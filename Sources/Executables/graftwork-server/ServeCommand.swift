import Configuration
import ControlProtocol
import ControlServer
import Dispatch
import Glibc
import Journal
import Lifecycle
import Linux
import Provisioning
import Sandbox
import Telemetry
import Vocabulary

/// `graftwork-server serve [--ready-fd N]`: the one server of this user, on its unix socket.
struct ServeCommand {
    let place: Installation
    /// Where `ready` or a problem is written once it is known which; nil: nobody waits.
    let ready: Descriptor?

    init(place: Installation, arguments: [String]) throws {
        self.place = place
        switch arguments.count {
        case 0: ready = nil
        case 2 where arguments[0] == "--ready-fd":
            guard let number = Int32(arguments[1]), number > 2 else { throw Self.usage }
            ready = Descriptor(owning: number)
        default: throw Self.usage
        }
    }
    private static let usage = Problem(
        "serve takes no arguments.", hint: "graftwork serve", blame: .user, exitCode: .usage)

    func run() async throws {
        do {
            try await serve()
        } catch {
            // Whoever started this server shows its words; a person at the terminal sees them from `main`.
            try await say(Problem(explaining: error))
            throw error
        }
    }

    private func serve() async throws {
        // One of this process would hold the keys. Where it cannot be, the proof below fails and says so.
        _ = MemoryDumps.forbid()
        let locations = place.locations
        try Files.makeDirectory(locations.state, mode: SystemIdentity.isRoot ? 0o711 : 0o700)
        try Files.makeDirectory(locations.runtime, mode: 0o700)
        let lock = try await acquireLock()
        defer { lock.close() }
        let log = Log.file(locations.serverLog)
        let journal = try EventJournal(path: locations.journal)
        let repositories = Repositories(state: locations.state)
        let places = SessionPlaces(state: locations.state)
        let rehearsals = RehearsalProcesses(place: place)
        let keys = KeyRing(environment: place.environment)
        let proof = SandboxProof(places: places) { () throws(SandboxError) in
            try SandboxTools.locate(beside: place.executables)
        }
        let harnesses = HarnessProof(place: place, places: places)
        // Nobody waits for it but the first session.
        let proving = Task {
            do {
                try await proof.require()
                for program in try place.configuredHarnesses() { try await harnesses.require(program) }
            } catch is CancellationError {
                return
            } catch {
                log.error("Sessions will not be started.", ["why": Problem(error).description])
            }
        }
        // Looked for at each use: without bwrap there are no sessions, but there is still a status.
        let launcher: @Sendable () throws -> SandboxLauncher = {
            SandboxLauncher(
                tools: try SandboxTools.locate(beside: place.executables),
                mirror: SystemIdentity.isRoot ? ProgramMirror(stateDirectory: locations.state) : nil)
        }
        let watch = CollisionWatch(repositories: repositories, log: log)
        let layers = LayerKnowledge(places: places, launcher: launcher)
        let runs = LiveRuns(
            journal: journal,
            stages: StageWiring.actions(
                repositories: repositories, launcher: launcher, places: places,
                support: { await layers.support() },
                tools: ToolchainFinder(
                    searchPath: place.searchPath, home: SystemIdentity.homeDirectory,
                    variables: place.environment)),
            host: SessionHosting(
                place: place, keys: keys, rehearsals: rehearsals, places: places, proof: proof,
                harnesses: harnesses, log: log
            ).host, log: log,
            settled: { run in
                await rehearsals.end(run)
                // A held run goes on by `land` or `approve`, which bring no keys of their own.
                if run.state != .held { await keys.forget(run.request.run) }
                Self.forgetCopies(of: run, in: places, log)
                Self.rest(log)
            }, moved: { watch.noteMove(in: $0) })
        try await runs.load()
        await watch.begin(with: runs)
        let known = await runs.lifecycles()
        await Leftovers(places: places, log: log).sweep(known)
        for run in known where run.state.isSettled {
            await rehearsals.end(run)
            // The last server may have ended between the run's end and this.
            Self.forgetCopies(of: run, in: places, log)
        }
        let listener = try UnixListener(path: locations.socket, mode: 0o600)
        let (ended, continuation) = AsyncStream<Void>.makeStream()
        let service = ControlService(
            runs: runs,
            starter: RunStarter(
                place: StarterPlace(
                    state: locations.state, configuration: locations.configuration,
                    executables: place.executables,
                    environment: place.environment),
                repositories: repositories, keys: keys, proof: proof),
            repositories: repositories, places: places, journal: journal, log: log,
            shutDown: { continuation.yield() })
        let housekeeping = Housekeeping(
            runs: runs, repositories: repositories, places: places, service: service, log: log)
        let tidying = Task { await housekeeping.keepTidy() }
        defer { tidying.cancel() }
        log.notice("The server listens.", ["socket": locations.socket, "pid": "\(SystemIdentity.pid)"])
        try await say(nil)
        Self.rest(log)
        let serving = Task { await service.serve(on: listener) }
        let signals = Task {
            await SignalWait.untilEnded()
            continuation.yield()
        }
        for await _ in ended { break }
        // Sessions outlive the server; whoever starts the next one goes on with them.
        listener.close()
        signals.cancel()
        // It takes its folder away with it.
        proving.cancel()
        await proving.value
        _ = serving
        log.notice("The server ends.")
    }

    /// Copies of the user's files are kept no longer than a run may go on by itself or a person's word.
    private static func forgetCopies(of run: RunLifecycle, in places: SessionPlaces, _ log: Log) {
        switch run.state {
        case .landed, .failed, .planned: break
        case .held, .stopped, .proving, .planning, .awaitingApproval, .building: return
        }
        do {
            try Provisioner.forgetCopies(of: run.request.run, state: places.state)
        } catch {
            log.error(
                "The copies of a run could not be removed.",
                ["run": run.request.run.rawValue, "why": Problem(error).description])
        }
    }

    /// One server per user. A lock whose holder does not answer belongs to one that is just ending, or just
    /// starting.
    private func acquireLock() async throws -> FileLock {
        let locations = place.locations
        for _ in 0..<Self.lockAttemptsMax {
            if let lock = try FileLock.tryAcquire(path: locations.lock) { return lock }
            do throws(SystemError) {
                try UnixSocket.connect(path: locations.socket).close()
                break
            } catch {
                try await ContinuousClock().sleep(for: Self.lockPause)
            }
        }
        throw Problem(
            "Another server of this user is running on \(locations.socket).",
            hint: "Use it; end it with `graftwork serve --stop` if it must go.", blame: .user)
    }
    private static let lockAttemptsMax = 500
    private static let lockPause: Duration = .milliseconds(10)

    /// What a start or a run needed is given back once nothing goes on: a server waits for most of its life.
    private static func rest(_ log: Log) {
        do {
            try ProcessMemory.giveBackProgramText()
        } catch {
            log.debug("Program text could not be given back.", ["why": error.description])
        }
    }

    private func say(_ problem: Problem?) async throws {
        guard let ready else { return }
        let line: String
        if let problem {
            line = try JSONText.line(encoding: problem)
        } else {
            line = "ready"
        }
        do {
            try await LineWriter(writing: ready).write(line)
        } catch {
            // Nobody waits any more; the server goes on.
        }
        ready.close()
    }
}
