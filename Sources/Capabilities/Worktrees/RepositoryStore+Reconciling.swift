import Git
import Glibc
import Linux
import Vocabulary

/// What the journal says about the worktrees of one repository.
package struct WantedWorktrees: Sendable, Hashable {
    /// Those that a task still needs, made or not.
    package var needed: Set<WorktreeName>
    /// Runs whose facts could not be read: what belongs to them is left alone.
    package var unreadableRuns: Set<String>
    package init(needed: Set<WorktreeName>, unreadableRuns: Set<String> = []) {
        self.needed = needed
        self.unreadableRuns = unreadableRuns
    }
}

/// What was put in order, and what was not.
package struct Reconciliation: Sendable, Hashable {
    /// Removals that were begun earlier and are finished now.
    package var removed: [PendingRemoval] = []
    /// Half made or never used: nothing was in them.
    package var swept: [WorktreeName] = []
    /// Nobody needs them, and they stay: their files are saved and they are listed as orphans.
    package var adopted: [WorktreeName] = []
    /// What somebody took away and was made again.
    package var repaired: [WorktreeName] = []
    /// What a person should know, one sentence each.
    package var told: [String] = []

    package var isNothing: Bool { self == Reconciliation() }
}

extension RepositoryStore {
    /// Brings folders, registrations and tombstones in line with what the journal wants.
    ///
    /// 1. removals are finished  2. what nobody needs is swept where nothing is in it, else saved and kept
    /// 3. what users took away from worktrees that are needed is made again, or told  4. registrations of
    /// folders that are gone are forgotten. Never deletes a file that is not known to be in a snapshot or a
    /// base. Idempotent; what is being made meanwhile is left alone. What fails for one keeps no other from
    /// it.
    ///
    /// - Parameter asking: what the journal wants, asked for once the folders are known: whatever lies there
    ///   by then was wanted before it was made.
    package func reconcile(
        asking: @Sendable () async -> WantedWorktrees
    ) async throws(WorktreeError) -> Reconciliation {
        var report = Reconciliation()
        let finished = try await finishRemovals()
        report.removed = finished.removed
        for (removal, error) in finished.failed {
            report.told.append("\(removal.name.text) could not be removed: \(error.description)")
        }
        let names = try explainingNow { try foldersOfWorktrees() }
        let wanted = await asking()
        for name in names {
            do {
                try await reconcile(name, wanted, &report)
            } catch {
                let problem = WorktreeError(error, at: state.root)
                report.told.append("\(name.text) could not be put in order: \(problem.description)")
            }
        }
        return report
    }

    /// Every name under which there is a folder or a registration of ours, sorted.
    private func foldersOfWorktrees() throws -> [WorktreeName] {
        let folders = try ["worktrees", "private", "layers"].flatMap { folder in
            let path = "\(state.root)/\(folder)"
            return Files.exists(path) ? try Files.list(path) : []
        }
        let registered = try repository.checkouts().map(\.workingDirectory).filter {
            $0.hasPrefix("\(state.root)/worktrees/")
        }.map { String($0.dropFirst("\(state.root)/worktrees/".count)) }
        return Set((folders + registered).compactMap(WorktreeName.init(folder:))).sorted()
    }

