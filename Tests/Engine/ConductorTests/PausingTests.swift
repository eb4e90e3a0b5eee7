import Fixtures
import Lifecycle
import Simulation
import Synchronization
import Testing
import Vocabulary

@testable import Conductor

@Suite("The conductor of a paused run", .timeLimit(.minutes(10)))
struct PausingTests {
    typealias Journal = RunConductorTests.MemoryJournal
    typealias World = RunConductorTests.World

    /// A session that works until it is let go, and writes down what it is told.
    private final class Session: Sendable {
        private let words = Mutex<[String]>([])
        private let events: AsyncThrowingStream<NumberedEvent, any Error>
        private let work: AsyncThrowingStream<NumberedEvent, any Error>.Continuation
        init() { (events, work) = AsyncThrowingStream.makeStream() }

        var heard: [String] { words.withLock { $0 } }
        func note(_ word: String) { words.withLock { $0.append(word) } }
        func end() {
            work.yield(NumberedEvent(number: 1, event: .ended(outcome: SessionsTests.outcome())))
            work.finish()
        }
        func link(pausing: @escaping @Sendable () async throws -> Void = {}) -> SessionLink {
            SessionLink(
                events: { [self] in
                    note("followed")
                    return events
                }, answer: { _, _, _, _ in }, stop: { [self] in note("stop") },
                pause: { [self] in
                    note("paused by \($0)")
                    try await pausing()
                },
                resume: { [self] in note("resumed by \($0)") })
        }
    }

    @Test("begins nothing, and goes on when the pause is over") func nothingNew() async throws {
        let (journal, world) = (Journal(), World())
        let conductor = RunConductorTests.conductor(
            RunLifecycle(request: SampleRun.request()), journal, world.actions())
        #expect(try await conductor.pause(nil, by: "ada").isEmpty)
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(world.begun.withLock { $0 } == [])
        #expect(try await conductor.unpause(nil, by: "ada").isEmpty)
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
        #expect(journal.names.prefix(2) == ["paused", "unpaused"])
    }

    @Test("begins nothing of a task that is paused, and lands the others") func oneTask() async throws {
        let (journal, world) = (Journal(), World())
        let run = try RunLifecycle(
            folding: [
                .runRequested(request: SampleRun.request()),
                .baseProven(results: SampleRun.results("base")),
                .planProposed(plan: SampleRun.plan(SampleRun.task("a"), SampleRun.task("b"))),
            ])
        let conductor = RunConductorTests.conductor(run, journal, world.actions())
        _ = try await conductor.pause(TaskID("a"), by: "ada")
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(world.landedCommits.withLock { $0 } == [ObjectID("c-b")])
        #expect(world.begun.withLock { $0 }.allSatisfy { !$0.hasSuffix(" a") })
        _ = try await conductor.unpause(TaskID("a"), by: "ada")
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
    }

    @Test("makes the session at work stand still, and lets it go on") func atWork() async throws {
        let (session, drawn) = (Session(), SessionsTests.Drawn())
        let host = SessionHost(start: { _ in session.link() }, attach: { _ in session.link() })
        let conductor = RunConductorTests.conductor(
            try SessionsTests.authoring(), Journal(), SessionsTests.author(World(), drawn), host: host)
        await conductor.start()
        try await wait { session.heard == ["followed"] }
        _ = try await conductor.pause(nil, by: "ada")
        #expect(session.heard == ["followed", "paused by ada"])
        _ = try await conductor.unpause(nil, by: "bob")
        #expect(session.heard == ["followed", "paused by ada", "resumed by bob"])
        session.end()
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
    }

