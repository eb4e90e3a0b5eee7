import Glibc

/// How full the file system of a path is, see statvfs(3).
package struct FileSystemRoom: Hashable, Sendable {
    package var bytes: UInt64
    package var blockBytes: UInt64
    /// For everybody, the part that is kept for root included.
    package var bytesFree: UInt64
    package var filesFree: UInt64
    package var filesUsed: UInt64
    /// btrfs, for one, has no limit of files and does not say how many there are.
    package var countsFiles: Bool { filesFree > 0 || filesUsed > 0 }

    /// nil: nothing is at the path, or nothing that this process may look at.
    package static func of(_ path: String) throws(SystemError) -> FileSystemRoom? {
        var status = statvfs()
        do throws(SystemError) {
            try retrying("statvfs", path) { statvfs(path, &status) }
        } catch {
            if error.isNotFound || error.code == ESRCH || error.code == EACCES { return nil }
            throw error
        }
        let block = UInt64(status.f_frsize)
        // The kernel may count more files as free than there can be.
        let files = UInt64(status.f_files)
        return FileSystemRoom(
            bytes: UInt64(status.f_blocks) * block, blockBytes: block,
            bytesFree: UInt64(status.f_bfree) * block,
            filesFree: UInt64(status.f_ffree), filesUsed: files - min(UInt64(status.f_ffree), files))
    }
}
