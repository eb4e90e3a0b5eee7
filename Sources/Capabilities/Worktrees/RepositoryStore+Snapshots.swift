import Git
import Linux
import Vocabulary

extension RepositoryStore {
    /// The most files a base may have.
    static let treeEntriesMax = 1_000_000
    static let snapshotNumberMax = 1_000_000_000

    /// Saves the files of a worktree as they are now, as `git add -A && git write-tree` would on top of the
    /// base.
    ///
    /// Reads files only: the worktree is never opened as a repository, and of its configuration nothing
    /// counts but `.gitignore`; attributes are the base's. The result stands at
    /// `refs/graftwork/snapshots/RUN/TASK/NUMBER`, one higher than the newest. Where the newest already holds
    /// these files on this base nothing is written and that one is the answer, so a call may be repeated.
    package func snapshot(
        _ worktree: PreparedWorktree, message: String
    ) async throws(WorktreeError) -> Snapshot {
        try explainingNow {
            let path = state.worktree(worktree.name)
            guard Files.isDirectory(path) else { throw WorktreeError.noSuchWorktree(path: path) }
            let base = try GitID(worktree.base)
            let (tree, notes) = try readTree(at: path, base: try scratch.tree(of: base))
            return try keep(tree, on: base, of: worktree.name, message: message, notes: notes)
        }
    }

    /// Gives a tree the next number of a worktree, unless it is the newest already.
    func keep(
        _ tree: GitID, on base: GitID, of name: WorktreeName, message: String, notes: [String]
    ) throws -> Snapshot {
        let newest = try snapshots(of: name).last
        if let newest, try repository.commit(newest.commit) == GitCommit(tree: tree, parents: [base]) {
            return Snapshot(
                number: newest.number, tree: ObjectID(tree), commit: ObjectID(newest.commit), ref: newest.ref,
                notes: notes)
        }
        let agent = CommitIdentity.agent
        let signature = GitSignature(
            name: agent.name, email: agent.email, secondsSince1970: Int64(WallClock.nowSeconds()))
        let commit = try repository.commit(
            tree: tree, parents: [base], message: message, author: signature, committer: signature)
        let number = (newest?.number ?? 0) + 1
        let ref = name.snapshotRef(number)
        // Two servers on one repository are the only rivals, and one of them has no business here.
        guard try repository.swap(ref, from: nil, to: commit, log: "graftwork: snapshot") == .swapped else {
            throw WorktreeError.refMoved(ref: ref, expected: nil)
        }
        return Snapshot(
            number: number, tree: ObjectID(tree), commit: ObjectID(commit), ref: ref, notes: notes)
    }

    /// The snapshots of one worktree, the oldest first.
    func snapshots(of name: WorktreeName) throws -> [(number: Int, ref: String, commit: GitID)] {
        try repository.references(withPrefix: name.snapshotPrefix).compactMap { ref in
            let suffix = ref.dropFirst(name.snapshotPrefix.count)
            // Who writes other refs below ours gets them ignored.
            guard let number = Int(suffix), String(number) == suffix, (1...Self.snapshotNumberMax) ~= number,
                let commit = try repository.target(of: ref)
            else { return nil }
            return (number, ref, commit)
        }.sorted { $0.number < $1.number }
    }

    private func readTree(at path: String, base: GitID) throws -> (tree: GitID, notes: [String]) {
        let entries = try scratch.flatten(tree: base, entriesMax: Self.treeEntriesMax)
        let normaliser = try Normaliser(scratch: state.scratch, base: base, entries: entries)
        let ignores = Dictionary(
            entries.filter { $0.isNamed(".gitignore") }.map { ($0.path, $0.id) },
            uniquingKeysWith: { first, _ in first })
        let (scratch, repository) = (scratch, repository)
        var reader = WorktreeReader(base: entries) { path in
            try ignores[path].flatMap { try scratch.read($0, bytesMax: IgnoreFile.bytesMax)?.bytes }
        }
        let index = try GitMemoryIndex()
        var refused: [GitPath] = []
        try reader.read(root: path) { path, found in
            let entry =
                switch found {
                case .unchanged(let entry): entry
                case .symlink(let target):
                    GitEntry(path: path, mode: GitEntry.symlinkMode, id: try repository.write(.blob, target))
                case .file(let bytes, let isExecutable):
                    GitEntry(
                        path: path, mode: isExecutable ? GitEntry.executableMode : GitEntry.fileMode,
                        id: try repository.write(.blob, normaliser.normalise(bytes, at: path)))
                }
            do throws(GitError) {
                try index.add(entry)
            } catch {
                // A name no index may hold; everything else is still saved.
                refused.append(path)
            }
        }
        for path in refused { reader.note(path, "is a name that git refuses") }
        return (try index.writeTree(to: repository), reader.notes)
    }
}
