import CMicroHTTPD
import Glibc

/// What libmicrohttpd calls back into: gathers a request, asks the handler, hands the answer over.
final class HTTPService: Sendable {
    private let limits: HTTPListener.Limits
    private let permittedUID: UInt32?
    private let handler: HTTPListener.Handler

    init(limits: HTTPListener.Limits, permittedUID: UInt32?, handler: @escaping HTTPListener.Handler) {
        self.limits = limits
        self.permittedUID = permittedUID
        self.handler = handler
    }

    // MARK: Callbacks, in the order in which they come

    /// A connection opened or closed. `socketContext` holds its `HTTPConnection`; none means it was turned
    /// away.
    static let connected: MHD_NotifyConnectionCallback = { context, connection, socketContext, code in
        guard let context, let connection, let socketContext else { return }
        if code == .CONNECTION_NOTIFY_STARTED {
            let service = Unmanaged<HTTPService>.fromOpaque(context).takeUnretainedValue()
            let socket = CMicroHTTPD_socket(connection)
            guard service.admits(socket) else {
                shutdown(socket, Int32(SHUT_RDWR))
                return
            }
            // Without it each new connection costs 45 ms; fails harmlessly on a unix socket.
            var on: Int32 = 1
            _ = setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            socketContext.pointee = Unmanaged.passRetained(HTTPConnection(socket: socket)).toOpaque()
        } else if let held = socketContext.pointee {
            Unmanaged<HTTPConnection>.fromOpaque(held).takeRetainedValue().close()
            socketContext.pointee = nil
        }
    }

    /// The request line is read: the one place where libmicrohttpd shows the target as it was sent.
    static let began: CMicroHTTPD_TargetCallback = { _, target, _ in
        let pending = PendingRequest(target: target.map { String(cString: $0) } ?? "")
        return Unmanaged.passRetained(pending).toOpaque()
    }

    /// Called once when the headers are there, for each piece of the body, and once when all is there.
    static let handle: MHD_AccessHandlerCallback = { context, connection, _, method, _, data, size, request in
        guard let context, let connection, let size, let method, let held = request?.pointee else {
            return .NO
        }
        let service = Unmanaged<HTTPService>.fromOpaque(context).takeUnretainedValue()
        let pending = Unmanaged<PendingRequest>.fromOpaque(held).takeUnretainedValue()
        guard let client = HTTPService.client(of: connection) else { return .NO }
        if !pending.hasHeaders {
            pending.hasHeaders = true
            pending.headers = HTTPService.headers(of: connection)
            let declared = pending.headers.value(of: "content-length").flatMap { Int($0) } ?? 0
            guard declared <= service.limits.bodyBytesMax else { return service.refuseTooLarge(connection) }
            pending.body.reserveCapacity(min(declared, 1 << 20))
            return .YES
        }
        if size.pointee > 0 {
            let count = size.pointee
            size.pointee = 0
            pending.received += count
            // A chunked body declares no length. Its excess is read and dropped so that the 413 can be sent,
            // but not for ever.
            guard pending.received <= service.limits.bodyBytesMax else {
                pending.body = []
                return pending.received <= 2 * service.limits.bodyBytesMax ? .YES : .NO
            }
            guard let data else { return .NO }
            data.withMemoryRebound(to: UInt8.self, capacity: count) {
                pending.body.append(contentsOf: UnsafeBufferPointer(start: $0, count: count))
            }
            return .YES
        }
        guard pending.received <= service.limits.bodyBytesMax else {
            return service.refuseTooLarge(connection)
        }
        CMicroHTTPD_setTimeout(connection, 0)  // The client waits for us now; it is not idle.
        let whole = HTTPRequest(
            method: String(cString: method), target: pending.target, headers: pending.headers,
            body: pending.body,
            connection: client)
        pending.body = []
        return send(service.handler(whole), on: connection)
    }

    /// The request is over, whether answered or not.
    static let completed: MHD_RequestCompletedCallback = { context, connection, request, _ in
        guard let context, let connection, let request, let held = request.pointee else { return }
        Unmanaged<PendingRequest>.fromOpaque(held).release()
        request.pointee = nil
        let service = Unmanaged<HTTPService>.fromOpaque(context).takeUnretainedValue()
        CMicroHTTPD_setTimeout(connection, service.limits.idleSeconds)
    }

    // MARK: Details

    private func admits(_ socket: Int32) -> Bool {
        guard let permittedUID else { return true }
        // `struct ucred` of unix(7): pid, uid, gid. glibc shows it only with _GNU_SOURCE.
        var peer: [UInt32] = [0, UInt32.max, UInt32.max]
        var length = socklen_t(3 * MemoryLayout<UInt32>.size)
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 else { return false }
        return peer[1] == permittedUID
    }

    private static func client(of connection: OpaquePointer) -> HTTPConnection? {
        CMicroHTTPD_context(connection).map { Unmanaged<HTTPConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func headers(of connection: OpaquePointer) -> [HTTPField] {
        var fields: [HTTPField] = []
        withUnsafeMutablePointer(to: &fields) { list in
            _ = MHD_get_connection_values(
                connection, .HEADER_KIND,
                { list, _, name, value in
                    guard let list, let name else { return .YES }
                    list.assumingMemoryBound(to: [HTTPField].self).pointee.append(
                        HTTPField(String(cString: name), value.map { String(cString: $0) } ?? ""))
                    return .YES
                }, list)
        }
        return fields
    }

    private func refuseTooLarge(_ connection: OpaquePointer) -> MHD_Result {
        let text = "The request body is larger than \(limits.bodyBytesMax) bytes.\n"
        return send(
            HTTPResponse(
                status: 413, headers: [HTTPField("Content-Type", "text/plain")],
                body: .bytes(Array(text.utf8))),
            on: connection)
    }
}

/// A request that is still arriving. Touched only by its connection's thread.
private final class PendingRequest {
    let target: String
    var hasHeaders = false
    var headers: [HTTPField] = []
    var body: [UInt8] = []
    var received = 0

    init(target: String) { self.target = target }
}
