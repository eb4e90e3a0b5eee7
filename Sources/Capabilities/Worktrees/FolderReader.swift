import Git
import Glibc
import Linux

/// An open folder of a worktree. Everything in it is reached by name from its descriptor, never by path, and
/// no link is ever followed: whoever works in the worktree may swap anything for anything at any moment.
final class FolderReader {
    let path: GitPath
    let number: Int32
    /// Owns the descriptor.
    private let stream: OpaquePointer
    /// The mode to give back, where it had to be widened to read the folder.
    private let originalMode: mode_t?

    init(root: String) throws(SystemError) {
        path = GitPath("")
        guard let opened = root.withCString({ Self.open($0, at: AT_FDCWD) }) else {
            throw SystemError(call: "open", subject: root)
        }
        (number, originalMode) = opened
        guard let stream = fdopendir(number) else {
            let failure = SystemError(call: "fdopendir", subject: root)
            if let originalMode { fchmod(number, originalMode) }
            close(number)
            throw failure
        }
        self.stream = stream
    }

    convenience init?(_ name: [UInt8], in parent: FolderReader) {
        guard let reader = Self.withName(name, { Self.open($0, at: parent.number) }) else { return nil }
        self.init(path: parent.path.appending(name), number: reader.number, originalMode: reader.mode)
    }

    private init?(path: GitPath, number: Int32, originalMode: mode_t?) {
        self.path = path
        self.number = number
        self.originalMode = originalMode
        guard let stream = fdopendir(number) else {
            if let originalMode { fchmod(number, originalMode) }
            close(number)
            return nil
        }
        self.stream = stream
    }

    /// nil when it is no folder any more, or cannot be read by anybody.
    private static func open(_ name: UnsafePointer<CChar>, at parent: Int32) -> (
        number: Int32, mode: mode_t?
    )? {
        let direct = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if direct >= 0 && canEnter(direct) { return (direct, nil) }
        if direct >= 0 { close(direct) }
        if direct < 0 && errno != EACCES { return nil }
        guard
            let opened = openWidened(
                name, at: parent, adding: 0o500, flags: O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        else { return nil }
        return (opened.0, opened.1)
    }

    deinit {
        if let originalMode { fchmod(number, originalMode) }
        closedir(stream)
    }

    private static func canEnter(_ number: Int32) -> Bool {
        SystemIdentity.isRoot || faccessat(number, ".", X_OK, AT_EACCESS) == 0
    }

    /// The names in the folder, sorted by bytes; nil when there are more than `namesMax`.
    func names(namesMax: Int) throws(SystemError) -> [[UInt8]]? {
        guard let names = try sortedNames(namesMax: namesMax) else { return nil }
        return (0..<names.count).map { names.bytes(at: $0) }
    }

    /// The same without an array of its own for each name.
    func sortedNames(namesMax: Int) throws(SystemError) -> FolderNames? {
        rewinddir(stream)
        var names = FolderNames()
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw SystemError(call: "readdir", subject: path.text) }
                break
            }
            withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { names.append($0) }
            }
            if names.count > namesMax { return nil }
        }
        names.sort()
        return names
    }

    /// nil when it is gone.
    func status(of name: [UInt8]) -> stat? {
        Self.withName(name) { status(ofName: $0) }
    }

    func status(ofName name: UnsafePointer<CChar>) -> stat? {
        var status = stat()
        return fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    /// Whether the folder, in the upper layer of an overlay, hides the folder below it.
    var isOpaque: Bool {
        ExtendedAttribute.value(Self.opaqueName, of: number, bytesMax: 8) == Self.opaqueValue
    }
    static let opaqueName = "user.overlay.opaque"
    static let opaqueValue = [UInt8(ascii: "y")]

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
        Self.withName(name) { read($0, bytesMax: bytesMax) }
    }

    private func read(_ name: UnsafePointer<CChar>, bytesMax: Int) -> Contents {
        var file = openat(number, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        var mode: mode_t?
        if file < 0 && errno == EACCES,
            let opened = Self.openWidened(
                name, at: number, adding: 0o400, flags: O_RDONLY | O_NONBLOCK | O_CLOEXEC)
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
    private static func openWidened(
        _ name: UnsafePointer<CChar>, at parent: Int32, adding bits: mode_t, flags: Int32
    ) -> (Int32, mode_t)? {
        // The value of O_PATH on every Linux architecture Swift runs on; glibc shows it only to _GNU_SOURCE.
        let placeOnly: Int32 = 0o10000000
        let place = openat(parent, name, placeOnly | O_NOFOLLOW | O_CLOEXEC)
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
        let opened = Glibc.open(itself, flags)
        if opened < 0 {
            chmod(itself, status.st_mode & 0o7777)
            errno = EACCES
            return nil
        }
        return (opened, status.st_mode & 0o7777)
    }

    static func withName<Value>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Value) -> Value {
        let terminated = name.map { CChar(bitPattern: $0) } + [0]
        return terminated.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else {
                preconditionFailure("a terminated name is not empty")
            }
            return body(start)
        }
    }
}
