internal import ControlProtocol
internal import FoundationEssentials
internal import Glibc
package import Journal
internal import Lifecycle
package import Linux
package import Sandbox
package import Telemetry
internal import Vocabulary

/// Answers clients on the unix socket: one request, then replies until `done` or `problem`.
package struct ControlService: Sendable {
    /// A request is a goal and an environment; more than this is no request.
    static let requestBytesMax = 4 << 20
    static let connectionsMax = 256
    /// How long no connection is taken when no descriptor is left for one.
    static let scarcityPause: Duration = .milliseconds(100)

    let runs: LiveRuns
    let starter: RunStarter
    let repositories: Repositories
    let places: SessionPlaces
    let journal: EventJournal
    let log: Log
    /// Ends the server; called once a client's `shutdown` is answered.
    let shutDown: @Sendable () -> Void

    package init(
        runs: LiveRuns, starter: RunStarter, repositories: Repositories, places: SessionPlaces,
        journal: EventJournal, log: Log,
        shutDown: @escaping @Sendable () -> Void
    ) {
        self.runs = runs
        self.starter = starter
        self.repositories = repositories
        self.places = places
        self.journal = journal
        self.log = log
        self.shutDown = shutDown
    }

    /// Accepts connections until the listener is closed.
    package func serve(on listener: UnixListener) async {
        let connections = Connections(limit: Self.connectionsMax)
        await withDiscardingTaskGroup { group in
            while true {
                let connection: Descriptor
                await connections.take()
                do throws(SystemError) {
                    connection = try await listener.accept()
                } catch {
                    await connections.give()
                    if error.code == EBADF || error.code == ECANCELED { break }
                    guard Self.isScarcity(error) else {
                        // One that cannot be reached must not keep the next from listening.
                        log.fault("The server cannot listen and ends.", ["why": error.description])
                        shutDown()
                        break
                    }
                    log.error("A connection waits.", ["why": error.description])
                    // Not a cause lost: a cancelled accept ends the loop.
                    try? await ContinuousClock().sleep(for: Self.scarcityPause)
                    continue
                }
                group.addTask {
                    await answer(connection)
                    await connections.give()
                }
            }
            group.cancelAll()
        }
    }

    /// Something that others give back sooner or later.
    private static func isScarcity(_ error: SystemError) -> Bool {
        [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(error.code)
    }

    private func answer(_ connection: Descriptor) async {
        defer { connection.close() }
        let client = ControlClient(writing: connection)
        do {
            // The socket's mode keeps others out; the kernel's word on who is there makes sure of it.
            let peer = try UnixListener.peerCredentials(of: connection)
            guard peer.uid == SystemIdentity.effectiveUID || peer.uid == 0 else {
                log.error("A connection of another user was refused.", ["uid": "\(peer.uid)"])
                return
            }
            let lines = LineStream(reading: connection, lineBytesMax: Self.requestBytesMax)
            let next: Line?
            do throws(SystemError) {
                next = try await lines.next()
            } catch {
                throw ClientLeft(cause: error)
            }
            guard let line = next else { return }
            guard !line.wasTruncated else { throw Self.malformed }
            let request: ControlRequest
            do {
                request = try JSONDecoder().decode(ControlRequest.self, from: Data(line.text.utf8))
            } catch {
                throw Self.malformed
            }
            let exit = try await handle(request, client)
            try await client.send(.done(exit: exit))
            if case .shutdown = request { shutDown() }
        } catch let left as ClientLeft {
            log.debug("A client left.", ["why": left.cause.description])
        } catch {
            do {
                try await client.send(.problem(problem: Self.words(error)))
            } catch {
                log.debug("A client left.", ["why": "\(error)"])
            }
        }
    }

    /// What the kernel refused is the machine's affair and no bug of ours.
    private static func words(_ error: any Error) -> Problem {
        guard let error = error as? SystemError else { return Problem(error) }
        let hint =
            error.isDiskFull
            ? "Make room, then try again; nothing was lost." : "Look at the file's permissions."
        return Problem("\(error.subject) could not be used: \(error).", hint: hint, blame: .environment)
    }

    private static let malformed = Problem(
        "The request is not one this server understands.",
        hint: "Use a client of the same version; see `graftwork version`.",
        blame: .user, exitCode: .usage)

    private func handle(_ request: ControlRequest, _ client: ControlClient) async throws -> ExitCode {
        switch request {
        case .prepare(let submission):
            try await client.send(.prepared(preparation: starter.prepare(submission)))
        case .run(let submission):
            let request = try await starter.request(for: submission)
            try await runs.begin(request)
            try await client.send(.accepted(run: request.run))
        case .status(let run):
            let views = if let run { [try await runs.view(run)] } else { await runs.views() }
            try await client.send(.runs(runs: views))
        case .watch(let run, let after): return try await watch(run, after: after, client)
        case .logs(let run, let task, let follow): try await logs(of: run, task: task, follow: follow, client)
        case .diff(let run, let task, let turn):
            try await client.send(diff(of: run, task: task, turn: turn))
        case .inbox: try await client.send(.inbox(approvals: runs.views().flatMap(\.waiting)))
        case .answer(let approval, let allowed, let person, let note):
            try await answer(approval, allowed: allowed, by: person, note: note)
        case .land(let run, let task, let checkout, let into):
            try await land(run, task: task, updateCheckout: checkout, into: into)
        case .stop(let run):
            try await stop(run)
        case .tell(let run, let task, let text, let files, let person):
            let session = try await runs.tell(text, files: files, to: task, in: run, by: person)
            try await client.send(.reached(session: session))
        case .interrupt(let run, let task, let person):
            try await client.send(.reached(session: runs.interrupt(task, in: run, by: person)))
        case .pause(let run, let task, let person): try await runs.pause(task, in: run, by: person)
        case .unpause(let run, let task, let person): try await runs.unpause(task, in: run, by: person)
        case .resume(let run, let environment): return try await resume(run, environment: environment, client)
        case .worktrees(let run, let measuresDisk):
            let views = try await worktrees(of: run, measuresDisk: measuresDisk)
            try await client.send(.worktrees(worktrees: views))
        case .removeWorktree(let run, let task, let discards):
            try await removeWorktree(of: task, in: run, discardsUnsaved: discards)
        case .openWorktree(let run, let task): try await client.send(openWorktree(of: task, in: run))
        case .restoreWorktree(let run, let task, let snapshot, let turn):
            try await client.send(restoreWorktree(of: task, in: run, snapshot: snapshot, turn: turn))
        case .pruneWorktrees(let isDryRun):
            let pruned = try await prune(isDryRun: isDryRun)
            try await client.send(.pruned(items: pruned.items))
            // What went is told first; then why not all of it could.
            if let problem = pruned.problems.first { throw problem }
        case .importSetup(let repository):
            try await client.send(.importedSetup(setup: starter.importedSetup(of: repository)))
        case .cost(let run): try await client.send(.cost(costs: costs(of: run)))
        case .audit(let run, let after): try await audit(run, after: after, client)
        case .shutdown: break
        }
        return .done
    }
}

/// A bounded number of places; who finds none waits, and so does the socket's queue behind him.
private actor Connections {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    init(limit: Int) { free = limit }

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }
    func give() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// The writing side of one client.
struct ControlClient: Sendable {
    private let writer: LineWriter

    init(writing connection: Descriptor) { writer = LineWriter(writing: connection) }

    func send(_ reply: ControlReply) async throws {
        let line = try JSONText.line(encoding: reply)
        do throws(SystemError) {
            try await writer.write(line)
        } catch {
            throw ClientLeft(cause: error)
        }
    }
}

/// There is nobody to answer any more. Its own type, for the same system errors come from our own files.
struct ClientLeft: Error {
    let cause: SystemError
}
