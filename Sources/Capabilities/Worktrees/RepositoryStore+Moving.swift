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
        guard worktree.base != base else {
            // What a crash after the marker left.
            try explainingNow { try removeOtherLayers(than: worktree.layers, of: worktree.name) }
            return worktree
        }
        let before = try await snapshot(worktree, message: "Before the move to \(base.short)")
        return try await explaining {
            let (old, new, baseID) = (
                try GitID(before.tree), try scratch.tree(of: GitID(tree)), try GitID(base)
            )
            return try await using(baseID) {
                let name = worktree.name
                let objects = SharedObjects(
                    folder: try await packedObjects(of: baseID), areBorrowed: worktree.sharedObjects != nil)
                var filling = Filling.indexOnly
                if worktree.layers == nil {
                    try await change(state.worktree(name), from: old, to: new)
                } else {
                    let layers = try await makeLayers(of: worktree, holding: new, over: baseID, saved: old)
                    filling = .layers(try await pristineCheckout(of: baseID), layers)
                }
                try crash("files moved")
                try await exclusively("worktrees", creation) {
                    let ref = "refs/heads/\(name.branch)"
                    if let target = try repository.target(of: ref), target == (try GitID(worktree.base)) {
                        _ = try repository.swap(
                            ref, from: target, to: baseID, log: "graftwork: moved to \(base.short)")
                    }
                }
                try crash("branch moved")
                try Files.removeTree("\(state.privateFolder(name))/git")
                try Files.removeTree("\(state.privateFolder(name))/dotgit")
                try crash("git directory gone")
                let moved = try await fill(
                    name, base: baseID, objects: objects, owner: worktree.owner, filling)
                try removeOtherLayers(than: moved.layers, of: name)
                if moved.layers == nil { try takePristineRecord(of: name, tree: new) }
                return moved
            }
        }
    }

    private func change(_ path: String, from old: GitID, to new: GitID) async throws {
        let index = state.temporary("index")
        let place = place(workTree: path, indexFile: index)
        _ = try await git.run(["read-tree", old.hex], in: place)
        _ = try await git.run(["read-tree", "--reset", "-u", new.hex], in: place)
        try Files.removeTree(index)
    }
}
