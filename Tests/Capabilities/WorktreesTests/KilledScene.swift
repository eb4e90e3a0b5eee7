import ChildProcess
import Fixtures
import Foundation
import Git
import Glibc
import Linux
import Vocabulary

@testable import Worktrees

/// A user's repository with a worktree of one task, in the hands of processes that are killed. Each of them
/// is a real one, and finds on the disk what the one before it left.
final class KilledScene {
    /// What the processes do, and to what kind of worktree.
    enum Deed: String, CaseIterable {
        case createCheckout, createOverlay, snapshotCheckout, snapshotOverlay
        /// Back to a snapshot: in its place, after it was removed, after its files were lost, from another
        /// base.
        case restoreCheckout, restoreOverlay, restoreRemoved, restoreLost, restoreMoved, restoreMovedOverlay
        case removeCheckout, removeOverlay, openCheckout, openOverlay

        fileprivate var order: [String: Any] {
            switch self {
            case .createCheckout: ["deed": "prepare", "backend": "checkout"]
            case .createOverlay: ["deed": "prepare", "backend": "overlay"]
            case .snapshotCheckout, .snapshotOverlay: ["deed": "snapshot"]
            case .restoreCheckout, .restoreOverlay, .restoreRemoved, .restoreLost, .restoreMoved,
                .restoreMovedOverlay:
                ["deed": "restore", "number": 1]
            case .removeCheckout, .removeOverlay: ["deed": "retire"]
            case .openCheckout, .openOverlay: ["deed": "materialise"]
            }
        }

        fileprivate var isOfOverlay: Bool {
            switch self {
            case .createOverlay, .snapshotOverlay, .restoreOverlay, .restoreMovedOverlay, .removeOverlay,
                .openOverlay:
                true
            case .createCheckout, .snapshotCheckout, .restoreCheckout, .restoreRemoved, .restoreLost,
                .restoreMoved, .removeCheckout, .openCheckout:
                false
            }
        }

        /// A removal saves what git does not ignore.
        var keepsIgnoredFiles: Bool { self != .removeCheckout && self != .removeOverlay }
    }

    /// What the next server does before the same call comes again.
    enum Beginning: CaseIterable { case nothing, reconcilesNeeded, reconcilesUnneeded }

    let deed: Deed
    private let folder: TemporaryFolder
    private let repository: TestRepository
    private let name: WorktreeName
    private let driver: String
    private var state: String { folder.path("world/state") }
    private var world: String { folder.path("world") }

    init(_ deed: Deed) async throws {
        self.deed = deed
        folder = try TemporaryFolder()
        driver = try builtProduct(named: "WorktreeDriver")
        name = try WorktreeName(run: RunID("bench"), task: "t1")
        try Files.makeDirectory(folder.path("world"), mode: 0o700)
        repository = try await TestRepository(in: folder, named: "world/repository")
        // Examples, which would be copied each time.
        for hook in try Files.list("\(repository.path)/.git/hooks") {
            try Files.removeFile("\(repository.path)/.git/hooks/\(hook)")
        }
        try repository.write(".git/hooks/post-checkout", "#!/bin/sh\nexit 1\n", mode: 0o755)
        for (file, text) in ["a": "1\n", "d/x": "1\n", "gone/z": "1\n", ".gitignore": "build/\n"] {
            try repository.write(file, text)
        }
        try await repository.commit("begin")
        try await repository.git("branch", "other")
        try repository.write("a", "stashed\n")
        try await repository.git("stash", "push", "-m", "kept")
        try repository.write("a", "mine\n")
        try repository.write("untracked", "mine\n")
        try await makeWorktree()
        try await copy("world", to: "kept")
    }

    private func copy(_ source: String, to destination: String) async throws {
        try Files.removeTree(folder.path(destination))
        _ = try await Child.run(
            ChildCommand(
                ["/bin/cp", "--archive", folder.path(source), folder.path(destination)], environment: [:]),
            timeout: .seconds(60))
    }

