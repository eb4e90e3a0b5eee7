import Git
package import Vocabulary

extension RepositoryStore {
    private static let pathBytesMax = 1024
    private static let depthMax = 64
    private static let blobBytesMax = 64 << 20
    private static let linkBytesMax = 4096
    private static let packageBytesMax = 1 << 20

    /// What must not land without a person's word, by the tree's own bytes: modes, links, names, sizes. Only
    /// what the delta changes is inspected; collisions are sought in the whole tree.
    package func inspectRawTree(delta: Delta, tree: ObjectID) async throws(WorktreeError) -> [TreeObjection] {
        try explainingNow {
            let all = try scratch.flatten(
                tree: scratch.tree(of: GitID(tree)), entriesMax: Self.treeEntriesMax)
            // By bytes: as texts, two spellings of é are equal. Paths that are no UTF-8 have the same escaped
            // text on both sides.
            let changed = Set(delta.entries.filter { $0.newBlob != nil }.map { Array($0.path.utf8) })
            let entries = all.filter { changed.contains(Array($0.path.text.utf8)) }
            var objections: [TreeObjection] = []
            for path in changed.subtracting(entries.map { Array($0.path.text.utf8) }) {
                objections.append(
                    TreeObjection(
                        path: String(decoding: path, as: UTF8.self), rule: .mode,
                        detail: "The delta names it, but the tree has no such path."))
            }
            for entry in entries { objections += try inspect(entry) }
            objections += collisions(of: entries, in: all)
            return objections.sorted {
                ($0.path, $0.rule.rawValue, $0.detail) < ($1.path, $1.rule.rawValue, $1.detail)
            }
        }
    }

    private func inspect(_ entry: GitEntry) throws -> [TreeObjection] {
        let path = entry.path.text
        var objections: [TreeObjection] = []
        func object(_ rule: TreeObjection.Rule, _ detail: String) {
            objections.append(TreeObjection(path: path, rule: rule, detail: detail))
        }
        for name in entry.path.components {
            if let why = NameRules.objection(to: Array(name)) {
                object(.name, "Its part \(VisibleText.quoted(GitPath(bytes: Array(name)).text)) \(why).")
            }
        }
        if entry.path.bytes.count > Self.pathBytesMax {
            object(.size, "The path has more than \(Self.pathBytesMax) bytes.")
        }
        if entry.path.components.count > Self.depthMax {
            object(.size, "It lies more than \(Self.depthMax) folders deep.")
        }
        switch entry.mode {
        case GitEntry.fileMode, GitEntry.executableMode:
            if let header = try scratch.header(of: entry.id), header.bytes > Self.blobBytesMax {
                object(.size, "It has more than \(Self.blobBytesMax) bytes.")
            }
        case GitEntry.symlinkMode:
            if let why = try objectionToLink(entry) { object(.symlink, why) }
        case GitEntry.submoduleMode: object(.mode, "It is a submodule.")
        default: object(.mode, "Its mode \(String(entry.mode, radix: 8)) is none that git writes for a file.")
        }
        return objections
    }

    /// Only `(../)*name/name…` is taken, with no more steps up than the link lies deep: such a link stays
    /// inside even when a folder on its way is a link of the same form. `..` after a name could climb from
    /// wherever that led.
    private func objectionToLink(_ entry: GitEntry) throws -> String? {
        guard let target = try scratch.read(entry.id, bytesMax: Self.linkBytesMax)?.bytes, !target.isEmpty
        else {
            return "It is a link to nothing or too far."
        }
        if target.first == UInt8(ascii: "/") { return "It is a link to an absolute path." }
        if target.contains(0) { return "It is a link with a zero byte." }
        var depth = entry.path.components.count - 1
        var sawName = false
        for name in target.split(separator: UInt8(ascii: "/")).map({ Array($0) })
        where name != Array(".".utf8) {
            if name == Array("..".utf8) {
                if sawName { return "It is a link that goes up after it went down." }
                depth -= 1
                if depth < 0 { return "It is a link that leads out of the tree." }
                continue
            }
            sawName = true
            if NameRules.isGitAlias(name) { return "It is a link into a git directory." }
        }
        return nil
    }

    /// Changed paths that are another path's twin where case or form of letters does not count.
    private func collisions(of changed: [GitEntry], in all: [GitEntry]) -> [TreeObjection] {
        var spellings: [String: GitPath] = [:]
        var twins: [String: Set<GitPath>] = [:]
        for entry in all where entry.path.isUTF8 {
            // Folders too: `Docs/a` and `docs/b` share a folder on such a system.
            var path: GitPath? = entry.path
            while let current = path {
                let folded = NameRules.folded(current.text)
                if let first = spellings[folded] {
                    if first == current { break }
                    twins[folded, default: [first]].insert(current)
                } else {
                    spellings[folded] = current
                }
                path = current.parent
            }
        }
        guard !twins.isEmpty else { return [] }
        return changed.compactMap { entry in
            var path: GitPath? = entry.path
            while let current = path {
                if let others = twins[NameRules.folded(current.text)],
                    let other = others.sorted().first(where: { $0 != current })
                {
                    return TreeObjection(
                        path: entry.path.text, rule: .collision,
                        detail: "On some systems it is the same as \(VisibleText.quoted(other.text)).")
                }
                path = current.parent
            }
            return nil
        }
    }

    /// The changed paths that some program would run or obey by itself, sorted: their exact contents need
    /// approval. A deletion counts too: it may take a guard away.
    package func whatRunsByItself(_ delta: Delta) async throws(WorktreeError) -> [String] {
        try explainingNow {
            let hooks = try hooksFolder()
            return try delta.entries.filter { entry in
                if SelfRunningPaths.contains(entry.path, hooksFolder: hooks) { return true }
                guard SelfRunningPaths.isPackageManifest(entry.path) else { return false }
                return try scripts(entry.oldBlob) != scripts(entry.newBlob)
            }.map(\.path)
        }
    }

    /// The `scripts` of a `package.json`. One that cannot be read differs from every other.
    private func scripts(_ blob: ObjectID?) throws -> JSONValue? {
        guard let blob else { return nil }
        guard let bytes = try scratch.read(GitID(blob), bytesMax: Self.packageBytesMax)?.bytes else {
            return .string(blob.rawValue)
        }
        // Not a cause lost: one that is no JSON is a normal answer.
        guard case .object(let members)? = try? JSONText.parse(String(decoding: bytes, as: UTF8.self)) else {
            return .string(blob.rawValue)
        }
        return members["scripts"]
    }

    /// Where the user's configuration has hooks, as a path inside the tree; nil when they are outside of it.
    private func hooksFolder() throws -> String? {
        let configuration = try GitConfiguration(file: "\(gitDirectory)/config")
        guard let path = try configuration.entries(withPrefix: "core.hookspath").last?.value, !path.isEmpty
        else { return nil }
        if !path.hasPrefix("/") { return path }
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : nil
    }
}
