import ChildProcess
import Fixtures
import Foundation
import Glibc
import Linux
import Testing
import Vocabulary
import Worktrees

@Suite("A snapshot of a worktree") struct SnapshotTests {
    /// A repository, its store and one worktree of it.
    struct Scene {
        let repository: TestRepository
        let store: RepositoryStore
        let worktree: PreparedWorktree
        let base: ObjectID

        init(files: [String: String] = ["README": "hello\n"]) async throws {
            repository = try await TestRepository(files: files)
            store = try repository.store()
            base = try await repository.head()
            worktree = try await store.prepareWorktree(run: RunID("r1"), task: "t1", base: base, owner: nil)
        }

        func write(_ name: String, _ text: String) throws {
            try Files.makeDirectory(Files.parent(of: "\(worktree.path)/\(name)"), mode: 0o755)
            try Files.writeAtomically("\(worktree.path)/\(name)", text: text, mode: 0o644)
        }

        /// The tree that `git add -A && git write-tree` makes of the files as they are, on top of the base.
        func treeByGit(at path: String? = nil, entering: [String] = []) async throws -> ObjectID {
            let place = path ?? worktree.path
            let index = "\(repository.folder.path)/index-\(RandomBytes.hex(count: 6))"
            let environment = TestRepository.environment.merging([
                "GIT_DIR": worktree.privateGitDirectory, "GIT_WORK_TREE": place, "GIT_INDEX_FILE": index,
            ]) { $1 }
            let script = "cd \(place) && git read-tree \(base) && git add -A && git write-tree && rm \(index)"
            let output = try await Child.run(
                ChildCommand(entering + ["/bin/sh", "-c", script], environment: environment),
                outputBytesMax: 1 << 20, timeout: .seconds(120))
            guard output.isSuccess else {
                throw WorldFailure(what: "git add -A", why: output.stderrText)
            }
            return ObjectID(String(output.stdoutText.prefix { $0 != "\n" }))
        }

        func paths(_ tree: ObjectID) async throws -> [String] {
            try await repository.git(
                "-c", "core.quotePath=false", "ls-tree", "-r", "-z", "--name-only", tree.rawValue
            )
            .split(separator: "\0").map(String.init)
        }
    }

