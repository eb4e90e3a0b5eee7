/// Where the files of one session stand below its directory.
package struct SessionFiles: Hashable, Sendable {
    package let directory: String
    package init(directory: String) { self.directory = directory }

    /// One ``SpoolEntry`` per line: the truth of the session.
    package var spool: String { directory + "/spool.jsonl" }
    /// Held by the one runner of the session for as long as it lives.
    package var lock: String { directory + "/runner.lock" }
    /// What the runner itself has to say, for people.
    package var log: String { directory + "/runner.log" }
    /// The model gateway; the only socket shown inside the sandbox.
    package var gatewaySocket: String { directory + "/g.sock" }
    /// Where the server attaches, answers and stops. Never shown inside the sandbox.
    package var controlSocket: String { directory + "/r.sock" }
    /// The agent's home, shown inside as `/home/agent`.
    package var home: String { directory + "/home" }

    /// What a `sockaddr_un` holds, without the terminating zero.
    package static let socketNameBytesMax = 107

    package var fitsSocketNames: Bool { gatewaySocket.utf8.count <= Self.socketNameBytesMax }
}
