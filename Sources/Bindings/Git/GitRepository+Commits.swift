import CGit2

/// Who made a commit, and when. The time zone is always UTC.
package struct GitSignature: Hashable, Sendable {
    package var name: String
    package var email: String
    package var secondsSince1970: Int64

    package init(name: String, email: String, secondsSince1970: Int64) {
        self.name = name
        self.email = email
        self.secondsSince1970 = secondsSince1970
    }
}

/// A commit as it stands in the database, without its message.
package struct GitCommit: Hashable, Sendable {
    package var tree: GitID
    package var parents: [GitID]

    package init(tree: GitID, parents: [GitID]) {
        self.tree = tree
        self.parents = parents
    }
}

extension GitRepository {
    /// Writes a commit and moves no ref. The same inputs give the same id.
    package func commit(
        tree: GitID, parents: [GitID], message: String, author: GitSignature, committer: GitSignature
    ) throws(GitError) -> GitID {
        var (author, committer) = (try make(author), try make(committer))
        defer {
            git_signature_free(author)
            git_signature_free(committer)
            (author, committer) = (nil, nil)
        }
        var treeOID = tree.oid
        let treeHandle = try GitHandle.make("read the tree \(tree)", free: git_tree_free) {
            git_tree_lookup($0, pointer, &treeOID)
        }
        var parentPointers: [OpaquePointer?] = []
        defer { for parent in parentPointers { git_commit_free(parent) } }
        for parent in parents {
            var (oid, commit): (git_oid, OpaquePointer?) = (parent.oid, nil)
            try git("read the commit \(parent)") { git_commit_lookup(&commit, pointer, &oid) }
            parentPointers.append(commit)
        }
        var id = git_oid()
        try git("write a commit") {
            parentPointers.withUnsafeMutableBufferPointer {
                git_commit_create(
                    &id, pointer, nil, author, committer, nil, message, treeHandle.pointer, $0.count,
                    $0.baseAddress)
            }
        }
        return GitID(id)
    }

    /// When a commit was made, by its committer's clock.
    package func time(ofCommit id: GitID) throws(GitError) -> Int64 {
        var oid = id.oid
        let commit = try GitHandle.make("read the commit \(id)", free: git_commit_free) {
            git_commit_lookup($0, pointer, &oid)
        }
        return git_commit_time(commit.pointer)
    }

    /// nil when there is no such commit.
    package func commit(_ id: GitID) throws(GitError) -> GitCommit? {
        var oid = id.oid
        do {
            let commit = try GitHandle.make("read the commit \(id)", free: git_commit_free) {
                git_commit_lookup($0, pointer, &oid)
            }
            let tree = try present(git_commit_tree_id(commit.pointer), "read the commit \(id)")
            let parents = (0..<git_commit_parentcount(commit.pointer)).compactMap { index in
                git_commit_parent_id(commit.pointer, index).map { GitID($0.pointee) }
            }
            return GitCommit(tree: GitID(tree.pointee), parents: parents)
        } catch  where error.isNotFound {
            return nil
        }
    }

    private func make(_ signature: GitSignature) throws(GitError) -> UnsafeMutablePointer<git_signature>? {
        var raw: UnsafeMutablePointer<git_signature>?
        try git("make a signature") {
            git_signature_new(&raw, signature.name, signature.email, signature.secondsSince1970, 0)
        }
        return raw
    }
}