    private func reconcile(
        _ name: WorktreeName, _ wanted: WantedWorktrees, _ report: inout Reconciliation
    ) async throws {
        guard !preparing.contains(name), !wanted.unreadableRuns.contains(name.run),
            try state.tombstone(of: name)?.phase != .begun
        else { return }
        let marked = try readMarker(name)
        if wanted.needed.contains(name) {
            // One without its marker is made anew by the step that wanted it.
            if let marked { try repair(marked, &report) }
            return
        }
        if marked == nil, try isIntention(name) {
            // Cut off before anything of it was in the user's repository.
            try Files.removeTree(state.privateFolder(name))
            report.swept.append(name)
            return
        }
        guard let base = try marked.map({ try GitID($0.base) }) ?? baseOfUnmarked(name) else {
            report.told.append("\(state.worktree(name)) is of no known base, and is left as it is.")
            return
        }
        let worktree = marked ?? assumed(name, base: base)
        let known = try snapshots(of: name)
        if known.isEmpty, try await isEmptyOfWork(worktree, base: base) {
            try await removeWorktree(worktree, keepSnapshots: true)
            // Those it has now hold the base and nothing else, unless somebody was quick.
            let tree = try scratch.tree(of: base)
            try forget(snapshots(of: name).filter { try repository.commit($0.commit)?.tree == tree })
            report.swept.append(name)
            return
        }
        // Half made anew for a restore, say: no file is in it, and as a snapshot it would be an empty one.
        if marked == nil, try isUnfilled(name) {
            try await removeWorktree(worktree, keepSnapshots: true)
            report.swept.append(name)
            return
        }
        guard marked != nil || !Files.exists(state.layersFolder(name)) else {
            report.told.append("\(state.layersFolder(name)) was never finished, and is left as it is.")
            return
        }
        if marked == nil {
            try Files.makeDirectory(state.privateFolder(name), mode: 0o711)
            try Files.writeAtomically(state.marker(name), text: JSONText.line(encoding: worktree))
        }
        guard hasFiles(worktree) else {
            report.told.append("\(name.text) belongs to no task any more and has lost its files.")
            return
        }
        let before = known.last?.number
        let saved = try await snapshot(worktree, message: "Adopted: no task needs it any more")
        if marked == nil || saved.number != before { report.adopted.append(name) }
    }

    /// The word that it is to be made is all there is of it.
    private func isIntention(_ name: WorktreeName) throws -> Bool {
        try repository.target(of: "refs/heads/\(name.branch)") == nil
            && !Files.exists(state.worktree(name)) && !Files.exists(state.layersFolder(name))
            && repository.registration(ofWorkingDirectory: state.worktree(name)) == nil
            && Set(Files.list(state.privateFolder(name))).isSubset(of: ["base"])
    }

    /// The commit a worktree without marker was made from: as was written down before anything of it was
    /// made, or as its newest snapshot or its branch says.
    private func baseOfUnmarked(_ name: WorktreeName) throws -> GitID? {
        if Files.exists(state.intendedBase(name)) {
            return try GitID(hex: Files.readText(state.intendedBase(name), bytesMax: 100))
        }
        if let newest = try snapshots(of: name).last,
            let base = try repository.commit(newest.commit)?.parents.first
        {
            return base
        }
        return try repository.target(of: "refs/heads/\(name.branch)")
    }

    private func assumed(_ name: WorktreeName, base: GitID) -> PreparedWorktree {
        let folder = state.privateFolder(name)
        // Not a cause lost: where there are no files nobody owns them.
        let owner = try? Files.status(of: state.worktree(name)).st_uid
        return PreparedWorktree(
            name: name, path: state.worktree(name), privateGitDirectory: "\(folder)/git",
            gitPointerFile: "\(folder)/dotgit", branch: name.branch, base: ObjectID(base),
            owner: owner == SystemIdentity.effectiveUID ? nil : owner)
    }

    /// Nothing was ever written in it: its files are the base's and no others, ignored ones included, its
    /// layers are empty, and its git directory has no object that was not there when it was made.
    private func isEmptyOfWork(_ worktree: PreparedWorktree, base: GitID) async throws -> Bool {
        if try isUnfilled(worktree.name) { return true }
        guard try hasNoLooseObjects(worktree.name), !Files.exists(state.layersFolder(worktree.name)) else {
            return false
        }
        let path = state.worktree(worktree.name)
        let entries = try scratch.flatten(
            tree: scratch.tree(of: base), entriesMax: Self.treeEntriesMax
        ).filter { !$0.isSubmodule }
        guard Files.countFiles(path, max: entries.count + 2) <= entries.count + 1 else { return false }
        let saved = try await snapshot(worktree, message: "Whether anything was done")
        return try saved.notes.isEmpty && GitID(saved.tree) == scratch.tree(of: base)
    }

