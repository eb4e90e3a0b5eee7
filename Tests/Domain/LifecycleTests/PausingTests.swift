import Lifecycle
import Simulation
import Testing
import Vocabulary

@Suite("A pause of a run")
struct PausingTests {
    private static let (a, b) = (TaskID("a"), TaskID("b"))

    private func building() throws -> RunLifecycle {
        try RunLifecycleTests.building(SampleRun.plan(SampleRun.task("a"), SampleRun.task("b")))
    }

    @Test("of the whole run holds every task, and what the run itself does; nothing wanted is taken back")
    func whole() throws {
        var run = try building()
        let wanted = run.wanted
        try run.apply(.paused(task: nil, by: "ada"))
        #expect(run.pause(of: nil)?.by == "ada" && run.pause(of: Self.a)?.by == "ada")
        #expect(run.wanted == wanted && run.state == .building)
        try run.apply(.unpaused(task: nil, by: "bob"))
        #expect(run.pauses == [])
    }

    @Test("of one task leaves the others alone") func oneTask() throws {
        var run = try building()
        try run.apply(.paused(task: Self.a, by: "ada"))
        #expect(run.pause(of: Self.a) != nil && run.pause(of: Self.b) == nil && run.pause(of: nil) == nil)
        #expect(run.pauseRefusal(of: Self.a) == .isPaused(by: "ada"))
        #expect(run.pauseRefusal(of: nil) == nil)
        #expect(throws: IllegalTransition.self) { try run.apply(.unpaused(task: Self.b, by: "ada")) }
        try run.apply(.unpaused(task: Self.a, by: "ada"))
        #expect(throws: IllegalTransition.self) { try run.apply(.unpaused(task: Self.a, by: "ada")) }
    }

    @Test("of the whole run ends those of its tasks, too") func ends() throws {
        var run = try building()
        try run.apply(.paused(task: Self.a, by: "ada"))
        try run.apply(.paused(task: nil, by: "bob"))
        #expect(run.pauseRefusal(of: Self.b) == .isPaused(by: "bob"))
        try run.apply(.unpaused(task: nil, by: "ada"))
        #expect(run.pauses == [])
    }

    @Test("is refused where nothing goes on by itself, and where there is nothing") func refused() throws {
        var run = try building()
        #expect(run.pauseRefusal(of: TaskID("none")) == .noSuchTask)
        #expect(throws: IllegalTransition.self) { try run.apply(.paused(task: TaskID("none"), by: "ada")) }
        #expect(throws: IllegalTransition.self) { try run.apply(.unpaused(task: nil, by: "ada")) }
        try run.apply(.taskHeld(task: Self.a, problem: SampleRun.problem()))
        #expect(run.pauseRefusal(of: Self.a) == .isSettled)
        try run.apply(.taskHeld(task: Self.b, problem: SampleRun.problem()))
        #expect(run.pauseRefusal(of: nil) == .isSettled)
    }

    @Test("ends with a stop") func stopped() throws {
        var run = try building()
        try run.apply(.paused(task: nil, by: "ada"))
        try run.apply(.runStopped(by: "ada"))
        #expect(run.pauses == [] && run.pauseRefusal(of: nil) == .isStopped)
        try run.apply(.runResumed(by: "ada"))
        #expect(run.pause(of: nil) == nil)
    }

    @Test("concerns the sessions at work on its task") func sessions() throws {
        var run = try building()
        for (id, task) in [("s1", Self.a), ("s2", Self.b)] {
            try run.apply(.worktreePrepared(task: task, worktree: SampleRun.worktree))
            try run.apply(
                .sessionStarted(
                    session: SessionRecord(
                        id: SessionID(id), role: .author, task: task, attempt: 1, agent: SampleRun.builder,
                        directory: "/s", uid: nil)))
        }
        #expect(run.liveSessions(of: Self.a).map(\.id) == [SessionID("s1")])
        #expect(run.liveSessions(of: nil).map(\.id) == [SessionID("s1"), SessionID("s2")])
        let outcome = SessionOutcome(result: .completed(text: "", structured: nil))
        try run.apply(.sessionEnded(session: SessionID("s1"), outcome: outcome))
        #expect(run.liveSessions(of: nil).map(\.id) == [SessionID("s2")])
    }
}