    @Test("stands under its own ref, on top of the base, and moves nothing else") func ref() async throws {
        let scene = try await Scene()
        let before = try await scene.repository.belongings()
        try scene.write("new", "x\n")
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "first turn")
        #expect(snapshot.ref == "refs/graftwork/snapshots/r1/t1/1")
        #expect(try await scene.repository.head(snapshot.ref) == snapshot.commit)
        #expect(try await scene.repository.head("\(snapshot.commit)^") == scene.base)
        #expect(try await scene.repository.head("\(snapshot.commit)^{tree}") == snapshot.tree)
        #expect(try await snapshot.tree == scene.treeByGit())
        #expect(snapshot.notes == [])
        #expect(try await scene.repository.belongings() == before)
        #expect(try await scene.store.snapshot(scene.worktree, message: "again") == snapshot)
        #expect(!Files.exists("\(scene.repository.path)/.git/worktrees/r1.t1/index"))
    }

    @Test("gets the next number, and none when nothing changed since the newest") func numbers() async throws
    {
        let scene = try await Scene()
        try scene.write("new", "1\n")
        let first = try await scene.store.snapshot(scene.worktree, message: "one")
        #expect(try await scene.store.snapshot(scene.worktree, message: "one again") == first)
        try scene.write("new", "2\n")
        let second = try await scene.store.snapshot(scene.worktree, message: "two")
        // As it was before the newest is as new as anything else.
        try scene.write("new", "1\n")
        let third = try await scene.store.snapshot(scene.worktree, message: "three")
        #expect([first, second, third].map(\.number) == [1, 2, 3])
        #expect(third.tree == first.tree)
        #expect(
            try await scene.repository.git("rev-parse", "\(second.commit)^@") == scene.base.rawValue)
        for strange in ["x", "007", "99999999999999999999", "-1"] {
            try await scene.repository.git(
                "update-ref", "refs/graftwork/snapshots/r1/t1/\(strange)", "HEAD")
        }
        #expect(try await scene.store.list().map(\.snapshots) == [[1, 2, 3]])
        try scene.write("new", "4\n")
        #expect(try await scene.store.snapshot(scene.worktree, message: "four").number == 4)
    }

    @Test("skips pipes, sockets and git's own names, saves links unfollowed, and says so") func strangeFiles()
        async throws
    {
        let scene = try await Scene()
        let path = scene.worktree.path
        #expect(mkfifo("\(path)/pipe", 0o644) == 0)
        try Files.makeLink(at: "\(path)/loop", to: "loop")
        try Files.makeLink(at: "\(path)/outside", to: "/etc/passwd")
        try Files.makeLink(at: "\(path)/folder", to: "/etc")
        try scene.write("nested/.git/config", "[core]\n\tfsmonitor = /bin/false\n")
        try scene.write("nested/kept", "x\n")
        try scene.write(".GIT/hooks/pre-commit", "x\n")
        try scene.write("git~1", "x\n")
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
        #expect(
            try await scene.paths(snapshot.tree) == ["README", "folder", "loop", "nested/kept", "outside"])
        #expect(
            try await scene.repository.git("cat-file", "blob", "\(snapshot.tree):outside") == "/etc/passwd")
        #expect(
            snapshot.notes == [
                "“.GIT” is a name that git itself uses.", "“git~1” is a name that git itself uses.",
                "“nested/.git” is a name that git itself uses.",
                "“pipe” is neither a file nor a link nor a folder.",
            ])
    }

    @Test("saves names with line breaks, quotes and bytes that are no UTF-8") func names() async throws {
        let scene = try await Scene()
        try scene.write("a\nb", "1\n")
        try scene.write("q\"u'o", "2\n")
        try scene.write("back\\slash", "3\n")
        let raw: [CChar] =
            Array("\(scene.worktree.path)/".utf8CString.dropLast()) + [
                CChar(bitPattern: 0xFF), CChar(bitPattern: 0xFE), 0,
            ]
        let file = open(raw, O_WRONLY | O_CREAT, 0o644)
        #expect(file >= 0)
        close(file)
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
        #expect(try await snapshot.tree == scene.treeByGit())
        let delta = try await scene.store.delta(from: scene.base, to: snapshot.tree)
        #expect(delta.paths == ["a\nb", "back\\slash", "q\"u'o", "\\xFF\\xFE".lowercased()])
    }

    @Test("saves and removes what mode 000 hides, as an ordinary user too") func modes() async throws {
        let scene = try await Scene()
        try scene.write("hidden/file", "x\n")
        try scene.write("locked", "y\n")
        try Files.changeMode("\(scene.worktree.path)/locked", 0)
        try Files.changeMode("\(scene.worktree.path)/hidden", 0)
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
        #expect(try await scene.paths(snapshot.tree) == ["README", "hidden/file", "locked"])
        #expect(try Files.status(of: "\(scene.worktree.path)/locked").st_mode & 0o7777 == 0)
        #expect(try Files.status(of: "\(scene.worktree.path)/hidden").st_mode & 0o7777 == 0)
        try await scene.store.removeWorktree(scene.worktree, keepSnapshots: true)
        #expect(!Files.exists(scene.worktree.path))
    }

    @Test("takes attributes from the base alone, not from what an agent writes") func attributes()
        async throws
    {
        let scene = try await Scene(files: [".gitattributes": "*.txt text\n", "a.txt": "1\n"])
        try scene.write(".gitattributes", "*.txt -text\n*.txt filter=evil\n")
        try scene.write("a.txt", "1\r\n2\r\n")
        try scene.write("b.bin", "1\r\n")
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
        #expect(try await scene.repository.git("cat-file", "blob", "\(snapshot.tree):a.txt") == "1\n2")
        #expect(try await scene.repository.git("cat-file", "-s", "\(snapshot.tree):b.bin") == "3")
    }

    @Test("counts what it cannot save whole as unchanged, never as deleted") func tooLarge() async throws {
        let scene = try await Scene(files: ["big": "small\n"])
        let file = open("\(scene.worktree.path)/big", O_WRONLY)
        #expect(ftruncate(file, 1 << 40) == 0)
        close(file)
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
        #expect(try await scene.repository.git("cat-file", "blob", "\(snapshot.tree):big") == "small")
        #expect(snapshot.notes == ["“big” has more than 268435456 bytes; it counts as unchanged."])
    }

    @Test("keeps a submodule that the base has") func submodule() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let commit = try await repository.head()
        try await repository.git("update-index", "--add", "--cacheinfo", "160000,\(commit),sub")
        try await repository.git("commit", "-q", "-m", "sub")
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(
            run: RunID("r1"), task: "t1", base: repository.head(), owner: nil)
        let snapshot = try await store.snapshot(worktree, message: "m")
        #expect(try await snapshot.tree == repository.head("HEAD^{tree}"))
    }
}