    /// Cut off before its files were written. A lone file counts as nothing only if it is the pointer.
    private func isUnfilled(_ name: WorktreeName) throws -> Bool {
        guard try hasNoLooseObjects(name) else { return false }
        if Files.exists(state.layersFolder(name)) {
            return try holdsOnlyPointer(layers: state.layersFolder(name))
        }
        let path = state.worktree(name)
        guard Files.exists(path) else { return true }
        let count = Files.countFiles(path, max: 2)
        return try count == 0 || count == 1 && Files.list(path) == [".git"]
    }

    /// The empty place of the pointer in the one upper layer, and nothing else.
    private func holdsOnlyPointer(layers folder: String) throws -> Bool {
        let count = Files.countFiles(folder, max: 2)
        guard count == 1 else { return count == 0 }
        let places = ["\(folder)/upper/.git"] + (try Files.list(folder).map { "\(folder)/\($0)/upper/.git" })
        return try places.contains { try Files.exists($0) && Files.status(of: $0).st_size == 0 }
    }

    private func hasNoLooseObjects(_ name: WorktreeName) throws -> Bool {
        let objects = "\(state.privateFolder(name))/git/objects"
        guard Files.exists(objects) else { return true }
        return try Files.list(objects).allSatisfy { ["pack", "info"].contains($0) }
    }

    private func repair(_ worktree: PreparedWorktree, _ report: inout Reconciliation) throws {
        let name = worktree.name
        guard hasFiles(worktree) else {
            report.told.append(
                "\(name.text) has lost its files; `graftwork worktree restore \(name.text)` brings back what "
                    + "was saved.")
            return
        }
        if try repair(worktree) { report.repaired.append(name) }
    }

    /// Makes registration and branch again, which a user, or a removal that was given up, may have taken
    /// away.
    ///
    /// - Returns: whether there was something to make.
    @discardableResult
    func repair(_ worktree: PreparedWorktree) throws -> Bool {
        let name = worktree.name
        let path = state.worktree(name)
        let ref = "refs/heads/\(name.branch)"
        var isRepaired = false
        if try repository.target(of: ref) == nil {
            let base = try GitID(worktree.base)
            isRepaired =
                try repository.swap(ref, from: nil, to: base, log: "graftwork: made again") == .swapped
        }
        if try repository.registration(ofWorkingDirectory: path) == nil {
            try WorktreeRegistration(commonDirectory: gitDirectory, path: path, branch: ref).write(
                crash: crash)
            isRepaired = true
        }
        if try makePlaceAgain(of: worktree) { isRepaired = true }
        return isRepaired
    }

    /// Makes the place an overlay is mounted at and the pointer in it, where somebody took them away; its
    /// files lie elsewhere.
    ///
    /// - Returns: whether there was something to make.
    @discardableResult
    func makePlaceAgain(of worktree: PreparedWorktree) throws -> Bool {
        let path = state.worktree(worktree.name)
        guard worktree.layers != nil, !Files.exists("\(path)/.git"),
            let registration = try repository.registration(ofWorkingDirectory: path)
        else { return false }
        try Files.makeDirectory(path, mode: 0o700)
        try Files.writeAtomically(
            "\(path)/.git", text: "gitdir: \(registration.gitDirectory)\n", mode: 0o600, isDurable: false)
        if let uid = worktree.owner, SystemIdentity.isRoot {
            for place in [path, "\(path)/.git"] {
                guard lchown(place, uid, uid) == 0 else {
                    throw SystemError(call: "lchown", subject: place)
                }
            }
        }
        return true
    }
}

extension WorktreeName {
    /// As commands take it.
    var text: String { "\(run)/\(task)" }
}
