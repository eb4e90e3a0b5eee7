import Fixtures
import Glibc
import Linux
import Testing
import Vocabulary
import Worktrees

@Suite("A worktree that is an overlay", .enabled(if: OverlayView.isPossible, "needs unshare and mount"))
struct OverlayPreparingTests {
    let run = RunID("r1")

    private func prepare(
        _ repository: TestRepository, _ store: RepositoryStore, task: String = "t1", owner: UInt32? = nil
    ) async throws -> PreparedWorktree {
        try await store.prepareWorktree(
            run: run, task: task, base: repository.head(), owner: owner, backend: .overlay, support: .full)
    }

    @Test("has the base's files, a clean status, and a registration that the user's git shows") func made()
        async throws
    {
        let repository = try await TestRepository(files: ["a/b": "1\n", "run.sh": "#!/bin/sh\n", "c d": "x"])
        let before = try await repository.belongings()
        let worktree = try await prepare(repository, repository.store())
        let base = try await repository.head()
        #expect(
            try await repository.git("worktree", "list", "--porcelain").contains(
                """
                worktree \(worktree.path)\nHEAD \(base)\nbranch refs/heads/graftwork/r1/t1
                locked in use by graftwork
                """))
        #expect(try Files.list(worktree.path) == [".git"])
        let seen = try await OverlayView(worktree: worktree).shell(
            """
            git status --porcelain; ls; git log --format=%s; git diff --stat
            echo x >> a/b; git status --short
            """
        )
        #expect(seen == "a\nc d\nrun.sh\nbegin\n M a/b")
        #expect(try await repository.belongings() == before)
    }

    @Test("shares files and history with the others of its base, and keeps what it changes to itself")
    func shared() async throws {
        let repository = try await TestRepository(files: ["a": "1\n", "d/e": "2\n"])
        let store = try repository.store()
        let (one, two) = (
            try await prepare(repository, store, task: "t1"), try await prepare(repository, store, task: "t2")
        )
        #expect(one.layers?.lower == two.layers?.lower && one.sharedObjects == two.sharedObjects)
        _ = try await OverlayView(worktree: one).shell(
            "echo mine > a; rm -r d; git add -A; git commit -qm one")
        #expect(
            try await OverlayView(worktree: two).shell("cat a d/e; git status -s; git log --format=%s")
                == "1\n2\nbegin")
        #expect(
            try await OverlayView(worktree: one).shell("cat a; ls; git log --format=%s")
                == "mine\na\none\nbegin")
    }

    @Test("has an index that git believes without reading a file") func believed() async throws {
        let repository = try await TestRepository(files: ["a": "1\n", "d/e": "22\n"])
        let worktree = try await prepare(repository, repository.store())
        let lower = try #require(worktree.layers?.lower)
        // The same size and time, other bytes: whoever reads them sees a change.
        for (name, text) in ["a": "9\n", "d/e": "99\n"] {
            let path = "\(lower)/\(name)"
            let status = try Files.status(of: path)
            let file = open(path, O_WRONLY)
            #expect(write(file, text, text.utf8.count) == text.utf8.count)
            var times = [status.st_atim, status.st_mtim]
            #expect(futimens(file, &times) == 0)
            close(file)
        }
        let seen = try await OverlayView(worktree: worktree).shell(
            "git status --porcelain; git diff-files; git diff-index HEAD; cat a")
        #expect(seen == "9")
    }

    @Test("is a checkout where overlays do not work, and where none was asked for") func fallback()
        async throws
    {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        let base = try await repository.head()
        let none = LayerSupport(overlayProblem: "no", sharingProblem: nil)
        for (task, backend, support) in [
            // First, before a busy machine has taken its time for a checkout.
            ("t2", WorktreeBackend.auto, LayerSupport.full), ("t1", .overlay, none),
            ("t3", .checkout, .full),
        ] {
            let worktree = try await store.prepareWorktree(
                run: run, task: task, base: base, owner: nil, backend: backend, support: support)
            #expect(worktree.layers == nil)
            #expect(try Files.list(worktree.path) == [".git", "a"])
        }
    }

    @Test("is chosen where a checkout was measured to take longer than a person likes to wait, and works")
    func measured() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        let base = try await repository.head()
        var isOverlay: [Bool] = []
        for (number, seconds) in [nil, "1.9", "2.1", "rubbish"].enumerated() {
            if let seconds {
                try Files.writeAtomically("\(repository.state)/checkout-seconds", text: seconds)
            }
            let worktree = try await store.prepareWorktree(
                run: run, task: "t\(number)", base: base, owner: nil, backend: .auto, support: .full)
            isOverlay.append(worktree.layers != nil)
        }
        #expect(isOverlay == [false, false, true, false])
        // Where they do not work, no measurement makes one.
        try Files.writeAtomically("\(repository.state)/checkout-seconds", text: "9")
        let worktree = try await store.prepareWorktree(
            run: run, task: "t9", base: base, owner: nil, backend: .auto, support: .untried)
        #expect(worktree.layers == nil)
        // Every checkout of all files is measured, also one that is none of a worktree.
        try await store.materialise(tree: base, at: "\(repository.folder.path)/tree", owner: nil)
        let kept = try Files.readText("\(repository.state)/checkout-seconds", bytesMax: 64)
        #expect(try #require(Double(kept)) < 9)
    }

    @Test("lets git collect garbage, and loses and touches nothing that is shared") func collects()
        async throws
    {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let worktree = try await prepare(repository, repository.store())
        let packs = try #require(worktree.sharedObjects)
        let before = try Files.list("\(packs)/pack")
        let seen = try await OverlayView(worktree: worktree).shell(
            """
            echo 2 > a; git commit -qam two; git gc -q --prune=now; git repack -qadf; git fsck
            git log --format=%s; git show HEAD~1:a; git stash list
            """)
        #expect(seen == "two\nbegin\n1")
        #expect(try Files.list("\(packs)/pack") == before)
    }

    @Test("renames files as usual; a folder of the base only by copying, and git says why")
    func renames() async throws {
        let repository = try await TestRepository(files: ["a": "1\n", "d/e": "2\n", "d/f/g": "3\n"])
        let worktree = try await prepare(repository, repository.store())
        let seen = try await OverlayView(worktree: worktree).shell(
            """
            git mv d moved 2>&1 && exit 1; git status --short
            mv d moved; git add -A; git status --short; git mv a b; git mv moved/e moved/h
            mkdir own; echo x > own/x; git add own; git mv own theirs; git status --short; cat moved/f/g
            """)
        #expect(
            seen == """
                fatal: renaming 'd' failed: Invalid cross-device link
                R  d/e -> moved/e\nR  d/f/g -> moved/f/g
                R  a -> b\nR  d/f/g -> moved/f/g\nR  d/e -> moved/h\nA  theirs/x\n3
                """)
    }

    @Test("keeps nothing for a base of which no worktree is left") func sweeping() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        let first = try await prepare(repository, store)
        let base = try await repository.head()
        try await repository.commitAll("next")
        let second = try await prepare(repository, store, task: "t2")
        #expect(try await store.unusedBases() == [])
        try await store.removeWorktree(first, keepSnapshots: true)
        #expect(!Files.exists(Files.parent(of: try #require(first.layers?.upper))))
        #expect(try await store.unusedBases() == [base])
        try Files.makeDirectory("\(repository.state)/temporary/base-left-by-a-crash/files")
        try await store.sweepUnusedBases(keepingNewest: 1)
        #expect(try await store.unusedBases() == [base])
        try await store.sweepUnusedBases()
        #expect(try await store.unusedBases() == [])
        let (lower, packs) = (try #require(first.layers?.lower), try #require(first.sharedObjects))
        #expect(!Files.exists(lower) && !Files.exists(packs))
        #expect(try Files.list("\(repository.state)/temporary") == [])
        #expect(
            try await OverlayView(worktree: second).shell("cat a; git status -s; git log --format=%s")
                == "1\nnext\nbegin")
        // The base that was swept is made anew for whoever begins there again.
        let again = try await store.prepareWorktree(
            run: run, task: "t3", base: base, owner: nil, backend: .overlay, support: .full)
        #expect(try await OverlayView(worktree: again).shell("cat a; git status -s") == "1")
    }

    @Test(
        "is made whole by the next call, wherever a crash cut the first",
        arguments: [
            "draft filled", "discarded", "branch made", "registered", "files made", "before the marker",
        ],
        [WorktreeBackend.overlay, .checkout])
    func crashes(at step: String, backend: WorktreeBackend) async throws {
        let repository = try await TestRepository(files: ["a": "1\n", "d/e": "2\n"])
        let before = try await repository.belongings()
        let base = try await repository.head()
        let store = try repository.store()
        await store.crash { if $0 == step { throw Crash() } }
        await #expect(throws: (any Error).self) {
            try await store.prepareWorktree(
                run: run, task: "t1", base: base, owner: nil, backend: backend, support: .full)
        }
        #expect(try await store.list().isEmpty)
        // The next server is another store.
        let next = try repository.store()
        let worktree = try await next.prepareWorktree(
            run: run, task: "t1", base: base, owner: nil, backend: backend, support: .full)
        if backend == .overlay {
            #expect(try await OverlayView(worktree: worktree).shell("git status -s; cat a d/e") == "1\n2")
        } else {
            #expect(try await PreparingTests.agent(worktree, repository, "status", "--porcelain") == "")
        }
        #expect(try await next.list().map(\.worktree) == [worktree])
        #expect(try await repository.git("worktree", "list").split(separator: "\n").count == 2)
        #expect(try await repository.belongings() == before)
        try await next.removeWorktree(worktree, keepSnapshots: false)
        #expect(try await repository.git("for-each-ref", "--format=%(refname)") == "refs/heads/main")
    }

    @Test("is registered anew when the user prunes while it is being registered") func pruned() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        let worktrees = try await withThrowingTaskGroup(of: PreparedWorktree?.self) { group in
            group.addTask {
                for _ in 0..<20 { try await repository.git("worktree", "prune", "--expire=now") }
                return nil
            }
            for number in 0..<8 {
                group.addTask { try await prepare(repository, store, task: "t\(number)") }
            }
            var made: [PreparedWorktree] = []
            for try await worktree in group { if let worktree { made.append(worktree) } }
            return made
        }
        let listed = try await repository.git("worktree", "list", "--porcelain")
        for worktree in worktrees { #expect(listed.contains("worktree \(worktree.path)\n")) }
        #expect(worktrees.count == 8)
    }

    @Test(
        "gets a git directory again when a power failure left it empty, and keeps its files",
        arguments: [WorktreeBackend.overlay, .checkout])
    func mended(backend: WorktreeBackend) async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        let base = try await repository.head()
        func prepare() async throws -> PreparedWorktree {
            try await store.prepareWorktree(
                run: run, task: "t1", base: base, owner: nil, backend: backend, support: .full)
        }
        let worktree = try await prepare()
        let root = worktree.layers?.upper ?? worktree.path
        try Files.writeAtomically("\(root)/mine", text: "work\n", mode: 0o644)
        try Files.writeAtomically("\(worktree.privateGitDirectory)/HEAD", text: "")
        #expect(try await prepare() == worktree)
        #expect(try Files.readText("\(root)/mine", bytesMax: 64) == "work\n")
        let head = try Files.readText("\(worktree.privateGitDirectory)/HEAD", bytesMax: 64)
        #expect(head == "ref: refs/heads/graftwork/r1/t1\n")
        // What git itself moved elsewhere is not missing.
        try Files.removeTree("\(worktree.privateGitDirectory)/refs/heads/graftwork")
        let marker = "\(worktree.privateGitDirectory)/kept"
        try Files.writeAtomically(marker, text: "x")
        #expect(try await prepare() == worktree)
        #expect(Files.exists(marker))
    }

    @Test("says which commit is missing") func missingBase() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let missing = ObjectID(String(repeating: "1", count: 40))
        let store = try repository.store()
        #expect(
            await worktreeError {
                _ = try await store.prepareWorktree(run: run, task: "t1", base: missing, owner: nil)
            } == .noSuchObject(id: missing))
        #expect(try await repository.git("for-each-ref", "--format=%(refname)") == "refs/heads/main")
    }

    @Test(
        "leaves layers that only the session's uid enters, and pristine files that only the server reads",
        .enabled(if: SystemIdentity.isRoot, "only root can give files away"))
    func owners() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let worktree = try await prepare(repository, repository.store(), owner: 23456)
        let layers = try #require(worktree.layers)
        for path in [
            layers.upper, layers.work, worktree.privateGitDirectory, "\(worktree.privateGitDirectory)/index",
        ] {
            let status = try Files.status(of: path)
            #expect(status.st_uid == 23456 && status.st_mode & 0o077 == 0, "\(path)")
        }
        let status = try Files.status(of: layers.lower)
        #expect(status.st_uid == 0 && status.st_mode & 0o077 == 0)
        for path in [layers.lower, layers.upper, try #require(worktree.sharedObjects)] {
            var parent = Files.parent(of: path)
            while parent.hasPrefix(repository.state) {
                #expect(try Files.status(of: parent).st_mode & 0o111 == 0o111, "\(parent)")
                parent = Files.parent(of: parent)
            }
        }
    }
}

struct Crash: Error {}
