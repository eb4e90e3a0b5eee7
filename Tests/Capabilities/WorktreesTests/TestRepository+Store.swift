import Fixtures
import Foundation
import Linux
import Testing
import Vocabulary
import Worktrees

/// What a repository of these tests has besides: the store on it, and ids as the store speaks of them.
extension TestRepository {
    /// The store's own directory, beside the repository.
    var state: String { folder.path("state") }

    func store() throws -> RepositoryStore { try RepositoryStore(repository: path, state: state) }

    func text(_ name: String) throws -> String { try Files.readText("\(path)/\(name)", bytesMax: 1 << 20) }

    @discardableResult
    func commitAll(_ message: String) async throws -> ObjectID {
        ObjectID(try await commit(message))
    }

    func head(_ ref: String = "HEAD") async throws -> ObjectID { ObjectID(try await revParse(ref)) }

    /// A commit of the given files on top of `main`, as the landing stage would make it.
    func commit(_ changes: [String: String?], on store: RepositoryStore) async throws -> ObjectID {
        let base = try await head("refs/heads/main")
        let index = "\(folder.path)/index-\(RandomBytes.hex(count: 4))"
        let environment = ["GIT_INDEX_FILE": index]
        try await git("read-tree", base.rawValue, environment: environment)
        // What goes, goes first: a file may take the place of a folder.
        for (name, text) in changes where text == nil {
            try await git("update-index", "--force-remove", name, environment: environment)
        }
        for case (let name, let text?) in changes.sorted(by: { $0.key < $1.key }) {
            let file = "\(folder.path)/blob"
            try Files.writeAtomically(file, text: text)
            let blob = try await git("hash-object", "-w", "--no-filters", file)
            try await git(
                "update-index", "--add", "--cacheinfo", "100644,\(blob),\(name)", environment: environment)
        }
        let tree = ObjectID(try await git("write-tree", environment: environment))
        return try await store.commit(
            tree: tree, parents: [base], message: "change", author: .agent, committer: .graftwork,
            secondsSince1970: 1_700_000_000)
    }

    /// Everything of the person's that must never change, in one comparable text: configuration, hooks,
    /// stash, other branches, and the bytes of the index.
    func belongings(branches: [String] = ["main"]) async throws -> String {
        var parts: [String] = []
        for name in ["config", "index", "HEAD", "description", "info/exclude", "packed-refs"] {
            let file = "\(path)/.git/\(name)"
            parts.append(
                name + ":"
                    + (Files.exists(file)
                        ? Data(try Files.read(file, bytesMax: 8 << 20)).base64EncodedString() : "-"))
        }
        for hook in try Files.list("\(path)/.git/hooks") {
            parts.append(
                "hook \(hook): \(try Files.readText("\(path)/.git/hooks/\(hook)", bytesMax: 1 << 20))")
        }
        parts.append(try await git("stash", "list"))
        for branch in branches { parts.append("\(branch) \(try await head("refs/heads/\(branch)"))") }
        parts.append(try await git("status", "--porcelain", environment: ["GIT_OPTIONAL_LOCKS": "0"]))
        parts.append(try await git("tag", "--list"))
        return parts.joined(separator: "\n")
    }
}

extension RepositoryStore {
    /// All worktrees, each of which must be readable.
    func list() async throws -> [KnownWorktree] {
        try await survey(measuresDisk: false).map {
            if let problem = $0.problem { throw problem }
            return try #require($0.known)
        }
    }
}

/// The error that a piece of work throws, as this module's own type.
func worktreeError(_ body: () async throws -> Void) async -> WorktreeError? {
    do {
        try await body()
        return nil
    } catch let error as WorktreeError {
        return error
    } catch {
        Issue.record("\(error) is no WorktreeError")
        return nil
    }
}
