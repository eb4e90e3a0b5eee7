import Fixtures
import Lifecycle
import Linux
import Provisioning
import Sandbox
import Simulation
import Synchronization
import Testing
import Vocabulary
import Workflows
import Worktrees

@testable import Authoring

/// A worktree that a crash left moved to another base, with the set-up of the one before.
private struct Scene {
    let folder: TemporaryFolder
    let worktree: PreparedWorktree
    let stage: AuthorStage
    let run: RunLifecycle

    final class Seen: Sendable {
        private let state = Mutex("")
        func look(_ worktree: PreparedWorktree) throws {
            let made = try Files.readText("\(worktree.path)/made", bytesMax: 1_000)
            state.withLock { $0 = made }
        }
        var text: String { state.withLock(\.self) }
    }

    /// - Parameter isAtWork: a session of its author outlived the crash.
    init(isAtWork: Bool) async throws {
        folder = try TemporaryFolder(reachable: true)
        let repository = try await TestRepository(in: folder, files: ["lock": "1\n", ".gitignore": "made\n"])
        let state = folder.path("state")
        try Files.makeDirectory(state, mode: 0o711)
        let store = try RepositoryStore(repository: repository.path, state: "\(state)/r/one")
        let places = SessionPlaces(state: state)
        let base = ObjectID(try await repository.revParse("HEAD"))
        let tools = try SandboxTools.locate(beside: Files.parent(of: try builtProduct(named: "sandbox-init")))
        let provisioner = Provisioner(
            launcher: SandboxLauncher(
                tools: tools, mirror: SystemIdentity.isRoot ? ProgramMirror(stateDirectory: state) : nil),
            places: places, cache: SetupCache(state: state), store: store, repository: repository.path,
            order: CopyOrder(run: RunID("r1"), base: base, approved: nil))
        let setup = WorktreeSetup(commands: [.script("cat lock >> made")], inputs: ["lock"])
        let first = try await store.prepareWorktree(
            run: RunID("r1"), task: "a", base: base, owner: try await places.claim(for: "r1/a"))
        _ = try await provisioner.setUp(
            first, as: setup, firstPort: nil, allowance: SandboxAllowance(), report: { _ in })
        try repository.write("lock", "2\n")
        let moved = ObjectID(try await repository.commit("lock"))
        worktree = try await store.moveWorktree(first, to: moved, base: moved)
        stage = AuthorStage(
            store: store, places: places, provisioner: provisioner, clock: DrivenClock().clock)
        var request = SampleRun.request()
        request.base = base
        request.setup = setup
        for name in ["plan", "implement", "revise", "review"] {
            request.templates[name] = try Files.readText(
                SessionPlacesOfTest.root + "/Templates/prompts/\(name).md", bytesMax: 1 << 20)
        }
        var facts: [RunFact] = [
            .runRequested(request: request), .baseProven(results: SampleRun.results("base")),
            .planProposed(plan: SampleRun.plan(SampleRun.task("a"))),
            .worktreePrepared(
                task: TaskID("a"),
                worktree: WorktreeRecord(
                    path: worktree.path, branch: worktree.branch, base: worktree.base,
                    privateGitDirectory: worktree.privateGitDirectory,
                    gitPointerFile: worktree.gitPointerFile, uid: worktree.owner)),
        ]
        if isAtWork {
            facts.append(
                .sessionStarted(
                    session: SessionRecord(
                        id: SessionID("s1"), role: .author, task: TaskID("a"), attempt: 1,
                        agent: SampleRun.builder, directory: "/s", uid: nil)))
        }
        run = try RunLifecycle(folding: facts)
    }

    /// What the set-up had made when the author's session was at work.
    func author() async throws -> String {
        let seen = Seen()
        let outcome = SessionOutcome(
            result: .failed(reason: .model, message: "of no interest"), vendors: [])
        let conversation = Conversation(
            begin: { _, _ in
                try seen.look(worktree)
                return outcome
            },
            rejoin: { _, _, _ in
                try seen.look(worktree)
                return outcome
            }, turns: { _ in AsyncStream { $0.finish() } })
        let task = try #require(run.task(TaskID("a")))
        _ = try await stage.author(
            task, of: run, conversation: conversation,
            record: { _ in run }, newSession: { SessionID("s2") })
        return seen.text
    }
}

@Suite("Setting up a worktree again")
struct SetUpAgainTests {
    @Test("is made up for where a crash came between the move to another base and the set-up")
    func afterCrash() async throws {
        let scene = try await Scene(isAtWork: false)
        #expect(try await scene.author() == "1\n2\n")
        // Once.
        #expect(try await scene.author() == "1\n2\n")
    }

    @Test("waits for a session that is at work in it")
    func notBelowSession() async throws {
        let scene = try await Scene(isAtWork: true)
        #expect(try await scene.author() == "1\n")
    }
}
