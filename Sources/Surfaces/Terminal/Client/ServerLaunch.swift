import ChildProcess
package import ControlProtocol
import FoundationEssentials
import Glibc
import Linux
package import Vocabulary

/// Starts `graftwork-server serve` so that it outlives this command, and waits until it says that it listens.
package struct ServerLaunch: Sendable {
    /// What the server gets of this environment: enough to find programs, state and language, and no keys.
    /// The keys a run needs travel with its request.
    static let environmentKept = [
        "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME",
    ]
    static let readyLimit = Duration.seconds(30)
    static let readyLineBytesMax = 64 << 10
    /// How often, and how long each time, a command waits for another one that is starting the server just
    /// now.
    static let otherStartLimit = 300
    static let otherStartPause = Duration.milliseconds(100)

    package var program: String
    package var locations: Locations
    package var environment: [String: String]

    package init(program: String, locations: Locations, environment: [String: String]) {
        self.program = program
        self.locations = locations
        self.environment = environment
    }

    package func start() async throws(Problem) {
        do throws(SystemError) {
            try Files.makeDirectory(locations.state, mode: SystemIdentity.isRoot ? 0o711 : 0o700)
        } catch {
            throw notStarted(error)
        }
        // Of two commands that find no server at once, one starts it and the other waits for that.
        let turn = try await takeTurn()
        defer { turn?.close() }
        if canConnect { return }
        try await launch()
    }

    private func takeTurn() async throws(Problem) -> FileLock? {
        for _ in 0..<Self.otherStartLimit {
            do {
                if let lock = try FileLock.tryAcquire(path: locations.state + "/start.lock") { return lock }
                if canConnect { return nil }
                try await Task.sleep(for: Self.otherStartPause)
            } catch {
                throw notStarted(error)
            }
        }
        throw Problem(
            "Another command has been starting the server for a long time.",
            hint: "Look at \(locations.serverLog), end that command, and run this one again.",
            blame: .environment)
    }

    private func launch() async throws(Problem) {
        let ready: (reading: Descriptor, writing: Descriptor)
        let child: RunningChild
        do {
            ready = try Descriptor.pipe()
            let log = try Descriptor.open(locations.serverLog, flags: O_WRONLY | O_CREAT | O_APPEND)
            child = try Child.spawn(
                ChildCommand(
                    [program, "serve", "--ready-fd", "3"], environment: keptEnvironment,
                    workingDirectory: "/",
                    grouping: .ownSession, passedDescriptors: [.init(ready.writing, as: 3)],
                    endsGroupWithChild: false),
                stdin: .null, stdout: .descriptor(log), stderr: .descriptor(log))
        } catch {
            throw notStarted(error)
        }
        // Ours must go, or the end of a server that dies would never be seen.
        ready.writing.close()
        defer { ready.reading.close() }
        let answer = await firstLine(of: ready.reading)
        if answer == "ready" || canConnect { return }
        if let answer, let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.utf8)) {
            // Not a cause lost: a line that is no problem is in the log, which is named below.
            throw problem
        }
        let ending = child.termination.map { "\($0)" } ?? "did not say that it is ready"
        throw Problem(
            "The server \(ending).",
            hint: "The reason is at the end of \(locations.serverLog), or in what `graftwork serve` says.",
            blame: .environment)
    }

    private func notStarted(_ error: any Error) -> Problem {
        Problem(
            "The server could not be started: \(error).",
            hint: "Check that \(locations.state) can be written, or set XDG_STATE_HOME.", blame: .environment)
    }

    private var keptEnvironment: [String: String] {
        environment.filter { Self.environmentKept.contains($0.key) || $0.key.hasPrefix("GRAFTWORK_") }
    }

    /// What the server writes first; nil when it ended or the time is up.
    private func firstLine(of descriptor: Descriptor) async -> String? {
        let lines = LineStream(reading: descriptor, lineBytesMax: Self.readyLineBytesMax)
        let limit = Task {
            try await Task.sleep(for: Self.readyLimit)
            descriptor.close()
        }
        defer { limit.cancel() }
        do throws(SystemError) {
            return try await lines.next()?.text
        } catch {
            return nil  // Closed because the time is up; said above.
        }
    }

    private var canConnect: Bool {
        guard let connection = try? UnixSocket.connect(path: locations.socket) else { return false }
        connection.close()
        return true
    }
}
