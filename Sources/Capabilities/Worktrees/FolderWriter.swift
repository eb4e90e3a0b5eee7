import Git
import Glibc
import Linux
import Vocabulary

/// Changes files below a folder by the bytes of their names, which may be no text. For folders in which
/// nobody else is at work.
struct FolderWriter {
    let root: String
    /// Where what is in the way goes, on the same file system; emptied by whoever made it.
    let trash: String

    func exists(_ path: GitPath) -> Bool { mode(of: path) != nil }

    func mode(of path: GitPath) -> mode_t? {
        var status = stat()
        return at(path) { lstat($0, &status) } == 0 ? status.st_mode : nil
    }

    /// Makes a folder and those above it; what is there stays.
    func makeFolder(_ path: GitPath, mode: mode_t = 0o755) throws(SystemError) {
        if at(path, { mkdir($0, mode) }) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let parent = path.parent else { throw failure("mkdir", path) }
        try makeFolder(parent)
        guard at(path, { mkdir($0, mode) }) == 0 || errno == EEXIST else { throw failure("mkdir", path) }
    }

    func changeMode(_ path: GitPath, _ mode: mode_t) throws(SystemError) {
        guard at(path, { chmod($0, mode) }) == 0 else { throw failure("chmod", path) }
    }

    /// The mark that a lower layer's file or folder is gone; any user may make it (mknod(2), device 0:0).
    func whiteout(_ path: GitPath) throws(SystemError) {
        guard at(path, { mknod($0, S_IFCHR, 0) }) == 0 else { throw failure("mknod", path) }
    }

    /// Gives a file a second name here, whatever kind it is: nothing is copied, and nothing can be lost.
    func link(_ path: GitPath, from folder: String, to other: GitPath? = nil) throws(SystemError) {
        let source = FolderWriter(root: folder, trash: "")
        let place = other ?? path
        let code = source.at(path) { old in at(place) { linkat(AT_FDCWD, old, AT_FDCWD, $0, 0) } }
        guard code == 0 else { throw failure("link", place) }
    }

    /// Moves what is in the way out of it. Nothing there is fine.
    func clear(_ path: GitPath) throws(SystemError) {
        let place = "\(trash)/\(RandomBytes.hex(count: 8))"
        if at(path, { rename($0, place) }) == 0 || errno == ENOENT { return }
        throw failure("rename", path)
    }

    private func failure(_ call: String, _ path: GitPath) -> SystemError {
        SystemError(call: call, subject: "\(root)/\(path.text)")
    }

    private func at<Value>(_ path: GitPath, _ call: (UnsafePointer<CChar>) -> Value) -> Value {
        let name = (Array("\(root)/".utf8) + path.bytes + [0]).map { CChar(bitPattern: $0) }
        return name.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else {
                preconditionFailure("an array with a NUL in it is not empty")
            }
            return call(start)
        }
    }
}

/// One thing that lies in an upper layer.
struct LayerEntry {
    var path: GitPath
    var status: stat

    var isFolder: Bool { status.st_mode & S_IFMT == S_IFDIR }
    var isWhiteout: Bool { status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0 }

    /// Visits everything in an upper layer but the pointer at its root: folders before what they hold, and
    /// once more after it.
    static func walk(
        _ upper: String, _ visit: (LayerEntry, FolderReader?) throws -> Void,
        leaving: (LayerEntry) throws -> Void = { _ in }
    ) throws {
        try walk(FolderReader(root: upper), depth: 0, visit, leaving)
    }

    private static let depthMax = 2_000
    private static let namesMax = 1_000_000

    private static func walk(
        _ folder: FolderReader, depth: Int, _ visit: (LayerEntry, FolderReader?) throws -> Void,
        _ leaving: (LayerEntry) throws -> Void
    ) throws {
        guard depth < depthMax, let names = try folder.names(namesMax: namesMax) else {
            throw WorktreeError.tooLarge(
                path: VisibleText.quoted(folder.path.text), what: "names in a folder or folders in a path",
                limit: depth < depthMax ? namesMax : depthMax)
        }
        for name in names where depth > 0 || !NameRules.isPlainGit(name) {
            guard let status = folder.status(of: name) else { continue }
            let entry = LayerEntry(path: folder.path.appending(name), status: status)
            guard entry.isFolder else {
                try visit(entry, nil)
                continue
            }
            guard let inner = FolderReader(name, in: folder) else {
                throw SystemError(code: EACCES, call: "open", subject: entry.path.text)
            }
            try visit(entry, inner)
            try walk(inner, depth: depth + 1, visit, leaving)
            try leaving(entry)
        }
    }
}
