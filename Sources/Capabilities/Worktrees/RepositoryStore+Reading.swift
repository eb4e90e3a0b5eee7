internal import Git
package import Vocabulary

extension RepositoryStore {
    /// More files than this in one commit are not listed.
    package static let listedEntriesMax = 1_000_000

    /// Looks into a commit: `body` gets its paths, sorted, and a reader of small text files.
    ///
    /// Paths that are not UTF-8 are left out, for no configuration and no prompt can name them; a file that
    /// is missing, too large or not UTF-8 reads as nil.
    package func reading<Value: Sendable>(
        _ commit: ObjectID, textBytesMax: Int = 1 << 20,
        _ body: (_ paths: [String], _ text: (_ path: String) throws -> String?) throws -> Value
    ) throws -> Value {
        let entries: [GitEntry]
        do {
            let tree = try repository.tree(of: try GitID(commit))
            entries = try repository.flatten(tree: tree, entriesMax: Self.listedEntriesMax)
        } catch {
            throw WorktreeError(error, at: root)
        }
        var blobs: [String: GitID] = [:]
        for entry in entries where !entry.isSymlink && !entry.isSubmodule {
            if let path = String(validating: entry.path.bytes, as: UTF8.self) { blobs[path] = entry.id }
        }
        return try body(blobs.keys.sorted()) { path in
            guard let id = blobs[path] else { return nil }
            do {
                guard let object = try repository.read(id, bytesMax: textBytesMax) else { return nil }
                return String(validating: object.bytes, as: UTF8.self)
            } catch {
                throw WorktreeError(error, at: root)
            }
        }
    }

    /// The text files below one folder of a commit, by path.
    package func texts(below folder: String, in commit: ObjectID) throws -> [String: String] {
        try reading(commit) { paths, text in
            var found: [String: String] = [:]
            for path in paths where path.hasPrefix(folder + "/") { found[path] = try text(path) }
            return found
        }
    }

    /// Whether `ancestor` is `commit` or lies in its history.
    package func isAncestor(_ ancestor: ObjectID, of commit: ObjectID) throws -> Bool {
        do {
            return try ancestor == commit || repository.isAncestor(GitID(ancestor), of: GitID(commit))
        } catch {
            throw WorktreeError(error, at: root)
        }
    }
}
