import CMicroHTTPD
import Glibc
import Synchronization

/// An HTTP/1.1 server on loopback or a unix socket, one thread per connection, so handlers and bodies may
/// block.
package final class HTTPListener: Sendable {
    package enum Address: Hashable, Sendable {
        /// 127.0.0.1; port 0 lets the kernel choose.
        case loopback(port: UInt16)
        /// A unix socket with mode 0600. With `permittedUID` it is given to that user where we may, and a
        /// client of any other user is cut off before a byte of it is read.
        case unix(path: String, permittedUID: UInt32? = nil)
    }

    /// The named limits of a listener.
    package struct Limits: Hashable, Sendable {
        /// A longer request body is answered with 413.
        package var bodyBytesMax: Int
        /// Request line and headers together, and the largest piece of a streamed answer.
        package var connectionBytesMax: Int
        package var connectionsMax: UInt32
        /// How long a client may be silent before its request is whole. Never applies while a handler works.
        package var idleSeconds: UInt32
        package init(
            bodyBytesMax: Int = 64 << 20, connectionBytesMax: Int = 64 << 10, connectionsMax: UInt32 = 256,
            idleSeconds: UInt32 = 120
        ) {
            self.bodyBytesMax = bodyBytesMax
            self.connectionBytesMax = connectionBytesMax
            self.connectionsMax = connectionsMax
            self.idleSeconds = idleSeconds
        }
    }

    package typealias Handler = @Sendable (HTTPRequest) -> HTTPResponse

    /// The TCP port, or nil on a unix socket.
    package let port: UInt16?
    private let path: String?
    private let service: HTTPService
    private let daemon: Mutex<DaemonHandle?>

    /// Listens from the moment this returns.
    package init(
        on address: Address, limits: Limits = Limits(), handler: @escaping Handler
    ) throws(HTTPServerError) {
        let socket: Int32
        let name: String
        var permittedUID: UInt32?
        switch address {
        case .loopback(let wanted):
            let made = try ListeningSocket.loopback(port: wanted)
            (socket, port, path, name) = (made.socket, made.port, nil, "127.0.0.1:\(made.port)")
        case .unix(let socketPath, let uid):
            socket = try ListeningSocket.unix(path: socketPath, owner: uid)
            (port, path, name, permittedUID) = (nil, socketPath, socketPath, uid)
        }
        service = HTTPService(limits: limits, permittedUID: permittedUID, handler: handler)
        // The service outlives the daemon: `stop` joins every thread of the daemon before it lets go of it.
        let context = Unmanaged.passUnretained(service).toOpaque()
        let started = CMicroHTTPD_start(
            socket, limits.connectionsMax, limits.connectionBytesMax, limits.idleSeconds, HTTPService.handle,
            HTTPService.completed, HTTPService.connected, HTTPService.began, context)
        guard let started else {
            let code = errno
            close(socket)
            if let path { unlink(path) }
            daemon = Mutex(nil)
            throw HTTPServerError("the server threads could not be started", address: name, code: code)
        }
        daemon = Mutex(DaemonHandle(pointer: started))
    }

    /// Cuts every connection, waits until the last handler has returned, and removes the unix socket.
    ///
    /// Handlers that wait must watch their connection: `stop` closes it under them. Not to be called from a
    /// handler.
    package func stop() {
        let taken = daemon.withLock { handle in
            defer { handle = nil }
            return handle
        }
        guard let taken else { return }
        if let path { unlink(path) }
        MHD_stop_daemon(taken.pointer)
    }

    deinit { stop() }
}

/// The daemon, owned by one listener.
// Safe because the pointer is only handed back to libmicrohttpd, whose stop function is called once, by
// whoever takes the handle out of the mutex.
private struct DaemonHandle: @unchecked Sendable {
    let pointer: OpaquePointer
}
