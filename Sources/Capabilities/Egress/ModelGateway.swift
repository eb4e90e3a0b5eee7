package import Vocabulary

/// The one way from a session to a model: puts the real key on, reads usage off the wire, stops at the limit.
package final class ModelGateway: Sendable {
    package init(configuration: GatewayConfiguration, observe: @escaping @Sendable (GatewayEvent) -> Void) {}

    /// Listens on a unix socket with mode 0600; with `permittedUID` it belongs to that user and serves nobody else.
    package func start(socketPath: String, permittedUID: UInt32?) throws(EgressError) {}

    /// Cuts every connection and waits until none is left.
    package func stop() {}
}
