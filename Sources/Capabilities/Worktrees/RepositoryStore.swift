package import Vocabulary

/// Owns everything that is done with one user's repository: worktrees, snapshots, merges and landings.
package actor RepositoryStore {
    package init(repository path: String, state: String) throws(WorktreeError) { throw .notARepository(path: path) }

    package static func probe(path: String) throws(WorktreeError) -> RepositoryProbe { throw .notARepository(path: path) }
    package func resolve(branch: String?) throws(WorktreeError) -> (ref: String, commit: ObjectID) {
        throw .notARepository(path: "")
    }
    package func prepareWorktree(
        run: RunID, task: String, base: ObjectID, owner uid: UInt32?
    ) async throws(WorktreeError) -> PreparedWorktree { throw .notARepository(path: "") }
    package func snapshot(
        _ worktree: PreparedWorktree, number: Int, message: String
    ) async throws(WorktreeError) -> Snapshot { throw .notARepository(path: "") }
    package func candidate(
        from snapshot: Snapshot, base: ObjectID
    ) async throws(WorktreeError) -> Candidate { throw .notARepository(path: "") }
    /// Trees or commits.
    package func delta(from old: ObjectID, to new: ObjectID) async throws(WorktreeError) -> Delta {
        throw .notARepository(path: "")
    }
    package func unifiedDiff(
        from old: ObjectID, to new: ObjectID, bytesMax: Int
    ) async throws(WorktreeError) -> (text: String, wasTruncated: Bool) { throw .notARepository(path: "") }
    package func materialise(tree: ObjectID, at path: String, owner uid: UInt32?) async throws(WorktreeError) {
        throw .notARepository(path: "")
    }
    package func inspectRawTree(delta: Delta, tree: ObjectID) async throws(WorktreeError) -> [TreeObjection] {
        throw .notARepository(path: "")
    }
    package func whatRunsByItself(_ delta: Delta) async throws(WorktreeError) -> [String] {
        throw .notARepository(path: "")
    }
    package func merge(
        candidate: ObjectID, base: ObjectID, onto head: ObjectID
    ) async throws(WorktreeError) -> MergeOutcome { throw .notARepository(path: "") }
    package func commit(
        tree: ObjectID, parents: [ObjectID], message: String, author: CommitIdentity, committer: CommitIdentity,
        secondsSince1970 time: Int64
    ) async throws(WorktreeError) -> ObjectID { throw .notARepository(path: "") }
    package func withLandingLock<Value: Sendable>(
        _ target: String, _ body: @Sendable @concurrent (consuming LandingPermit) async throws -> Value
    ) async throws -> Value { throw WorktreeError.notARepository(path: "") }
    package func land(
        commit: ObjectID, expecting old: ObjectID, permission: CheckedOutPermission, permit: consuming LandingPermit
    ) async throws(WorktreeError) -> LandingOutcome { throw .notARepository(path: "") }
    package func removeWorktree(_ worktree: PreparedWorktree, keepSnapshots: Bool) async throws(WorktreeError) {
        throw .notARepository(path: "")
    }
    package func list() throws(WorktreeError) -> [KnownWorktree] { throw .notARepository(path: "") }
}
