import ChildProcess
import Fixtures
import Foundation
import Glibc
import Linux
import Testing
import Vocabulary
import Worktrees

@Suite("Preparing a worktree") struct PreparingTests {
    let run = RunID("r1")

    /// git as the agent runs it: in the worktree, with its private git directory.
    static func agent(_ worktree: PreparedWorktree, _ repository: TestRepository, _ arguments: String...)
        async throws -> String
    {
        try await repository.git(
            arguments, at: worktree.path,
            environment: ["GIT_DIR": worktree.privateGitDirectory, "GIT_WORK_TREE": worktree.path])
    }

    @Test("gives files, a branch of its own and a registration that the user's git shows") func registers()
        async throws
    {
        let repository = try await TestRepository(files: ["a/b": "1\n", "run.sh": "#!/bin/sh\n"])
        let base = try await repository.head()
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(run: run, task: "t1", base: base, owner: nil)
        #expect(worktree.branch == "graftwork/r1/t1")
        #expect(try Files.readText("\(worktree.path)/a/b", bytesMax: 100) == "1\n")
        let listed = try await repository.git("worktree", "list", "--porcelain")
        #expect(
            listed.contains(
                "worktree \(worktree.path)\nHEAD \(base)\nbranch refs/heads/graftwork/r1/t1\nlocked"))
    }

    /// Another user passes through two folders, to what belongs to a session's own user, and reads nothing.
    @Test("leaves nothing in the state folder that another user of the machine can read") func otherUsers()
        async throws
    {
        let repository = try await TestRepository(files: ["a/b": "1\n"])
        let base = try await repository.head()
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(run: run, task: "t1", base: base, owner: nil)
        let state = Files.parent(of: Files.parent(of: worktree.path))
        var open: [String] = []
        func look(_ path: String) throws {
            let status = try Files.status(of: path)
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            if status.st_mode & 0o066 != 0 { open.append(path) }
            guard isFolder, status.st_mode & 0o011 != 0 else { return }
            for name in try Files.list(path) { try look("\(path)/\(name)") }
        }
        try look(state)
        #expect(open == [])
        #expect(try Files.readText("\(worktree.path)/a/b", bytesMax: 100) == "1\n")
    }

    @Test("keeps the user's git directory out of the agent's sight") func isPrivate() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        try await repository.git("checkout", "-q", "-b", "secret")
        try repository.write("secret", "password\n")
        let secret = try await repository.commitAll("secret")
        try await repository.git("checkout", "-q", "main")
        try await repository.git("remote", "add", "origin", "https://token@example.org/x.git")
        try repository.write("stashed", "mine\n")
        try await repository.git("add", "stashed")
        try await repository.git("stash")
        let base = try await repository.head()
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(run: run, task: "t1", base: base, owner: nil)
        #expect(
            try await Self.agent(worktree, repository, "for-each-ref", "--format=%(refname)")
                == "refs/heads/graftwork/r1/t1")
        #expect(try await Self.agent(worktree, repository, "remote") == "")
        #expect(try await Self.agent(worktree, repository, "log", "--format=%s") == "begin")
        #expect(try await Self.agent(worktree, repository, "status", "--porcelain") == "")
        await #expect(throws: GitFailure.self) {
            try await Self.agent(worktree, repository, "cat-file", "-e", secret.rawValue)
        }
        #expect(
            try Files.readText(worktree.gitPointerFile, bytesMax: 4096)
                == "gitdir: \(worktree.privateGitDirectory)\n")
        // What it borrows is packed by the server and holds nothing else; the user's objects are not named.
        let packs = try #require(worktree.sharedObjects)
        #expect(
            try Files.readText("\(worktree.privateGitDirectory)/objects/info/alternates", bytesMax: 4096)
                == packs + "\n")
        #expect(packs.hasPrefix(repository.state))
        #expect(try Files.list("\(worktree.privateGitDirectory)/objects/pack") == [])
        // The agent can work: commit, look back, collect garbage.
        try Files.writeAtomically("\(worktree.path)/new", text: "x\n")
        _ = try await Self.agent(worktree, repository, "add", "-A")
        _ = try await Self.agent(worktree, repository, "commit", "-q", "-m", "work")
        _ = try await Self.agent(worktree, repository, "gc", "-q", "--prune=now")
        #expect(
            try await Self.agent(worktree, repository, "log", "--format=%s %an")
                == "work Graftwork agent\nbegin Test Person")
        #expect(try await repository.head("refs/heads/graftwork/r1/t1") == base)
    }

    /// The extension TREE as gitformat-index(5) describes it: the root's name, which is empty, and how many
    /// entries it covers; -1 where the first commit has to write the trees anew.
    @Test("writes an index that knows the trees of its folders, in both backends") func indexKnowsTrees()
        async throws
    {
        let repository = try await TestRepository(files: ["a/b": "1\n", "a/c/d": "2\n", "e": "3\n"])
        let base = try await repository.head()
        let store = try repository.store()
        for backend in [WorktreeBackend.checkout, .overlay] {
            let worktree = try await store.prepareWorktree(
                run: run, task: backend.rawValue, base: base, owner: nil, backend: backend, support: .full)
            let index = try Files.read("\(worktree.privateGitDirectory)/index", bytesMax: 1 << 20)
            let signature = Array("TREE".utf8)
            let start = try #require(
                index.indices.last { index[$0...].starts(with: signature) }, "\(backend): no extension")
            // Four bytes of signature, four of length, the empty name and its zero.
            let count = index[(start + 9)...].prefix { $0 != UInt8(ascii: " ") }
            #expect(String(decoding: count, as: UTF8.self) == "3", "\(backend)")
        }
    }

    @Test("writes an index that git need not doubt") func indexIsSettled() async throws {
        let repository = try await TestRepository(files: ["a": "1\n", "b/c": "2\n"])
        let worktree = try await repository.store().prepareWorktree(
            run: run, task: "t1", base: repository.head(), owner: nil)
        // With unreadable contents a status can only be right if it believes the index.
        let debug = try await Self.agent(worktree, repository, "ls-files", "--debug")
        let indexTime = try Files.status(of: "\(worktree.privateGitDirectory)/index").st_mtim.tv_sec
        let times = debug.split(separator: "\n").filter { $0.contains("mtime:") }.compactMap {
            Int($0.split(separator: " ").last?.split(separator: ":").first ?? "")
        }
        #expect(times.count == 2)
        #expect(times.allSatisfy { $0 < indexTime })
        #expect(try await Self.agent(worktree, repository, "diff-files") == "")
    }

    @Test("is the same worktree for the same key, with the files of an earlier attempt") func idempotent()
        async throws
    {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let base = try await repository.head()
        let store = try repository.store()
        let first = try await store.prepareWorktree(run: run, task: "t1", base: base, owner: nil)
        try Files.writeAtomically("\(first.path)/half-done", text: "work\n")
        let again = try await store.prepareWorktree(run: run, task: "t1", base: base, owner: nil)
        #expect(again == first)
        #expect(Files.exists("\(first.path)/half-done"))
        // A restarted server is another store on the same state.
        #expect(
            try await repository.store().prepareWorktree(run: run, task: "t1", base: base, owner: nil)
                == first)
        let next = try await repository.commitAll("next")
        #expect(
            await worktreeError {
                _ = try await store.prepareWorktree(run: run, task: "t1", base: next, owner: nil)
            }
                == .preparedFromAnotherBase(path: first.path, base: base))
    }

    @Test(
        "makes anew what a crash left half made",
        arguments: ["no marker", "only branch", "only registration"])
    func halfMade(_ what: String) async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let base = try await repository.head()
        let store = try repository.store()
        let first = try await store.prepareWorktree(run: run, task: "t1", base: base, owner: nil)
        let folder = Files.parent(of: first.gitPointerFile)
        switch what {
        case "no marker": try Files.removeTree("\(folder)/prepared.json")
        case "only branch":
            try await store.removeWorktree(first, keepSnapshots: true)
            try await repository.git("branch", first.branch, base.rawValue)
        default:
            try Files.removeTree(folder)
            try Files.removeTree(first.path)
        }
        #expect(try await store.prepareWorktree(run: run, task: "t1", base: base, owner: nil) == first)
        #expect(try await Self.agent(first, repository, "status", "--porcelain") == "")
        #expect(try await store.list().map(\.worktree) == [first])
    }

    @Test("makes many at once, while the user commits and collects garbage") func parallel() async throws {
        let repository = try await TestRepository(
            files: Dictionary(uniqueKeysWithValues: (0..<50).map { ("d\($0 % 7)/f\($0)", "\($0)\n") }))
        let base = try await repository.head()
        let store = try repository.store()
        let worktrees = try await withThrowingTaskGroup(of: PreparedWorktree?.self) { group in
            for number in 0..<6 {
                group.addTask {
                    try await store.prepareWorktree(
                        run: RunID("r1"), task: "t\(number)", base: base, owner: nil)
                }
            }
            group.addTask {
                for number in 0..<5 {
                    try repository.write("mine", "\(number)\n")
                    try await repository.commitAll("mine \(number)")
                    // A worktree that git is just adding has an empty HEAD for a moment; a gc at that moment
                    // refuses as a whole, and its user runs it again.
                    try await wait {
                        let collected = try await repository.tryGit(["gc", "-q", "--prune=now"])
                        let metOne = collected.stderrText.contains("bad object worktrees/")
                        #expect(collected.isSuccess || metOne, "\(collected.stderrText)")
                        return !metOne
                    }
                }
                return nil
            }
            var all: [PreparedWorktree] = []
            for try await worktree in group { if let worktree { all.append(worktree) } }
            return all
        }
        #expect(Set(worktrees.map(\.path)).count == 6)
        for worktree in worktrees {
            #expect(try await Self.agent(worktree, repository, "status", "--porcelain") == "")
            _ = try await Self.agent(worktree, repository, "fsck", "--strict")
        }
        #expect(try await repository.git("log", "-1", "--format=%s") == "mine 4")
        try await repository.git("fsck")
    }

    @Test(
        "refuses names that could leave their place", arguments: ["", "a/b", "..", "-x", "A", "x.y", "x y"])
    func names(_ name: String) async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        let base = try await repository.head()
        #expect(
            await worktreeError {
                _ = try await store.prepareWorktree(run: run, task: name, base: base, owner: nil)
            } == .invalidName(name: name))
    }

    @Test("refuses a branch that holds somebody's commits or is checked out") func branchTaken() async throws
    {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let base = try await repository.head()
        try await repository.git("checkout", "-q", "-b", "graftwork/r1/t1")
        let store = try repository.store()
        #expect(
            await worktreeError {
                _ = try await store.prepareWorktree(run: run, task: "t1", base: base, owner: nil)
            }
                == .branchInUse(branch: "graftwork/r1/t1", path: repository.path))
        let mine = try await repository.commitAll("mine")
        try await repository.git("checkout", "-q", "main")
        #expect(
            await worktreeError {
                _ = try await store.prepareWorktree(run: run, task: "t1", base: base, owner: nil)
            }
                == .branchTaken(branch: "graftwork/r1/t1", commit: mine))
        #expect(try await repository.head("refs/heads/graftwork/r1/t1") == mine)
    }

    @Test(
        "gives the files and the private git directory to the agent's user",
        .enabled(if: SystemIdentity.isRoot, "only root can give files away"))
    func owner() async throws {
        let repository = try await TestRepository(files: ["a/b": "1\n"])
        let worktree = try await repository.store().prepareWorktree(
            run: run, task: "t1", base: repository.head(), owner: 23456)
        for path in [
            worktree.path, "\(worktree.path)/a/b", worktree.privateGitDirectory,
            "\(worktree.privateGitDirectory)/config", worktree.gitPointerFile,
        ] {
            #expect(try Files.status(of: path).st_uid == 23456, "\(path)")
        }
        // Every folder above lets another user through.
        var parent = Files.parent(of: worktree.path)
        while parent.hasPrefix(repository.state) {
            #expect(try Files.status(of: parent).st_mode & 0o111 == 0o111, "\(parent)")
            parent = Files.parent(of: parent)
        }
        // The index is still believed though the owner changed.
        #expect(try await Self.agent(worktree, repository, "-c", "safe.directory=*", "diff-files") == "")
    }

    @Test("removes everything of its own, keeps snapshots if asked, and may be called twice") func removes()
        async throws
    {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let before = try await repository.belongings()
        let base = try await repository.head()
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(run: run, task: "t1", base: base, owner: nil)
        _ = try await store.snapshot(worktree, message: "one")
        #expect(
            try await store.list() == [KnownWorktree(worktree: worktree, isPresent: true, snapshots: [1])])
        try await store.removeWorktree(worktree, keepSnapshots: true)
        #expect(!Files.exists(worktree.path) && !Files.exists(Files.parent(of: worktree.gitPointerFile)))
        #expect(
            try await repository.git("for-each-ref", "--format=%(refname)")
                == "refs/graftwork/snapshots/r1/t1/1\nrefs/heads/main")
        #expect(try await repository.git("worktree", "list", "--porcelain").contains("r1.t1") == false)
        try await store.removeWorktree(worktree, keepSnapshots: false)
        #expect(try await repository.git("for-each-ref", "--format=%(refname)") == "refs/heads/main")
        #expect(try await store.list().isEmpty)
        #expect(try await repository.belongings() == before)
    }

    @Test("does not remove a branch on which somebody has committed") func keepsBranch() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(
            run: run, task: "t1", base: repository.head(), owner: nil)
        let mine = try await repository.commitAll("mine")
        try await repository.git("update-ref", "refs/heads/graftwork/r1/t1", mine.rawValue)
        try await store.removeWorktree(worktree, keepSnapshots: false)
        #expect(try await repository.head("refs/heads/graftwork/r1/t1") == mine)
    }

    @Test("removes only its own folders, whatever the value says") func removesOwnOnly() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        var worktree = try await store.prepareWorktree(
            run: run, task: "t1", base: repository.head(), owner: nil)
        worktree.path = repository.path
        worktree.privateGitDirectory = "\(repository.path)/.git"
        worktree.gitPointerFile = "\(repository.path)/README"
        try await store.removeWorktree(worktree, keepSnapshots: false)
        #expect(try repository.text("README") == "hello\n")
        #expect(try await store.list().isEmpty)
    }
}
