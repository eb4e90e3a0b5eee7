package import Vocabulary
package import Worktrees

/// A tree that nobody has worked in yet, or one whose set-up is begun again.
package struct SetupTree: Hashable, Sendable {
    /// Where its files are, or where a sandbox mounts them.
    package var path: String
    package var layers: OverlayLayers?
    /// The commit or tree it was made from.
    package var source: ObjectID
    /// Who owns the files; nil: the server's own user.
    package var uid: UInt32?
    package var gitPointerFile: String?
    package var privateGitDirectory: String?
    /// What the git directory borrows from.
    package var sharedObjects: String?
    /// The first of its block of ports; nil: it has none.
    package var firstPort: Int?
    /// Made by the server a moment ago, with nothing in it but the files of its source.
    package var isPristine: Bool

    package init(
        path: String, layers: OverlayLayers? = nil, source: ObjectID, uid: UInt32?,
        gitPointerFile: String? = nil, privateGitDirectory: String? = nil, sharedObjects: String? = nil,
        firstPort: Int?, isPristine: Bool
    ) {
        self.path = path
        self.layers = layers
        self.source = source
        self.uid = uid
        self.gitPointerFile = gitPointerFile
        self.privateGitDirectory = privateGitDirectory
        self.sharedObjects = sharedObjects
        self.firstPort = firstPort
        self.isPristine = isPristine
    }

    package init(_ worktree: PreparedWorktree, firstPort: Int?, isPristine: Bool) {
        self.init(
            path: worktree.path, layers: worktree.layers, source: worktree.base, uid: worktree.owner,
            gitPointerFile: worktree.gitPointerFile, privateGitDirectory: worktree.privateGitDirectory,
            sharedObjects: worktree.sharedObjects, firstPort: firstPort, isPristine: isPristine)
    }
}
