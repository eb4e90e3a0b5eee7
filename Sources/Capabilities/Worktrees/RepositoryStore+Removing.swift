import Git
import Linux
package import Vocabulary

extension RepositoryStore {
    /// Takes a last snapshot of a worktree and removes it. What cannot be saved is not removed, unless there
    /// are no files any more. The caller has ended the session.
    ///
    /// - Parameters:
    ///   - discardsUnsaved: remove it though the snapshot lacks files, or none can be taken; a person's
    ///     decision.
    ///   - refusal: why it may not be removed just now; asked when nothing else changes it any more.
    /// - Returns: the last snapshot; nil when the files were gone already, or were given up unsaved.
    @discardableResult
    package func retire(
        _ worktree: PreparedWorktree, message: String, discardsUnsaved: Bool = false,
        refusal: @Sendable () async -> Problem? = { nil }
    ) async throws(WorktreeError) -> Snapshot? {
        try await explaining {
            try await oneAtATime(state.worktree(worktree.name)) {
                try await refuse(refusal)
                // It may have been opened or moved while this waited.
                let worktree = try readMarker(worktree.name) ?? worktree
                try await begin(
                    Tombstone(
                        phase: .begun, base: worktree.base, owner: worktree.owner, keepsSnapshots: true,
                        discardsUnsaved: discardsUnsaved ? true : nil), of: worktree.name)
                try crash("tombstone")
                return try await finishRemoval(of: worktree.name, message: message, crash: crash)
            }
        }
    }

    /// Removes a worktree: registration, branch, files, private git directory. The caller has ended the
    /// session.
    ///
    /// 1. the tombstone  2. the last snapshot, unless all snapshots go  3. registration, branch and, if
    /// asked, snapshots  4. files and private folder go to the graveyard, by rename  5. the graveyard is
    /// emptied, while others go on  6. the tombstone goes. Cut off anywhere, the next try finishes it:
    /// `reconcile`, another call, or the making of the same worktree anew. Whoever finishes it saves again
    /// what lies there by then. Where that cannot be saved the tombstone goes, and the worktree stays.
    ///
    /// The branch goes only where it still stands at the base or at a snapshot of ours, so that no commit
    /// which somebody made on it is lost. Nothing outside the state directory and our own registration is
    /// touched.
    package func removeWorktree(_ worktree: PreparedWorktree, keepSnapshots: Bool) async throws(WorktreeError)
    {
        try await explaining {
            try await oneAtATime(state.worktree(worktree.name)) {
                try await removeWorktree(worktree, keepSnapshots: keepSnapshots, crash: crash)
            }
        }
    }

    /// For who has the worktree's turn.
    ///
    /// - Parameter crash: called between the steps; tests cut the removal off there.
    func removeWorktree(
        _ worktree: PreparedWorktree, keepSnapshots: Bool, crash: (String) throws -> Void
    ) async throws(WorktreeError) {
        // The paths are made from the name; those in the value are not believed.
        let name = worktree.name
        try await explaining {
            try await begin(
                Tombstone(
                    phase: .begun, base: worktree.base, owner: worktree.owner, keepsSnapshots: keepSnapshots),
                of: name)
            try crash("tombstone")
            try await finishRemoval(of: name, crash: crash)
        }
    }

    private func begin(_ tombstone: Tombstone, of name: WorktreeName) async throws {
        try await exclusively("worktrees", creation) {
            var tombstone = tombstone
            tombstone.tries = try state.tombstone(of: name)?.tries ?? 0
            try state.write(tombstone, of: name)
        }
    }

