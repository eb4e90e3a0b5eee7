/// Something that `worktree prune` took away, or would.
package struct PrunedItem: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable {
        /// Snapshots of one worktree that are older, or more, than are kept.
        case snapshots
        /// The files and packs kept for a commit that no worktree is made from any more.
        case base
        /// What is left of a worktree whose removal did not finish.
        case removal
    }
    package var kind: Kind
    package var repository: String
    /// `RUN/TASK`, or the commit's short id.
    package var name: String
    package var count: Int
    package var bytes: Int64
    package init(kind: Kind, repository: String, name: String, count: Int, bytes: Int64) {
        self.kind = kind
        self.repository = repository
        self.name = name
        self.count = count
        self.bytes = bytes
    }
}
