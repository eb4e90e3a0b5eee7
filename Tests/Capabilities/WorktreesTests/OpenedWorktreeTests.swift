import Fixtures
import Glibc
import Linux
import Testing
import Vocabulary
import Worktrees

@Suite("A worktree that is opened for a person") struct OpenedWorktreeTests {
    private static let overlay = WorktreeBackend.overlay

    private struct Scene {
        let repository: TestRepository
        let store: RepositoryStore
        let worktree: PreparedWorktree

        init(_ backend: WorktreeBackend, owner: UInt32? = nil) async throws {
            repository = try await TestRepository(files: [
                "a": "1\n", "d/x": "1\n", "d/y": "1\n", "gone/z": "1\n", "swap/in": "1\n",
                ".gitignore": "build/\n",
            ])
            store = try repository.store()
            worktree = try await store.prepareWorktree(
                run: RunID("r1"), task: "t1", base: repository.head(), owner: owner, backend: backend,
                support: .full)
            let script = """
                echo mine > a; rm d/y; rm -r gone; mkdir build; echo kept > build/out; mkfifo build/pipe
                ln -s a link; rm -r swap; echo file > swap; rm -r d; mkdir d; echo again > d/z; chmod 750 d
                printf x > "$(printf 'odd\\377name')"
                """
            if backend == .overlay {
                _ = try await OverlayView(worktree: worktree).shell(script)
            } else {
                try await repository.git(
                    "-c", "alias.run=!sh -e -c '\(script.replacing("'", with: "'\\''"))'", "run",
                    at: worktree.path)
            }
        }

        func check(_ opened: PreparedWorktree, _ store: RepositoryStore) async throws {
            #expect(opened.layers == nil && opened.path == worktree.path && opened.base == worktree.base)
            let status = try await repository.git(
                "-c", "core.quotePath=true", "status", "--porcelain", at: opened.path)
            #expect(
                status == """
                     M a
                     D d/x
                     D d/y
                     D gone/z
                     D swap/in
                    ?? d/z
                    ?? link
                    ?? "odd\\377name"
                    ?? swap
                    """)
            #expect(try Files.readText("\(opened.path)/build/out", bytesMax: 100) == "kept\n")
            #expect(try Files.status(of: "\(opened.path)/build/pipe").st_mode & S_IFMT == S_IFIFO)
            #expect(try Files.status(of: "\(opened.path)/d").st_mode & 0o777 == 0o750)
            #expect(try Files.list("\(opened.path)/d") == ["z"])
            #expect(!Files.exists("\(repository.state)/layers/r1.t1"))
            #expect(try await store.list().map(\.worktree) == [opened])
        }
    }

    @Test(
        "has every file, and a status that shows what the task changed",
        .enabled(if: OverlayView.isPossible, "needs unshare and mount"),
        arguments: [overlay, .checkout])
    func opens(backend: WorktreeBackend) async throws {
        let scene = try await Scene(backend)
        let before = try await scene.store.snapshot(scene.worktree, message: "before").tree
        let user = try await scene.repository.belongings()
        let opened = try await scene.store.materialise(scene.worktree)
        try await scene.check(opened, scene.store)
        #expect(try await scene.store.snapshot(opened, message: "after").tree == before)
        #expect(try await scene.repository.belongings() == user)
        // Again, after the person has begun to work: nothing of it is undone.
        try Files.writeAtomically("\(opened.path)/mine", text: "by hand\n", mode: 0o644)
        try await scene.repository.git("add", "mine", at: opened.path)
        #expect(try await scene.store.materialise(scene.worktree) == opened)
        #expect(
            try await scene.repository.git("diff", "--cached", "--name-only", at: opened.path) == "mine")
        try await scene.store.removeWorktree(opened, keepSnapshots: false)
        #expect(!Files.exists(opened.path))
    }

    @Test(
        "is opened whole by the next call, wherever a crash cut the first, with every file",
        .enabled(if: OverlayView.isPossible, "needs unshare and mount"),
        arguments: [
            "base copied", "layers put together", "pointer gone", "files in place", "marker says checkout",
            "index made",
        ])
    func crashes(at step: String) async throws {
        let scene = try await Scene(.overlay)
        await scene.store.crash { if $0 == step { throw Crash() } }
        await #expect(throws: (any Error).self) { try await scene.store.materialise(scene.worktree) }
        let next = try scene.repository.store()
        try await scene.check(try await next.materialise(scene.worktree), next)
    }

    @Test(
        "belongs to the server's user, and to its session's uid again when that comes back",
        .enabled(if: SystemIdentity.isRoot, "only root can give files away"), arguments: [overlay, .checkout])
    func owners(backend: WorktreeBackend) async throws {
        let repository = try await TestRepository(files: ["a": "1\n", "d/x": "1\n"])
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(
            run: RunID("r1"), task: "t1", base: repository.head(), owner: 23456, backend: backend,
            support: .full)
        let opened = try await store.materialise(worktree)
        for name in ["", "/a", "/d/x"] { #expect(try Files.status(of: opened.path + name).st_uid == 0) }
        let back = try await store.handBack(opened)
        for name in ["", "/a", "/d/x"] { #expect(try Files.status(of: back.path + name).st_uid == 23456) }
        #expect(back.isOpened == nil && back.layers == nil)
    }

    @Test("belongs to its session again when its making is asked for again", arguments: [overlay, .checkout])
    func preparedAgain(backend: WorktreeBackend) async throws {
        let repository = try await TestRepository(files: ["a": "1\n", "d/x": "1\n"])
        let store = try repository.store()
        let owner: UInt32? = SystemIdentity.isRoot ? 23456 : nil
        func prepare() async throws -> PreparedWorktree {
            try await store.prepareWorktree(
                run: RunID("r1"), task: "t1", base: repository.head(), owner: owner, backend: backend,
                support: .full)
        }
        let opened = try await store.materialise(try await prepare())
        #expect(opened.isOpened == true)
        let again = try await prepare()
        #expect(again.isOpened == nil && again.layers == nil)
        guard let owner else { return }
        for name in ["", "/a", "/d/x"] { #expect(try Files.status(of: again.path + name).st_uid == owner) }
    }

    @Test("says that it is gone") func gone() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(
            run: RunID("r1"), task: "t1", base: repository.head(), owner: nil)
        try await store.removeWorktree(worktree, keepSnapshots: true)
        #expect(
            await worktreeError { _ = try await store.materialise(worktree) }
                == .noSuchWorktree(path: worktree.path))
    }
}