    /// Does what is left of a removal. No tombstone: nothing is.
    @discardableResult
    func finishRemoval(
        of name: WorktreeName, message: String = "Before its removal", crash: (String) throws -> Void
    ) async throws -> Snapshot? {
        do {
            let last = try await saveAndBury(name, message: message, crash: crash)
            let grave = state.grave(name)
            try await runBlocking { () throws(SystemError) in try Files.removeTree(grave) }
            try crash("graveyard")
            // Another removal, of a worktree made meanwhile, may have begun: then the word is that one's.
            if try state.tombstone(of: name)?.phase == .buried, !Files.exists(grave) {
                try Files.removeTree(state.tombstonePath(name))
            }
            return last
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

    /// What is saved is saved outside of the lock, for it may take long; under the lock it only has to be
    /// seen that the files are still those.
    private static let savesMax = 5

    /// Takes the last snapshot of a worktree that is being removed, and buries it before anybody can have
    /// changed it. Nothing where no removal was begun.
    @discardableResult
    func saveAndBury(
        _ name: WorktreeName, message: String = "Before its removal", crash: (String) throws -> Void
    ) async throws -> Snapshot? {
        for _ in 0..<Self.savesMax {
            guard let tombstone = try state.tombstone(of: name), tombstone.phase == .begun else { return nil }
            let last: Snapshot?
            do {
                last = try await lastSnapshot(of: name, tombstone, message: message)
            } catch {
                throw abandonRemoval(of: name, because: error)
            }
            let isBuried = try await exclusively("worktrees", creation) {
                guard try tombstone.discardsUnsaved == true || holds(last, name, tombstone) else {
                    return false
                }
                return try bury(name, crash: crash)
            }
            if isBuried { return last }
        }
        throw abandonRemoval(
            of: name,
            because: WorktreeError.git(
                operation: "remove \(name.text)", message: "its files change all the time",
                hint: "End what is at work in \(state.worktree(name))."))
    }

    /// nil: there is nothing to save, or it was given up.
    private func lastSnapshot(
        of name: WorktreeName, _ tombstone: Tombstone, message: String
    ) async throws -> Snapshot? {
        guard let worktree = try worktreeToSave(name, tombstone) else { return nil }
        let discards = tombstone.discardsUnsaved == true
        do {
            let last = try await save(worktree, message: message, isLast: !discards).snapshot
            guard last.isWhole || discards else {
                throw WorktreeError.unsaved(worktree: name.text, notes: last.notes)
            }
            return last
        } catch  where discards && !(error is CancellationError) {
            return nil
        }
    }

    private func worktreeToSave(_ name: WorktreeName, _ tombstone: Tombstone) throws -> PreparedWorktree? {
        guard tombstone.keepsSnapshots, let worktree = try readMarker(name), hasFiles(worktree) else {
            return nil
        }
        return worktree
    }

    /// Whether the files are those of a snapshot; nil: there are none.
    private func holds(_ last: Snapshot?, _ name: WorktreeName, _ tombstone: Tombstone) throws -> Bool {
        guard let worktree = try worktreeToSave(name, tombstone) else { return last == nil }
        guard let last else { return false }
        return try readTree(of: worktree).tree == GitID(last.tree)
    }

    /// The worktree stays, and what of it was taken away already is made again. Answers the error.
    private func abandonRemoval(of name: WorktreeName, because error: any Error) -> any Error {
        do {
            guard try state.tombstone(of: name)?.phase == .begun else { return error }
            if let worktree = try readMarker(name) { try repair(worktree) }
            try Files.removeTree(state.tombstonePath(name))
        } catch {
            // Not a cause lost: the tombstone stays, and who tries next meets both again.
        }
        return error
    }

    /// The steps up to the graveyard, under the lock: afterwards the name is free. False: nothing was begun.
    func bury(_ name: WorktreeName, crash: (String) throws -> Void) throws -> Bool {
        guard var tombstone = try state.tombstone(of: name), tombstone.phase == .begun else { return false }
        let path = state.worktree(name)
        if let registered = try repository.registration(ofWorkingDirectory: path)?.name {
            try repository.forget(worktree: registered)
        }
        try WorktreeRegistration.forgetHalfMade(for: path, in: gitDirectory)
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
        return true
    }

    /// Tries removals that are not finished once more: all of them, or these. One that fails keeps no other
    /// from it. One that was given up while this waited for its turn is among neither.
    package func finishRemovals(_ names: [WorktreeName]? = nil) async throws(WorktreeError)
        -> (removed: [PendingRemoval], failed: [(removal: PendingRemoval, error: WorktreeError)])
    {
        var removed: [PendingRemoval] = []
        var failed: [(removal: PendingRemoval, error: WorktreeError)] = []
        for var removal in try pendingRemovals() where names?.contains(removal.name) ?? true {
            let name = removal.name
            do {
                let isGivenUp = try await oneAtATime(state.worktree(name)) {
                    guard try state.tombstone(of: name) != nil else { return try readMarker(name) != nil }
                    try await finishRemoval(of: name, crash: crash)
                    return false
                }
                if isGivenUp { continue }
                removal.isMadeAgain = preparing.contains(name) || Files.exists(state.marker(name))
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
