import Glibc

extension Files {
    /// How deep a tree is looked into; what lies deeper is not counted.
    private static let countedDepthMax = 64
    private static let bytesPerBlock: Int64 = 512

    /// How much of the disk a path and everything below it take up. Follows no link; what cannot be read is
    /// not counted. A file with several names is counted by each of them.
    package static func bytesOnDisk(_ path: String) -> Int64 {
        var status = stat()
        guard lstat(path, &status) == 0 else { return 0 }
        let own = Int64(status.st_blocks) * bytesPerBlock
        guard status.st_mode & S_IFMT == S_IFDIR,
            // Not a cause lost: what cannot be opened takes up what its own entry does.
            let directory = try? DirectoryHandle(path: path)
        else { return own }
        return own + bytesOnDisk(below: directory, depth: 1)
    }

    private static func bytesOnDisk(below directory: borrowing DirectoryHandle, depth: Int) -> Int64 {
        guard depth < countedDepthMax, let names = try? directory.names() else { return 0 }
        var bytes: Int64 = 0
        for name in names {
            guard let status = try? directory.status(of: name) else { continue }
            bytes += Int64(status.st_blocks) * bytesPerBlock
            guard status.st_mode & S_IFMT == S_IFDIR,
                let child = try? DirectoryHandle(in: directory, name, isMending: false)
            else { continue }
            bytes += bytesOnDisk(below: child, depth: depth + 1)
        }
        return bytes
    }
}
