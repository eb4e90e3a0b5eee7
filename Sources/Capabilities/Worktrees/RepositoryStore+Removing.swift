import Git
import Linux
import Vocabulary

extension RepositoryStore {
    /// Takes a last snapshot of a worktree and removes it. What cannot be saved is not removed, unless there
    /// are no files any more. The caller has ended the session.
    ///
    /// - Parameter discardsUnsaved: remove it though the snapshot lacks files; a person's decision.
    /// - Returns: the last snapshot; nil when the files were gone already.
    @discardableResult
    package func retire(
        _ worktree: PreparedWorktree, message: String, discardsUnsaved: Bool = false
    ) async throws(WorktreeError) -> Snapshot? {
        try await explaining {
            try await oneAtATime(state.worktree(worktree.name)) {
                // It may have been opened or moved while this waited.
                let worktree = try readMarker(worktree.name) ?? worktree
                var last: Snapshot?
                if hasFiles(worktree) { last = try await snapshot(worktree, message: message) }
                if let last, !last.isWhole, !discardsUnsaved {
                    throw WorktreeError.unsaved(
                        worktree: "\(worktree.name.run)/\(worktree.name.task)", notes: last.notes)
                }
                try await removeWorktree(worktree, keepSnapshots: true)
                return last
            }
        }
    }

    /// Removes a worktree: registration, branch, files, private git directory. The caller has taken the last
    /// snapshot and ended the session.
    ///
    /// 1. the tombstone  2. registration, branch and, if asked, snapshots  3. files and private folder go to
    /// the graveyard, by rename  4. the graveyard is emptied, while others go on  5. the tombstone goes. Cut
    /// off anywhere, the next try finishes it: `reconcile`, another call, or the making of the same worktree
    /// anew.
    ///
    /// The branch goes only where it still stands at the base or at a snapshot of ours, so that no commit
    /// which somebody made on it is lost. Nothing outside the state directory and our own registration is
    /// touched.
    package func removeWorktree(_ worktree: PreparedWorktree, keepSnapshots: Bool) async throws(WorktreeError)
    {
        try await removeWorktree(worktree, keepSnapshots: keepSnapshots, crash: crash)
    }

    /// - Parameter crash: called between the steps; tests cut the removal off there.
    func removeWorktree(
        _ worktree: PreparedWorktree, keepSnapshots: Bool, crash: (String) throws -> Void
    ) async throws(WorktreeError) {
        // The paths are made from the name; those in the value are not believed.
        let name = worktree.name
        try await explaining {
            try await exclusively("worktrees", creation) {
                let earlier = try state.tombstone(of: name)
                try state.write(
                    Tombstone(
                        phase: .begun, base: worktree.base, owner: worktree.owner,
                        keepsSnapshots: keepSnapshots, tries: earlier?.tries ?? 0), of: name)
            }
            try crash("tombstone")
            try await finishRemoval(of: name, crash: crash)
        }
    }

    /// Does what is left of a removal. No tombstone: nothing is.
    func finishRemoval(of name: WorktreeName, crash: (String) throws -> Void) async throws {
        do {
            try await exclusively("worktrees", creation) { try bury(name, crash: crash) }
            let grave = state.grave(name)
            try await runBlocking { () throws(SystemError) in try Files.removeTree(grave) }
            try crash("graveyard")
            // Another removal, of a worktree made meanwhile, may have begun: then the word is that one's.
            if try state.tombstone(of: name)?.phase == .buried, !Files.exists(grave) {
                try Files.removeTree(state.tombstonePath(name))
            }
        } catch {
            // Not a cause lost: the tombstone itself stays, and the error is thrown.
            if var tombstone = try? state.tombstone(of: name) {
                tombstone.tries += 1
                tombstone.problem = WorktreeError(error, at: state.root).description
                try? state.write(tombstone, of: name)
            }
            throw error
        }
    }

    /// The steps up to the graveyard, under the lock: afterwards the name is free.
    func bury(_ name: WorktreeName, crash: (String) throws -> Void) throws {
        guard var tombstone = try state.tombstone(of: name), tombstone.phase == .begun else { return }
        let path = state.worktree(name)
        if let registered = try repository.registration(ofWorkingDirectory: path)?.name {
            try repository.forget(worktree: registered)
        }
        try crash("registration")
        let ref = "refs/heads/\(name.branch)"
        let snapshots = try snapshots(of: name)
        if let target = try repository.target(of: ref),
            try repository.checkouts().allSatisfy({ !$0.isConcerned(by: ref) })
        {
            let ours = snapshots.map(\.commit) + [try GitID(tombstone.base)]
            if ours.contains(target) { _ = try repository.delete(ref, ifAt: target) }
        }
        try crash("branch")
        if !tombstone.keepsSnapshots {
            try forget(snapshots)
        }
        try crash("snapshots")
        try Files.makeDirectory(state.grave(name), mode: 0o700)
        for (what, place) in [
            ("files", path), ("layers", state.layersFolder(name)), ("private", state.privateFolder(name)),
        ] {
            if Files.exists(place) {
                // A folder that its owner may not write cannot be moved elsewhere.
                if Files.isDirectory(place) { try Files.changeMode(place, 0o700) }
                try Files.move(place, to: "\(state.grave(name))/\(what)-\(RandomBytes.hex(count: 8))")
            }
            try crash(what)
        }
        tombstone.phase = .buried
        try state.write(tombstone, of: name)
        try crash("buried")
    }

    /// Tries removals that are not finished once more: all of them, or these. One that fails keeps no other
    /// from it.
    package func finishRemovals(_ names: [WorktreeName]? = nil) async throws(WorktreeError)
        -> (removed: [PendingRemoval], failed: [(removal: PendingRemoval, error: WorktreeError)])
    {
        var removed: [PendingRemoval] = []
        var failed: [(removal: PendingRemoval, error: WorktreeError)] = []
        for var removal in try pendingRemovals() where names?.contains(removal.name) ?? true {
            do {
                try await finishRemoval(of: removal.name, crash: crash)
                removal.isMadeAgain =
                    preparing.contains(removal.name) || Files.exists(state.marker(removal.name))
                removed.append(removal)
            } catch {
                failed.append((removal, WorktreeError(error, at: state.root)))
            }
        }
        return (removed, failed)
    }

    /// The removals that are not finished, sorted by name.
    package func pendingRemovals() throws(WorktreeError) -> [PendingRemoval] {
        try explainingNow {
            try state.tombstones().compactMap { name in
                try state.tombstone(of: name).map {
                    PendingRemoval(name: name, owner: $0.owner, tries: $0.tries, problem: $0.problem)
                }
            }
        }
    }

    /// There is something of it that could be lost.
    func hasFiles(_ worktree: PreparedWorktree) -> Bool {
        Files.isDirectory(worktree.layers?.upper ?? state.worktree(worktree.name))
    }
}
