import Fixtures
import Glibc
import Linux
import Testing
import Vocabulary
import Worktrees

@Suite(
    "An overlay that is moved to another base",
    .enabled(if: OverlayView.isPossible && OverlayMount.isPossible, OverlayMount.reason))
struct OverlayMovingTests {
    /// An overlay with changes, ignored files among them, and a later base with a tree on it to move to.
    private struct Scene {
        let repository: TestRepository
        let store: RepositoryStore
        let worktree: PreparedWorktree
        let base: ObjectID
        let wanted: ObjectID

        init() async throws {
            repository = try await TestRepository(files: [
                "a": "1\n", "d/x": "1\n", "d/y": "1\n", "gone/z": "1\n", "file": "1\n", "folder/in": "1\n",
                "run": "1\n",
                ".gitignore": "build/\n*.o\n", ".gitattributes": "*.crlf text eol=crlf\n", "w.crlf": "1\n",
            ])
            store = try repository.store()
            worktree = try await store.prepareWorktree(
                run: RunID("r1"), task: "t1", base: repository.head(), owner: nil, backend: .overlay,
                support: .full)
            _ = try await OverlayView(worktree: worktree).shell(
                """
                echo mine > a; rm d/y; mkdir build gone/sub; echo kept > build/out; echo kept > gone/sub/q.o
                ln -s nowhere build/link; mkfifo build/pipe; echo new > new; rm -r folder; echo now > folder
                """)
            try await repository.git("rm", "-q", "-r", "gone", "file")
            try repository.write("file/is", "a folder\n")
            try repository.write("theirs", "1\n")
            try repository.write("w.crlf", "2\n")
            base = try await repository.commitAll("theirs")
            wanted = try await repository.commit(
                ["a": "mine\n", "d/x": nil, "d/y": nil, "new": "new\n", "v.crlf": "3\n", "run": "2\n"],
                on: store)
        }

        func move(_ store: RepositoryStore? = nil) async throws -> PreparedWorktree {
            try await (store ?? self.store).moveWorktree(worktree, to: wanted, base: base)
        }

        func check(_ moved: PreparedWorktree, _ store: RepositoryStore) async throws {
            let tree = try await repository.git("rev-parse", "\(wanted)^{tree}")
            #expect(try await store.snapshot(moved, message: "after").tree.rawValue == tree)
            let seen = try await OverlayView(worktree: moved).shell(
                """
                find . -path ./.git -prune -o ! -type d -print | sort; cat a build/out gone/sub/q.o file/is
                od -c w.crlf | head -1; git status --porcelain | sort; git log --format=%s
                """)
            #expect(
                seen == """
                    ./.gitattributes\n./.gitignore\n./a\n./build/link\n./build/out\n./build/pipe\n./file/is
                    ./folder/in\n./gone/sub/q.o\n./new\n./run\n./theirs\n./v.crlf\n./w.crlf
                    mine\nkept\nkept\na folder
                    0000000   2  \\r  \\n
                     D d/x\n D d/y\n M a\n M run\n?? new\n?? v.crlf\ntheirs\nbegin
                    """)
            #expect(moved.base == base)
            #expect(try await repository.head("refs/heads/graftwork/r1/t1") == base)
            #expect(try await store.list().map(\.worktree) == [moved])
            let layers = try #require(moved.layers)
            #expect(try Files.list(Files.parent(of: Files.parent(of: layers.upper))).count == 1)
        }
    }

    @Test("has the wanted files, the new base's history, and the ignored files it had") func moves()
        async throws
    {
        let scene = try await Scene()
        try await scene.check(try await scene.move(), scene.store)
    }

    @Test(
        "is moved whole by the next call, wherever a crash cut the first",
        arguments: [
            "draft filled", "layers written", "files moved", "branch moved", "files made",
            "before the marker",
        ])
    func crashes(at step: String) async throws {
        let scene = try await Scene()
        await scene.store.crash { if $0 == step { throw Crash() } }
        await #expect(throws: (any Error).self) { try await scene.move() }
        let next = try scene.repository.store()
        // Until it is done it is the old one, with every file it had.
        let before = try #require(try await next.list().first?.worktree)
        #expect(before.base == scene.worktree.base && before.layers == scene.worktree.layers)
        #expect(
            try await OverlayView(worktree: before).shell("cat a build/out folder new")
                == "mine\nkept\nnow\nnew")
        try await scene.check(try await scene.move(next), next)
    }

    @Test("has exactly the wanted files, whatever trees these are", arguments: UInt64(1)...10)
    func anyTrees(seed: UInt64) async throws {
        var edits = EditScript(seed: seed)
        try await withOverlay(files: edits.baseFiles()) { scene in
            for _ in 1...4 { try edits.edit(scene.path) }
            let repository = scene.scene.repository
            var commits: [ObjectID] = []
            for _ in 1...2 {
                for _ in 1...4 { try edits.edit(repository.path) }
                commits.append(try await repository.commitAll("edited"))
            }
            let moved = try await scene.store.moveWorktree(
                scene.worktree, to: commits[1], base: commits[0])
            let tree = try await scene.store.snapshot(moved, message: "after").tree
            // Beyond the wanted there is at most what was ignored before and no longer is.
            let difference = try await repository.git(
                "diff", "--name-status", "--no-renames", commits[1].rawValue, tree.rawValue)
            #expect(
                difference.split(separator: "\n").allSatisfy { $0.hasPrefix("A\t") },
                "seed \(seed): \(difference)")
            let merged = try await OverlayView(worktree: moved).shell(
                "git read-tree \(commits[0]); git add -A 2>/dev/null; git write-tree")
            #expect(merged == tree.rawValue, "seed \(seed)")
        }
    }
}
