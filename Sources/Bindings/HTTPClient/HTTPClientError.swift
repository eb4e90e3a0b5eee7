/// Why an exchange with a server failed.
package struct HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which part of the exchange failed.
    package enum Part: String, Hashable, Sendable {
        /// The request itself cannot be sent: a URL or header that HTTP does not allow.
        case request
        /// The host's name has no address.
        case resolve
        /// Nobody accepts connections there, or not in time.
        case connect
        /// The encrypted connection could not be made, or the server's certificate is not to be trusted.
        case tls
        /// The server was silent for longer than allowed.
        case timeout
        /// The server closed the connection before the answer was whole.
        case closed
        /// The answer is larger than allowed.
        case tooLarge
        /// The server's answer is not HTTP.
        case answer
        /// The caller gave up.
        case cancelled
        /// libcurl itself failed, for want of memory for example.
        case library
    }
    package let part: Part
    /// The server, without path, query or credentials.
    package let server: String
    package let message: String

    init(_ part: Part, server: String, message: String) {
        self.part = part
        self.server = server
        self.message = message
    }

    package var description: String {
        switch part {
        case .request: "the request to \(server) cannot be sent: \(message)"
        case .resolve: "\(server) has no address: \(message)"
        case .connect: "cannot connect to \(server): \(message)"
        case .tls: "no trusted connection to \(server): \(message)"
        case .timeout: "\(server) was silent for too long: \(message)"
        case .closed: "\(server) closed the connection before its answer was whole: \(message)"
        case .tooLarge: "the answer of \(server) is too large: \(message)"
        case .answer: "\(server) did not answer with HTTP: \(message)"
        case .cancelled: "the exchange with \(server) was given up"
        case .library: "libcurl failed: \(message)"
        }
    }
}
