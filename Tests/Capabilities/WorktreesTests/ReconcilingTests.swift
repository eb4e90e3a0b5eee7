import Fixtures
import Linux
import Testing
import Vocabulary

@testable import Worktrees

@Suite("Putting worktrees in order")
struct ReconcilingTests {
    struct Cut: Error {}

    private final class Scene: Sendable {
        let repository: TestRepository
        let store: RepositoryStore
        let worktree: PreparedWorktree
        let before: String
        var name: WorktreeName { worktree.name }

        init() async throws {
            repository = try await TestRepository(
                files: ["README": "hello\n", "a/b": "1\n", ".gitignore": "*.log\n"])
            try repository.write("mine", "not yours\n")
            try await repository.git("stash", "push", "-u", "-m", "kept")
            before = try await repository.belongings()
            store = try repository.store()
            worktree = try await store.prepareWorktree(
                run: RunID("r1"), task: "t1", base: repository.head(), owner: nil)
        }
        func write(_ name: String, _ text: String) throws {
            try Files.writeAtomically("\(worktree.path)/\(name)", text: text)
        }
        /// What a server that begins does, nothing being needed but these.
        func reconcile(needed: Set<WorktreeName> = [], unreadable: Set<String> = []) async throws
            -> Reconciliation
        {
            try await repository.store().reconcile {
                WantedWorktrees(needed: needed, unreadableRuns: unreadable)
            }
        }
        func folders() throws -> [String] {
            try ["worktrees", "private", "layers", "graveyard", "removals"].flatMap { folder in
                try Files.list("\(repository.state)/\(folder)").map { "\(folder)/\($0)" }
            }
        }
    }

    @Test("leaves alone what a task needs, and what belongs to a run that cannot be read")
    func needed() async throws {
        let scene = try await Scene()
        try scene.write("work", "mine\n")
        #expect(try await scene.reconcile(needed: [scene.name]).isNothing)
        #expect(try await scene.reconcile(unreadable: ["r1"]).isNothing)
        #expect(try await scene.store.list().map(\.snapshots) == [[]])
        #expect(try await scene.repository.belongings() == scene.before)
    }

