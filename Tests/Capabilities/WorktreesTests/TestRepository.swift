import ChildProcess
import Foundation
import Linux
import Testing
import Vocabulary
import Worktrees

/// A real repository in a folder of its own, and a state directory beside it; both go when the test ends.
final class TestRepository: Sendable {
    let folder: String
    var path: String { "\(folder)/project" }
    var state: String { "\(folder)/state" }

    /// One commit on `main` with the given files.
    init(files: [String: String] = ["README": "hello\n"]) async throws {
        folder = try Files.realPath("/tmp") + "/graftwork-worktrees-\(RandomBytes.hex(count: 8))"
        try Files.makeDirectory(path, mode: 0o755)
        try await git("init", "-q", "-b", "main")
        try await git("config", "user.name", "Person")
        try await git("config", "user.email", "person@example.org")
        for (name, text) in files.sorted(by: { $0.key < $1.key }) { try write(name, text) }
        if !files.isEmpty { try await commitAll("start") }
    }

    deinit {
        do {
            try Files.removeTree(folder)
        } catch {
            Issue.record("\(folder) is left behind: \(error)")
        }
    }

    func store() throws -> RepositoryStore { try RepositoryStore(repository: path, state: state) }

    /// Runs git as the person whose repository it is, deaf to this machine's configuration.
    @discardableResult
    func git(_ arguments: String..., at directory: String? = nil, environment: [String: String] = [:])
        async throws -> String
    {
        try await git(arguments, at: directory, environment: environment)
    }

    @discardableResult
    func git(_ arguments: [String], at directory: String? = nil, environment: [String: String] = [:])
        async throws -> String
    {
        let base = [
            "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "LC_ALL": "C",
        ]
        let output = try await Child.run(
            ChildCommand(
                ["git"] + arguments, environment: base.merging(environment) { $1 },
                workingDirectory: directory ?? path),
            outputBytesMax: 8 << 20, timeout: .seconds(120))
        guard output.isSuccess else {
            throw Problem(
                "git \(arguments.joined(separator: " ")): \(output.termination): \(output.stderrText)")
        }
        let text = output.stdoutText
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    func write(_ name: String, _ text: String) throws {
        let file = "\(path)/\(name)"
        try Files.makeDirectory(Files.parent(of: file), mode: 0o755)
        try Files.writeAtomically(file, text: text, mode: 0o644)
    }

    func text(_ name: String) throws -> String { try Files.readText("\(path)/\(name)", bytesMax: 1 << 20) }

    @discardableResult
    func commitAll(_ message: String) async throws -> ObjectID {
        try await git("add", "-A")
        try await git("commit", "-q", "--allow-empty", "-m", message)
        return try await head()
    }

    func head(_ ref: String = "HEAD") async throws -> ObjectID { ObjectID(try await git("rev-parse", ref)) }

    /// A commit of the given files on top of `main`, as the landing stage would make it.
    func commit(_ changes: [String: String?], on store: RepositoryStore) async throws -> ObjectID {
        let base = try await head("refs/heads/main")
        let index = "\(folder)/index-\(RandomBytes.hex(count: 4))"
        let environment = ["GIT_INDEX_FILE": index]
        try await git("read-tree", base.rawValue, environment: environment)
        // What goes, goes first: a file may take the place of a folder.
        for (name, text) in changes where text == nil {
            try await git("update-index", "--force-remove", name, environment: environment)
        }
        for case (let name, let text?) in changes.sorted(by: { $0.key < $1.key }) {
            let file = "\(folder)/blob"
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
