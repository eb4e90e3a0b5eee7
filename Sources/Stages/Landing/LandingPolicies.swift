internal import Configuration
internal import Hashing
package import Lifecycle
package import Policies
package import Vocabulary
package import Worktrees

/// The policies that decide about a landing, as they stand at the target's tip at this moment.
///
/// Those of organisation, user, workflow and run were fixed when the run began; the repository's are read
/// from the branch a change is to land on, never from the change.
package struct LandingPolicies: Sendable {
    package let set: PolicySet
    /// What an approval is bound to, beside the bytes: the rules, and the branch they decided about.
    package let digest: Digest

    package init(for run: RunLifecycle, tip: ObjectID, in store: RepositoryStore) async throws {
        let files = try await store.texts(below: ".graftwork", in: tip)
        let repository = try PolicyLoader.sources(
            organisation: .none, user: .none, repository: .memory(files))
        set = try PolicyLoader.load(run.request.policies.filter { $0.level != .repository } + repository)
        // The branch is part of it: a yes for one branch says nothing about another.
        digest = Digest(SHA256.hex(of: "target \(run.target)\n" + set.canonicalText))
    }
}
