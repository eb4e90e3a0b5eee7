import Fixtures
import Linux
import Sandbox
import Testing
import Vocabulary
import Workflows
import Worktrees

@testable import Provisioning

@Suite("Set-up of a task's worktree") struct WorktreeSetupTests {
    private static let setup = WorktreeSetup(
        commands: [
            .script("mkdir -p made; cat lock >> made/log; git rev-parse --abbrev-ref HEAD > made/branch")
        ],
        inputs: ["lock"])

    private func scene() async throws -> SetupScene {
        try await SetupScene(files: ["lock": "1\n", "src": "a\n", ".gitignore": "made/\n"])
    }

    private func worktree(_ scene: SetupScene, task: String = "one") async throws -> PreparedWorktree {
        try await scene.store.prepareWorktree(
            run: RunID("run"), task: task, base: scene.base,
            owner: try await scene.places.claim(for: "run/\(task)"))
    }

    private func setUp(_ worktree: PreparedWorktree, _ scene: SetupScene) async throws -> SetupRecord {
        try await scene.provisioner.setUp(
            worktree, as: Self.setup, firstPort: nil, allowance: SandboxAllowance(), report: { _ in })
    }

    private func log(_ worktree: PreparedWorktree) throws -> String {
        try Files.readText("\(worktree.path)/made/log", bytesMax: 1_000)
    }

    @Test("is done once, with the agent's own git directory, and left alone afterwards")
    func once() async throws {
        let scene = try await scene()
        let worktree = try await worktree(scene)
        let first = try await setUp(worktree, scene)
        #expect(
            try Files.readText("\(worktree.path)/made/branch", bytesMax: 1_000) == "graftwork/run/one\n")
        #expect(try await setUp(worktree, scene) == first)
        #expect(try log(worktree) == "1\n")
        // Gone with the worktree, so that another of the same name is set up anew.
        try await scene.store.removeWorktree(worktree, keepSnapshots: true)
        let next = try await self.worktree(scene)
        _ = try await setUp(next, scene)
        #expect(try log(next) == "1\n")
    }

    @Test("that was cut short is done again, and its outcome is not kept")
    func cutShort() async throws {
        let scene = try await scene()
        let worktree = try await worktree(scene)
        try SetupMark(worktree).write(.begun)
        _ = try await setUp(worktree, scene)
        #expect(try scene.outcomes() == [])
        #expect(try log(worktree) == "1\n")
    }

    @Test("that failed has begun all the same: what it left is in no outcome that is kept")
    func failed() async throws {
        let scene = try await scene()
        let worktree = try await worktree(scene)
        let setup = WorktreeSetup(
            commands: [.script("mkdir made 2>/dev/null && exit 1; echo again >> made/log")], inputs: ["lock"])
        func setUp() async throws -> SetupRecord {
            try await scene.provisioner.setUp(
                worktree, as: setup, firstPort: nil, allowance: SandboxAllowance(), report: { _ in })
        }
        await #expect(throws: SetupError.self) { try await setUp() }
        #expect(try SetupMark(worktree).read() == .begun)
        #expect(try await setUp().wasReused == false)
        #expect(try log(worktree) == "again\n")
        #expect(try scene.outcomes() == [])
    }

    @Test("is done again after a move to another base only where what it depends on has changed")
    func moved() async throws {
        let scene = try await scene()
        var worktree = try await worktree(scene)
        _ = try await setUp(worktree, scene)
        func again() async throws -> SetupRecord? {
            try await scene.provisioner.setUpAgain(
                worktree, as: Self.setup, firstPort: nil, allowance: SandboxAllowance(), report: { _ in })
        }
        #expect(try await again() == nil)
        try scene.repository.write("src", "b\n")
        var base = ObjectID(try await scene.repository.commit("source"))
        worktree = try await scene.store.moveWorktree(worktree, to: base, base: base)
        #expect(try await again() == nil)
        try scene.repository.write("lock", "2\n")
        base = ObjectID(try await scene.repository.commit("lock"))
        worktree = try await scene.store.moveWorktree(worktree, to: base, base: base)
        #expect(try await again()?.wasReused == false)
        #expect(try log(worktree) == "1\n2\n")
        #expect(try await again() == nil)
        // An agent may have worked there: only the fresh tree of the first base is kept.
        #expect(try scene.outcomes().count == 1)
    }
}
