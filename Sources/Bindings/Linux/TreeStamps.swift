import Glibc

/// What lay below a folder at one moment: enough to see later which entries were made, changed or removed.
///
/// Whoever changes a file cannot hide it: the kernel's own time of change is compared, too. Links are not
/// followed. What is named `.git` in the folder itself is passed over.
package struct TreeStamps: Sendable {
    struct Stamp: Hashable {
        var inode: UInt64
        var mode: UInt32
        var size: Int64
        var modified: [Int]
        var changed: [Int]

        init(_ status: stat) {
            inode = UInt64(status.st_ino)
            mode = status.st_mode
            size = Int64(status.st_size)
            modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
            changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
        }
    }

    /// By path, relative to the folder, as bytes.
    let stamps: [[UInt8]: Stamp]

    /// Throws EFBIG when there are more entries than that.
    package init(of folder: String, entriesMax: Int) throws(SystemError) {
        var stamps: [[UInt8]: Stamp] = [:]
        try Self.take(try DirectoryHandle(path: folder), [], entriesMax, 0, &stamps)
        self.stamps = stamps
    }

    private static func take(
        _ directory: borrowing DirectoryHandle, _ prefix: [UInt8], _ entriesMax: Int, _ depth: Int,
        _ stamps: inout [[UInt8]: Stamp]
    ) throws(SystemError) {
        guard depth <= Files.copiedDepthMax else {
            throw SystemError(code: ENAMETOOLONG, call: "open", subject: directory.path)
        }
        for name in try directory.names() {
            guard let path = Files.path(of: name, below: prefix) else { continue }
            let status = try directory.status(of: name)
            stamps[path] = Stamp(status)
            guard stamps.count <= entriesMax else {
                throw SystemError(code: EFBIG, call: "readdir", subject: directory.path)
            }
            guard status.st_mode & S_IFMT == S_IFDIR else { continue }
            try take(
                try DirectoryHandle(in: directory, name, isMending: false), path, entriesMax, depth + 1,
                &stamps)
        }
    }

    package func isFolder(_ path: [UInt8]) -> Bool {
        stamps[path].map { $0.mode & UInt32(S_IFMT) == UInt32(S_IFDIR) } ?? false
    }

    /// The first of some files that putting these entries in their places, and removing others, would replace
    /// or remove; nil: none.
    package func firstTouched(of files: [[UInt8]], removed: [[UInt8]]) -> [UInt8]? {
        let removed = Set(removed)
        return files.first { file in
            if stamps[file] != nil || removed.contains(file) { return true }
            return Self.folders(above: file).contains { folder in
                removed.contains(folder) || (stamps[folder] != nil && !isFolder(folder))
            }
        }
    }

    /// The paths of what is no folder here, in two parts: what could not be put beside other files without
    /// replacing one of them, and the rest; each in the order of their bytes.
    package func files(beside others: [[UInt8]]) -> (replacing: [[UInt8]], others: [[UInt8]]) {
        let taken = Set(others)
        let folders = Set(others.flatMap(Self.folders(above:)))
        let files = stamps.keys.filter { !isFolder($0) }.sorted { $0.lexicographicallyPrecedes($1) }
        let isReplacing = { (file: [UInt8]) in
            taken.contains(file) || folders.contains(file)
                || Self.folders(above: file).contains(where: taken.contains)
        }
        return (files.filter(isReplacing), files.filter { !isReplacing($0) })
    }

    private static func folders(above file: [UInt8]) -> [[UInt8]] {
        file.indices.filter { file[$0] == UInt8(ascii: "/") }.map { Array(file[..<$0]) }
    }

    /// What a later look shows to be new or changed, and what is gone; paths in the order of their bytes.
    package func changes(to later: TreeStamps) -> (changed: [[UInt8]], removed: [[UInt8]]) {
        let changed = later.stamps.filter { stamps[$0.key] != $0.value }.map(\.key)
        let removed = stamps.keys.filter { later.stamps[$0] == nil }
        return (
            changed.sorted { $0.lexicographicallyPrecedes($1) },
            removed.sorted { $0.lexicographicallyPrecedes($1) }
        )
    }
}
