/// A local model endpoint that plays a script.
package final class RehearsalServer: Sendable {
    package enum Address: Hashable, Sendable {
        case loopback(port: UInt16)
        case unix(path: String)
    }

    package init(script: RehearsalScript) {}
    /// Returns the base URL clients use: `http://127.0.0.1:PORT`, or `unix:/path`.
    package func start(on address: Address) throws(RehearsalError) -> RehearsalAddress { RehearsalAddress(baseURL: "", port: nil) }
    package func stop() {}
}

/// Where a rehearsal listens.
package struct RehearsalAddress: Hashable, Sendable {
    /// `http://127.0.0.1:PORT` or `unix:/path`: what an upstream's `baseURL` takes.
    package let baseURL: String
    package let port: UInt16?
}
