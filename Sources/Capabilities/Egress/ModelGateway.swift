import HTTPClient
import HTTPServer
import Synchronization
package import Vocabulary

/// The one way from a session to a model: puts the real key on, reads usage off the wire, stops at the limit.
///
/// `/<upstream>/<rest>` goes to that upstream's base URL with `<rest>` behind it. What a client sent as its
/// credential never leaves; what the vendor answers passes unbuffered and unchanged, but for the key, should
/// it appear in it.
package final class ModelGateway: Sendable {
    private let service: GatewayService
    private let limits: GatewayLimits
    private let listener = Mutex<HTTPListener?>(nil)

    /// `observe` is called on the gateway's threads and must not block.
    package init(configuration: GatewayConfiguration, observe: @escaping @Sendable (GatewayEvent) -> Void) {
        self.service = GatewayService(configuration: configuration, observe: observe)
        self.limits = configuration.limits
    }

    /// Listens on a unix socket with mode 0600; with `permittedUID` it belongs to that user and serves nobody
    /// else.
    package func start(socketPath: String, permittedUID: UInt32?) throws(EgressError) {
        try service.checkUpstreams()
        let started: HTTPListener
        do {
            started = try HTTPListener(
                on: .unix(path: socketPath, permittedUID: permittedUID),
                limits: .init(bodyBytesMax: limits.requestBytesMax, connectionsMax: limits.connectionsMax),
                handler: { [service] in service.answer($0) })
        } catch {
            throw .cannotListen(path: socketPath, cause: error.description)
        }
        listener.withLock { old in
            old?.stop()
            old = started
        }
    }

    /// Cuts every connection and waits until none is left. When it returns, every answer has been reported.
    package func stop() {
        let taken = listener.withLock { old in
            defer { old = nil }
            return old
        }
        taken?.stop()
    }

    /// What the gateway counts as spent, its estimates for answers that were cut off included.
    package var spent: Money { service.ledger.spent }

    deinit { stop() }
}
