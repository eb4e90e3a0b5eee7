import Git
import Glibc
import Linux
import Vocabulary

/// Snapshots beside a `git gc` of the user.
///
/// What is written belongs to nothing until its ref stands, and `git gc --prune=now` deletes what belongs to
/// nothing, be it a second old. One that begins after the ref was made spares it. So once the ref stands, one
/// that is still at work is waited for, and what was written is looked for; what is gone is written again.
///
/// One of a large repository takes longer than a turn can wait. A snapshot made meanwhile is looked for again
/// with a later one, and its ref goes if it was pruned: a ref to nothing would keep the user's git from any
/// further gc. The last snapshot of a worktree that is removed waits for as long as it takes. A `git prune`
/// that is run by hand leaves no word that it is at work, and is not seen.
extension RepositoryStore {
    private static let attemptsMax = 5
    private static let pollInterval = Duration.milliseconds(20)
    /// A quarter of an hour.
    private static let lastPollsMax = 45_000
    /// As git itself has it: who began earlier was killed, and the number is another's by now.
    private static let collectionSecondsMax = 12 * 3600
    private static let pidBytesMax = 512

    /// Reads a worktree and gives it a snapshot whose objects are all there.
    ///
    /// - Parameter isLast: the files go once it is taken, so it must be proven.
    func save(_ worktree: PreparedWorktree, message: String, isLast: Bool = false) async throws -> (
        snapshot: Snapshot, read: ReadWorktree
    ) {
        let base = try GitID(worktree.base)
        for attempt in 1...Self.attemptsMax {
            do {
                let read = try readTree(of: worktree)
                let snapshot = try keep(
                    read.tree, on: base, of: worktree.name, message: message, notes: read.notes,
                    isWhole: read.isWhole)
                let isProven = try await collectionEnds(
                    pollsMax: isLast ? Self.lastPollsMax : collectionPollsMax)
                guard isProven || !isLast else {
                    throw WorktreeError.git(
                        operation: "keep the last snapshot of \(worktree.name.text)",
                        message: "a `git gc` is at work, which may delete it again",
                        hint: "Try again when that has ended.")
                }
                if isProven { try dropPruned() }
                let isIntact = try isIntact(snapshot, on: base)
                if !isProven || !isIntact { unproven.append((worktree.name, snapshot, base)) }
                if isIntact { return (snapshot, read) }
            } catch let error as GitError {
                guard attempt < Self.attemptsMax, !error.isDiskFull else { throw error }
                _ = try await collectionEnds(pollsMax: collectionPollsMax)
            }
        }
        throw WorktreeError.git(
            operation: "keep the snapshot of \(worktree.name.text)",
            message: "what was written was deleted again each time",
            hint: "Let no `git gc --prune=now` run in this repository while agents are at work.")
    }

    /// Lets go of snapshots that were taken beside a gc which has ended by now, and did not survive it. The
    /// newest of a worktree waits for the next, or that one would get its number.
    private func dropPruned() throws {
        unproven = try unproven.filter { name, snapshot, base in
            if try isIntact(snapshot, on: base) { return false }
            if try snapshots(of: name).last?.number == snapshot.number { return true }
            try forget([(snapshot.number, snapshot.ref, GitID(snapshot.commit))])
            return false
        }
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

    /// False when one is still at work after so many looks.
    private func collectionEnds(pollsMax: Int) async throws -> Bool {
        for _ in 0..<pollsMax {
            guard try isCollecting() else { return true }
            try crash("gc seen")
            try await Task.sleep(for: Self.pollInterval)
        }
        return try !isCollecting()
    }

    /// `gc.pid` holds the number and the machine of a `git gc` that is at work, or that was killed.
    private func isCollecting() throws(SystemError) -> Bool {
        let (text, began): (String, Int)
        do {
            let path = "\(gitDirectory)/gc.pid"
            text = try Files.readText(path, bytesMax: Self.pidBytesMax)
            began = try Files.status(of: path).st_mtim.tv_sec
        } catch {
            if error.isNotFound { return false }
            throw error
        }
        guard Int(WallClock.nowSeconds()) - began <= Self.collectionSecondsMax else { return false }
        // Another machine's cannot be asked.
        guard let pid = text.split(separator: " ").first.flatMap({ Int32($0) }), pid > 0 else { return false }
        return kill(pid, 0) == 0 || errno == EPERM
    }
}
