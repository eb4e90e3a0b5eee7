import Git
import Linux
package import Vocabulary

/// A worktree as it is listed for people.
package struct SurveyedWorktree: Sendable, Hashable {
    package var name: WorktreeName
    /// The folder with the files.
    package var path: String
    /// nil: it cannot be read what it is.
    package var known: KnownWorktree?
    /// The paths in which the newest snapshot differs from the base; nil while there is no snapshot.
    package var changedPaths: Int?
    /// What its own files and its git directory take up on the disk; nil: not measured.
    package var bytesOnDisk: Int64?
    /// Why less is known of it than of the others.
    package var problem: WorktreeError?
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

    /// The worktree of this name whose making was finished and whose removal was not begun, also when its
    /// files are gone; nil when there is none.
    package func known(_ name: WorktreeName) throws(WorktreeError) -> KnownWorktree? {
        try explainingNow {
            guard try state.tombstone(of: name)?.phase != .begun, let worktree = try readMarker(name)
            else { return nil }
            return try KnownWorktree(
                worktree: worktree, isPresent: hasFiles(worktree),
                snapshots: snapshots(of: name).map(\.number))
        }
    }

    /// The names under which something is kept, sorted.
    func worktreeNames() throws -> [WorktreeName] {
        try Files.list(state.privates).compactMap(WorktreeName.init(folder:)).sorted()
    }

    /// Every worktree of this store, sorted by name. What is odd about one hides no other.
    ///
    /// - Parameter measuresDisk: also what each takes up, for which every file of it is looked at.
    package func survey(measuresDisk: Bool) async throws(WorktreeError) -> [SurveyedWorktree] {
        var surveyed: [SurveyedWorktree] = []
        for name in try explainingNow(worktreeNames) {
            var found = SurveyedWorktree(name: name, path: state.worktree(name))
            do {
                guard let known = try known(name) else { continue }
                found.known = known
                found.changedPaths = try explainingNow {
                    try snapshots(of: name).last.map { newest in
                        try changes(from: known.worktree.base, to: ObjectID(newest.commit)).count
                    }
                }
            } catch {
                found.problem = error
            }
            if measuresDisk {
                let places = [state.worktree(name), state.layersFolder(name), state.privateFolder(name)]
                // Not on the store's own thread: a large tree takes its time, and others go on meanwhile.
                found.bytesOnDisk = await runBlocking {
                    places.reduce(Int64(0)) { $0 + Files.bytesOnDisk($1) }
                }
            }
            surveyed.append(found)
        }
        return surveyed
    }
}
