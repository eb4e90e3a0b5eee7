package import ControlProtocol
import Linux
package import Vocabulary

/// Asks the server, and starts it first when none answers.
package struct ServerClient: Sendable {
    package var socket: String
    /// Starts a server and returns once it listens.
    package var start: @Sendable () async throws(Problem) -> Void

    package init(socket: String, start: @escaping @Sendable () async throws(Problem) -> Void) {
        self.socket = socket
        self.start = start
    }

    /// A connection to the server that runs; nil when none does.
    package func connectIfRunning() throws(Problem) -> ServerConnection? {
        do throws(SystemError) {
            return ServerConnection(try UnixSocket.connect(path: socket))
        } catch {
            if error.isNoServer { return nil }
            throw Problem(
                "The server's socket \(socket) cannot be used: \(SystemError.text(of: error.code)).",
                hint: error.isNameTooLong
                    ? "Set XDG_RUNTIME_DIR to a shorter path."
                    : "Check who owns that path, and XDG_RUNTIME_DIR.",
                blame: .environment)
        }
    }

    /// A connection to the server, which is started when none runs.
    package func connect() async throws(Problem) -> ServerConnection {
        if let connection = try connectIfRunning() { return connection }
        try await start()
        if let connection = try connectIfRunning() { return connection }
        throw Problem(
            "The server was started but does not listen on \(socket).",
            hint: "Look at what `graftwork serve` says.",
            blame: .environment)
    }

    /// Sends one request and hands over every line of the answer; returns what `done` carries.
    ///
    /// - Parameter startsServer: false: when no server runs, that is a problem instead.
    package func ask(
        _ request: ControlRequest, startsServer: Bool = true, each: (ControlReply) async -> Void = { _ in }
    ) async throws(Problem) -> ExitCode {
        let connection: ServerConnection
        if startsServer {
            connection = try await connect()
        } else {
            guard let running = try connectIfRunning() else { throw Self.notRunning }
            connection = running
        }
        defer { connection.close() }
        do throws(ConnectionError) {
            try await connection.send(request)
            while true {
                switch try await connection.next() {
                case .done(let exit): return exit
                case .problem(let problem): throw .problem(problem)
                case let reply: await each(reply)
                }
            }
        } catch {
            switch error {
            case .problem(let problem): throw problem
            case .cancelled: throw Problem("The request was given up.", blame: .user)
            case .lost(let cause):
                throw Problem(
                    "The server went away before it had answered (\(cause)).",
                    hint:
                        "Run the command again; after a crash, `graftwork resume` goes on with what was "
                        + "running.",
                    blame: .environment)
            }
        }
    }

    static let notRunning = Problem("No server runs.", hint: "Nothing needs to be done.", blame: .user)
}