    @Test("keeps a session from beginning that a step under way comes to, until the pause is over")
    func underWay() async throws {
        let (session, drawn, gate) = (Session(), SessionsTests.Drawn(), Gate())
        let host = SessionHost(start: { _ in session.link() }, attach: { _ in nil })
        var actions = SessionsTests.author(World(), drawn)
        let author = actions.author
        actions.author = { context, task in
            await gate.pass()
            return try await author(context, task)
        }
        let journal = Journal()
        let conductor = RunConductorTests.conductor(
            try SessionsTests.authoring(), journal, actions, host: host)
        await conductor.start()
        await gate.reached()
        _ = try await conductor.pause(TaskID("a"), by: "ada")
        gate.open()
        try await wait { await conductor.held.count == 1 }
        // Another fact is recorded, and it still waits.
        try await conductor.record([.collisionsFound(task: TaskID("a"), collisions: [])])
        try await wait { await conductor.held.count == 1 }
        #expect(!journal.names.contains("sessionStarted"))
        _ = try await conductor.unpause(TaskID("a"), by: "ada")
        try await wait { journal.names.contains("sessionStarted") }
        session.end()
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
    }

    @Test("lets a stop through to a step that waits for the end of a pause") func stopped() async throws {
        let (drawn, gate) = (SessionsTests.Drawn(), Gate())
        var actions = SessionsTests.author(World(), drawn)
        let author = actions.author
        actions.author = { context, task in
            await gate.pass()
            return try await author(context, task)
        }
        let journal = Journal()
        let conductor = RunConductorTests.conductor(try SessionsTests.authoring(), journal, actions)
        await conductor.start()
        await gate.reached()
        _ = try await conductor.pause(nil, by: "ada")
        gate.open()
        try await conductor.record([.runStopped(by: "ada")])
        await conductor.waitUntilIdle()
        #expect(journal.names == ["paused", "runStopped"])
    }

    @Test("says which session could not be made to stand still, and begins nothing all the same")
    func failing() async throws {
        let (session, drawn) = (Session(), SessionsTests.Drawn())
        let host = SessionHost(
            start: { _ in session.link() },
            attach: { _ in session.link(pausing: { throw Problem("It runs on.") }) })
        let conductor = RunConductorTests.conductor(
            try SessionsTests.authoring(), Journal(), SessionsTests.author(World(), drawn), host: host)
        await conductor.start()
        try await wait { session.heard == ["followed"] }
        #expect(try await conductor.pause(nil, by: "ada").map(\.description) == ["It runs on."])
        #expect(await conductor.run.pause(of: nil) != nil)
        _ = try await conductor.unpause(nil, by: "ada")
        session.end()
        await conductor.waitUntilIdle()
    }

    @Test("makes a session what the run is when it finds it again", arguments: [true, false])
    func found(_ isPaused: Bool) async throws {
        let (session, drawn) = (Session(), SessionsTests.Drawn())
        let host = SessionHost(
            start: { _ in throw Problem("None is begun.") }, attach: { _ in session.link() })
        let started = RunFact.sessionStarted(session: SessionsTests.session("old"))
        var run = try SessionsTests.authoring(started)
        if isPaused { try run.apply(.paused(task: nil, by: "ada")) }
        let conductor = RunConductorTests.conductor(
            run, Journal(), SessionsTests.author(World(), drawn), host: host)
        await conductor.start()
        if isPaused {
            await conductor.waitUntilIdle()
            #expect(session.heard == [])
            _ = try await conductor.unpause(nil, by: "bob")
        }
        try await wait { session.heard.contains { $0.hasPrefix("resumed") } }
        session.end()
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
    }

    /// Where a step waits until a test lets it go on.
    private final class Gate: Sendable {
        private let arrivals: AsyncStream<Void>
        private let arrived: AsyncStream<Void>.Continuation
        private let departures: AsyncStream<Void>
        private let opened: AsyncStream<Void>.Continuation
        init() {
            (arrivals, arrived) = AsyncStream.makeStream()
            (departures, opened) = AsyncStream.makeStream()
        }
        func pass() async {
            arrived.finish()
            await Task { [departures] in for await _ in departures {} }.value
        }
        func reached() async { for await _ in arrivals {} }
        func open() { opened.finish() }
    }
}
