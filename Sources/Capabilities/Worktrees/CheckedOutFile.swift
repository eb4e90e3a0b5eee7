import Git
import Glibc
import Linux

/// One path of a user's checkout, looked at without following any link on the way.
struct CheckedOutFile {
    enum State { case absent, old, new, beginningOfNew, foreign }

    let root: String
    let path: GitPath

    private static let bytesMax = 1 << 30

    /// The folder the path lies in, opened step by step; nil when there is none.
    private func folder() throws -> FolderReader? {
        var folder = try FolderReader(root: root)
        for name in path.components.dropLast() {
            guard let next = FolderReader(Array(name), in: folder) else { return nil }
            folder = next
        }
        return folder
    }

    private var name: [UInt8] { path.components.last.map { Array($0) } ?? [] }

    /// Which side of a change is on disk.
    func compare(old: GitID?, new: GitID?, scratch: GitRepository, newTree: GitID) throws -> State {
        guard let folder = try folder(), let status = folder.status(of: name) else { return .absent }
        let bytes: [UInt8]
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .absent
        case S_IFLNK: bytes = folder.linkTarget(name, bytesMax: Int(PATH_MAX)) ?? []
        case S_IFREG:
            guard case .bytes(let contents) = folder.read(name, bytesMax: Self.bytesMax) else {
                return .foreign
            }
            bytes = contents
        default: return .foreign
        }
        if let old, try matches(bytes, old, scratch, newTree) { return .old }
        guard let new else { return .foreign }
        if try matches(bytes, new, scratch, newTree) { return .new }
        guard let whole = try scratch.read(new, bytesMax: Self.bytesMax)?.bytes else { return .foreign }
        return whole.starts(with: bytes) ? .beginningOfNew : .foreign
    }

    private func matches(_ bytes: [UInt8], _ id: GitID, _ scratch: GitRepository, _ tree: GitID) throws
        -> Bool
    {
        guard let whole = try scratch.read(id, bytesMax: Self.bytesMax)?.bytes else { return false }
        if whole == bytes { return true }
        // Line endings may differ from what is committed.
        try scratch.readAttributes(from: tree)
        return try scratch.normalised(bytes, at: path) == whole
    }

    /// Removes the file, and the folders above it that are empty then. By its very bytes: the text of a name
    /// that is no UTF-8 could be the name of another file.
    func remove() throws {
        guard atPath(path, unlink) == 0 || errno == ENOENT else {
            throw SystemError(call: "unlink", subject: "\(root)/\(path.text)")
        }
        var parent = path.parent
        while let folder = parent {
            guard atPath(folder, rmdir) == 0 else { return }
            parent = folder.parent
        }
    }

    private func atPath(_ path: GitPath, _ call: (UnsafePointer<CChar>) -> Int32) -> Int32 {
        let name = (Array("\(root)/".utf8) + path.bytes + [0]).map { CChar(bitPattern: $0) }
        return name.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return -1 }
            return call(start)
        }
    }
}

/// What stands untracked, ignored or not, where a landing would write.
struct UntrackedObstacles {
    let root: String
    let changes: [GitChange]
    let repository: GitRepository

    private static let folderFilesMax = 10_000

    func find(limit: Int) throws -> [GitPath] {
        let added = changes.filter { $0.oldID == nil }
        let removed = Set(changes.filter { $0.newID == nil }.map(\.path))
        let tracked = try repository.tracked(of: added.map(\.path))
        var found: Set<GitPath> = []
        for change in added where !tracked.contains(change.path) && found.count < limit {
            if let obstacle = try obstacle(to: change.path, removed: removed) { found.insert(obstacle) }
        }
        return found.sorted()
    }

    private func obstacle(to path: GitPath, removed: Set<GitPath>) throws -> GitPath? {
        var folder = try FolderReader(root: root)
        var current = GitPath("")
        let components = path.components.map { Array($0) }
        for (depth, name) in components.enumerated() {
            current = current.appending(name)
            guard let status = folder.status(of: name) else { return nil }
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            if depth < components.count - 1 {
                // A tracked file that the landing removes makes room for a folder.
                guard isFolder else { return removed.contains(current) ? nil : current }
                guard let next = FolderReader(name, in: folder) else { return current }
                folder = next
            } else {
                guard isFolder else { return current }
                guard let inside = FolderReader(name, in: folder) else { return current }
                return try holdsOnly(removed, inside) ? nil : current
            }
        }
        return nil
    }

    /// Whether a folder will be empty once the removed files are gone.
    private func holdsOnly(_ removed: Set<GitPath>, _ folder: FolderReader) throws -> Bool {
        guard let names = try folder.names(namesMax: Self.folderFilesMax) else { return false }
        return try names.allSatisfy { name in
            guard let status = folder.status(of: name) else { return true }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                return removed.contains(folder.path.appending(name))
            }
            guard let inside = FolderReader(name, in: folder) else { return false }
            return try holdsOnly(removed, inside)
        }
    }
}
