import ChildProcess
import ControlProtocol
import ControlServer
import Glibc
import Lifecycle
import Linux
import Vocabulary

/// The scripted models of rehearsed runs: one process each, which outlives the server like a runner does.
actor RehearsalProcesses {
    private let place: Installation
    static let readyLine = "ready"

    /// Starts that are under way: two sessions that begin at once wait for the same one.
    private var starting: [RunID: Task<Void, any Error>] = [:]

    init(place: Installation) { self.place = place }

    /// Starts the run's scripted model unless it lives.
    func ensure(_ run: RunID) async throws {
        if let start = starting[run] { return try await start.value }
        let start = Task { try await begin(run) }
        starting[run] = start
        defer { starting[run] = nil }
        try await start.value
    }

    private func begin(_ run: RunID) async throws {
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

    /// Ends the run's scripted model, and removes what only a run at work needs; most runs have none.
    func end(_ run: RunLifecycle) {
        guard run.request.isRehearsed else { return }
        let files = RehearsalFiles(state: place.locations.state, run: run.request.run)
        do {
            if try files.isServed() {
                // The kernel says who listens there; a number in a file could be another process by now.
                let connection = try UnixSocket.connect(path: files.socket)
                kill(try UnixListener.peerCredentials(of: connection).pid, SIGTERM)
            }
            // A held run may need its script again without being resumed; any other gets it anew.
            if run.state != .held, Files.exists(files.script) { try Files.removeFile(files.script) }
        } catch {
            FileHandleOutput.standardError(
                "The rehearsal of run \(run.request.run) could not be ended: \(error)\n")
        }
    }
}
