import Glibc

/// What a path and everything below it take up.
package struct DiskUsage: Hashable, Sendable {
    package var bytes: Int64 = 0
    /// Files, folders and links.
    package var entries = 0
    /// Whether all of it could be looked at.
    package var isComplete = true
    package init() {}

    fileprivate mutating func count(_ status: stat) {
        entries += 1
        let bytes = Int64(status.st_blocks) * Files.bytesPerBlock
        // Every name of a file counts its part of it.
        let isFile = status.st_mode & S_IFMT == S_IFREG
        self.bytes += isFile ? bytes / Int64(max(1, status.st_nlink)) : bytes
    }
}

extension Files {
    /// How deep a tree is looked into; each folder on the way is held open.
    private static let countedDepthMax = 200
    fileprivate static let bytesPerBlock: Int64 = 512

    /// How much of the disk a path and everything below it take up. Follows no link.
    package static func usage(of path: String) -> DiskUsage {
        var usage = DiskUsage()
        var status = stat()
        guard lstat(path, &status) == 0 else { return usage }
        usage.count(status)
        guard status.st_mode & S_IFMT == S_IFDIR else { return usage }
        do throws(SystemError) {
            try count(below: try DirectoryHandle(path: path), depth: 1, into: &usage)
        } catch {
            if !error.isNotFound { usage.isComplete = false }
        }
        return usage
    }

    /// The same, in bytes alone.
    package static func bytesOnDisk(_ path: String) -> Int64 { usage(of: path).bytes }

    private static func count(
        below directory: borrowing DirectoryHandle, depth: Int, into usage: inout DiskUsage
    ) throws(SystemError) {
        guard depth < countedDepthMax else {
            usage.isComplete = false
            return
        }
        for name in try directory.names() {
            do throws(SystemError) {
                let status = try directory.status(of: name)
                usage.count(status)
                guard status.st_mode & S_IFMT == S_IFDIR else { continue }
                try count(
                    below: try DirectoryHandle(in: directory, name, isMending: false), depth: depth + 1,
                    into: &usage)
            } catch {
                // What is gone by now takes up nothing.
                if !error.isNotFound { usage.isComplete = false }
            }
        }
    }
}
