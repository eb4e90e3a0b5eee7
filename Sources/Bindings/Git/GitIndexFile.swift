import CGit2
import Glibc

/// The index file of a checkout that is ours alone.
package enum GitIndexFile {
    /// Gives every tracked file of a checkout the same modification time and writes that into its index.
    ///
    /// A checkout just written has files as young as its index, and git then reads every one of them again at
    /// the first `status`, because one might have changed within the same second. With times in the past the
    /// index counts.
    ///
    /// It also keeps the ids of the folders, as `git read-tree` does: without them the first commit writes
    /// every tree anew (seen: 4 s of 100,000 files).
    ///
    /// - Parameter tree: what was checked out.
    package static func setModificationTime(
        _ secondsSince1970: Int64, index path: String, workTree: String, tree: GitID,
        readingFrom repository: GitRepository
    ) throws(GitError) {
        _ = GitLibrary.start
        let index = try GitHandle.make("read \(path)", free: git_index_free) { git_index_open($0, path) }
        var times = [
            timespec(tv_sec: Int(secondsSince1970), tv_nsec: 0),
            timespec(tv_sec: Int(secondsSince1970), tv_nsec: 0),
        ]
        for position in 0..<git_index_entrycount(index.pointer) {
            guard let entry = git_index_get_byindex(index.pointer, position), let name = entry.pointee.path,
                entry.pointee.mode & GitEntry.kindMask != GitEntry.submoduleMode
            else { continue }
            var changed = entry.pointee
            let file = GitPath(workTree).bytes + [UInt8(ascii: "/")] + GitPath(cString: name).bytes
            let code = GitPath(bytes: file).withCString {
                utimensat(AT_FDCWD, $0, &times, AT_SYMLINK_NOFOLLOW)
            }
            guard code == 0 else { continue }  // What is not there is not clean either; git will say so.
            changed.mtime = git_index_time(
                seconds: Int32(truncatingIfNeeded: secondsSince1970), nanoseconds: 0)
            try git("write \(path)") { git_index_add(index.pointer, &changed) }
        }
        // Entries that are what the tree has keep their times; the changes above made libgit2 forget the ids.
        var oid = tree.oid
        let object = try GitHandle.make("read the tree \(tree)", free: git_tree_free) {
            git_tree_lookup($0, repository.pointer, &oid)
        }
        try git("read the tree \(tree)") { git_index_read_tree(index.pointer, object.pointer) }
        try git("write \(path)") { git_index_write(index.pointer) }
    }
}
