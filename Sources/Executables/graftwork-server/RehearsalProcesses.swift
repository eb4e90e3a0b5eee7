import ChildProcess
import ControlProtocol
import ControlServer
import Glibc
import Linux
import Vocabulary

/// The scripted models of rehearsed runs: one process each, which outlives the server like a runner does.
actor RehearsalProcesses {
    private let place: Installation
    static let readyLine = "ready"

    init(place: Installation) { self.place = place }

    /// Starts the run's scripted model unless it lives.
    func ensure(_ run: RunID) async throws {
        let files = RehearsalFiles(state: place.locations.state, run: run)
        guard try !files.isServed() else { return }
        let child = try Child.spawn(
            ChildCommand(
                [SystemIdentity.executablePath, "rehearse", files.script, "--socket", files.socket],
                environment: [:],
                workingDirectory: "/", grouping: .ownSession),
            stdin: .null, stdout: .pipe, stderr: .null)
        guard let output = child.stdout else { return }
        defer { output.close() }
        let line = try await LineStream(reading: output, lineBytesMax: 1_024).next()
        guard line?.text == Self.readyLine else {
            throw Problem(
                line?.text ?? "The rehearsal of run \(run) could not be started.",
                hint: "Check the script with the format in the documentation.", blame: .configuration)
        }
    }

    /// Ends the run's scripted model; there is none for most runs.
    func end(_ run: RunID) {
        let files = RehearsalFiles(state: place.locations.state, run: run)
        do {
            guard try files.isServed() else { return }
            // The kernel says who listens there; a number in a file could be another process by now.
            let connection = try UnixSocket.connect(path: files.socket)
            kill(try UnixListener.peerCredentials(of: connection).pid, SIGTERM)
        } catch {
            FileHandleOutput.standardError("The rehearsal of run \(run) could not be ended: \(error)\n")
        }
    }
}
