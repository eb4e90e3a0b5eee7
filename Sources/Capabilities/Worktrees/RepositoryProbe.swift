package import Vocabulary

/// What a repository looks like before anything is done with it.
package struct RepositoryProbe: Sendable, Hashable, Codable {
    /// The working directory the probed path lies in.
    package var root: String
    /// The repository's common git directory, also when the path lies in a linked worktree.
    package var gitDirectory: String
    /// The branch HEAD names, like `main`; nil when HEAD is detached.
    package var headBranch: String?
    package var headCommit: ObjectID
    /// Where each branch is checked out: branch name to working directory.
    package var checkedOutBranches: [String: String]
    /// Tracked files of the probed checkout differ from HEAD. Untracked files do not count.
    package var isDirty: Bool
    /// What is there and is handled only in part, each a sentence for a person.
    package var unsupported: [String]

    package init(
        root: String, gitDirectory: String, headBranch: String?, headCommit: ObjectID,
        checkedOutBranches: [String: String], isDirty: Bool, unsupported: [String]
    ) {
        self.root = root
        self.gitDirectory = gitDirectory
        self.headBranch = headBranch
        self.headCommit = headCommit
        self.checkedOutBranches = checkedOutBranches
        self.isDirty = isDirty
        self.unsupported = unsupported
    }
}
