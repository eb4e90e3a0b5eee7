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
        try await explaining { try await save(worktree, message: message).snapshot }
    }

    /// Gives a tree the next number of a worktree, unless it is the newest already.
    func keep(
        _ tree: GitID, on base: GitID, of name: WorktreeName, message: String, notes: [String], isWhole: Bool
    ) throws -> Snapshot {
        let newest = try snapshots(of: name).last
        if let newest, try repository.commit(newest.commit) == GitCommit(tree: tree, parents: [base]) {
            return Snapshot(
                number: newest.number, tree: ObjectID(tree), commit: ObjectID(newest.commit), ref: newest.ref,
                notes: notes, isWhole: isWhole)
        }
        let agent = CommitIdentity.agent
        let signature = GitSignature(
            name: agent.name, email: agent.email, secondsSince1970: Int64(WallClock.nowSeconds()))
        let commit = try repository.commit(
            tree: tree, parents: [base], message: message, author: signature, committer: signature)
        try crash("commit written")
        let number = (newest?.number ?? 0) + 1
        let ref = name.snapshotRef(number)
        // Two servers on one repository are the only rivals, and one of them has no business here.
        guard try repository.swap(ref, from: nil, to: commit, log: "graftwork: snapshot") == .swapped else {
            throw WorktreeError.refMoved(ref: ref, expected: nil)
        }
        try crash("snapshot named")
        return Snapshot(
            number: number, tree: ObjectID(tree), commit: ObjectID(commit), ref: ref, notes: notes,
            isWhole: isWhole)
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

    /// The tree that `git add -A && git write-tree` would make of a worktree, and what could not be saved.
    func readTree(of worktree: PreparedWorktree) throws -> ReadWorktree {
        let base = try scratch.tree(of: GitID(worktree.base))
        var (root, tree, known) = (state.worktree(worktree.name), base, KnownChildren.none)
        if let layers = worktree.layers {
            root = layers.upper
            known = try KnownChildren(tree: base, from: scratch)
        } else {
            let record =
                try pristineRecord(of: worktree.name)
                ?? PristineRecord(
                    PristineRecord.draft(of: base, following: nil, readingFrom: scratch))
            tree = record.tree
            known = KnownChildren(record, record.rootEntries)
        }
        guard Files.isDirectory(root) else { throw WorktreeError.noSuchWorktree(path: root) }
        let changes = try TreeChanges(
            of: tree, normaliser: Normaliser(scratch: state.scratch, base: base, objects: scratch),
            repository: repository)
        let crash = crash
        let reader = WorktreeReader(objects: scratch, isUpper: worktree.layers != nil) { path, found in
            try changes.add(path, found)
            try crash("file saved")
        }
        try reader.read(root: root, known: known)
        for path in changes.refused { reader.keep(path, "is a name that git refuses") }
        let written = try changes.edit.write(reading: scratch, to: repository)
        try crash("tree written")
        return ReadWorktree(
            tree: written, notes: reader.notes, isWhole: reader.isWhole, doubted: reader.doubted)
    }
}

/// What was read of a worktree.
struct ReadWorktree {
    var tree: GitID
    var notes: [String]
    /// Everything is saved that a removal would take away for good.
    var isWhole: Bool
    /// Paths that lie there otherwise than the tree says, because they could not be saved.
    var doubted: Set<GitPath>

    /// Whether a path, or a folder it lies in, could not be saved.
    func isDoubted(_ path: GitPath) -> Bool {
        if doubted.isEmpty { return false }
        var place: GitPath? = path
        while let current = place {
            if doubted.contains(current) { return true }
            place = current.parent
        }
        return false
    }
}

/// Turns what was found in a worktree into objects and changes of a tree.
private final class TreeChanges {
    let edit: GitTreeEdit
    private let normaliser: Normaliser
    private let repository: GitRepository
    /// Knows which names no index may hold; everything else is saved without them.
    private let judge: GitMemoryIndex
    private(set) var refused: [GitPath] = []

    init(of tree: GitID, normaliser: Normaliser, repository: GitRepository) throws(GitError) {
        edit = GitTreeEdit(of: tree)
        judge = try GitMemoryIndex()
        self.normaliser = normaliser
        self.repository = repository
    }

    func add(_ path: GitPath, _ found: WorktreeReader.Found) throws {
        switch found {
        case .removed: edit.remove(path)
        case .symlink(let target): try set(path, GitEntry.symlinkMode) { target }
        case .file(let bytes, let isExecutable):
            try set(path, isExecutable ? GitEntry.executableMode : GitEntry.fileMode) {
                try normaliser.normalise(bytes, at: path)
            }
        }
    }

    private func set(_ path: GitPath, _ mode: UInt32, _ bytes: () throws -> [UInt8]) throws {
        let entry = GitEntry(path: path, mode: mode, id: .zero)
        if entry.isLinkForSubmodules { return refused.append(path) }
        do throws(GitError) {
            try judge.add(entry)
        } catch {
            return refused.append(path)
        }
        edit.set(path, mode: mode, id: try repository.write(.blob, bytes()))
    }
}
