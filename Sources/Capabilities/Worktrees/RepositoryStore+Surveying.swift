import Git
import Linux
package import Vocabulary

/// A worktree as it is listed for people.
package struct SurveyedWorktree: Sendable, Hashable {
    package var known: KnownWorktree
    /// The paths in which the newest snapshot differs from the base; nil while there is no snapshot.
    package var changedPaths: Int?
    /// What its own files and its git directory take up on the disk.
    package var bytesOnDisk: Int64
}

extension RepositoryStore {
    /// The numbers of a worktree's snapshots, ascending; also of one that was removed.
    package func snapshotNumbers(of name: WorktreeName) throws(WorktreeError) -> [Int] {
        try explainingNow { try snapshots(of: name).map(\.number) }
    }

    /// What is kept for commits that no worktree is made from any more, and what it takes up.
    package func measuredUnusedBases() async throws(WorktreeError) -> [(commit: ObjectID, bytes: Int64)] {
        var measured: [(commit: ObjectID, bytes: Int64)] = []
        for base in try unusedBases() {
            let places = [state.pristines, state.packs].map { "\($0)/\(base)" }
            let bytes = await runBlocking { places.reduce(Int64(0)) { $0 + Files.bytesOnDisk($1) } }
            measured.append((base, bytes))
        }
        return measured
    }

    /// Every worktree that `list` knows, with what it holds and takes up.
    package func survey() async throws(WorktreeError) -> [SurveyedWorktree] {
        var surveyed: [SurveyedWorktree] = []
        for known in try list() {
            let name = known.worktree.name
            let changed = try explainingNow {
                try snapshots(of: name).last.map { newest in
                    try changes(from: known.worktree.base, to: ObjectID(newest.commit)).count
                }
            }
            let places = [state.worktree(name), state.layersFolder(name), state.privateFolder(name)]
            // Not on the store's own thread: a large tree takes its time, and others go on meanwhile.
            let bytes = await runBlocking { places.reduce(Int64(0)) { $0 + Files.bytesOnDisk($1) } }
            surveyed.append(
                SurveyedWorktree(known: known, changedPaths: changed, bytesOnDisk: bytes))
        }
        return surveyed
    }
}
