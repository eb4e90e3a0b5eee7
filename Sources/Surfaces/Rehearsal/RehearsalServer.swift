import HTTPServer
import Synchronization

/// A local model endpoint that plays a script: Anthropic Messages, OpenAI Responses and Chat Completions.
///
/// It keeps no state between requests, so agents in parallel, resumed sessions and forks need no set-up.
package final class RehearsalServer: Sendable {
    package enum Address: Hashable, Sendable {
        /// 127.0.0.1; port 0 lets the kernel choose.
        case loopback(port: UInt16)
        case unix(path: String)
    }

    private let stage: RehearsalStage
    private let listener = Mutex<HTTPListener?>(nil)

    /// `recordedBodyBytes`: how much of each request's body `requests` keeps.
    package init(script: RehearsalScript, recordedBodyBytes: Int = 0) {
        stage = RehearsalStage(script: script, recordedBodyBytes: recordedBodyBytes)
    }

    package func start(on address: Address) throws(RehearsalError) -> RehearsalAddress {
        let place: HTTPListener.Address
        let name: String
        switch address {
        case .loopback(let port): (place, name) = (.loopback(port: port), "127.0.0.1:\(port)")
        case .unix(let path): (place, name) = (.unix(path: path), path)
        }
        let started: HTTPListener
        do {
            started = try HTTPListener(on: place, handler: { [stage] in stage.answer($0) })
        } catch {
            throw .cannotListen(address: name, cause: error.description)
        }
        listener.withLock { old in
            old?.stop()
            old = started
        }
        guard let port = started.port else { return RehearsalAddress(baseURL: "unix:\(name)", port: nil) }
        return RehearsalAddress(baseURL: "http://127.0.0.1:\(port)", port: port)
    }

    /// Cuts every connection, also those that hang on purpose.
    package func stop() {
        let taken = listener.withLock { old in
            defer { old = nil }
            return old
        }
        taken?.stop()
    }

    /// The requests so far, the oldest first; of very many only the first.
    package var requests: [RehearsalRecord] { stage.records.withLock { $0 } }

    deinit { stop() }
}

/// Where a rehearsal listens.
package struct RehearsalAddress: Hashable, Sendable {
    /// `http://127.0.0.1:PORT` or `unix:/path`: what an upstream's `baseURL` takes.
    package let baseURL: String
    package let port: UInt16?
    package init(baseURL: String, port: UInt16?) {
        self.baseURL = baseURL
        self.port = port
    }
}

/// One request as the rehearsal saw it, for tests.
package struct RehearsalRecord: Hashable, Sendable {
    package let method: String
    package let target: String
    /// The header fields that can carry a credential, as `name: value`, names in lower case.
    package let credentials: [String]
    /// All header fields, written likewise.
    package let headers: [String]
    /// Its beginning, if that was asked for.
    package let body: [UInt8]
    /// Of the scene that was played; nil when none was.
    package let scene: Int?
    package let step: Int?
    package let status: Int
}
