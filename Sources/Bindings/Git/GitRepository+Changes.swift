import CGit2
import Glibc

/// One path that differs between two trees.
package struct GitChange: Hashable, Sendable {
    package var path: GitPath
    /// The entry's mode as the tree has it, 0 where a side has no such path.
    package var oldMode: UInt32
    package var oldID: GitID?
    package var newMode: UInt32
    package var newID: GitID?
}

extension GitRepository {
    /// Every file, symlink and submodule that differs between two trees, sorted by path bytes. Renames are a
    /// deletion and an addition. Compares the trees' own bytes, so no mode and no name is repaired.
    package func changes(from old: GitID, to new: GitID, changesMax: Int) throws(GitError) -> [GitChange] {
        var changes: [GitChange] = []
        var pairs: [(path: GitPath, old: GitID?, new: GitID?)] = [(GitPath(""), old, new)]
        while let pair = pairs.popLast() {
            guard pair.old != pair.new else { continue }
            let before = try named(pair.old)
            let after = try named(pair.new)
            for name in Set(before.keys).union(after.keys).sorted() {
                let (was, now) = (before[name], after[name])
                guard was != now else { continue }
                let path = pair.path.appending(name.bytes)
                let (wasTree, nowTree) = (was?.isTree == true, now?.isTree == true)
                if wasTree || nowTree {
                    pairs.append((path, wasTree ? was?.id : nil, nowTree ? now?.id : nil))
                }
                let (wasFile, nowFile) = (wasTree ? nil : was, nowTree ? nil : now)
                if wasFile != nil || nowFile != nil {
                    changes.append(
                        GitChange(
                            path: path, oldMode: wasFile?.mode ?? 0, oldID: wasFile?.id,
                            newMode: nowFile?.mode ?? 0,
                            newID: nowFile?.id))
                }
                guard changes.count + pairs.count <= changesMax else {
                    throw GitError(
                        code: GIT_ERROR.rawValue, operation: "compare two trees",
                        message: "more than \(changesMax) paths differ")
                }
            }
        }
        return changes.sorted { $0.path < $1.path }
    }

    private func named(_ tree: GitID?) throws(GitError) -> [GitPath: GitEntry] {
        guard let tree else { return [:] }
        return Dictionary(
            try entries(ofTree: tree).map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// How many lines a blob gains and loses against another; nil is the empty file. Zero for binary or large
    /// ones.
    package func lineCounts(from old: GitID?, to new: GitID?, bytesMax: Int) throws(GitError) -> (
        added: Int, removed: Int
    ) {
        for id in [old, new].compactMap({ $0 }) {
            guard let header = try header(of: id), header.kind == .blob, header.bytes <= bytesMax else {
                return (0, 0)
            }
        }
        guard old != nil || new != nil else { return (0, 0) }
        let oldBlob = try blob(old)
        let newBlob = try blob(new)
        defer {
            git_blob_free(oldBlob)
            git_blob_free(newBlob)
        }
        let patch = try GitHandle.make("compare two files", free: git_patch_free) { result in
            var options = git_diff_options()
            git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION))
            return git_patch_from_blobs(result, oldBlob, nil, newBlob, nil, &options)
        }
        var (context, added, removed) = (0, 0, 0)
        try git("count lines") { git_patch_line_stats(&context, &added, &removed, patch.pointer) }
        return (added, removed)
    }

    private func blob(_ id: GitID?) throws(GitError) -> OpaquePointer? {
        guard var oid = id?.oid else { return nil }
        var blob: OpaquePointer?
        try git("read a file") { git_blob_lookup(&blob, pointer, &oid) }
        return blob
    }

    /// The id of what a change does to lines, whatever it is applied to: the same change on another base has
    /// the same one (git-patch-id(1), `--stable`).
    package func patchID(from old: GitID, to new: GitID, fileBytesMax: Int) throws(GitError) -> GitID {
        let diff = try difference(from: old, to: new, fileBytesMax: fileBytesMax)
        var options = git_diff_patchid_options()
        git_diff_patchid_options_init(&options, UInt32(GIT_DIFF_PATCHID_OPTIONS_VERSION))
        var oid = git_oid()
        try git("name a change") { git_diff_patchid(&oid, diff.pointer, &options) }
        return GitID(oid)
    }

    /// - Parameter fileBytesMax: larger files count as binary.
    private func difference(
        from old: GitID, to new: GitID, fileBytesMax: Int
    ) throws(GitError) -> GitHandle {
        var (oldOID, newOID) = (old.oid, new.oid)
        let oldTree = try GitHandle.make("read the tree \(old)", free: git_tree_free) {
            git_tree_lookup($0, pointer, &oldOID)
        }
        let newTree = try GitHandle.make("read the tree \(new)", free: git_tree_free) {
            git_tree_lookup($0, pointer, &newOID)
        }
        return try GitHandle.make("compare two trees", free: git_diff_free) { result in
            var options = git_diff_options()
            git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION))
            options.max_size = git_off_t(fileBytesMax)
            return git_diff_tree_to_tree(result, pointer, oldTree.pointer, newTree.pointer, &options)
        }
    }

    /// Among more files than this nobody looks for renamed ones.
    private static let renamesMax = 200

    /// The difference of two trees as a patch, a renamed file as such, cut off at a line's end before it
    /// grows past the limit.
    package func patch(
        from old: GitID, to new: GitID, bytesMax: Int, fileBytesMax: Int
    ) throws(GitError) -> (bytes: [UInt8], wasTruncated: Bool) {
        let diff = try difference(from: old, to: new, fileBytesMax: fileBytesMax)
        var similar = git_diff_find_options()
        git_diff_find_options_init(&similar, UInt32(GIT_DIFF_FIND_OPTIONS_VERSION))
        similar.flags = UInt32(GIT_DIFF_FIND_RENAMES.rawValue)
        similar.rename_limit = Self.renamesMax
        try git("find renamed files") { git_diff_find_similar(diff.pointer, &similar) }
        var text = BoundedText(bytesMax: bytesMax)
        let code = withUnsafeMutablePointer(to: &text) { text in
            git_diff_print(
                diff.pointer, GIT_DIFF_FORMAT_PATCH,
                { _, _, line, context in
                    guard let line, let text = context?.assumingMemoryBound(to: BoundedText.self) else {
                        return -1
                    }
                    return text.pointee.append(line.pointee) ? 0 : BoundedText.full
                }, text)
        }
        if !text.isFull { try git("print a difference") { code } }
        return (text.bytes, text.isFull)
    }
}

/// Collects the lines of a patch until the next one would not fit.
private struct BoundedText {
    /// Any code but 0 ends the printing; libgit2 hands it back.
    static let full: Int32 = -1000
    let bytesMax: Int
    var bytes: [UInt8] = []
    var isFull = false

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    mutating func append(_ line: git_diff_line) -> Bool {
        let origin = UInt8(bitPattern: line.origin)
        let hasMark = [UInt8(ascii: " "), UInt8(ascii: "+"), UInt8(ascii: "-")].contains(origin)
        guard bytes.count + line.content_len + 1 <= bytesMax else {
            isFull = true
            return false
        }
        if hasMark { bytes.append(origin) }
        if let content = line.content {
            bytes += UnsafeRawBufferPointer(start: content, count: line.content_len)
        }
        return true
    }
}
