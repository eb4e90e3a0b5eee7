import Conductor
import Lifecycle
import Simulation
import Synchronization
import Testing
import Vocabulary

@Suite("The conductor and its sessions")
struct SessionsTests {
    typealias Journal = RunConductorTests.MemoryJournal
    typealias World = RunConductorTests.World

    /// The outcomes that stages drew something from.
    final class Drawn: Sendable {
        private let outcomes = Mutex<[SessionOutcome]>([])
        func note(_ outcome: SessionOutcome) { outcomes.withLock { $0.append(outcome) } }
        var all: [SessionOutcome] { outcomes.withLock { $0 } }
    }

    static let answer = ModelAnswer(
        upstream: "openai", vendor: .openai, model: "m", usage: TokenUsage(), cost: Money(microdollars: 5))
    static func outcome(_ result: SessionOutcome.Ending = .completed(text: "", structured: nil))
        -> SessionOutcome
    {
        SessionOutcome(result: result, vendors: [.openai])
    }

    /// A run whose first task is with its author.
    static func authoring(_ more: RunFact...) throws -> RunLifecycle {
        try RunLifecycle(
            folding: [
                .runRequested(request: SampleRun.request()),
                .baseProven(results: SampleRun.results("base")),
                .planProposed(plan: SampleRun.plan(SampleRun.task("a"))),
                .worktreePrepared(task: TaskID("a"), worktree: SampleRun.worktree),
            ] + more)
    }
    static func session(_ id: String) -> SessionRecord {
        SessionRecord(
            id: SessionID(id), role: .author, task: TaskID("a"), attempt: 1, agent: SampleRun.builder,
            directory: "/s", uid: nil)
    }
    static func specification(_ id: String, of task: TaskID = TaskID("a")) -> SessionSpecification {
        SessionSpecification(
            session: SessionID(id), run: RunID("r1"), task: task, role: .author,
            agent: SampleRun.builder, prompt: "", systemPrompt: "", outputSchema: nil, worktree: "/w",
            privateGitDirectory: nil, gitPointerFile: nil, worktreeIsReadOnly: false, directory: "/s",
            upstreams: [], policies: [], limits: SessionLimits(), uid: nil, isRehearsed: false)
    }
    static func link(_ events: [SessionEvent]) -> SessionLink {
        SessionLink(
            events: {
                AsyncThrowingStream { continuation in
                    for (index, event) in events.enumerated() {
                        continuation.yield(NumberedEvent(number: index + 1, event: event))
                    }
                    continuation.finish()
                }
            }, answer: { _, _, _, _ in }, stop: {})
    }

    /// An author stage as the product has it: takes up what is there, else begins a session.
    static func author(_ world: World, _ drawn: Drawn) -> StageActions {
        var actions = world.actions()
        let conclude = actions.author
        actions.author = { context, task in
            // Listens for ends of turns until the session is over, and waits for no more of them after it.
            func listening<Value>(_ work: () async throws -> Value) async throws -> Value {
                let turns = await context.conversation.turns(task.task.id)
                let ends = Task { for await _ in turns {} }
                let value = try await work()
                await ends.value
                return value
            }
            let earlier = try await listening {
                try await context.conversation.rejoin(.author, task.task.id, task.attempt)
            }
            let outcome: SessionOutcome
            if let earlier {
                outcome = earlier
            } else {
                outcome = try await listening {
                    try await context.conversation.begin(specification("new"), task.attempt)
                }
            }
            drawn.note(outcome)
            guard case .completed = outcome.result else {
                return [
                    .attemptFailed(
                        task: task.task.id, attempt: task.attempt, failure: .crashed,
                        problem: SampleRun.problem())
                ]
            }
            return try await conclude(context, task)
        }
        return actions
    }

