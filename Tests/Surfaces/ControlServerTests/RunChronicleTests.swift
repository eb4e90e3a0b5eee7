import ControlProtocol
import Lifecycle
import Simulation
import Testing
import Vocabulary

@testable import ControlServer

@Suite("A run's log")
struct RunChronicleTests {
    @Test("says once why worktrees are no overlays, though two are made at the same time")
    func saidOnce() throws {
        let request = SampleRun.request()
        let run = RunLifecycle(request: request)
        var chronicle = RunChronicle()
        func prepared(_ task: String, _ note: String?) -> String {
            let worktree = WorktreeRecord(
                path: "/w/\(task)", branch: task, base: request.base, privateGitDirectory: "/g",
                gitPointerFile: "/p", uid: nil, note: note)
            return chronicle.note(
                .worktreePrepared(task: TaskID(task), worktree: worktree), sequence: 1, at: 0, run: run
            ).text
        }
        let note = "it is a checkout, not an overlay as configured: No."
        #expect(
            [prepared("a", note), prepared("b", note), prepared("c", nil), prepared("d", "it is odd")] == [
                "worktree ready on a; \(note)", "worktree ready on b", "worktree ready on c",
                "worktree ready on d; it is odd",
            ])
    }
}
