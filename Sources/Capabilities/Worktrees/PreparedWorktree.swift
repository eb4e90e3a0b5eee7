package import Vocabulary

/// A worktree that is ready for an agent.
package struct PreparedWorktree: Sendable, Hashable, Codable {
    package var name: WorktreeName
    /// The folder with the files, owned by the agent's uid.
    package var path: String
    /// The agent's own git directory; nothing on the host reads it once an agent had it.
    package var privateGitDirectory: String
    /// The one-line file to be bound read-only over `path/.git`.
    package var gitPointerFile: String
    /// Without `refs/heads/`.
    package var branch: String
    package var base: ObjectID
    /// Who owns the files; nil: the server's own user.
    package var owner: UInt32?
    /// nil: a checkout, whose files lie at `path`.
    package var layers: OverlayLayers?
    /// The folder of packs that the git directory borrows from, to be shown read-only; nil: it has copies.
    package var sharedObjects: String?
    /// It was opened for a person, whose the files are until a session comes.
    package var isOpened: Bool?

    package init(
        name: WorktreeName, path: String, privateGitDirectory: String, gitPointerFile: String,
        branch: String, base: ObjectID, owner: UInt32?, layers: OverlayLayers? = nil,
        sharedObjects: String? = nil
    ) {
        self.name = name
        self.path = path
        self.privateGitDirectory = privateGitDirectory
        self.gitPointerFile = gitPointerFile
        self.branch = branch
        self.base = base
        self.owner = owner
        self.layers = layers
        self.sharedObjects = sharedObjects
    }
}

/// The files of a worktree as they were at one moment, kept under a ref of their own.
package struct Snapshot: Sendable, Hashable, Codable {
    package var number: Int
    package var tree: ObjectID
    /// A commit of that tree on top of the base.
    package var commit: ObjectID
    package var ref: String
    /// What could not be saved and why, one sentence each; bounded and escaped.
    package var notes: [String]
    /// Everything is saved that a removal would take away for good; ignored files are nobody's work.
    package var isWhole: Bool

    package init(
        number: Int, tree: ObjectID, commit: ObjectID, ref: String, notes: [String], isWhole: Bool = true
    ) {
        self.number = number
        self.tree = tree
        self.commit = commit
        self.ref = ref
        self.notes = notes
        self.isWhole = isWhole
    }
}

/// A worktree this store knows, and what is left of it.
package struct KnownWorktree: Sendable, Hashable, Codable {
    package var worktree: PreparedWorktree
    /// The files are there.
    package var isPresent: Bool
    /// The numbers of its snapshots, ascending.
    package var snapshots: [Int]

    package init(
        worktree: PreparedWorktree, isPresent: Bool, snapshots: [Int]
    ) {
        self.worktree = worktree
        self.isPresent = isPresent
        self.snapshots = snapshots
    }
}
