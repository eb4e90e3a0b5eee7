import CLinux
import Glibc

extension Files {
    /// Folders in folders that are copied at most; two descriptors are held for each.
    static let copiedDepthMax = 200

    /// What a copy took with it.
    package struct CopiedSums: Hashable, Sendable {
        package var files = 0
        package var bytes: Int64 = 0
        package init(files: Int = 0, bytes: Int64 = 0) {
            self.files = files
            self.bytes = bytes
        }
    }

    /// Copies what lies below one folder to the same places below another, sharing blocks where the file
    /// system can. Files, links and folders with their modes and times; what stands in the way is replaced.
    ///
    /// Every entry is reached by name from its folder's descriptor and no link is followed, so nothing
    /// outside of the two folders is read or written, whatever lies in them. What is named `.git` in the
    /// folder itself is passed over, and the bits that lend an owner's rights are not copied.
    ///
    /// - Parameters:
    ///   - only: relative paths; nil: everything.
    ///   - owner: who shall own what is made; nil: the caller.
    ///   - bytesMax: throws EFBIG beyond it.
    ///   - modes: the permission bits that are copied.
    package static func copyTree(
        _ source: String, into destination: String, only: Set<[UInt8]>? = nil, owner: UInt32?,
        bytesMax: Int64 = .max, modes: UInt32 = 0o777
    ) throws(SystemError) -> CopiedSums {
        var copy = TreeCopy(only: only, owner: owner, bytesMax: bytesMax, modes: modes)
        try copy.copy(
            try DirectoryHandle(path: source), into: try DirectoryHandle(path: destination), [], depth: 0)
        return copy.sums
    }

    /// Removes entries below a folder, given by relative paths; one that is gone already is no error.
    package static func remove(_ paths: [[UInt8]], below folder: String) throws(SystemError) {
        // A path sorts before everything below it, so what is below goes first.
        for path in paths.sorted(by: { $1.lexicographicallyPrecedes($0) }) {
            let parts = path.split(separator: UInt8(ascii: "/"))
            guard let last = parts.last else { continue }
            do throws(SystemError) {
                try within(parts.dropLast(), of: try DirectoryHandle(path: folder)) {
                    parent throws(SystemError) in
                    try removeEntry(EntryName(bytes: last.map { CChar(bitPattern: $0) } + [0]), in: parent)
                }
            } catch  where error.code == ENOENT || error.code == ENOTDIR || error.code == ELOOP {
                continue
            }
        }
    }

    private static func within(
        _ parts: ArraySlice<ArraySlice<UInt8>>, of directory: borrowing DirectoryHandle,
        _ body: (borrowing DirectoryHandle) throws(SystemError) -> Void
    ) throws(SystemError) {
        guard let first = parts.first else { return try body(directory) }
        let name = EntryName(bytes: first.map { CChar(bitPattern: $0) } + [0])
        try within(
            parts.dropFirst(), of: try DirectoryHandle(in: directory, name, isMending: false), body)
    }

    static func removeEntry(_ name: EntryName, in parent: borrowing DirectoryHandle) throws(SystemError) {
        if unlinkat(parent.number, name.bytes, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else {
            throw SystemError(call: "unlink", subject: "\(parent.path)/\(name.text)")
        }
        // Through /proc/self/fd exactly this folder is meant, whatever its path leads to by now.
        try removeTree("/proc/self/fd/\(parent.number)/\(name.text)")
    }

    /// The path of an entry; nil for `.git` in the folder itself.
    static func path(of name: EntryName, below prefix: [UInt8]) -> [UInt8]? {
        let bytes = name.bytes.dropLast().map { UInt8(bitPattern: $0) }
        if prefix.isEmpty { return bytes == Array(".git".utf8) ? nil : bytes }
        return prefix + [UInt8(ascii: "/")] + bytes
    }

    /// The first regular file or link below a folder that holds these bytes; larger files, and what lies
    /// deeper, are not looked into. nil: none does.
    package static func firstEntry(
        below folder: String, holding part: [UInt8], fileBytesMax: Int, depthMax: Int = .max
    ) throws(SystemError) -> String? {
        try firstEntry(in: try DirectoryHandle(path: folder), [], part, fileBytesMax, depthMax)
    }

    private static func firstEntry(
        in directory: borrowing DirectoryHandle, _ prefix: [UInt8], _ part: [UInt8], _ fileBytesMax: Int,
        _ depthMax: Int
    ) throws(SystemError) -> String? {
        for name in try directory.names() {
            guard let path = path(of: name, below: prefix) else { continue }
            let status = try directory.status(of: name)
            var holds = false
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                guard depthMax > 0 else { continue }
                let child = try DirectoryHandle(in: directory, name, isMending: false)
                if let found = try firstEntry(in: child, path, part, fileBytesMax, depthMax - 1) {
                    return found
                }
            case S_IFLNK:
                holds = Self.holds(try linkTarget(of: name, in: directory), part)
            case S_IFREG where status.st_size <= fileBytesMax:
                let path = "/proc/self/fd/\(directory.number)/\(name.text)"
                holds = Self.holds(try read(path, bytesMax: fileBytesMax), part)
            default: break
            }
            if holds { return String(decoding: path, as: UTF8.self) }
        }
        return nil
    }

    private static func holds(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        CLinux_holds(bytes, bytes.count, part, part.count) != 0
    }

    static func linkTarget(of name: EntryName, in directory: borrowing DirectoryHandle) throws(SystemError)
        -> [UInt8]
    {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let number = directory.number
        let count = try retrying("readlink", "\(directory.path)/\(name.text)") {
            readlinkat(number, name.bytes, &buffer, buffer.count)
        }
        return buffer[..<Int(count)].map { UInt8(bitPattern: $0) }
    }

