import Git
import Hashing
package import Vocabulary

extension RepositoryStore {
    static let changesMax = 100_000
    private static let countedBytesMax = 4 << 20
    private static let shownBytesMax = 4 << 20

    /// What a snapshot is as an attempt's result: its tree and commit, and what they change against the base.
    package func candidate(from snapshot: Snapshot, base: ObjectID) async throws(WorktreeError) -> Candidate {
        try explainingNow {
            let baseTree = ObjectID(try scratch.tree(of: GitID(base)))
            return Candidate(
                base: base, baseTree: baseTree, commit: snapshot.commit, tree: snapshot.tree,
                delta: try delta(baseTree, snapshot.tree))
        }
    }

    /// A commit that is no snapshot, such as a merge, as a candidate.
    package func candidate(commit: ObjectID, tree: ObjectID, base: ObjectID) async throws(WorktreeError)
        -> Candidate
    {
        try explainingNow {
            let baseTree = ObjectID(try scratch.tree(of: GitID(base)))
            return Candidate(
                base: base, baseTree: baseTree, commit: commit, tree: tree, delta: try delta(baseTree, tree))
        }
    }

    /// What one tree changes against another; commits stand for their trees.
    package func delta(from old: ObjectID, to new: ObjectID) async throws(WorktreeError) -> Delta {
        try explainingNow { try delta(old, new) }
    }

    func delta(_ old: ObjectID, _ new: ObjectID) throws -> Delta {
        let changes = try changes(from: old, to: new)
        return Delta(
            entries: try changes.map { change in
                func blob(_ mode: UInt32, _ id: GitID?) -> GitID? {
                    mode & GitEntry.kindMask == GitEntry.submoduleMode ? nil : id
                }
                let lines = try scratch.lineCounts(
                    from: blob(change.oldMode, change.oldID), to: blob(change.newMode, change.newID),
                    bytesMax: Self.countedBytesMax)
                return Delta.Entry(
                    path: change.path.text, oldMode: change.oldMode, newMode: change.newMode,
                    oldBlob: change.oldID.map { ObjectID($0) }, newBlob: change.newID.map { ObjectID($0) },
                    addedLines: lines.added, removedLines: lines.removed)
            },
            digest: Self.digest(of: changes))
    }

    /// What the files of a tree that an earlier one did not have take, each in full and before compression;
    /// commits stand for their trees.
    package func bytes(of tree: ObjectID, beyond earlier: ObjectID) async throws(WorktreeError) -> Int64 {
        try explainingNow {
            let changes = try scratch.changes(
                from: scratch.tree(of: GitID(earlier)), to: scratch.tree(of: GitID(tree)),
                changesMax: Self.treeEntriesMax)
            let blobs = Set(changes.filter { $0.newID != $0.oldID }.compactMap(\.newID))
            return try blobs.reduce(Int64(0)) { try $0 + Int64(scratch.header(of: $1)?.bytes ?? 0) }
        }
    }

    func changes(from old: ObjectID, to new: ObjectID) throws -> [GitChange] {
        try scratch.changes(
            from: scratch.tree(of: GitID(old)), to: scratch.tree(of: GitID(new)), changesMax: Self.changesMax)
    }

    /// The digest that approvals bind to.
    ///
    /// SHA-256 over the line `graftwork-delta 1` and then, for each path in the order of its bytes: the
    /// path's raw bytes, a zero byte, and `OLDMODE OLDBLOB NEWMODE NEWBLOB` with a line feed. Modes are six
    /// octal digits, blobs forty hexadecimal ones; all zeros where a side has no such path. No path holds a
    /// zero byte, so no two deltas have the same encoding.
    static func digest(of changes: [GitChange]) -> Digest {
        var hash = SHA256()
        hash.update("graftwork-delta 1\n")
        for change in changes {
            hash.update(change.path.bytes)
            hash.update([0])
            let (old, new) = (change.oldID ?? .zero, change.newID ?? .zero)
            hash.update("\(octal(change.oldMode)) \(old.hex) \(octal(change.newMode)) \(new.hex)\n")
        }
        return Digest(hash.finalizeHex())
    }

    private static func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// The difference as a patch with three lines of context, at most `bytesMax` bytes, ending at a line's
    /// end. Bytes that are no UTF-8 are shown as U+FFFD.
    package func unifiedDiff(
        from old: ObjectID, to new: ObjectID, bytesMax: Int
    ) async throws(WorktreeError) -> (text: String, wasTruncated: Bool, patchID: String) {
        try explainingNow {
            let (from, to) = (try scratch.tree(of: GitID(old)), try scratch.tree(of: GitID(new)))
            let patch = try scratch.patch(
                from: from, to: to, bytesMax: bytesMax, fileBytesMax: Self.shownBytesMax)
            let id = try scratch.patchID(from: from, to: to, fileBytesMax: Self.shownBytesMax)
            return (String(decoding: patch.bytes, as: UTF8.self), patch.wasTruncated, id.hex)
        }
    }
}
