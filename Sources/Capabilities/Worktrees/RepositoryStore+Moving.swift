internal import Git
internal import Glibc
internal import Linux
package import Vocabulary

extension RepositoryStore {
    /// Gives a worktree another base and the files of a tree, such as a merge with conflict markers, for its
    /// author to go on from. No session may live in it.
    ///
    /// The files as they were are saved as a snapshot first. The agent's git directory is made anew on the
    /// new base: what it committed on the old one stays in the snapshots. Idempotent: cut anywhere, the next
    /// call begins again.
    package func moveWorktree(
        _ worktree: PreparedWorktree, to tree: ObjectID, base: ObjectID
    ) async throws(WorktreeError) -> PreparedWorktree {
        guard worktree.base != base else { return worktree }
        let before = try await snapshot(worktree, message: "Before the move to \(base.short)")
        return try await explaining {
            try await exclusively("worktrees", creation) {
                let name = worktree.name
                let path = state.worktree(name)
                let (old, new, baseID) = (
                    try GitID(before.tree), try scratch.tree(of: GitID(tree)), try GitID(base)
                )
                let index = state.temporary("index")
                let place = place(workTree: path, indexFile: index)
                _ = try await git.run(["read-tree", old.hex], in: place)
                _ = try await git.run(["read-tree", "--reset", "-u", new.hex], in: place)
                try Files.removeTree(index)
                let ref = "refs/heads/\(name.branch)"
                if let target = try repository.target(of: ref), target == (try GitID(worktree.base)) {
                    _ = try repository.swap(
                        ref, from: target, to: baseID, log: "graftwork: moved to \(base.short)")
                }
                try Files.removeTree("\(state.privateFolder(name))/git")
                try Files.removeTree("\(state.privateFolder(name))/dotgit")
                let objects = SharedObjects(
                    folder: try await packedObjects(of: baseID), areBorrowed: worktree.sharedObjects != nil)
                return try await fill(name, base: baseID, objects: objects, owner: worktree.owner, .indexOnly)
            }
        }
    }
}
