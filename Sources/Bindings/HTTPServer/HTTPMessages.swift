/// A header field, in the order and spelling in which it was sent.
package struct HTTPField: Hashable, Sendable {
    package var name: String
    package var value: String
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension [HTTPField] {
    /// The value of the first field of that name, letter case ignored.
    package func value(of name: String) -> String? {
        first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// One whole request, its body read and bounded.
package struct HTTPRequest: Sendable {
    package let method: String
    /// The request target exactly as it was sent: nothing decoded, the query included.
    package let target: String
    package let headers: [HTTPField]
    package let body: [UInt8]
    /// Where it came from; tells whether the client is still there.
    package let connection: HTTPConnection
}

/// What a handler answers.
package struct HTTPResponse: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Sent chunk by chunk as `next` returns it. `next` may block: it has its connection's own thread.
        /// nil ends the body; throwing cuts the connection, so that the client sees that the body is not
        /// whole. `ended` is called exactly once, however it ends, also when the client goes away.
        case stream(next: @Sendable () throws -> [UInt8]?, ended: @Sendable () -> Void = {})
    }
    package var status: Int
    package var headers: [HTTPField]
    package var body: Body
    package init(status: Int, headers: [HTTPField] = [], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
