import Fixtures
import Glibc
import Linux
import Synchronization
import Testing
import Vocabulary

@testable import Worktrees

/// Files of a worktree that only it has, and what could take them.
@Suite("Work that no snapshot holds") struct LostWorkTests {
    /// An overlay with work in it, written as the kernel would; nothing is mounted.
    private struct Overlay {
        let repository: TestRepository
        let store: RepositoryStore
        let worktree: PreparedWorktree
        let upper: String

        init(files: [String: String] = ["README": "hello\n", "a": "1\n", ".gitignore": ".env\n*.log\n"])
            async throws
        {
            repository = try await TestRepository(files: files)
            store = try repository.store()
            worktree = try await store.prepareWorktree(
                run: RunID("r1"), task: "t1", base: repository.head(), owner: nil, backend: .overlay,
                support: .full)
            upper = try #require(worktree.layers).upper
            try Files.writeAtomically("\(upper)/a", text: "mine\n", mode: 0o644)
        }

        func text(_ path: String) throws -> String { try Files.readText(path, bytesMax: 100) }
    }

    /// More than a snapshot takes, and nothing on the disk.
    private static func makeHuge(_ path: String) throws {
        try Files.removeTree(path)
        try Files.create(path, mode: 0o644)
        #expect(truncate(path, hugeBytes) == 0)
    }
    private static let hugeBytes = 257 << 20

    private static func kept(_ name: String, in folder: String) throws -> String {
        let found = try Files.list(folder).filter { $0.hasPrefix("\(name).kept-") }
        try #require(found.count == 1, "\(name): \(found)")
        return "\(folder)/\(found[0])"
    }

    @Test("an overlay is not opened over files that somebody put at its place, and keeps all it has")
    func strangers() async throws {
        let overlay = try await Overlay()
        let path = overlay.worktree.path
        try Files.makeDirectory("\(path)/.vscode", mode: 0o755)
        let error = await worktreeError { _ = try await overlay.store.materialise(overlay.worktree) }
        #expect(error?.description.contains(".vscode") == true, "\(String(describing: error))")
        #expect(try overlay.text("\(overlay.upper)/a") == "mine\n")
        #expect(try await overlay.store.list().map(\.worktree) == [overlay.worktree])
        try Files.removeTree("\(path)/.vscode")
        let opened = try await overlay.store.materialise(overlay.worktree)
        #expect(try overlay.text("\(opened.path)/a") == "mine\n")
    }

    @Test("an overlay of which an earlier try left a word about another folder is put together")
    func sweptHalf() async throws {
        let overlay = try await Overlay()
        let open = "\(Files.parent(of: Files.parent(of: overlay.upper)))/open"
        try Files.makeDirectory(open, mode: 0o700)
        try Files.create("\(open)/index")
        let other = try Files.status(of: open)
        try Files.writeAtomically("\(open)/identity", text: "\(other.st_dev) \(other.st_ino)")
        let opened = try await overlay.store.materialise(overlay.worktree)
        #expect(try overlay.text("\(opened.path)/a") == "mine\n")
    }

    @Test("an overlay whose place was taken away is saved before it is removed") func placeGone() async throws
    {
        let overlay = try await Overlay()
        try Files.removeTree(overlay.worktree.path)
        #expect(try await overlay.store.list().map(\.isPresent) == [true])
        let last = try #require(try await overlay.store.retire(overlay.worktree, message: "last"))
        #expect(try await overlay.repository.git("show", "\(last.commit):a") == "mine")
    }

