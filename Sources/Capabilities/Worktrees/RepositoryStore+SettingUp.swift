import Git
package import Vocabulary

/// What a set-up needs to know of a tree.
extension RepositoryStore {
    /// The id of a commit's tree; a tree's own.
    package func treeID(of source: ObjectID) throws(WorktreeError) -> ObjectID {
        try explainingNow { ObjectID(try scratch.tree(of: GitID(source))) }
    }

    /// The path of every file of a commit or tree, links and submodules among them, in order.
    package func paths(of source: ObjectID) throws(WorktreeError) -> [[UInt8]] {
        try explainingNow {
            try scratch.flatten(tree: scratch.tree(of: GitID(source)), entriesMax: Self.listedEntriesMax)
                .map(\.path.bytes).sorted { $0.lexicographicallyPrecedes($1) }
        }
    }

    /// The texts of single files of a commit, and of those in one folder, by path. nil for one that is larger
    /// than allowed, or no text; only regular files are read.
    package func texts(
        at paths: [String], andDirectlyIn folder: String, endingIn ending: String, of commit: ObjectID,
        bytesMax: Int
    ) throws(WorktreeError) -> [String: String?] {
        try explainingNow {
            let tree = try scratch.tree(of: GitID(commit))
            var entries: [GitEntry] = []
            for path in paths {
                if let entry = try scratch.entry(at: GitPath(path), inTree: tree) { entries.append(entry) }
            }
            if let entry = try scratch.entry(at: GitPath(folder), inTree: tree), entry.isTree {
                let inside = try scratch.entries(ofTree: entry.id).filter { $0.path.text.hasSuffix(ending) }
                entries += inside.prefix(Self.folderTextsMax).map {
                    GitEntry(path: GitPath("\(folder)/\($0.path.text)"), mode: $0.mode, id: $0.id)
                }
            }
            var texts: [String: String?] = [:]
            for entry in entries where !entry.isTree && !entry.isSymlink && !entry.isSubmodule {
                guard let path = String(validating: entry.path.bytes, as: UTF8.self) else { continue }
                // One that is larger is not read whole.
                let size = try scratch.header(of: entry.id)?.bytes ?? 0
                let bytes = size <= bytesMax ? try scratch.read(entry.id, bytesMax: bytesMax)?.bytes : nil
                texts[path] = .some(bytes.flatMap { String(validating: $0, as: UTF8.self) })
            }
            return texts
        }
    }

    private static let folderTextsMax = 20

    /// Those of some paths that git does not ignore by the rules of a commit or tree, at most `limit` of
    /// them: in a worktree they become part of the change.
    package func notIgnored(
        _ paths: [[UInt8]], by source: ObjectID, limit: Int
    ) throws(WorktreeError) -> [String] {
        try explainingNow {
            let rules = try ignoreFiles(of: scratch.tree(of: GitID(source)))
            var found: [String] = []
            for path in paths where found.count < limit {
                if !Self.isIgnored(GitPath(bytes: path), by: rules) {
                    found.append(GitPath(bytes: path).text)
                }
            }
            return found
        }
    }

    /// Every `.gitignore` of a tree, by the folder it lies in.
    func ignoreFiles(of tree: GitID) throws -> [GitPath: IgnoreFile] {
        var rules: [GitPath: IgnoreFile] = [:]
        let name = Array(".gitignore".utf8)
        for entry in try scratch.flatten(tree: tree, entriesMax: Self.listedEntriesMax)
        where entry.path.components.last.map({ Array($0) }) == name && !entry.isSymlink {
            guard let bytes = try scratch.read(entry.id, bytesMax: IgnoreFile.bytesMax)?.bytes else {
                continue
            }
            let folder = entry.path.parent ?? GitPath("")
            rules[folder] = IgnoreFile(bytes, in: folder)
        }
        return rules
    }

    /// Whether a file or a folder above it is ignored.
    private static func isIgnored(_ path: GitPath, by files: [GitPath: IgnoreFile]) -> Bool {
        var budget = PathChoice.stepsMax
        var rules = IgnoreRules()
        if let root = files[GitPath("")] { rules = rules.adding(root) }
        var current = GitPath("")
        let parts = path.components
        for (index, part) in parts.enumerated() {
            current = current.appending(Array(part))
            let isFolder = index < parts.count - 1
            if rules.ignores(current, isDirectory: isFolder, budget: &budget) { return true }
            if isFolder, let file = files[current] { rules = rules.adding(file) }
        }
        return false
    }

    /// Mode, id and path of every file that one of the patterns names, by path. Patterns are those of a
    /// `.gitignore`: one that names a folder names all below it.
    package func entries(matching patterns: [String], in source: ObjectID) throws(WorktreeError) -> [String] {
        try explainingNow {
            let tree = try scratch.tree(of: GitID(source))
            let chosen = PathChoice(patterns)
            return try scratch.flatten(tree: tree, entriesMax: Self.listedEntriesMax)
                .filter { chosen.contains($0.path) }
                .sorted { $0.path < $1.path }
                .map { "\(String($0.mode, radix: 8)) \($0.id.hex) \($0.path.text)" }
        }
    }
}

/// Paths chosen by patterns as in a `.gitignore`, the last that matches deciding.
struct PathChoice {
    private let file: IgnoreFile
    /// One comparison that takes more steps than this does not match.
    static let stepsMax = 1_000_000

    init(_ patterns: [String]) {
        file = IgnoreFile(Array(patterns.joined(separator: "\n").utf8), in: GitPath(""))
    }

    /// Whether a file's path is chosen: itself, or by a folder it lies in.
    func contains(_ path: GitPath) -> Bool {
        var budget = Self.stepsMax
        var folder = GitPath("")
        let parts = path.components
        for (index, part) in parts.enumerated() {
            folder = folder.appending(Array(part))
            let isFolder = index < parts.count - 1
            guard let answer = file.decides(folder, isDirectory: isFolder, budget: &budget) else { continue }
            // What is below a chosen folder is chosen, as git ignores what is below an ignored one.
            if answer { return true }
            if !isFolder { return false }
        }
        return false
    }
}
