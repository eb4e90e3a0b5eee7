import Git
import Glibc
import Linux
package import Vocabulary

extension RepositoryStore {
    /// Makes the files of a worktree those of one of its snapshots. No session may live in it.
    ///
    /// 1. the files as they are become a snapshot  2. what differs is written; ignored files stay, and what
    /// no snapshot could hold is moved aside where it is in the way  3. the files are recorded as pristine.
    /// One that was removed is made anew first, at the snapshot's base; one that stands on another base goes
    /// back to the snapshot's. Cut off anywhere, the same call again finishes it.
    ///
    /// - Parameters:
    ///   - uid: who shall own the files of one that is made anew.
    ///   - refusal: why it may not be restored just now; asked when nothing else changes it any more.
    package func restore(
        _ name: WorktreeName, number: Int, owner uid: UInt32?,
        refusal: @Sendable () async -> Problem? = { nil }
    ) async throws(WorktreeError) -> PreparedWorktree {
        try await explaining {
            try await oneAtATime(state.worktree(name)) {
                try await refuse(refusal)
                return try await restoreAlone(name, number: number, owner: uid)
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
        if let known { try await removeWorktree(known.worktree, keepSnapshots: true, crash: crash) }
        let made = try await prepareAlone(
            name, base: base, owner: known?.worktree.owner ?? uid, backend: .auto, support: .untried)
        try crash("made anew")
        return try await restore(made, to: commit.tree, number: number)
    }

    private func restore(_ worktree: PreparedWorktree, to tree: GitID, number: Int) async throws
        -> PreparedWorktree
    {
        let begin = try FileClock.nextTick()
        let before = try await save(worktree, message: "Before the restore of snapshot \(number)").read
        try crash("saved")
        return try await exclusively("worktrees", creation) {
            try await write(tree, into: worktree, over: before, since: begin)
            try crash("files written")
            // Those of a move to this base that was cut off after its marker.
            try removeOtherLayers(than: worktree.layers, of: worktree.name)
            if worktree.layers == nil {
                try movePristineRecord(of: worktree.name, to: tree)
            }
            try crash("recorded")
            return worktree
        }
    }

    /// Makes the files of a worktree those of a tree; `before` is what was just read of it.
    ///
    /// - Parameters:
    ///   - since: the clock of the files before the first of them was read.
    ///   - attributes: the tree whose attributes count; nil: the base's.
    func write(
        _ tree: GitID, into worktree: PreparedWorktree, over before: ReadWorktree, since begin: timespec,
        attributes: GitID? = nil
    ) async throws {
        let changes = try scratch.changes(from: before.tree, to: tree, changesMax: Self.treeEntriesMax)
        let drafts = state.temporary("large")
        let base = try scratch.tree(of: GitID(worktree.base))
        let writer = TreeWriter(
            root: worktree.layers?.upper ?? state.worktree(worktree.name),
            lower: worktree.layers == nil ? nil : base, owner: worktree.owner, objects: scratch,
            normaliser: try Normaliser(
                scratch: state.scratch, base: attributes ?? base, objects: scratch),
            unsaved: before.doubted, begin: begin, drafts: drafts,
            crash: crash)
        do {
            try await writeLarge(changes, of: tree, to: drafts)
            try writer.write(changes)
            try Files.removeTree(drafts)
        } catch {
            try Files.removeTree(drafts)
            throw error
        }
    }

    /// Has git write what is too large to be read whole, for the writer to move to its place.
    private func writeLarge(_ changes: [GitChange], of tree: GitID, to drafts: String) async throws {
        let large: [GitEntry] = try changes.compactMap { change in
            guard let id = change.newID, let header = try scratch.header(of: id), header.kind == .blob,
                header.bytes > TreeWriter.fileBytesMax
            else { return nil }
            return GitEntry(path: change.path, mode: change.newMode, id: id)
        }
        guard !large.isEmpty else { return }
        try Files.makeDirectory(drafts, mode: 0o700)
        try await write(large, of: tree, to: drafts)
    }
}
