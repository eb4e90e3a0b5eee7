import Git
import Linux
import Vocabulary

extension RepositoryStore {
    /// Makes the files of a worktree those of one of its snapshots. No session may live in it.
    ///
    /// 1. the files as they are become a snapshot  2. what differs is written; ignored files stay, and what
    /// no snapshot could hold is moved aside where it is in the way  3. the files are recorded as pristine.
    /// One that was removed is made anew first, at the snapshot's base; one that stands on another base goes
    /// back to the snapshot's. Cut off anywhere, the same call again finishes it.
    ///
    /// - Parameter uid: who shall own the files of one that is made anew.
    package func restore(
        _ name: WorktreeName, number: Int, owner uid: UInt32?
    ) async throws(WorktreeError) -> PreparedWorktree {
        try await explaining {
            try await oneAtATime(state.worktree(name)) {
                try await restoreAlone(name, number: number, owner: uid)
            }
        }
    }

    /// Within the worktree's turnstile.
    private func restoreAlone(_ name: WorktreeName, number: Int, owner uid: UInt32?) async throws
        -> PreparedWorktree
    {
        let all = try snapshots(of: name)
        guard let chosen = all.first(where: { $0.number == number }),
            let commit = try repository.commit(chosen.commit), let base = commit.parents.first
        else {
            throw WorktreeError.noSuchSnapshot(
                worktree: "\(name.run)/\(name.task)", number: number, known: all.map(\.number))
        }
        let known = try known(name)
        if let known, known.isPresent {
            try makePlaceAgain(of: known.worktree)
            if try GitID(known.worktree.base) == base {
                return try await restore(known.worktree, to: commit.tree, number: number)
            }
            return try await moveAlone(
                known.worktree, to: ObjectID(commit.tree), base: ObjectID(base))
        }
        if let known { try await removeWorktree(known.worktree, keepSnapshots: true) }
        let made = try await prepareAlone(
            name, base: base, owner: known?.worktree.owner ?? uid, backend: .auto, support: .untried)
        try crash("made anew")
        return try await restore(made, to: commit.tree, number: number)
    }

    private func restore(_ worktree: PreparedWorktree, to tree: GitID, number: Int) async throws
        -> PreparedWorktree
    {
        let before = try await save(worktree, message: "Before the restore of snapshot \(number)").read
        try crash("saved")
        return try await exclusively("worktrees", creation) {
            try write(tree, into: worktree, over: before)
            try crash("files written")
            // Those of a move to this base that was cut off after its marker.
            try removeOtherLayers(than: worktree.layers, of: worktree.name)
            if worktree.layers == nil {
                try takePristineRecord(of: worktree.name, tree: tree, doubted: before.doubted)
            }
            try crash("recorded")
            return worktree
        }
    }

    /// Makes the files of a worktree those of a tree; `before` is what was just read of it.
    ///
    /// - Parameter attributes: the tree whose attributes count; nil: the base's.
    func write(
        _ tree: GitID, into worktree: PreparedWorktree, over before: ReadWorktree,
        attributes: GitID? = nil
    ) throws {
        let base = try scratch.tree(of: GitID(worktree.base))
        let writer = TreeWriter(
            root: worktree.layers?.upper ?? state.worktree(worktree.name),
            lower: worktree.layers == nil ? nil : base, owner: worktree.owner, objects: scratch,
            normaliser: try Normaliser(
                scratch: state.scratch, base: attributes ?? base, objects: scratch),
            unsaved: before.doubted, crash: crash)
        try writer.write(scratch.changes(from: before.tree, to: tree, changesMax: Self.treeEntriesMax))
    }
}
