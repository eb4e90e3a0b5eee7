import Git

/// One folder while it is read, with the ignore rules in force there. They are worked out when the first
/// untracked name asks for them: most folders hold none.
final class IgnoreScope {
    let folder: FolderReader
    let known: KnownChildren
    /// The folder holds everything: what is known and not there was deleted.
    let isWhole: Bool
    let parent: IgnoreScope?
    var hasIgnoreFile = false
    fileprivate var rules: IgnoreRules?
    fileprivate var isIgnored: Bool?

    init(folder: FolderReader, known: KnownChildren, isWhole: Bool, parent: IgnoreScope?) {
        self.folder = folder
        self.known = known
        self.isWhole = isWhole
        self.parent = parent
    }
}

extension WorktreeReader {
    /// Whether an untracked path in a folder is left out.
    func isIgnored(_ path: GitPath, isDirectory: Bool, in scope: IgnoreScope) throws -> Bool {
        // What is in an ignored folder is ignored, whatever the patterns further in say.
        if try isIgnored(scope) { return true }
        return try rules(of: scope).ignores(path, isDirectory: isDirectory, budget: &budget)
    }

    private func isIgnored(_ scope: IgnoreScope) throws -> Bool {
        if let known = scope.isIgnored { return known }
        let answer = try scope.parent.map {
            try isIgnored(scope.folder.path, isDirectory: true, in: $0)
        }
        scope.isIgnored = answer ?? false
        return answer ?? false
    }

    private func rules(of scope: IgnoreScope) throws -> IgnoreRules {
        if let rules = scope.rules { return rules }
        let above = try scope.parent.map { try rules(of: $0) } ?? IgnoreRules()
        let own = try above.adding(ignoreFile(of: scope))
        scope.rules = own
        return own
    }

    private func ignoreFile(of scope: IgnoreScope) throws -> IgnoreFile {
        let name = Array(".gitignore".utf8)
        let folder = scope.folder
        if !scope.hasIgnoreFile { return scope.isWhole ? IgnoreFile([], in: folder.path) : try base(scope) }
        switch folder.read(name, bytesMax: IgnoreFile.bytesMax) {
        case .bytes(let bytes): return IgnoreFile(bytes, in: folder.path)
        // git follows no link here either; and a whiteout hides the base's.
        case .gone: return IgnoreFile([], in: folder.path)
        case .tooLarge, .unreadable:
            note(folder.path.appending(name), "cannot be used; the base's applies")
            return try base(scope)
        }
    }

    private func base(_ scope: IgnoreScope) throws -> IgnoreFile {
        let bytes = try scope.known.file(named: ".gitignore").flatMap {
            try objects.read($0, bytesMax: IgnoreFile.bytesMax)?.bytes
        }
        return IgnoreFile(bytes ?? [], in: scope.folder.path)
    }
}