    private func makeWorktree() async throws {
        guard deed != .createCheckout, deed != .createOverlay else { return }
        let store = try RepositoryStore(repository: repository.path, state: "\(state)/r")
        var worktree = try await store.prepareWorktree(
            run: RunID("bench"), task: "t1", base: ObjectID(try await repository.revParse("other")),
            owner: nil, backend: deed.isOfOverlay ? .overlay : .checkout, support: .full)
        let root = worktree.layers?.upper ?? worktree.path
        func write(_ file: String, _ text: String) throws {
            try Files.makeDirectory(Files.parent(of: "\(root)/\(file)"), mode: 0o755)
            try Files.writeAtomically("\(root)/\(file)", text: text, mode: 0o644)
        }
        try write("a", "worked\n")
        try write("new/deep", "worked\n")
        try write("build/out", "ignored\n")
        if worktree.layers == nil {
            try Files.removeTree("\(root)/gone")
        } else {
            try FolderWriter(root: root, trash: root).whiteout(GitPath("gone"))
        }
        guard "\(deed)".hasPrefix("restore") else { return }
        let first = try await store.snapshot(worktree, message: "first")
        switch deed {
        case .restoreMoved, .restoreMovedOverlay:
            try repository.write("theirs", "1\n")
            try await repository.git("add", "theirs")
            try await repository.git("commit", "--quiet", "-m", "theirs")
            worktree = try await store.moveWorktree(
                worktree, to: first.tree, base: ObjectID(try await repository.revParse("main")))
        case .restoreRemoved: try await store.removeWorktree(worktree, keepSnapshots: true)
        case .restoreLost: try Files.removeTree(worktree.path)
        case .restoreCheckout, .restoreOverlay:
            try write("a", "worked on\n")
            try write("later/still", "worked on\n")
            try Files.removeTree("\(root)/new")
        case .createCheckout, .createOverlay, .snapshotCheckout, .snapshotOverlay, .removeCheckout,
            .removeOverlay, .openCheckout, .openOverlay:
            break
        }
    }

    /// Puts everything back to how it was before anybody was killed; at the same paths, since they are kept.
    func reset() async throws { try await copy("kept", to: "world") }

    // MARK: Processes

    struct Answer: Decodable {
        var problem: String?
        var steps: [String]?
    }

    /// A new process does what it is told, and dies after so many steps of the deed; nil: it lives.
    @discardableResult
    func act(_ beginning: Beginning = .nothing, dyingAfter last: Int? = nil) async throws -> [String] {
        var order = deed.order
        order["dieAfter"] = last
        var orders = [order]
        if beginning != .nothing {
            orders.insert(["deed": "reconcile", "isNeeded": beginning == .reconcilesNeeded], at: 0)
        }
        return try await carryOut(orders, dies: last != nil)
    }

    /// A new process finds that nobody needs the task, and is asked for nothing.
    func putInOrder() async throws {
        try await carryOut([["deed": "reconcile", "isNeeded": false]], dies: false)
    }

    @discardableResult
    private func carryOut(_ deeds: [[String: Any]], dies: Bool) async throws -> [String] {
        let orders = [["deed": "open", "repository": repository.path, "state": state]] + deeds
        let lines = try orders.map { order in
            let bytes = try JSONSerialization.data(withJSONObject: order.merging(["task": "t1"]) { $1 })
            return String(decoding: bytes, as: UTF8.self) + "\n"
        }
        let output = try await Child.run(
            ChildCommand([driver], environment: ["PATH": "/usr/bin:/bin"]), input: Array(lines.joined().utf8),
            timeout: .seconds(120))
        if dies {
            guard output.termination == .signalled(SIGKILL) else {
                throw WorldFailure(what: "the process that was to die", why: "\(output.termination)")
            }
            return []
        }
        var answers: [Answer] = []
        for line in output.stdoutText.split(separator: "\n") {
            answers.append(try JSONDecoder().decode(Answer.self, from: Data(line.utf8)))
        }
        guard answers.count == orders.count else {
            throw WorldFailure(what: "a process", why: "\(output.termination) \(output.stderrText)")
        }
        if let problem = answers.compactMap(\.problem).first {
            throw WorldFailure(what: "\(deed)", why: problem)
        }
        return answers.last?.steps ?? []
    }

    // MARK: What is there

    /// What a deed makes, whoever was killed on the way.
    struct Outcome: Hashable {
        /// The files as a snapshot holds them; nil: there is no worktree.
        var tree: String?
        var ignored: [String: [UInt8]] = [:]
        var isOverlay = false
        var isOpened = false
        var gitDirectoryIsWhole = false
        var branch: String?
        var registrations: [String] = []
        var folders: [String] = []
    }

