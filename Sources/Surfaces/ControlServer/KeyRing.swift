internal import Egress
package import Lifecycle
internal import Linux
package import Vocabulary

/// The keys of the runs at work, in memory only: never in the journal, an argument, a file or a log.
package actor KeyRing {
    private let environment: [String: String]
    /// Of each client's environment only what its run's configuration names as a key.
    private var variables: [RunID: [String: String]] = [:]

    /// `environment` is the server's own: it serves runs that a restarted server goes on with.
    package init(environment: [String: String]) { self.environment = environment }

    /// Keeps the variables that this run's upstreams name, and finds out now whether every key can be had.
    package func remember(_ request: RunRequest, from client: [String: String]) async throws {
        let names = request.upstreams.compactMap { upstream in
            if case .environment(let variable) = upstream.credential { variable } else { nil }
        }
        // A shell without a key takes none away that an earlier one brought.
        let known = (variables[request.run] ?? [:]).merging(client.filter { names.contains($0.key) }) {
            _, new in new
        }
        _ = try await CredentialResolver.keys(
            for: request.upstreams, environment: environment.merging(known) { _, client in client })
        variables[request.run] = known
    }

    package func keys(for session: SessionSpecification) async throws -> [String: String] {
        try await keys(for: session.upstreams, of: session.run)
    }

    /// Called when nothing of the run goes on by itself; whoever resumes it brings its keys.
    package func forget(_ run: RunID) { variables[run] = nil }

    private func keys(for upstreams: [Upstream], of run: RunID) async throws -> [String: String] {
        let known = environment.merging(variables[run] ?? [:]) { _, client in client }
        return try await CredentialResolver.keys(for: upstreams, environment: known)
    }
}