    @Test("saves and keeps what nobody needs, once")
    func adopts() async throws {
        let scene = try await Scene()
        try scene.write("work", "mine\n")
        #expect(try await scene.reconcile().adopted == [scene.name])
        #expect(try Files.readText("\(scene.worktree.path)/work", bytesMax: 100) == "mine\n")
        #expect(
            try await scene.repository.git("show", "refs/graftwork/snapshots/r1/t1/1:work") == "mine")
        #expect(try await scene.reconcile().isNothing)
        #expect(try await scene.store.list().map(\.snapshots) == [[1]])
        #expect(try await scene.repository.belongings() == scene.before)
    }

    @Test("sweeps what nobody needs only where nothing was ever written in it")
    func sweeps() async throws {
        let scene = try await Scene()
        #expect(try await scene.reconcile().swept == [scene.name])
        #expect(try scene.folders() == [])
        #expect(
            try await scene.repository.git(
                "for-each-ref", "--format=%(refname)", "refs/heads", "refs/graftwork")
                == "refs/heads/main")
        #expect(try await scene.repository.belongings() == scene.before)
    }

    @Test("takes an ignored file, a commit that was taken back, or an empty change of mode for work")
    func traces() async throws {
        for trace in ["ignored", "object", "mode"] {
            let scene = try await Scene()
            switch trace {
            case "ignored": try scene.write("secret.log", "mine\n")
            case "object":
                try Files.makeDirectory("\(scene.worktree.privateGitDirectory)/objects/ab", mode: 0o700)
                try Files.create("\(scene.worktree.privateGitDirectory)/objects/ab/cd")
            default: try Files.changeMode("\(scene.worktree.path)/README", 0o755)
            }
            let report = try await scene.reconcile()
            #expect(report.swept == [] && report.adopted == [scene.name], "\(trace): \(report)")
            #expect(Files.isDirectory(scene.worktree.path), "\(trace)")
        }
    }

    @Test("adopts files that lost their marker, and all that was beside them")
    func unmarked() async throws {
        let scene = try await Scene()
        try scene.write("work", "mine\n")
        try Files.removeTree(Files.parent(of: scene.worktree.gitPointerFile))
        #expect(try await scene.reconcile().adopted == [scene.name])
        let adopted = try #require(try await scene.store.list().first)
        #expect(adopted.worktree.path == scene.worktree.path && adopted.snapshots == [1])
        try await scene.store.retire(adopted.worktree, message: "last")
        #expect(try scene.folders() == [])
        #expect(try await scene.repository.belongings() == scene.before)
    }

    @Test("takes a lone file for work, be it all there is")
    func loneFile() async throws {
        let scene = try await Scene()
        for name in [".git", "README", "a", ".gitignore"] {
            try Files.removeTree("\(scene.worktree.path)/\(name)")
        }
        try scene.write("work", "mine\n")
        try Files.removeTree(Files.parent(of: scene.worktree.gitPointerFile))
        #expect(try await scene.reconcile().adopted == [scene.name])
        #expect(try Files.readText("\(scene.worktree.path)/work", bytesMax: 100) == "mine\n")
    }

    @Test("finishes a removal that was cut off, wherever", arguments: RemovingTests.steps)
    func removal(_ step: String) async throws {
        let scene = try await Scene()
        try scene.write("work", "mine\n")
        _ = try await scene.store.snapshot(scene.worktree, message: "last")
        await #expect(throws: WorktreeError.self) {
            try await scene.store.removeWorktree(scene.worktree, keepSnapshots: true) {
                if $0 == step { throw Cut() }
            }
        }
        #expect(try await scene.reconcile().removed.map(\.name) == [scene.name])
        #expect(try scene.folders() == [])
        #expect(try await scene.repository.git("show", "refs/graftwork/snapshots/r1/t1/1:work") == "mine")
        #expect(try await scene.repository.belongings() == scene.before)
        #expect(try await scene.reconcile().isNothing)
    }

    @Test("makes again what a user pruned of a worktree that is needed, and tells of what cannot be")
    func users() async throws {
        let scene = try await Scene()
        try scene.write("work", "mine\n")
        _ = try await scene.store.snapshot(scene.worktree, message: "turn")
        // Locked against this; and then by force.
        try await scene.repository.git("worktree", "prune")
        #expect(try await scene.reconcile(needed: [scene.name]).isNothing)
        try Files.removeTree("\(scene.repository.path)/.git/worktrees")
        try await scene.repository.git("branch", "-D", "graftwork/r1/t1")
        #expect(try await scene.reconcile(needed: [scene.name]).repaired == [scene.name])
        #expect(try await scene.repository.git("worktree", "list").contains("r1.t1"))
        #expect(try Files.readText("\(scene.worktree.path)/work", bytesMax: 100) == "mine\n")
        try await scene.repository.git("gc", "-q", "--prune=now")
        #expect(try await scene.repository.git("show", "refs/graftwork/snapshots/r1/t1/1:work") == "mine")
        // A gc packs the user's refs itself.
        let collected = try await scene.repository.belongings()
        try Files.removeTree(scene.worktree.path)
        let told = try await scene.reconcile(needed: [scene.name])
        #expect(told.repaired == [] && told.told.count == 1, "\(told)")
        #expect(told.told.first?.contains("graftwork worktree restore r1/t1") == true)
        #expect(try await scene.repository.belongings() == collected)
    }

    @Test("forgets the registration of a folder that is gone and nobody needs")
    func registration() async throws {
        let scene = try await Scene()
        try Files.removeTree(scene.worktree.path)
        try Files.removeTree(Files.parent(of: scene.worktree.gitPointerFile))
        #expect(try await scene.reconcile().swept == [scene.name])
        #expect(try await scene.repository.git("worktree", "list").split(separator: "\n").count == 1)
        #expect(try await scene.repository.belongings() == scene.before)
    }

    @Test("what fails for one worktree keeps no other from it")
    func oneFails() async throws {
        let scene = try await Scene()
        let other = try await scene.store.prepareWorktree(
            run: RunID("r2"), task: "t2", base: scene.repository.head(), owner: nil)
        try scene.write("work", "mine\n")
        try Files.writeAtomically("\(other.path)/work", text: "theirs\n")
        // A ref in the way of the first one's snapshot.
        try await scene.repository.git("update-ref", "refs/graftwork/snapshots/r1/t1", "HEAD")
        let report = try await scene.reconcile()
        #expect(report.adopted == [other.name])
        #expect(report.told.count == 1 && report.told[0].hasPrefix("r1/t1 could not be put in order: "))
        #expect(try Files.readText("\(scene.worktree.path)/work", bytesMax: 100) == "mine\n")
    }
}
