import Git
import Glibc
import Linux
package import Vocabulary

/// A file or link of the user's checkout that git ignores and a pattern names.
package struct IgnoredFile: Hashable, Sendable {
    /// Relative to the checkout, as bytes.
    package var path: [UInt8]
    package var bytes: Int64
    package var isLink: Bool
    /// The last pattern that names it is one of the raw ones.
    package var isRaw: Bool
}

/// What was found of the files to copy.
package struct IgnoredFiles: Hashable, Sendable {
    package var files: [IgnoredFile] = []
    /// Named by a pattern and not ignored: in a worktree each would become part of the change.
    package var notIgnored: [String] = []
    /// Why there are more than were listed; nil: there are not.
    package var excess: Excess?

    package enum Excess: Hashable, Sendable {
        case filesToCopy
        /// Of whatever kind, in all folders that were looked into.
        case namesInCheckout(limit: Int)
    }
}

extension RepositoryStore {
    package static let visitedMax = 1_000_000
    private static let notIgnoredMax = 20

    /// Where the user works: the root of the checkout.
    package nonisolated var checkout: String { root }

    /// The files of the user's checkout that git ignores by the rules of a commit and that a pattern names.
    ///
    /// No link is followed, no other repository entered, nothing of git's own looked at; what the commit
    /// tracks is not listed. Patterns are those of a `.gitignore`, and one without a slash does not reach
    /// into folders that are ignored whole, like `node_modules`, unless it names them.
    package func ignoredFiles(
        matching patterns: [(pattern: String, isRaw: Bool)], by base: ObjectID, filesMax: Int,
        visitedMax: Int = visitedMax
    ) throws(WorktreeError) -> IgnoredFiles {
        try explainingNow {
            let tree = try scratch.tree(of: GitID(base))
            let entries = try scratch.flatten(tree: tree, entriesMax: Self.listedEntriesMax)
            var walk = IgnoredWalk(
                patterns: patterns, filesMax: filesMax, visitedMax: visitedMax,
                tracked: Set(entries.map(\.path)))
            walk.rules = try ignoreFiles(of: tree)
            try walk.enter(try FolderReader(root: root), IgnoreRules(), isIgnored: false, chosen: nil)
            return walk.found
        }
    }

    private struct IgnoredWalk {
        let choice: IgnoreFile
        let rawness: [Bool]
        /// The folders that patterns with a slash lead into.
        let leading: [GitPath]
        let filesMax: Int
        let visitedMax: Int
        let tracked: Set<GitPath>
        var rules: [GitPath: IgnoreFile] = [:]
        var found = IgnoredFiles()
        private var visited = 0
        private var budget = 50_000_000

        init(
            patterns: [(pattern: String, isRaw: Bool)], filesMax: Int, visitedMax: Int, tracked: Set<GitPath>
        ) {
            choice = IgnoreFile(Array(patterns.map(\.pattern).joined(separator: "\n").utf8), in: GitPath(""))
            rawness = patterns.map(\.isRaw)
            leading = patterns.map {
                GitPath($0.pattern.hasPrefix("!") ? String($0.pattern.dropFirst()) : $0.pattern)
            }
            self.filesMax = filesMax
            self.visitedMax = visitedMax
            self.tracked = tracked
        }

        /// Which pattern names a path: its place and whether it chooses; nil: none does.
        private mutating func decide(_ path: GitPath, isDirectory: Bool) -> (chooses: Bool, isRaw: Bool)? {
            // One file of patterns each, so that the one that decides is known by its place.
            guard let chooses = choice.decides(path, isDirectory: isDirectory, budget: &budget) else {
                return nil
            }
            var isRaw = false
            if chooses, rawness.contains(true) {
                for (index, pattern) in leading.enumerated().reversed() {
                    let single = IgnoreFile(pattern.bytes, in: GitPath(""))
                    if single.decides(path, isDirectory: isDirectory, budget: &budget) == true {
                        isRaw = rawness[index]
                        break
                    }
                }
            }
            return (chooses, isRaw)
        }

        /// `chosen`: whether what lies here is raw; nil: it is not chosen.
        mutating func enter(
            _ folder: FolderReader, _ outer: IgnoreRules, isIgnored: Bool, chosen: Bool?
        ) throws {
            let inner = rules[folder.path].map { outer.adding($0) } ?? outer
            guard let names = try folder.names(namesMax: visitedMax - visited) else {
                found.excess = .namesInCheckout(limit: visitedMax)
                return
            }
            // Another repository, or a worktree, that lies in the checkout.
            if !folder.path.bytes.isEmpty, names.contains(Array(".git".utf8)) { return }
            for name in names where name != Array(".git".utf8) {
                visited += 1
                let path = folder.path.appending(name)
                guard let status = folder.status(of: name) else { continue }
                let isFolder = status.st_mode & S_IFMT == S_IFDIR
                let ignored = isIgnored || inner.ignores(path, isDirectory: isFolder, budget: &budget)
                var mine = chosen
                if let decision = decide(path, isDirectory: isFolder) {
                    mine = decision.chooses ? decision.isRaw : nil
                }
                if isFolder {
                    guard mine != nil || !ignored || leads(into: path) else { continue }
                    guard let next = FolderReader(name, in: folder) else { continue }
                    try enter(next, inner, isIgnored: ignored, chosen: mine)
                } else if let isRaw = mine {
                    note(path, status, ignored: ignored, isRaw: isRaw)
                }
                if found.excess != nil { return }
            }
        }

        private func leads(into path: GitPath) -> Bool {
            leading.contains { $0.bytes.starts(with: path.bytes + [UInt8(ascii: "/")]) }
        }

        private mutating func note(_ path: GitPath, _ status: stat, ignored: Bool, isRaw: Bool) {
            guard !tracked.contains(path) else { return }
            let kind = status.st_mode & S_IFMT
            guard kind == S_IFREG || kind == S_IFLNK else { return }
            guard ignored else {
                if found.notIgnored.count < RepositoryStore.notIgnoredMax {
                    found.notIgnored.append(path.text)
                }
                return
            }
            guard found.files.count < filesMax else {
                found.excess = .filesToCopy
                return
            }
            found.files.append(
                IgnoredFile(
                    path: path.bytes, bytes: Int64(status.st_size), isLink: kind == S_IFLNK, isRaw: isRaw))
        }
    }
}
