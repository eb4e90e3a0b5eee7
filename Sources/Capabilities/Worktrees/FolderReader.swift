import Git
import Glibc
import Linux

/// An open folder of a worktree. Everything in it is reached by name from its descriptor, never by path, and
/// no link is ever followed: whoever works in the worktree may swap anything for anything at any moment.
final class FolderReader {
    let path: GitPath
    private let number: Int32
    /// The mode to give back, where it had to be widened to read the folder.
    private let originalMode: mode_t?

    init(root: String) throws(SystemError) {
        path = GitPath("")
        originalMode = nil
        number = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if number < 0 { throw SystemError(call: "open", subject: root) }
    }

    /// nil when it is no folder any more, or cannot be read by anybody.
    init?(_ name: [UInt8], in parent: FolderReader) {
        path = parent.path.appending(name)
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let direct = Self.withName(name) { openat(parent.number, $0, flags) }
        if direct >= 0 && Self.canEnter(direct) {
            (number, originalMode) = (direct, nil)
            return
        }
        if direct >= 0 { close(direct) }
        guard let opened = parent.openWidened(name, adding: 0o500, flags: O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        else { return nil }
        (number, originalMode) = opened
    }

    deinit {
        if let originalMode { fchmod(number, originalMode) }
        close(number)
    }

    private static func canEnter(_ number: Int32) -> Bool { faccessat(number, ".", X_OK, AT_EACCESS) == 0 }

    /// The names in the folder, sorted by bytes; nil when there are more than `namesMax`.
    func names(namesMax: Int) throws(SystemError) -> [[UInt8]]? {
        let copy = openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else {
            throw SystemError(call: "open", subject: path.text)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: UInt8.self, capacity: Int(NAME_MAX) + 1) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0)))
                }
            }
            if name == [0x2E] || name == [0x2E, 0x2E] { continue }
            names.append(name)
            if names.count > namesMax { return nil }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// nil when it is gone.
    func status(of name: [UInt8]) -> stat? {
        var status = stat()
        return Self.withName(name) { fstatat(number, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0 ? status : nil
    }

    /// What a link says; nil when it is none any more, or longer than git keeps.
    func linkTarget(_ name: [UInt8], bytesMax: Int) -> [UInt8]? {
        var buffer = [CChar](repeating: 0, count: bytesMax + 1)
        let count = Self.withName(name) { readlinkat(number, $0, &buffer, buffer.count) }
        guard count >= 0, count <= bytesMax else { return nil }
        return buffer[..<count].map { UInt8(bitPattern: $0) }
    }

    /// How reading one file ended.
    enum Contents {
        case bytes([UInt8])
        /// It vanished, or became something else, while the folder was read.
        case gone
        case tooLarge
        case unreadable(String)
    }

    /// Reads a regular file whole. A pipe or device put in its place meanwhile is neither waited for nor
    /// read.
    func read(_ name: [UInt8], bytesMax: Int) -> Contents {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        var file = Self.withName(name) { openat(number, $0, flags) }
        var mode: mode_t?
        if file < 0 && errno == EACCES,
            let opened = openWidened(name, adding: 0o400, flags: O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        {
            (file, mode) = opened
        }
        guard file >= 0 else {
            return [ENOENT, ELOOP, ENXIO, ENOTDIR].contains(errno)
                ? .gone : .unreadable(SystemError.text(of: errno))
        }
        defer {
            if let mode { fchmod(file, mode) }
            close(file)
        }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .gone }
        guard status.st_size <= bytesMax else { return .tooLarge }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var count = 0
        while true {
            let got = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress.map { $0 + count }, $0.count - count)
            }
            if got < 0 && errno == EINTR { continue }
            if got < 0 { return .unreadable(SystemError.text(of: errno)) }
            if got == 0 { break }
            count += got
            if count > bytesMax { return .tooLarge }
            // It grows while it is read.
            if count == bytes.count {
                bytes += [UInt8](repeating: 0, count: min(bytes.count, bytesMax + 1 - count))
            }
        }
        bytes.removeLast(bytes.count - count)
        return .bytes(bytes)
    }

    /// Opens something whose owner took the right to read it away, as the owner: mode 000 is no way to hide
    /// work.
    private func openWidened(_ name: [UInt8], adding bits: mode_t, flags: Int32) -> (Int32, mode_t)? {
        // The value of O_PATH on every Linux architecture Swift runs on; glibc shows it only to _GNU_SOURCE.
        let placeOnly: Int32 = 0o10000000
        let place = Self.withName(name) { openat(number, $0, placeOnly | O_NOFOLLOW | O_CLOEXEC) }
        guard place >= 0 else { return nil }
        defer { close(place) }
        var status = stat()
        // Through /proc/self/fd exactly this inode is meant, whatever is put at the name meanwhile.
        let itself = "/proc/self/fd/\(place)"
        guard fstat(place, &status) == 0, [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT),
            status.st_uid == geteuid(),
            chmod(itself, status.st_mode & 0o7777 | bits) == 0
        else {
            errno = EACCES
            return nil
        }
        let opened = open(itself, flags)
        if opened < 0 {
            chmod(itself, status.st_mode & 0o7777)
            errno = EACCES
            return nil
        }
        return (opened, status.st_mode & 0o7777)
    }

    private static func withName<Value>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Value) -> Value {
        let terminated = name.map { CChar(bitPattern: $0) } + [0]
        return terminated.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else {
                preconditionFailure("a terminated name is not empty")
            }
            return body(start)
        }
    }
}
