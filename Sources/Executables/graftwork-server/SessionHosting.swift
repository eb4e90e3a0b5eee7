import Agents
import Conductor
import ControlProtocol
import ControlServer
import Harnesses
import Lifecycle
import Linux
import Sandbox
import Telemetry
import Vocabulary

/// Starts and finds the runners of sessions.
struct SessionHosting: Sendable {
    let place: Installation
    let keys: KeyRing
    let rehearsals: RehearsalProcesses
    let places: SessionPlaces
    let proof: SandboxProof
    let harnesses: HarnessProof
    let log: Log

    /// How often an answer is brought to a runner that could not be reached.
    private static let answerAttemptsMax = 10
    private static let answerPause: Duration = .milliseconds(300)

    var host: SessionHost {
        SessionHost(
            start: { specification in
                try await proof.require()
                if let program = programs.first(where: { $0.kind == specification.agent.harness }) {
                    try await harnesses.require(program)
                }
                if specification.isRehearsed { try await rehearsals.ensure(specification.run) }
                let keys = try await keys.keys(for: specification)
                return link(try await runners.start(specification, keys: keys))
            },
            attach: { session in
                do {
                    return try await runners.reattach(session: session.id, directory: session.directory).map(
                        link)
                } catch AgentError.runnerLost {
                    // Its spool is told to where it ends: who answered and what it cost is not lost with it.
                    return link(RunnerHandle(session: session.id, directory: session.directory))
                }
            },
            tidy: { session in
                do {
                    try await places.tidyFolder(session.id.rawValue)
                    // An author's uid is its worktree's, and goes with that.
                    try await places.release(session.uid, owner: session.id.rawValue)
                } catch {
                    // The next server sweeps it.
                    log.error(
                        "A session's folder could not be tidied.",
                        ["session": session.id.rawValue, "why": Problem(error).description])
                }
            })
    }

    /// Looked for anew each time: a harness may have been installed since the server began.
    private var programs: [HarnessProgram] { place.harnesses }

    private var runners: RunnerHost {
        RunnerHost(
            executables: place.executables, stateDirectory: place.locations.state, programs: programs,
            searchPath: place.searchPath)
    }

    /// What nobody can read must not go on for its whole time, and spend; its end is waited for.
    private func patience(with handle: RunnerHandle) -> SpoolPatience {
        var patience = SpoolPatience()
        patience.unreadable = { [log] error in
            log.error(
                "A session is stopped, for its record cannot be read.",
                ["session": handle.session.rawValue, "why": Problem(error).description])
            // Not waited for: one that stands still answers nobody.
            Task { await handle.stop() }
        }
        return patience
    }

    private func link(_ handle: RunnerHandle) -> SessionLink {
        SessionLink(
            events: {
                // Drawn by who follows, so that nothing piles up before a slow journal.
                let reading = SpoolReading(handle.events(patience: patience(with: handle)))
                return AsyncThrowingStream { try await reading.next() }
            },
            answer: { approval, allowed, person, note in
                for attempt in 1... {
                    do {
                        return try await handle.answer(
                            approval: approval, allowed: allowed, by: person, message: note)
                    } catch AgentError.directoryUnusable where attempt < Self.answerAttemptsMax {
                        // The agent waits for this answer alone; what is scarce now comes back.
                        try await ContinuousClock().sleep(for: Self.answerPause)
                    }
                }
            },
            stop: { await handle.stop() },
            tell: { text, files, person in try await handle.tell(text, files: files, by: person) },
            interrupt: { person in try await handle.interrupt(by: person) },
            pause: { person in try await handle.pause(by: person) },
            resume: { person in try await handle.resume(by: person) })
    }
}

/// The place one reader has in a session's events.
private actor SpoolReading {
    /// nil while the reader waits for the next one.
    private var entries: SpoolEntries.Iterator?

    init(_ entries: SpoolEntries) { self.entries = entries.makeAsyncIterator() }

    func next() async throws -> NumberedEvent? {
        guard var mine = entries.take() else { return nil }
        defer { entries = mine }
        return try await mine.next(isolation: self).map { NumberedEvent(number: $0.n, event: $0.event) }
    }
}
