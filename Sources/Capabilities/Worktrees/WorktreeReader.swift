import Git
import Glibc
import Linux
import Vocabulary

/// The named limits of reading a worktree.
struct ReadingLimits: Sendable {
    var filesMax = 500_000
    var depthMax = 128
    var fileBytesMax = 256 << 20
    var totalBytesMax = 8 << 30
    var linkBytesMax = 4096
    /// Steps that comparing paths with ignore patterns may take, over all.
    var matchStepsMax = 400_000_000
    var notesMax = 50
}

/// Finds what `git add -A` would save of a worktree, without opening it as a repository, and hands over what
/// differs from a known tree.
///
/// A path is in when the tree has it or no rule ignores it. What cannot be saved is told in `notes` and
/// counts as unchanged. Two kinds of folder are read: one that holds everything, where what is missing was
/// deleted, and the upper layer of an overlay, where what is missing is as it was.
final class WorktreeReader {
    enum Found {
        case file(bytes: [UInt8], isExecutable: Bool)
        case symlink(target: [UInt8])
        /// Nothing is left at the path, nor below it.
        case removed
    }

    let limits: ReadingLimits
    /// Where the tree's own objects are read.
    let objects: GitRepository
    private let save: (GitPath, Found) throws -> Void
    private let isUpper: Bool
    var budget: Int
    private var count = 0
    private var totalBytes = 0
    private(set) var notes: [String] = []
    private var notesLeftOut = 0
    /// Paths that count as unchanged though what lies there is something else.
    private(set) var doubted: Set<GitPath> = []
    /// Everything that a removal would take away for good is saved. Pipes, sockets and devices hold nothing.
    private(set) var isWhole = true

    /// - Parameters:
    ///   - isUpper: what is read is the upper layer of an overlay.
    ///   - save: called for each path that may differ from the tree, in the order of names per folder.
    init(
        objects: GitRepository, isUpper: Bool, limits: ReadingLimits = ReadingLimits(),
        save: @escaping (GitPath, Found) throws -> Void
    ) {
        self.objects = objects
        self.isUpper = isUpper
        self.limits = limits
        self.save = save
        budget = limits.matchStepsMax
    }

    /// Reads everything below a folder.
    func read(root: String, known: KnownChildren) throws {
        let folder = try FolderReader(root: root)
        let isWhole = !isUpper || folder.isOpaque
        try read(IgnoreScope(folder: folder, known: known, isWhole: isWhole, parent: nil), depth: 0)
        if count == 0 && known.count > 0 && isWhole {
            notes.append("The worktree is empty: every file of it is gone.")
        }
        if notesLeftOut > 0 { notes.append("\(notesLeftOut) more could not be saved.") }
    }

    /// Compares one folder with what is known of it, name by name; both are sorted by bytes.
    private func read(_ scope: IgnoreScope, depth: Int) throws {
        let (folder, known) = (scope.folder, scope.known)
        guard let names = try folder.sortedNames(namesMax: limits.filesMax) else {
            throw tooMany("files", limits.filesMax)
        }
        scope.hasIgnoreFile = names.contains(".gitignore")
        var next = 0
        try names.visit { _, name in
            while next < known.count {
                let order = known.compare(next, with: name)
                if order > 0 { break }
                if order == 0 {
                    defer { next += 1 }
                    guard let status = folder.status(ofName: name) else { return try missed(scope, next) }
                    if known.vouches(for: next, status) { return try pay() }
                    return try visit(known.name(next), status, at: next, in: scope, depth)
                }
                if scope.isWhole { try save(folder.path.appending(known.name(next)), .removed) }
                next += 1
            }
            guard let status = folder.status(ofName: name) else { return }
            try visit(GitPath(cString: name).bytes, status, at: nil, in: scope, depth)
        }
        guard scope.isWhole else { return }
        for rest in next..<known.count { try save(folder.path.appending(known.name(rest)), .removed) }
    }

    /// It was listed a moment ago.
    private func missed(_ scope: IgnoreScope, _ index: Int) throws {
        let path = scope.folder.path.appending(scope.known.name(index))
        guard errno == ENOENT else {
            return keep(path, "cannot be looked at: \(SystemError.text(of: errno))")
        }
        try save(path, .removed)
    }

