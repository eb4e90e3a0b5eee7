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

/// Reads the files of a worktree as `git add -A` would see them, without opening it as a repository.
///
/// A path is in when it is tracked in the base or not ignored. What cannot be saved is told in `notes`.
struct WorktreeReader {
    /// One thing found.
    enum Found {
        case file(bytes: [UInt8], isExecutable: Bool)
        case symlink(target: [UInt8])
        /// Stays as the base has it: a submodule, or what could not be read.
        case unchanged(GitEntry)
    }

    private let limits: ReadingLimits
    private let tracked: [GitPath: GitEntry]
    /// Folders of the base with at least one tracked file somewhere below.
    private let trackedFolders: Set<GitPath>
    private let baseIgnores: (GitPath) throws -> [UInt8]?
    private var budget: Int
    private var count = 0
    private var totalBytes = 0
    private(set) var notes: [String] = []
    private var notesLeftOut = 0

    /// - Parameter baseIgnores: the `.gitignore` that the base has at a path, for where the worktree's is too
    ///   large.
    init(
        base: [GitEntry], limits: ReadingLimits = ReadingLimits(),
        baseIgnores: @escaping (GitPath) throws -> [UInt8]?
    ) {
        self.limits = limits
        self.baseIgnores = baseIgnores
        budget = limits.matchStepsMax
        tracked = Dictionary(base.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var folders: Set<GitPath> = []
        for entry in base {
            var folder = entry.path.parent
            while let current = folder, folders.insert(current).inserted { folder = current.parent }
        }
        trackedFolders = folders
    }

    /// Reads everything, calling `save` for each thing found, in the order of path bytes per folder.
    mutating func read(root: String, _ save: (GitPath, Found) throws -> Void) throws {
        try read(FolderReader(root: root), depth: 0, rules: IgnoreRules(), isIgnored: false, save)
        if notesLeftOut > 0 { notes.append("\(notesLeftOut) more could not be saved.") }
    }

    private mutating func read(
        _ folder: FolderReader, depth: Int, rules: IgnoreRules, isIgnored: Bool,
        _ save: (GitPath, Found) throws -> Void
    ) throws {
        guard let names = try folder.names(namesMax: limits.filesMax) else {
            throw tooMany("files", limits.filesMax)
        }
        let rules = isIgnored ? rules : try rules.adding(ignoreFile(of: folder, names))
        for name in names {
            let path = folder.path.appending(name)
            if NameRules.isGitAlias(name) {
                // At the root it is the pointer to the agent's git directory; anywhere else a repository of
                // its own.
                if depth > 0 || !NameRules.isPlainGit(name) { note(path, "is a name that git itself uses") }
                continue
            }
            guard let status = folder.status(of: name) else { continue }
            let kind = status.st_mode & S_IFMT
            if kind == S_IFDIR {
                try readFolder(name, path, in: folder, depth: depth, rules: rules, isIgnored: isIgnored, save)
                continue
            }
            let entry = tracked[path]
            if entry == nil && (isIgnored || rules.ignores(path, isDirectory: false, budget: &budget)) {
                continue
            }
            try pay()
            switch kind {
            case S_IFREG: try readFile(name, path, status, entry, in: folder, save)
            case S_IFLNK:
                if let target = folder.linkTarget(name, bytesMax: limits.linkBytesMax) {
                    try save(path, .symlink(target: target))
                } else {
                    try keep(entry, path, "is a link that is too long", save)
                }
            default: note(path, "is neither a file nor a link nor a folder")
            }
        }
    }

    private mutating func readFolder(
        _ name: [UInt8], _ path: GitPath, in parent: FolderReader, depth: Int, rules: IgnoreRules,
        isIgnored: Bool,
        _ save: (GitPath, Found) throws -> Void
    ) throws {
        if let entry = tracked[path], entry.isSubmodule { return try save(path, .unchanged(entry)) }
        let isIgnored = isIgnored || rules.ignores(path, isDirectory: true, budget: &budget)
        if isIgnored && !trackedFolders.contains(path) { return }
        guard depth < limits.depthMax else {
            return note(path, "lies more than \(limits.depthMax) folders deep")
        }
        guard let folder = FolderReader(name, in: parent) else { return note(path, "cannot be read") }
        try read(folder, depth: depth + 1, rules: rules, isIgnored: isIgnored, save)
    }

    private mutating func readFile(
        _ name: [UInt8], _ path: GitPath, _ status: stat, _ entry: GitEntry?, in folder: FolderReader,
        _ save: (GitPath, Found) throws -> Void
    ) throws {
        switch folder.read(name, bytesMax: limits.fileBytesMax) {
        case .bytes(let bytes):
            totalBytes += bytes.count
            if totalBytes > limits.totalBytesMax { throw tooMany("bytes", limits.totalBytesMax) }
            try save(path, .file(bytes: bytes, isExecutable: status.st_mode & S_IXUSR != 0))
        case .gone: return
        case .tooLarge: try keep(entry, path, "has more than \(limits.fileBytesMax) bytes", save)
        case .unreadable(let why): try keep(entry, path, "cannot be read: \(why)", save)
        }
    }

    /// A tracked file that cannot be saved counts as unchanged rather than as deleted; the note says so.
    private mutating func keep(
        _ entry: GitEntry?, _ path: GitPath, _ why: String, _ save: (GitPath, Found) throws -> Void
    ) throws {
        note(path, entry == nil ? why : why + "; it counts as unchanged")
        if let entry { try save(path, .unchanged(entry)) }
    }

    private mutating func ignoreFile(of folder: FolderReader, _ names: [[UInt8]]) throws -> IgnoreFile {
        let name = Array(".gitignore".utf8)
        guard names.contains(name) else { return IgnoreFile([], in: folder.path) }
        switch folder.read(name, bytesMax: IgnoreFile.bytesMax) {
        case .bytes(let bytes): return IgnoreFile(bytes, in: folder.path)
        // git follows no link here either.
        case .gone: return IgnoreFile([], in: folder.path)
        case .tooLarge, .unreadable:
            note(folder.path.appending(name), "cannot be used; the base's applies")
            return IgnoreFile(try baseIgnores(folder.path.appending(name)) ?? [], in: folder.path)
        }
    }

    private mutating func pay() throws {
        count += 1
        if count > limits.filesMax { throw tooMany("files", limits.filesMax) }
        if budget <= 0 { throw tooMany("steps to compare with its ignore patterns", limits.matchStepsMax) }
    }

    private func tooMany(_ what: String, _ limit: Int) -> WorktreeError {
        .tooLarge(path: "The worktree", what: what, limit: limit)
    }

    mutating func note(_ path: GitPath, _ why: String) {
        guard notes.count < limits.notesMax else {
            notesLeftOut += 1
            return
        }
        notes.append("\(VisibleText.quoted(path.text)) \(why).")
    }
}
