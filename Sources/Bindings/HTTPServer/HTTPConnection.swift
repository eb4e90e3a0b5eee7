import Glibc
import Synchronization

/// A client's connection, as far as a handler may look at it.
package final class HTTPConnection: Sendable {
    /// nil once the server has closed the socket: its number may then belong to somebody else.
    private let socket: Mutex<Int32?>
    /// POLLRDHUP of poll(2), which glibc shows only with _GNU_SOURCE.
    private let peerClosed: Int16 = 0x2000

    init(socket: Int32) {
        self.socket = Mutex(socket)
    }

    /// The client has gone away, or at least sends no more; a client that only closes its sending side counts
    /// as gone.
    package var isClosed: Bool { waitUntilClosed(milliseconds: 0) }

    /// Waits until the client goes away or the server stops, and says whether it did within that time.
    package func waitUntilClosed(milliseconds: Int32) -> Bool {
        // The number is copied out, so that a long wait does not hold up `close`. A request's own thread is
        // the one that closes the socket, so the number is good for as long as a handler of that request
        // waits here.
        guard let number = socket.withLock({ $0 }) else { return true }
        var entry = pollfd(fd: number, events: peerClosed, revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    func close() {
        socket.withLock { $0 = nil }
    }
}