    private func visit(
        _ name: [UInt8], _ status: stat, at index: Int?, in scope: IgnoreScope, _ depth: Int
    ) throws {
        let path = scope.folder.path.appending(name)
        let kind = status.st_mode & S_IFMT
        let known = index.map { scope.known.mode($0) & GitEntry.kindMask }
        if kind == S_IFDIR, known == GitEntry.treeMode, let index {
            let children = try scope.known.children(index, from: objects)
            return try readFolder(name, path, children, isKnown: true, in: scope, depth)
        }
        if NameRules.isGitAlias(name) {
            // At the root it is the pointer to the agent's git directory; anywhere else a repository of its
            // own.
            if depth > 0 || !NameRules.isPlainGit(name) {
                note(path, "is a name that git itself uses")
                isWhole = false
            }
            return
        }
        if isUpper && status.isWhiteout {
            // A whiteout: the lower layer's is gone.
            if known != nil { try save(path, .removed) }
            return
        }
        if kind == S_IFDIR {
            if known == GitEntry.submoduleMode { return }
            if known != nil { try save(path, .removed) }
            return try readFolder(name, path, .none, isKnown: false, in: scope, depth)
        }
        // A file where the tree has a folder is as new as any other: what was below is gone.
        let isTracked = known != nil && known != GitEntry.treeMode
        if known == GitEntry.treeMode { try save(path, .removed) }
        if try !isTracked && isIgnored(path, isDirectory: false, in: scope) { return }
        try pay()
        switch kind {
        case S_IFREG: try readFile(name, path, status, isTracked, in: scope.folder)
        case S_IFLNK:
            if let target = scope.folder.linkTarget(name, bytesMax: limits.linkBytesMax) {
                try save(path, .symlink(target: target))
            } else {
                keep(path, "is a link that is too long", isTracked)
            }
        default:
            note(path, "is neither a file nor a link nor a folder")
            if isTracked { try save(path, .removed) }
        }
    }

    private func readFolder(
        _ name: [UInt8], _ path: GitPath, _ known: KnownChildren, isKnown: Bool, in scope: IgnoreScope,
        _ depth: Int
    ) throws {
        // In an ignored folder only what the tree has counts.
        if try !isKnown && isIgnored(path, isDirectory: true, in: scope) { return }
        guard depth < limits.depthMax else {
            return keep(path, "lies more than \(limits.depthMax) folders deep", isKnown)
        }
        guard let folder = FolderReader(name, in: scope.folder) else {
            return keep(path, "cannot be read", isKnown)
        }
        // In a folder that hides the one below it, the kernel marks no other.
        let isWhole = !isUpper || !isKnown || scope.isWhole || folder.isOpaque
        try read(
            IgnoreScope(folder: folder, known: known, isWhole: isWhole, parent: scope), depth: depth + 1)
    }

    private func readFile(
        _ name: [UInt8], _ path: GitPath, _ status: stat, _ isTracked: Bool, in folder: FolderReader
    ) throws {
        switch folder.read(name, bytesMax: limits.fileBytesMax) {
        case .bytes(let bytes):
            totalBytes += bytes.count
            if totalBytes > limits.totalBytesMax { throw tooMany("bytes", limits.totalBytesMax) }
            try save(path, .file(bytes: bytes, isExecutable: status.st_mode & S_IXUSR != 0))
        case .gone: if isTracked { try save(path, .removed) }
        case .tooLarge: keep(path, "has more than \(limits.fileBytesMax) bytes", isTracked)
        case .unreadable(let why): keep(path, "cannot be read: \(why)", isTracked)
        }
    }

    /// What the tree has and cannot be saved counts as unchanged rather than as deleted; the note says so.
    func keep(_ path: GitPath, _ why: String, _ isTracked: Bool = true) {
        note(path, isTracked ? why + "; it counts as unchanged" : why)
        isWhole = false
        if isTracked { doubted.insert(path) }
    }

    private func pay() throws {
        count += 1
        if count > limits.filesMax { throw tooMany("files", limits.filesMax) }
        if budget <= 0 { throw tooMany("steps to compare with its ignore patterns", limits.matchStepsMax) }
    }

    private func tooMany(_ what: String, _ limit: Int) -> WorktreeError {
        .tooLarge(path: "The worktree", what: what, limit: limit)
    }

    func note(_ path: GitPath, _ why: String) {
        guard notes.count < limits.notesMax else {
            notesLeftOut += 1
            return
        }
        notes.append("\(VisibleText.quoted(path.text)) \(why).")
    }
}
