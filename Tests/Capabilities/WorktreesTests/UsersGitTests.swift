import ChildProcess
import Fixtures
import Glibc
import Linux
import Synchronization
import Testing
import Vocabulary

@testable import Worktrees

@Suite("While the user's git is at work") struct UsersGitTests {
    @Test("`git gc` and `git worktree prune`, again and again, lose nothing of worktrees that come and go")
    func collectsAndPrunes() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n", "a/b": "1\n"])
        let store = try repository.store()
        let base = try await repository.head()
        let trees = try await withThrowingTaskGroup(of: [ObjectID].self) { group in
            for number in 0..<3 {
                let backend: WorktreeBackend = number == 0 ? .overlay : .checkout
                group.addTask {
                    var trees: [ObjectID] = []
                    for round in 0..<3 {
                        let worktree = try await store.prepareWorktree(
                            run: RunID("r\(round)"), task: "t\(number)", base: base, owner: nil,
                            backend: backend, support: .full)
                        let root = worktree.layers?.upper ?? worktree.path
                        for turn in 1...2 {
                            try Files.writeAtomically("\(root)/work", text: "\(number) \(round) \(turn)\n")
                            trees.append(try await store.snapshot(worktree, message: "turn").tree)
                        }
                        if round < 2 { try await store.retire(worktree, message: "last") }
                    }
                    return trees
                }
            }
            // Not cancelled: a gc that is killed leaves its locks.
            let isOver = Atomic(false)
            async let users: Void = {
                while !isOver.load(ordering: .relaxed) { try await Self.pruneAndCollect(repository) }
            }()
            var trees: [ObjectID] = []
            do {
                for try await some in group { trees += some }
            } catch {
                isOver.store(true, ordering: .relaxed)
                throw error
            }
            isOver.store(true, ordering: .relaxed)
            try await users
            return trees
        }
        try await Self.pruneAndCollect(repository)
        #expect(Set(trees).count == 18)
        for tree in trees {
            #expect(try await repository.git("ls-tree", "--name-only", "-r", tree.rawValue) != "")
        }
        let left = try await store.list()
        #expect(left.map(\.worktree.name.task) == ["t0", "t1", "t2"] && left.allSatisfy(\.isPresent))
        #expect(try await store.pendingRemovals() == [])
        let listed = try await repository.git("worktree", "list", "--porcelain")
        for known in left { #expect(listed.contains("worktree \(known.worktree.path)\n")) }
        #expect(listed.split(separator: "\n").filter { $0.hasPrefix("worktree ") }.count == 4)
        #expect(
            try await repository.git("for-each-ref", "--format=%(refname)", "refs/heads").split(
                separator: "\n"
            ).count == 4)
        try await repository.git("fsck", "--strict")
        #expect(try await repository.status() == [])
    }

    @Test("a snapshot that a long `git gc` deleted again leaves no ref that would keep git from the next gc")
    func longCollection() async throws {
        let scene = try await SnapshotTests.Scene()
        let (store, gitDirectory) = (scene.store, "\(scene.repository.path)/.git")
        await store.waitForCollections(pollsMax: 1)
        try Files.writeAtomically("\(gitDirectory)/gc.pid", text: "\(getpid()) here")
        try scene.write("work", "1\n")
        let first = try await store.snapshot(scene.worktree, message: "beside it").commit.rawValue
        // It read the refs before, and ends now.
        try Files.removeFile("\(gitDirectory)/objects/\(first.prefix(2))/\(first.dropFirst(2))")
        try Files.removeFile("\(gitDirectory)/gc.pid")
        try scene.write("work", "2\n")
        let second = try await store.snapshot(scene.worktree, message: "after it")
        #expect(try await store.snapshotNumbers(of: scene.worktree.name) == [2] && second.number == 2)
        try await scene.repository.git("gc", "-q", "--prune=now")
        #expect(try await scene.repository.git("show", "\(second.commit):work") == "2")
    }

    /// A gc that meets a half-made ref or HEAD refuses as a whole; its user runs it again.
    private static func pruneAndCollect(_ repository: TestRepository) async throws {
        for command in [["worktree", "prune", "--expire=now"], ["gc", "-q", "--prune=now"]] {
            let ended = try await repository.tryGit(command)
            let said = ended.stderrText
            #expect(
                ended.isSuccess || said.contains("bad object") || said.contains("cannot lock ref")
                    || said.contains("failed to run"), "\(command): \(said)")
        }
    }
}
