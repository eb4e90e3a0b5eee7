package import Vocabulary

/// Finds the real keys of upstreams, outside every sandbox.
package enum CredentialResolver {
    /// The key of each upstream that has a credential source, by the upstream's name.
    package static func keys(
        for upstreams: [Upstream], environment: [String: String]
    ) async throws(EgressError) -> [String: String] {
        [:]
    }
}