    /// Writes everything of a path's file system to its disk.
    package static func synchronizeFileSystem(of path: String) throws(SystemError) {
        let descriptor = try Descriptor.open(path, flags: O_RDONLY)
        _ = try descriptor.withRawValue("syncfs") { number throws(SystemError) in
            try checked("syncfs", path, CLinux_sync_file_system(number))
        }
    }
}

/// One copy of a tree at work.
private struct TreeCopy {
    let only: Set<[UInt8]>?
    /// The folders above what is copied.
    let above: Set<[UInt8]>
    let owner: UInt32?
    let bytesMax: Int64
    let modes: UInt32
    var sums = Files.CopiedSums()

    init(only: Set<[UInt8]>?, owner: UInt32?, bytesMax: Int64, modes: UInt32) {
        self.modes = modes & 0o777
        self.only = only
        self.owner = owner
        self.bytesMax = bytesMax
        var above: Set<[UInt8]> = []
        for path in only ?? [] {
            var rest = path[...]
            while let slash = rest.lastIndex(of: UInt8(ascii: "/")) {
                rest = rest[..<slash]
                guard above.insert(Array(rest)).inserted else { break }
            }
        }
        self.above = above
    }

    mutating func copy(
        _ source: borrowing DirectoryHandle, into destination: borrowing DirectoryHandle, _ prefix: [UInt8],
        depth: Int
    ) throws(SystemError) {
        guard depth <= Files.copiedDepthMax else {
            throw SystemError(code: ENAMETOOLONG, call: "open", subject: source.path)
        }
        for name in try source.names() {
            guard let path = Files.path(of: name, below: prefix) else { continue }
            let isChosen = only?.contains(path) ?? true
            guard isChosen || above.contains(path) else { continue }
            let status = try source.status(of: name)
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try copyFolder(name, status, source, destination, path, depth: depth)
            case S_IFREG: try copyFile(name, status, source, destination)
            case S_IFLNK: try copyLink(name, source, destination)
            // A pipe, a socket, a device: nothing a copy of could mean the same.
            default: throw SystemError(code: EINVAL, call: "copy", subject: "\(source.path)/\(name.text)")
            }
        }
    }

    private mutating func copyFolder(
        _ name: EntryName, _ status: stat, _ source: borrowing DirectoryHandle,
        _ destination: borrowing DirectoryHandle, _ path: [UInt8], depth: Int
    ) throws(SystemError) {
        let place = "\(destination.path)/\(name.text)"
        if mkdirat(destination.number, name.bytes, 0o700) != 0 {
            guard errno == EEXIST else { throw SystemError(call: "mkdir", subject: place) }
            if try destination.status(of: name).st_mode & S_IFMT != S_IFDIR {
                try Files.removeEntry(name, in: destination)
                let number = destination.number
                try retrying("mkdir", place) { mkdirat(number, name.bytes, 0o700) }
            }
        }
        let made = try DirectoryHandle(in: destination, name, isMending: true)
        try copy(
            try DirectoryHandle(in: source, name, isMending: false), into: made, path, depth: depth + 1)
        // Last: a folder that may not be written could not have been filled, and filling it moved its time.
        try finish(made.number, status, place)
    }

    private mutating func copyFile(
        _ name: EntryName, _ status: stat, _ source: borrowing DirectoryHandle,
        _ destination: borrowing DirectoryHandle
    ) throws(SystemError) {
        sums.files += 1
        sums.bytes += Int64(status.st_size)
        let place = "\(destination.path)/\(name.text)"
        guard sums.bytes <= bytesMax else { throw SystemError(code: EFBIG, call: "copy", subject: place) }
        let (from, to) = (source.number, destination.number)
        let input = try retrying("open", "\(source.path)/\(name.text)") {
            openat(from, name.bytes, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        }
        defer { close(input) }
        try Files.removeEntry(name, in: destination)
        let output = try retrying("open", place) {
            openat(to, name.bytes, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        }
        defer { close(output) }
        if CLinux_clone_file(output, input) != 0 { try Self.copyBytes(from: input, to: output, place) }
        try finish(output, status, place)
    }

    private func copyLink(
        _ name: EntryName, _ source: borrowing DirectoryHandle, _ destination: borrowing DirectoryHandle
    ) throws(SystemError) {
        let target = try Files.linkTarget(of: name, in: source).map { CChar(bitPattern: $0) } + [0]
        try Files.removeEntry(name, in: destination)
        let number = destination.number
        let place = "\(destination.path)/\(name.text)"
        try retrying("symlink", place) { symlinkat(target, number, name.bytes) }
        if let owner {
            try retrying("lchown", place) {
                fchownat(number, name.bytes, owner, owner, AT_SYMLINK_NOFOLLOW)
            }
        }
    }

    private func finish(_ number: Int32, _ status: stat, _ place: String) throws(SystemError) {
        if let owner { try retrying("fchown", place) { fchown(number, owner, owner) } }
        try retrying("fchmod", place) { fchmod(number, status.st_mode & modes) }
        let times = [status.st_atim, status.st_mtim]
        try retrying("futimens", place) { futimens(number, times) }
    }

    private static func copyBytes(from input: Int32, to output: Int32, _ place: String) throws(SystemError) {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = try retrying("read", place) { read(input, &buffer, buffer.count) }
            if count == 0 { return }
            var start = 0
            while start < count {
                start += try retrying("write", place) {
                    buffer[start..<count].withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
                }
            }
        }
    }
}
