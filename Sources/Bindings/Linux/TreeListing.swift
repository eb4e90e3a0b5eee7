import Glibc

/// What lay below a folder at one moment, with all that tells whether it is the same later.
///
/// Names in the order of their bytes, each folder before what lies below it. No link is followed. What is
/// named `.git` in the folder itself is passed over, as in a copy of it.
package struct TreeListing: Sendable {
    package enum Kind: UInt8, Sendable { case file, folder, link, other }

    package struct Entry: Sendable {
        /// Relative to the folder, as bytes.
        package let path: [UInt8]
        package let kind: Kind
        /// The permission bits and those beside them.
        package let mode: UInt32
        package let bytes: Int64
        package let modifiedSeconds: Int
        /// The inode, its size, mode and times: whoever changes a file cannot leave its time of change alone.
        package let stamp: [UInt8]

        init(_ path: [UInt8], _ status: stat) {
            self.path = path
            kind =
                switch status.st_mode & S_IFMT {
                case S_IFREG: .file
                case S_IFDIR: .folder
                case S_IFLNK: .link
                default: .other
                }
            mode = status.st_mode & 0o7777
            bytes = Int64(status.st_size)
            modifiedSeconds = status.st_mtim.tv_sec
            let numbers = [
                Int(status.st_dev), Int(status.st_ino), Int(status.st_mode), Int(status.st_size),
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
            ]
            stamp = numbers.withUnsafeBytes { Array($0) }
        }
    }

    package let entries: [Entry]

    /// Throws EFBIG when there are more entries than that.
    package init(of folder: String, entriesMax: Int) throws(SystemError) {
        var entries: [Entry] = []
        try Self.take(try DirectoryHandle(path: folder), [], entriesMax, 0, &entries)
        self.entries = entries
    }

    private static func take(
        _ directory: borrowing DirectoryHandle, _ prefix: [UInt8], _ entriesMax: Int, _ depth: Int,
        _ entries: inout [Entry]
    ) throws(SystemError) {
        guard depth <= Files.copiedDepthMax else {
            throw SystemError(code: ENAMETOOLONG, call: "open", subject: directory.path)
        }
        for name in try directory.names().sorted(by: { strcmp($0.bytes, $1.bytes) < 0 }) {
            guard let path = Files.path(of: name, below: prefix) else { continue }
            guard entries.count < entriesMax else {
                throw SystemError(code: EFBIG, call: "readdir", subject: directory.path)
            }
            let entry = Entry(path, try directory.status(of: name))
            entries.append(entry)
            guard entry.kind == .folder else { continue }
            try take(
                try DirectoryHandle(in: directory, name, isMending: false), path, entriesMax, depth + 1,
                &entries)
        }
    }
}
