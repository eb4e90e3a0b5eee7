import CCurl
import Synchronization

/// What to send and how long to wait for it.
package struct HTTPClientRequest: Sendable {
    package var method: String
    /// `http://` or `https://`; with a unix socket the host is only what the `Host` header says.
    package var url: String
    package var unixSocketPath: String?
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]?
    package init(
        method: String = "GET", url: String, unixSocketPath: String? = nil,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.url = url
        self.unixSocketPath = unixSocketPath
        self.headers = headers
        self.body = body
    }
}

/// An HTTP/1.1 client that blocks its caller's own thread: never to be used on Swift's cooperative pool.
///
/// Connections are kept and reused, each by one exchange at a time. Redirects are returned, not followed;
/// certificates are verified against the system's authorities; nothing is read from the environment or from
/// `.netrc`.
package final class HTTPConnector: Sendable {
    /// The named limits of every exchange of a client.
    package struct Limits: Hashable, Sendable {
        package var connectSeconds: Int
        /// The longest time in which no byte moves either way.
        package var idleSeconds: Int
        package var headerBytesMax: Int
        package var answerBytesMax: Int64
        /// How many connections are kept for reuse.
        package var idleConnectionsMax: Int
        package init(
            connectSeconds: Int = 15, idleSeconds: Int = 300, headerBytesMax: Int = 256 << 10,
            answerBytesMax: Int64 = 256 << 20, idleConnectionsMax: Int = 8
        ) {
            self.connectSeconds = connectSeconds
            self.idleSeconds = idleSeconds
            self.headerBytesMax = headerBytesMax
            self.answerBytesMax = answerBytesMax
            self.idleConnectionsMax = idleConnectionsMax
        }
    }

    let limits: Limits
    /// `http://host:port` of a proxy to use, or nil for none.
    let proxy: String?
    /// A file of certificates to trust instead of the system's authorities.
    let authoritiesFile: String?
    private let idle = Mutex<[CurlTransfer]>([])

    package init(limits: Limits = Limits(), proxy: String? = nil, authoritiesFile: String? = nil) {
        self.limits = limits
        self.proxy = proxy
        self.authoritiesFile = authoritiesFile
    }

    /// Sends the request and returns as soon as the answer's headers are there.
    ///
    /// `isCancelled` is asked every tenth of a second while waiting; true ends the exchange with
    /// `.cancelled`.
    package func start(
        _ request: HTTPClientRequest, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(HTTPClientError) -> HTTPExchange {
        // The most recently used first: its connection is the likeliest to be open still.
        let kept = idle.withLock { $0.popLast() }
        let transfer: CurlTransfer
        if let kept { transfer = kept } else { transfer = try CurlTransfer() }
        try transfer.begin(request, client: self, isCancelled: isCancelled)
        try transfer.waitForHeaders()
        return HTTPExchange(transfer: transfer, client: self)
    }

    /// Takes a transfer back whose exchange ended well; any other is closed with its connection.
    func keep(_ transfer: CurlTransfer) {
        // Whatever is over the limit is freed here, with its connection.
        idle.withLock { list in
            guard list.count < limits.idleConnectionsMax else { return }
            list.append(transfer)
        }
    }
}
