import Git
import Glibc
import Linux
import Vocabulary

/// Snapshots beside a `git gc` of the user.
///
/// What is written belongs to nothing until its ref stands, and `git gc --prune=now` deletes what belongs to
/// nothing, be it a second old. One that begins after the ref was made spares it. So once the ref stands, one
/// that is still at work is waited for, and what was written is looked for; what is gone is written again.
extension RepositoryStore {
    private static let attemptsMax = 5
    private static let pollInterval = Duration.milliseconds(20)
    /// A gc of a large repository takes longer; only one that prunes at once can do harm then.
    private static let pollsMax = 100
    private static let pidBytesMax = 512

    /// Reads a worktree and gives it a snapshot whose objects are all there.
    func save(_ worktree: PreparedWorktree, message: String) async throws -> (
        snapshot: Snapshot, read: ReadWorktree
    ) {
        let base = try GitID(worktree.base)
        for attempt in 1...Self.attemptsMax {
            do {
                let read = try readTree(of: worktree)
                let snapshot = try keep(
                    read.tree, on: base, of: worktree.name, message: message, notes: read.notes,
                    isWhole: read.isWhole)
                try await waitForCollection()
                if try isIntact(snapshot, on: base) { return (snapshot, read) }
            } catch let error as GitError {
                guard attempt < Self.attemptsMax, !error.isDiskFull else { throw error }
                try await waitForCollection()
            }
        }
        throw WorktreeError.git(
            operation: "keep the snapshot of \(worktree.name.text)",
            message: "what was written was deleted again each time",
            hint: "Let no `git gc --prune=now` run in this repository while agents are at work.")
    }

    private func isIntact(_ snapshot: Snapshot, on base: GitID) throws -> Bool {
        let (tree, commit) = (try GitID(snapshot.tree), try GitID(snapshot.commit))
        guard try scratch.contains(commit), try scratch.contains(tree),
            let changes = try changesIfPresent(from: scratch.tree(of: base), to: tree)
        else { return false }
        return try changes.allSatisfy { change in
            guard let id = change.newID, change.newMode & GitEntry.kindMask != GitEntry.submoduleMode else {
                return true
            }
            return try scratch.contains(id)
        }
    }

    /// nil: a folder's object is gone.
    private func changesIfPresent(from old: GitID, to new: GitID) throws(GitError) -> [GitChange]? {
        do {
            return try scratch.changes(from: old, to: new, changesMax: Self.treeEntriesMax)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    private func waitForCollection() async throws {
        for _ in 0..<Self.pollsMax {
            guard try isCollecting() else { return }
            try await Task.sleep(for: Self.pollInterval)
        }
    }

    /// `gc.pid` holds the number and the machine of a `git gc` that is at work, or that was killed.
    private func isCollecting() throws(SystemError) -> Bool {
        let text: String
        do {
            text = try Files.readText("\(gitDirectory)/gc.pid", bytesMax: Self.pidBytesMax)
        } catch {
            if error.isNotFound { return false }
            throw error
        }
        // Another machine's cannot be asked.
        guard let pid = text.split(separator: " ").first.flatMap({ Int32($0) }), pid > 0 else { return false }
        return kill(pid, 0) == 0 || errno == EPERM
    }
}
