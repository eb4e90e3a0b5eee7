import ControlProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite("Following a run") struct RunWatcherTests {
    /// Collects what would be shown.
    private actor Shown: RunDisplay {
        var events: [Int64] = []
        var notices: [String] = []
        func show(_ event: EventView) { events.append(event.sequence) }
        func show(_ run: RunView) {}
        func show(notice: String?) { if let notice { notices.append(notice) } }
        func finish() {}
    }

    private func watcher(_ server: FakeServer, pauses: Int = 2) -> RunWatcher {
        var watcher = RunWatcher(client: server.context(FakeConsole()).client)
        watcher.reconnectPauses = Array(repeating: .zero, count: pauses)
        return watcher
    }

    @Test("ends with the exit code that the server gives")
    func ends() async throws {
        let server = try FakeServer { _, _ in .done(.view(run: Sample.run(.held, exit: .held)), exit: .held) }
        defer { server.stop() }
        let end = try await watcher(server).watch(RunID("k3f9"), on: Shown())
        #expect(end == .init(reason: .settled, run: Sample.run(.held, exit: .held), exit: .held))
    }

    @Test("goes on after the last event it has seen when the connection breaks")
    func reconnects() async throws {
        let server = try FakeServer { _, count in
            count == 0
                ? .init(
                    replies: [.event(event: Sample.event(1, "a")), .event(event: Sample.event(2, "b"))],
                    breaksOff: true)
                : .done(.event(event: Sample.event(3, "c")))
        }
        defer { server.stop() }
        let shown = Shown()
        let end = try await watcher(server).watch(RunID("k3f9"), on: shown)
        #expect(end.exit == .done)
        #expect(
            server.received == [.watch(run: RunID("k3f9"), after: 0), .watch(run: RunID("k3f9"), after: 2)])
        #expect(await shown.events == [1, 2, 3])
        #expect(await shown.notices == ["The server does not answer; connecting again …"])
    }

    @Test("says after a bounded number of tries that the server ended and how to go on")
    func givesUp() async throws {
        let server = try FakeServer { _, _ in .init(replies: [], breaksOff: true) }
        defer { server.stop() }
        let problem = await #expect(throws: Problem.self) {
            try await watcher(server).watch(RunID("k3f9"), on: Shown())
        }
        #expect(problem?.hint == "`graftwork resume k3f9` starts it again and goes on where it was.")
        #expect(server.received.count == 3)
    }

    @Test("a problem of the server is the end, not a reason to try again")
    func problem() async throws {
        let unknown = Problem("There is no run k3f9.", hint: "`graftwork status` lists them.", blame: .user)
        let server = try FakeServer { _, _ in .problem(unknown) }
        defer { server.stop() }
        await #expect(throws: unknown) { try await watcher(server).watch(RunID("k3f9"), on: Shown()) }
        #expect(server.received.count == 1)
    }

    @Test("without a person at hand it ends when nothing goes on without one")
    func needsPerson() async throws {
        let run = Sample.run(tasks: [Sample.task("slugify", .awaitingApproval)], waiting: [Sample.approval()])
        let server = try FakeServer { _, _ in .init(replies: [.view(run: run)], stays: true) }
        defer { server.stop() }
        var watcher = watcher(server)
        watcher.personPatience = .zero
        #expect(
            try await watcher.watch(RunID("k3f9"), on: Shown())
                == .init(reason: .needsPerson, run: run, exit: .held))
    }

    @Test("leaving the view leaves the run alone")
    func leaves() async throws {
        let server = try FakeServer { _, _ in .init(replies: [.view(run: Sample.run())], stays: true) }
        defer { server.stop() }
        let watcher = watcher(server)
        let watching = Task { try await watcher.watch(RunID("k3f9"), on: Shown()) }
        watching.cancel()
        #expect(try await watching.value.reason == .left)
        #expect(!server.received.contains(.stop(run: RunID("k3f9"))))
    }

    @Test("knows when only a person can go on", arguments: TaskState.allCases)
    func onlyAPerson(_ state: TaskState) {
        let run = Sample.run(
            tasks: [Sample.task("slugify", .awaitingApproval), Sample.task("other", state)],
            waiting: [Sample.approval()])
        let stands: Set<TaskState> = [.landed, .failed, .abandoned, .held, .planned, .awaitingApproval]
        #expect(run.needsOnlyAPerson == stands.contains(state))
    }
}

@Suite("Asking the server") struct ServerClientTests {
    @Test("a server that ends in the middle of an answer is named, with what to do")
    func breaksOff() async throws {
        let server = try FakeServer { _, _ in .init(replies: [.runs(runs: [])], breaksOff: true) }
        defer { server.stop() }
        let problem = await #expect(throws: Problem.self) {
            try await server.context(FakeConsole()).client.ask(.status(run: nil))
        }
        #expect(problem?.description.hasPrefix("The server went away before it had answered") == true)
        #expect(problem?.blame == .environment)
    }

    @Test("a server of another version is named as such")
    func otherVersion() async throws {
        let folder = try OddServer(answering: #"{"hologram":{}}"#)
        defer { folder.stop() }
        let client = ServerClient(socket: folder.socket) { () async throws(Problem) in }
        let problem = await #expect(throws: Problem.self) { try await client.ask(.inbox) }
        #expect(problem?.description.contains("of another version") == true)
        #expect(problem?.hint?.contains("graftwork serve --stop") == true)
    }

    @Test("starts the server when none runs, once, and says so when it still does not listen")
    func starts() async throws {
        let counter = Counter()
        let client = ServerClient(socket: "/nonexistent/graftwork.sock") { () async throws(Problem) in
            await counter.increment()
        }
        let problem = await #expect(throws: Problem.self) { try await client.ask(.inbox) }
        #expect(
            problem?.description
                == "The server was started but does not listen on /nonexistent/graftwork.sock.")
        #expect(await counter.value == 1)
        await #expect(throws: ServerClient.notRunning) {
            try await client.ask(.shutdown, startsServer: false)
        }
        #expect(await counter.value == 1)
    }
}

actor Counter {
    var value = 0
    func increment() { value += 1 }
}
