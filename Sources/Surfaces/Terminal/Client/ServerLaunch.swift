import ChildProcess
package import ControlProtocol
import FoundationEssentials
import Glibc
import Linux
package import Vocabulary

/// Starts `graftwork-server serve` so that it outlives this command, and waits until it says that it listens.
package struct ServerLaunch: Sendable {
    /// What the server gets of this environment: enough to find programs, state and language, and no keys. The keys a
    /// run needs travel with its request.
    static let environmentKept = [
        "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER", "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME",
    ]
    static let readyLimit = Duration.seconds(30)
    static let readyLineBytesMax = 64 << 10
    /// When another command is starting the server at this moment, how long its socket is waited for.
    static let otherStartLimit = 50
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
        let ready: (reading: Descriptor, writing: Descriptor)
        let child: RunningChild
        do {
            try Files.makeDirectory(locations.state, mode: SystemIdentity.isRoot ? 0o711 : 0o700, withParents: true)
            ready = try Descriptor.pipe()
            let log = try Descriptor.open(locations.serverLog, flags: O_WRONLY | O_CREAT | O_APPEND)
            child = try Child.spawn(
                ChildCommand(
                    [program, "serve", "--ready-fd", "3"], environment: keptEnvironment, workingDirectory: "/",
                    grouping: .ownSession, passedDescriptors: [.init(ready.writing, as: 3)], endsGroupWithChild: false),
                stdin: .null, stdout: .descriptor(log), stderr: .descriptor(log))
        } catch {
            throw Problem(
                "The server could not be started: \(error).",
                hint: "Check that \(locations.state) can be written, or set XDG_STATE_HOME.", blame: .environment)
        }
        // Ours must go, or the end of a server that dies would never be seen.
        ready.writing.close()
        defer { ready.reading.close() }
        let answer = await firstLine(of: ready.reading)
        if answer == "ready" { return }
        if let answer, let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.utf8)) {
            // Not a cause lost: a line that is no problem is shown below as what the log says.
            if await anotherServerAnswers() { return }
            throw problem
        }
        if await anotherServerAnswers() { return }
        let ending = child.termination.map { "\($0)" } ?? "did not say that it is ready"
        throw Problem(
            "The server \(ending).", hint: "The reason is at the end of \(locations.serverLog), or in what `graftwork serve` says.",
            blame: .environment)
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

    /// Of two commands that start a server at once, one server wins; the loser's command goes on with the winner's.
    private func anotherServerAnswers() async -> Bool {
        for _ in 0..<Self.otherStartLimit {
            guard isLocked else { return canConnect }
            if canConnect { return true }
            do { try await Task.sleep(for: Self.otherStartPause) } catch { return false }
        }
        return canConnect
    }

    private var canConnect: Bool {
        guard let connection = try? UnixSocket.connect(path: locations.socket) else { return false }
        connection.close()
        return true
    }

    /// Whether some server holds the lock. Looking means trying it for an instant.
    private var isLocked: Bool {
        guard Files.exists(locations.lock) else { return false }
        guard let lock = try? FileLock.tryAcquire(path: locations.lock) else { return true }
        lock.close()
        return false
    }
}