    @Test("begins another session for one whose runner never began, and calls that nobody's failure")
    func neverBegan() async throws {
        let (journal, drawn) = (Journal(), Drawn())
        let host = SessionHost(
            start: { _ in Self.link([.ended(outcome: Self.outcome())]) }, attach: { _ in nil })
        let conductor = RunConductorTests.conductor(
            try Self.authoring(.sessionStarted(session: Self.session("old"))), journal,
            Self.author(World(), drawn), host: host)
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
        #expect(drawn.all == [Self.outcome()])
        #expect(
            journal.names.prefix(4) == ["sessionEnded", "sessionStarted", "sessionEnded", "candidateTaken"])
    }

    @Test(
        "goes on from a session that had ended, but whose candidate nobody lived to take",
        .timeLimit(.minutes(10)))
    func endedUnused() async throws {
        let (journal, drawn) = (Journal(), Drawn())
        let host = SessionHost(
            start: { _ in throw RunConductorTests.MemoryJournal.Full() }, attach: { _ in nil })
        let conductor = RunConductorTests.conductor(
            try Self.authoring(
                .sessionStarted(session: Self.session("old")),
                .sessionEnded(session: SessionID("old"), outcome: Self.outcome())), journal,
            Self.author(World(), drawn), host: host)
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
        #expect(drawn.all == [Self.outcome()])
    }

    @Test("writes down once what a policy refuses to execute again and again, and each thing that it refuses")
    func refusedExecs() async throws {
        let (journal, drawn) = (Journal(), Drawn())
        func refused(_ program: String) -> SessionEvent {
            let match = RuleMatch(rule: "no-push", decision: .deny, reason: "No.")
            return .executed(
                program: ExecutedProgram(path: program, arguments: [program], process: 2, parent: 1),
                refusedBy: Evaluation(decision: .deny, matched: [match]))
        }
        let events = [refused("push"), refused("push"), refused("send-pack"), refused("push")]
        let host = SessionHost(
            start: { _ in Self.link(events + [.ended(outcome: Self.outcome())]) }, attach: { _ in nil })
        let conductor = RunConductorTests.conductor(
            try Self.authoring(), journal, Self.author(World(), drawn), host: host)
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(journal.names.filter { $0 == "toolDecided" }.count == 2)
    }

    @Test("keeps the vendors and the cost of a session whose runner was lost together with the server")
    func lost() async throws {
        let (journal, drawn) = (Journal(), Drawn())
        let host = SessionHost(
            start: { _ in Self.link([.ended(outcome: Self.outcome())]) },
            attach: { _ in Self.link([.modelAnswered(answer: Self.answer)]) })
        let conductor = RunConductorTests.conductor(
            try Self.authoring(.sessionStarted(session: Self.session("old"))), journal,
            Self.author(World(), drawn), host: host)
        await conductor.start()
        await conductor.waitUntilIdle()
        let run = await conductor.run
        #expect(run.session(SessionID("old"))?.outcome?.vendors == [.openai])
        #expect(run.session(SessionID("old"))?.outcome?.cost == Money(microdollars: 5))
    }

    @Test("tidies up after a session once its end is written down, however it ended")
    func tidies() async throws {
        let (journal, drawn) = (Journal(), Drawn())
        let tidied = Mutex<[String]>([])
        let host = SessionHost(
            start: { _ in throw Problem("No sandbox.", blame: .environment) }, attach: { _ in nil },
            tidy: { session in
                let isWritten = journal.facts.withLock { facts in
                    facts.contains { if case .sessionEnded(session.id, _) = $0 { true } else { false } }
                }
                tidied.withLock { $0.append("\(session.id) \(isWritten)") }
            })
        let conductor = RunConductorTests.conductor(
            try Self.authoring(), journal, Self.author(World(), drawn), host: host)
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .held)
        #expect(tidied.withLock { $0 }.first == "new true")
    }

    @Test("begins anew what a stop had cut short, though the server died before it could say so")
    func cutShort() async throws {
        let (journal, drawn) = (Journal(), Drawn())
        let stopped = Self.outcome(.failed(reason: .stopped, message: "stopped"))
        let host = SessionHost(
            start: { _ in Self.link([.ended(outcome: Self.outcome())]) },
            attach: { _ in Self.link([.ended(outcome: stopped)]) })
        let conductor = RunConductorTests.conductor(
            try Self.authoring(
                .sessionStarted(session: Self.session("old")), .runStopped(by: "ada"),
                .runResumed(by: "ada")), journal, Self.author(World(), drawn), host: host)
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
        #expect(drawn.all == [Self.outcome()])
    }

    @Test("writes down that a branch moved, though the run was stopped while it did")
    func stoppedWhileLanding() async throws {
        let (journal, world) = (Journal(), World())
        let (moving, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        var actions = world.actions()
        let land = actions.land
        actions.land = { context, task in
            moving.continuation.yield()
            // Not cut short by a cancellation, as the real move is not.
            await Task { for await _ in go.stream { break } }.value
            return try await land(context, task)
        }
        let conductor = RunConductorTests.conductor(
            RunLifecycle(request: SampleRun.request()), journal, actions)
        await conductor.start()
        for await _ in moving.stream { break }
        try await conductor.record([.runStopped(by: "ada")])
        go.continuation.yield()
        await conductor.waitUntilIdle()
        let run = await conductor.run
        #expect(run.state == .stopped)
        #expect(run.tasks.compactMap(\.landedCommit).count == 1)
    }

    @Test("gives two sessions that begin at once no more together than the run may spend")
    func sharedBudget() async throws {
        let journal = Journal()
        let limits = Mutex<[Money?]>([])
        let host = SessionHost(
            start: { specification in
                limits.withLock { $0.append(specification.limits.spend) }
                // Both are at work before either ends.
                while limits.withLock({ $0.count }) < 2 { await Task.yield() }
                return Self.link([.ended(outcome: Self.outcome())])
            }, attach: { _ in nil })
        let world = World()
        var actions = world.actions()
        let conclude = actions.author
        actions.author = { context, task in
            _ = try await context.conversation.begin(
                Self.specification("s-\(task.task.id)", of: task.task.id), task.attempt)
            return try await conclude(context, task)
        }
        let request = SampleRun.request(
            workflow: SampleRun.workflow(maxParallel: 2, stopAt: Money(microdollars: 1_000)))
        let conductor = RunConductorTests.conductor(
            RunLifecycle(request: request), journal, actions, host: host)
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
        let given = limits.withLock { $0 }
        #expect(given.count == 2)
        #expect(given == [Money(microdollars: 500), Money(microdollars: 500)])
    }
}
