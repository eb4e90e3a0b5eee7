import CGit2

/// One name in a tree, or one file in a flattened tree.
package struct GitEntry: Hashable, Sendable {
    package var path: GitPath
    /// As the tree has it, also where it is none that git would write: 0o100644, 0o120000, 0o40000, …
    package var mode: UInt32
    package var id: GitID

    package init(path: GitPath, mode: UInt32, id: GitID) {
        self.path = path
        self.mode = mode
        self.id = id
    }

    package var isTree: Bool { mode & Self.kindMask == Self.treeMode }
    package var isSymlink: Bool { mode & Self.kindMask == 0o120000 }
    package var isSubmodule: Bool { mode & Self.kindMask == Self.submoduleMode }

    /// Whether it is a link by a name that some file system takes for `.gitmodules`. git refuses one: it
    /// would read from elsewhere what it believes to be in the tree.
    package var isLinkForSubmodules: Bool {
        guard isSymlink else { return false }
        return path.components.contains { name in
            name.withUnsafeBytes { bytes in
                git_path_is_gitfile(
                    bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                    GIT_PATH_GITFILE_GITMODULES, GIT_PATH_FS_GENERIC) == 1
            }
        }
    }

    package static let kindMask: UInt32 = 0o170000
    package static let treeMode: UInt32 = 0o040000
    package static let submoduleMode: UInt32 = 0o160000
    package static let fileMode: UInt32 = 0o100644
    package static let executableMode: UInt32 = 0o100755
    package static let symlinkMode: UInt32 = 0o120000
}

extension GitRepository {
    /// The names directly in one tree, in git's order, parsed from its bytes: nothing is repaired or left
    /// out.
    package func entries(ofTree id: GitID) throws(GitError) -> [GitEntry] {
        let operation = "read the tree \(id)"
        guard let object = try read(id, bytesMax: Self.treeBytesMax), object.kind == .tree else {
            throw GitError(
                code: GIT_ENOTFOUND.rawValue, operation: operation,
                message: "it is missing, too large or no tree")
        }
        var entries: [GitEntry] = []
        var rest = object.bytes[...]
        while !rest.isEmpty {
            guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
                let end = rest[space...].firstIndex(of: 0),
                rest.endIndex - end > Self.idLength,
                let mode = UInt32(String(decoding: rest[..<space], as: UTF8.self), radix: 8)
            else { throw GitError(code: GIT_ERROR.rawValue, operation: operation, message: "it is damaged") }
            var oid = git_oid()
            withUnsafeMutableBytes(of: &oid.id) {
                $0.copyBytes(from: rest[(end + 1)..<(end + 1 + Self.idLength)])
            }
            entries.append(
                GitEntry(path: GitPath(bytes: Array(rest[(space + 1)..<end])), mode: mode, id: GitID(oid)))
            rest = rest[(end + 1 + Self.idLength)...]
        }
        return entries
    }

    /// Every file, symlink and submodule of a tree with its whole path, sorted by path bytes.
    package func flatten(tree id: GitID, entriesMax: Int) throws(GitError) -> [GitEntry] {
        var files: [GitEntry] = []
        var folders: [(path: GitPath, tree: GitID)] = [(GitPath(""), id)]
        while let folder = folders.popLast() {
            for entry in try entries(ofTree: folder.tree) {
                let path = folder.path.appending(entry.path.bytes)
                if entry.isTree {
                    folders.append((path, entry.id))
                } else {
                    files.append(GitEntry(path: path, mode: entry.mode, id: entry.id))
                }
                guard files.count + folders.count <= entriesMax else {
                    throw GitError(
                        code: GIT_ERROR.rawValue, operation: "read the tree \(id)",
                        message: "it has more than \(entriesMax) entries")
                }
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    /// What stands at one path of a tree; nil when nothing does.
    package func entry(at path: GitPath, inTree id: GitID) throws(GitError) -> GitEntry? {
        var tree = id
        let components = path.components
        for (depth, name) in components.enumerated() {
            guard let entry = try entries(ofTree: tree).first(where: { $0.path.bytes == Array(name) }) else {
                return nil
            }
            if depth == components.count - 1 { return GitEntry(path: path, mode: entry.mode, id: entry.id) }
            guard entry.isTree else { return nil }
            tree = entry.id
        }
        return nil
    }

    private static let treeBytesMax = 64 << 20
    private static let idLength = 20
}

/// A list of files in memory only: no index file, no lock.
package final class GitMemoryIndex {
    let handle: GitHandle

    package init() throws(GitError) {
        _ = GitLibrary.start
        handle = try GitHandle.make("make an index", free: git_index_free) { git_index_new($0) }
    }

    /// Adds or replaces one file. Throws for a name that no index may hold.
    package func add(_ entry: GitEntry) throws(GitError) {
        try entry.path.withCString { path throws(GitError) in
            var raw = git_index_entry()
            raw.mode = entry.mode
            raw.id = entry.id.oid
            raw.path = path
            try git("add \(entry.path.text)") { git_index_add(handle.pointer, &raw) }
        }
    }

    /// Replaces everything by the files of a tree.
    package func read(tree id: GitID, from repository: GitRepository) throws(GitError) {
        var oid = id.oid
        let tree = try GitHandle.make("read the tree \(id)", free: git_tree_free) {
            git_tree_lookup($0, repository.pointer, &oid)
        }
        try git("read the tree \(id)") { git_index_read_tree(handle.pointer, tree.pointer) }
    }
}
