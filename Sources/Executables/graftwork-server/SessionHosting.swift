import Agents
import Conductor
import ControlProtocol
import ControlServer
import Harnesses
import Lifecycle
import Linux
import Vocabulary

/// Starts and finds the runners of sessions.
struct SessionHosting: Sendable {
    let place: Installation
    let keys: KeyRing
    let rehearsals: RehearsalProcesses

    var host: SessionHost {
        SessionHost(
            start: { specification in
                if specification.isRehearsed { try await rehearsals.ensure(specification.run) }
                let keys = try await keys.keys(for: specification)
                return link(try await runners.start(specification, keys: keys))
            },
            attach: { session in
                do {
                    return try await runners.reattach(session: session.id, directory: session.directory).map(
                        link)
                } catch AgentError.runnerLost {
                    return nil
                }
            })
    }

    /// Looked for anew each time: a harness may have been installed since the server began.
    private var runners: RunnerHost {
        RunnerHost(
            executables: place.executables, stateDirectory: place.locations.state,
            programs: HarnessDetector.detect(
                searching: place.searchPath,
                cache: HarnessDetector.cacheFolder(
                    environment: place.environment, isRoot: SystemIdentity.isRoot),
                agentBeside: place.executables),
            searchPath: place.searchPath)
    }

    private func link(_ handle: RunnerHandle) -> SessionLink {
        SessionLink(
            events: {
                AsyncThrowingStream { continuation in
                    let reading = Task {
                        do {
                            for try await entry in handle.events() {
                                continuation.yield(NumberedEvent(number: entry.n, event: entry.event))
                            }
                            continuation.finish()
                        } catch {
                            continuation.finish(throwing: error)
                        }
                    }
                    continuation.onTermination = { _ in reading.cancel() }
                }
            },
            answer: { approval, allowed, person, note in
                try await handle.answer(approval: approval, allowed: allowed, by: person, message: note)
            },
            stop: { await handle.stop() })
    }
}
