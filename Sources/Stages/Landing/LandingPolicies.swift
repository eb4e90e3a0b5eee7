package import Configuration
internal import Hashing
package import Lifecycle
package import Policies
package import Vocabulary
package import Worktrees

/// The policies that decide about a landing, as they stand at the target's tip at this moment.
///
/// Those of organisation, user, workflow and run were fixed when the run began; the repository's are read from the
/// branch a change is to land on, never from the change.
package struct LandingPolicies: Sendable {
    package static let folder = ".graftwork/policies"
    static let fileBytesMax = 1 << 20
    static let filesMax = 200

    package let set: PolicySet
    /// What an approval is bound to, beside the bytes.
    package let digest: Digest

    package init(for request: RunRequest, tip: ObjectID, in store: RepositoryStore) async throws {
        let sources =
            request.policies.filter { $0.level != .repository } + (try await Self.repositorySources(tip: tip, in: store))
        set = try PolicyLoader.load(sources: sources)
        digest = Digest(SHA256.hex(of: set.canonicalText))
    }

    /// The policy files of a commit.
    package static func repositorySources(tip: ObjectID, in store: RepositoryStore) async throws -> [PolicySource] {
        var sources: [PolicySource] = []
        for path in try await store.files(below: folder, in: tip, limit: filesMax).sorted()
        where path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
            guard let text = try await store.text(of: path, in: tip, bytesMax: fileBytesMax) else { continue }
            sources.append(PolicySource(level: .repository, file: path, text: text))
        }
        return sources
    }
}
