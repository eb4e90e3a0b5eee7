import Fixtures
import Lifecycle
import Linux
import Simulation
import Testing
import Vocabulary
import Worktrees

@testable import Authoring

@Suite("A wish for overlays that cannot be met")
struct OverlayWishTests {
    /// - Parameter seconds: how long the last checkout took; nil: none was made yet.
    private static func note(
        backend: WorktreeBackend?, seconds: String?, support: LayerSupport
    ) async throws -> String? {
        let folder = try TemporaryFolder(reachable: true)
        let repository = try await TestRepository(in: folder, files: ["a": "1\n"])
        let state = folder.path("store")
        let store = try RepositoryStore(repository: repository.path, state: state)
        if let seconds { try Files.writeAtomically("\(state)/checkout-seconds", text: seconds) }
        try Files.makeDirectory(folder.path("server"), mode: 0o711)
        let stage = AuthorStage(
            store: store, places: SessionPlacesOfTest.places(in: folder), clock: DrivenClock().clock
        ) { support }
        var request = SampleRun.request()
        request.base = ObjectID(try await repository.revParse("HEAD"))
        request.worktreeBackend = backend
        let run = try RunLifecycle(folding: [
            .runRequested(request: request), .baseProven(results: SampleRun.results("base")),
            .planProposed(plan: SampleRun.plan(SampleRun.task("a"))),
        ])
        let task = try #require(run.task(TaskID("a")))
        let fact = try await stage.prepare(task, of: run, record: { _ in run }, report: { _ in })
        guard case .worktreePrepared(_, let worktree) = fact else {
            Issue.record("\(fact)")
            return nil
        }
        return worktree.note
    }

    private static let none = LayerSupport(overlayProblem: "Not here.", sharingProblem: nil)

    @Test("is said, whether it was configured or came of a checkout that took too long")
    func said() async throws {
        #expect(
            try await Self.note(backend: .overlay, seconds: nil, support: Self.none)
                == "it is a checkout, not an overlay as configured: Not here.")
        #expect(
            try await Self.note(backend: .auto, seconds: "2.5", support: Self.none)
                == "it is a checkout, though this repository's take long to write: Not here.")
        #expect(
            try await Self.note(backend: nil, seconds: "2.5", support: Self.none)
                == "it is a checkout, though this repository's take long to write: Not here.")
    }

    @Test("is not said where there was none, or it was met")
    func unsaid() async throws {
        #expect(try await Self.note(backend: .auto, seconds: "1.5", support: Self.none) == nil)
        #expect(try await Self.note(backend: .auto, seconds: nil, support: Self.none) == nil)
        #expect(try await Self.note(backend: .checkout, seconds: "2.5", support: Self.none) == nil)
    }
}