    @Test("an overlay whose place was taken away is restored in its layers, and its place made again")
    func restored() async throws {
        let overlay = try await Overlay()
        _ = try await overlay.store.snapshot(overlay.worktree, message: "one")
        try Files.writeAtomically("\(overlay.upper)/a", text: "later\n", mode: 0o644)
        try Files.removeTree(overlay.worktree.path)
        let restored = try await overlay.store.restore(overlay.worktree.name, number: 1, owner: nil)
        #expect(try overlay.text("\(overlay.upper)/a") == "mine\n")
        #expect(
            try await overlay.repository.git("show", "refs/graftwork/snapshots/r1/t1/2:a") == "later")
        #expect(Files.exists("\(restored.path)/.git"))
    }

    @Test("the place of an overlay that a task needs is made again") func repaired() async throws {
        let overlay = try await Overlay()
        let (name, path) = (overlay.worktree.name, overlay.worktree.path)
        let pointer = try overlay.text("\(path)/.git")
        try Files.removeTree(path)
        let report = try await overlay.store.reconcile { WantedWorktrees(needed: [name]) }
        #expect(report.repaired == [name] && report.told == [], "\(report)")
        #expect(try overlay.text("\(path)/.git") == pointer)
        #expect(try await overlay.store.reconcile { WantedWorktrees(needed: [name]) }.isNothing)
    }

    @Test("a checkout that moves keeps aside what is in the way and was not saved") func checkout()
        async throws
    {
        let scene = try await SnapshotTests.Scene(
            files: ["stays": "1\n", "changes": "1\n", ".gitignore": ".env\n"])
        let path = scene.worktree.path
        try scene.write(".env", "secret\n")
        for name in ["stays", "changes"] { try Self.makeHuge("\(path)/\(name)") }
        try scene.repository.write(".env", "theirs\n")
        try scene.repository.write("changes", "2\n")
        try await scene.repository.git("add", "-f", ".env")
        let newer = try await scene.repository.commitAll("newer")
        let moved = try await scene.store.moveWorktree(scene.worktree, to: newer, base: newer)
        #expect(moved.base == newer)
        #expect(try Files.readText("\(path)/.env", bytesMax: 100) == "theirs\n")
        #expect(try Files.readText(Self.kept(".env", in: path), bytesMax: 100) == "secret\n")
        #expect(try Files.readText("\(path)/changes", bytesMax: 100) == "2\n")
        #expect(try Files.status(of: Self.kept("changes", in: path)).st_size == Self.hugeBytes)
        #expect(try Files.status(of: "\(path)/stays").st_size == Self.hugeBytes)
        // It still counts as what the base has, and as nothing else.
        let after = try await scene.store.snapshot(moved, message: "after")
        #expect(after.notes.contains { $0.contains("stays") })
    }

    @Test("an overlay that moves keeps aside what is in the way and was not saved") func overlay()
        async throws
    {
        let overlay = try await Overlay(
            files: ["stays": "1\n", "changes": "1\n", ".gitignore": ".env\n*.log\n"])
        let upper = overlay.upper
        try Files.writeAtomically("\(upper)/.env", text: "secret\n", mode: 0o644)
        try Files.makeDirectory("\(upper)/x", mode: 0o755)
        try Files.writeAtomically("\(upper)/x/in.log", text: "log\n", mode: 0o644)
        for name in ["stays", "changes"] { try Self.makeHuge("\(upper)/\(name)") }
        for (name, text) in [(".env", "theirs\n"), ("changes", "2\n"), ("x", "a file\n")] {
            try overlay.repository.write(name, text)
        }
        try await overlay.repository.git("add", "-f", ".env")
        let newer = try await overlay.repository.commitAll("newer")
        let moved = try await overlay.store.moveWorktree(overlay.worktree, to: newer, base: newer)
        let layers = try #require(moved.layers)
        #expect(try overlay.text("\(layers.lower)/.env") == "theirs\n")
        #expect(!Files.exists("\(layers.upper)/.env") && !Files.exists("\(layers.upper)/changes"))
        #expect(try overlay.text(Self.kept(".env", in: layers.upper)) == "secret\n")
        #expect(try overlay.text(Self.kept("x", in: layers.upper) + "/in.log") == "log\n")
        #expect(try Files.status(of: Self.kept("changes", in: layers.upper)).st_size == Self.hugeBytes)
        #expect(try Files.status(of: "\(layers.upper)/stays").st_size == Self.hugeBytes)
    }

    @Test("what is in the way under the longest possible name is kept aside under a shorter one")
    func longName() async throws {
        let name = String(repeating: "n", count: 255)
        let scene = try await SnapshotTests.Scene(files: ["a": "1\n", ".gitignore": "n*\n"])
        for (folder, text) in [(scene.worktree.path, "mine\n"), (scene.repository.path, "theirs\n")] {
            try Files.writeAtomically("\(folder)/n", text: text, mode: 0o644)
            try Files.move("\(folder)/n", to: "\(folder)/\(name)")
        }
        try await scene.repository.git("add", "-f", name)
        let newer = try await scene.repository.commitAll("newer")
        _ = try await scene.store.moveWorktree(scene.worktree, to: newer, base: newer)
        let path = scene.worktree.path
        #expect(try Files.readText("\(path)/\(name)", bytesMax: 100) == "theirs\n")
        #expect(try Files.readText(Self.kept(String(name.dropLast(14)), in: path), bytesMax: 100) == "mine\n")
    }

    enum Deed: CaseIterable { case retire, restore, move }

    @Test("what is asked for while a worktree is opened waits, and finds it opened", arguments: Deed.allCases)
    func oneAtATime(_ deed: Deed) async throws {
        let overlay = try await Overlay()
        let (store, worktree) = (overlay.store, overlay.worktree)
        _ = try await store.snapshot(worktree, message: "one")
        try Files.writeAtomically("\(overlay.upper)/late.log", text: "ignored\n", mode: 0o644)
        let newer = try await overlay.repository.commitAll("newer")
        let asked = Mutex<Task<Void, any Error>?>(nil)
        let steps = Steps { step in
            guard step == "base copied" else { return }
            let task = Task {
                switch deed {
                case .retire: _ = try await store.retire(worktree, message: "last")
                case .restore: _ = try await store.restore(worktree.name, number: 1, owner: nil)
                case .move: _ = try await store.moveWorktree(worktree, to: newer, base: newer)
                }
            }
            asked.withLock { $0 = $0 ?? task }
        }
        await store.crash(by: { steps.pass($0) })
        let opened = try await store.materialise(worktree)
        try await asked.withLock(\.self)?.value
        #expect(opened.layers == nil)
        if deed == .retire {
            #expect(try await store.list().isEmpty)
        } else {
            let known = try #require(try await store.list().first)
            #expect(known.isPresent && known.worktree.layers == nil, "\(known)")
            #expect(try overlay.text("\(worktree.path)/late.log") == "ignored\n")
        }
    }

    @Test("a session that comes while its overlay is opened waits, and is given the checkout it became")
    func handedBack() async throws {
        let overlay = try await Overlay()
        let (store, worktree) = (overlay.store, overlay.worktree)
        let asked = Mutex<Task<PreparedWorktree, any Error>?>(nil)
        let opened = try await store.materialise(worktree) {
            let task = Task { try await store.handBack(worktree) }
            asked.withLock { $0 = task }
            return nil
        }
        let back = try await #require(asked.withLock(\.self)).value
        #expect(opened.layers == nil && opened.isOpened == true)
        #expect(back.layers == nil && back.isOpened == nil)
        #expect(try await store.list().map(\.worktree) == [back])
        #expect(try overlay.text("\(back.path)/a") == "mine\n")
    }

    @Test("whoever may not touch a worktree once its turn has come leaves it as it is") func refused()
        async throws
    {
        let overlay = try await Overlay()
        let (store, worktree) = (overlay.store, overlay.worktree)
        _ = try await store.snapshot(worktree, message: "one")
        try Files.writeAtomically("\(overlay.upper)/a", text: "later\n", mode: 0o644)
        let problem = Problem("A session has begun.", blame: .user)
        let deeds: [@Sendable () async throws -> Void] = [
            { _ = try await store.materialise(worktree) { problem } },
            { _ = try await store.restore(worktree.name, number: 1, owner: nil) { problem } },
            { _ = try await store.retire(worktree, message: "last") { problem } },
        ]
        for deed in deeds { #expect(await worktreeError(deed) == .inUse(problem)) }
        #expect(try await store.list().map(\.worktree) == [worktree])
        #expect(try await store.list().map(\.snapshots) == [[1]])
        #expect(try overlay.text("\(overlay.upper)/a") == "later\n")
    }

    /// Calls back between the steps, and outlives the call that sets it.
    private final class Steps: Sendable {
        let pass: @Sendable (String) -> Void
        init(_ pass: @escaping @Sendable (String) -> Void) { self.pass = pass }
    }

    @Test(
        "an agent that shuts its worktree to everybody does not keep it from being saved and removed",
        .enabled(if: !SystemIdentity.isRoot, "root reads everything"))
    func shut() async throws {
        let scene = try await SnapshotTests.Scene()
        try scene.write("work", "mine\n")
        try Files.changeMode(scene.worktree.path, 0)
        let saved = try await scene.store.snapshot(scene.worktree, message: "m")
        #expect(try await scene.repository.git("show", "\(saved.commit):work") == "mine")
        #expect(try Files.status(of: scene.worktree.path).st_mode & 0o777 == 0)
        _ = try await scene.store.retire(scene.worktree, message: "last")
        #expect(!Files.exists(scene.worktree.path))
    }

    @Test(
        "a person's own files that share an inode with an opened worktree stay the person's",
        .enabled(if: SystemIdentity.isRoot, "only root can give files away"))
    func sharedInodes() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(
            run: RunID("r1"), task: "t1", base: repository.head(), owner: 23456)
        let opened = try await store.materialise(worktree)
        let own = repository.folder.path("own")
        try Files.writeAtomically(own, text: "private\n", mode: 0o640)
        try Files.makeDirectory("\(opened.path)/deep", mode: 0o755)
        #expect(link(own, "\(opened.path)/deep/linked") == 0)
        _ = try await store.handBack(opened)
        let (mine, theirs) = (
            try Files.status(of: own), try Files.status(of: "\(opened.path)/deep/linked")
        )
        #expect(mine.st_uid == 0 && mine.st_nlink == 1)
        #expect(theirs.st_uid == 23456 && theirs.st_mode & 0o777 == 0o640)
        #expect(theirs.st_mtim.tv_sec == mine.st_mtim.tv_sec)
        #expect(try Files.readText("\(opened.path)/deep/linked", bytesMax: 100) == "private\n")
        #expect(try Files.list("\(opened.path)/deep") == ["linked"])
    }

    @Test("a removal that was overtaken leaves the tombstone of the next one alone") func overtaken()
        async throws
    {
        let scene = try await SnapshotTests.Scene()
        let (name, base) = (scene.worktree.name, scene.base)
        let state = try StateDirectory(scene.repository.state)
        try await scene.store.removeWorktree(scene.worktree, keepSnapshots: true) { step in
            guard step == "graveyard" else { return }
            try state.write(
                Tombstone(phase: .begun, base: base, owner: nil, keepsSnapshots: true), of: name)
        }
        #expect(try await scene.store.pendingRemovals().map(\.name) == [name])
    }

    @Test("a removal says whether there is a new worktree of that name") func madeAgain() async throws {
        let scene = try await SnapshotTests.Scene()
        await #expect(throws: WorktreeError.self) {
            try await scene.store.removeWorktree(scene.worktree, keepSnapshots: true) {
                if $0 == "buried" { throw Crash() }
            }
        }
        _ = try await scene.store.prepareWorktree(
            run: RunID("r1"), task: "t1", base: scene.base, owner: nil)
        #expect(try await scene.store.finishRemovals().removed.map(\.isMadeAgain) == [true])
        try await scene.store.removeWorktree(scene.worktree, keepSnapshots: true)
        #expect(try await scene.store.finishRemovals().removed.isEmpty)
    }

    @Test("what a git directory is mended from is not swept meanwhile") func mending() async throws {
        let scene = try await SnapshotTests.Scene()
        try Files.removeTree(scene.worktree.privateGitDirectory)
        try Files.removeTree("\(scene.repository.state)/packs")
        try Files.makeDirectory("\(scene.repository.state)/packs", mode: 0o711)
        let store = scene.store
        let inUse = Mutex<[Int]>([])
        let steps = Steps { step in
            guard step == "draft filled" else { return }
            let count = store.assumeIsolated { $0.basesInUse.count }
            inUse.withLock { $0.append(count) }
        }
        await store.crash(by: { steps.pass($0) })
        _ = try await store.prepareWorktree(run: RunID("r1"), task: "t1", base: scene.base, owner: nil)
        #expect(inUse.withLock(\.self) == [1])
    }
}
