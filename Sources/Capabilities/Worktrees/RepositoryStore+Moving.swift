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
        try await explaining {
            try await oneAtATime(state.worktree(worktree.name)) {
                // It may have been opened while this waited.
                guard let worktree = try readMarker(worktree.name) else {
                    throw WorktreeError.noSuchWorktree(path: worktree.path)
                }
                return try await moveAlone(worktree, to: tree, base: base)
            }
        }
    }

    /// Within the worktree's turnstile.
    func moveAlone(
        _ worktree: PreparedWorktree, to tree: ObjectID, base: ObjectID
    ) async throws -> PreparedWorktree {
        guard worktree.base != base else {
            // What a crash after the marker left.
            try removeOtherLayers(than: worktree.layers, of: worktree.name)
            return worktree
        }
        try makePlaceAgain(of: worktree)
        let begin = try FileClock.nextTick()
        let before = try await save(worktree, message: "Before the move to \(base.short)").read
        let (new, baseID) = (try scratch.tree(of: GitID(tree)), try GitID(base))
        return try await using(baseID) {
            let name = worktree.name
            let objects = SharedObjects(
                folder: try await packedObjects(of: baseID), areBorrowed: worktree.sharedObjects != nil)
            var filling = Filling.indexOnly
            if worktree.layers == nil {
                try await write(
                    new, into: worktree, over: before, since: begin, attributes: scratch.tree(of: baseID))
            } else {
                let layers = try await makeLayers(of: worktree, holding: new, over: baseID, saved: before)
                filling = .layers(try await pristineCheckout(of: baseID), layers)
            }
            try crash("files moved")
            try Files.writeAtomically(state.intendedBase(name), text: baseID.hex)
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
            if moved.layers == nil { try movePristineRecord(of: name, to: new) }
            return moved
        }
    }
}