    func outcome() async throws -> Outcome {
        var outcome = Outcome()
        let store = try RepositoryStore(repository: repository.path, state: "\(state)/r")
        // The files of what was removed are deleted while others go on; a server that begins ends it.
        _ = try await store.finishRemovals()
        if let worktree = try await store.list().first?.worktree {
            outcome.tree = try await store.snapshot(worktree, message: "what is there").tree.rawValue
            outcome.isOverlay = worktree.layers != nil
            outcome.isOpened = worktree.isOpened == true
            outcome.gitDirectoryIsWhole = PrivateGitDirectory.isWhole(
                worktree.privateGitDirectory, branch: worktree.branch)
            outcome.ignored = Self.files(in: worktree.layers?.upper ?? worktree.path).filter {
                $0.key.hasPrefix("build/")
            }
        }
        outcome.branch = try git().target(of: "refs/heads/\(name.branch)")?.hex
        outcome.registrations =
            try Files.list("\(repository.path)/.git").contains("worktrees")
            ? Files.list("\(repository.path)/.git/worktrees") : []
        for place in ["worktrees", "private", "layers", "graveyard", "removals"] {
            outcome.folders += try Files.list("\(state)/r/\(place)").map { "\(place)/\($0)" }
        }
        let layers = "\(state)/r/layers/\(name.folder)"
        if Files.exists(layers) { outcome.folders.append("\(try Files.list(layers).count) layers") }
        return outcome
    }

    private func git() throws -> GitRepository { try OpenedRepository(path: repository.path).repository }

    /// Everything that the task's worktree holds, wherever it lies.
    func work() throws -> Set<KilledFile> {
        var found: Set<KilledFile> = []
        var roots = ["\(state)/r/worktrees/\(name.folder)"]
        let layers = "\(state)/r/layers/\(name.folder)"
        if Files.exists(layers) {
            for folder in try Files.list(layers) {
                roots += ["\(layers)/\(folder)/upper", "\(layers)/\(folder)/files"]
            }
        }
        for root in roots where Files.exists(root) {
            for (path, bytes) in Self.files(in: root) where path != ".git" {
                found.insert(KilledFile(path: path, bytes: bytes))
            }
        }
        return found
    }

    /// A person, or an editor, writes a file where the worktree's files lie; nil where there are none.
    func writeLater() throws -> KilledFile? {
        let marker = "\(state)/r/private/\(name.folder)/prepared.json"
        guard Files.exists(marker) else { return nil }
        let path = "\(state)/r/worktrees/\(name.folder)"
        let marked = try JSONDecoder().decode(
            PreparedWorktree.self, from: Data(Files.read(marker, bytesMax: 1 << 20)))
        // An overlay's place is empty until it is opened.
        let isPlace = try !Files.exists(path) || Files.list(path).allSatisfy { $0 == ".git" }
        let root = isPlace ? marked.layers?.upper ?? path : path
        guard Files.isDirectory(root) else { return nil }
        try Files.writeAtomically("\(root)/afterwards", text: "written later\n", mode: 0o644)
        return KilledFile(path: "afterwards", bytes: Array("written later\n".utf8))
    }

    /// The same of its snapshots.
    func saved() throws -> Set<KilledFile> {
        let git = try git()
        var found: Set<KilledFile> = []
        for ref in try git.references(withPrefix: name.snapshotPrefix) {
            guard let id = try git.target(of: ref), let commit = try git.commit(id) else { continue }
            for entry in try git.flatten(tree: commit.tree, entriesMax: 1000) {
                let bytes = try git.read(entry.id, bytesMax: 1 << 20)?.bytes ?? []
                found.insert(KilledFile(path: entry.path.text, bytes: bytes))
            }
        }
        return found
    }

    /// The user's files, and everything of the git directory that is not ours, byte by byte.
    func belongings() -> [String: [UInt8]] {
        let ours = [
            ".git/objects/", ".git/worktrees/", ".git/refs/graftwork/", ".git/refs/heads/graftwork/",
            ".git/logs/refs/graftwork/", ".git/logs/refs/heads/graftwork/",
        ]
        return Self.files(in: repository.path).filter { path, _ in
            !ours.contains { path.hasPrefix($0) }
        }
    }

    /// What git itself finds wrong.
    func damage() async throws -> String? {
        let checked = try await repository.tryGit(["fsck", "--strict", "--no-dangling"])
        return checked.isSuccess ? nil : checked.stderrText
    }

    /// Regular files below a folder.
    private static func files(in root: String) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        var waiting = [""]
        while let folder = waiting.popLast() {
            // What cannot be read is missing in the answer, and told of by the comparison.
            for name in (try? Files.list("\(root)/\(folder)")) ?? [] {
                let path = folder + name
                guard let status = try? Files.status(of: "\(root)/\(path)") else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR: waiting.append(path + "/")
                case S_IFREG: found[path] = try? Files.read("\(root)/\(path)", bytesMax: 1 << 22)
                default: break
                }
            }
        }
        return found
    }
}

struct KilledFile: Hashable, CustomStringConvertible {
    var path: String
    var bytes: [UInt8]
    var description: String { "\(path): \(String(decoding: bytes.prefix(40), as: UTF8.self))" }
}
