package import Linux
package import Vocabulary

/// Where the scripted model of a rehearsed run keeps its script and its socket.
package struct RehearsalFiles: Hashable, Sendable {
    package let script: String
    package let socket: String
    package var lock: String { socket + ".lock" }

    package init(state: String, run: RunID) {
        script = "\(state)/h/\(run).yaml"
        socket = "\(state)/h/\(run).sock"
    }

    /// Whether a process serves the socket: it lives exactly as long as it holds the lock.
    package func isServed() throws(SystemError) -> Bool {
        guard Files.exists(lock) else { return false }
        guard let mine = try FileLock.tryAcquire(path: lock) else { return true }
        mine.close()
        return false
    }
}
