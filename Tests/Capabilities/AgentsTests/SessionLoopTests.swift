import ChildProcess
import Fixtures
import Foundation
import Linux
import Synchronization
import Testing
import Vocabulary

@testable import Agents

/// A session in memory with a real spool, a real lock and a real control socket.
private final class World: Sendable {
    let files: SessionFiles
    let loop: SessionLoop
    let handle: RunnerHandle
    private let lock: FileLock
    private let control: RunnerListener

    init(
        _ folder: TemporaryFolder, _ harness: FakeHarness, clock: SessionClock = .suspending(),
        bounds: SessionBounds = SessionBounds(), standardInput: String? = nil
    ) throws {
        files = SessionFiles(directory: folder.path)
        handle = RunnerHandle(session: SessionID("s1"), directory: folder.path)
        let progress = SpoolProgress()
        let spool = try SpoolWriter(path: files.spool, bounds: bounds, progress: progress, now: { 1 })
        let policy = SessionPolicy { action, _ in
            let isAsked = action.fields["command"]?.stringValue?.contains("ask") ?? false
            return Evaluation(decision: isAsked ? .ask : .allow, matched: [])
        }
        let loop = SessionLoop(
            SessionCourse(
                .test(directory: folder.path), machine: ScriptedMachine(), policy: policy, bounds: bounds),
            spool: spool, clock: clock, launch: { harness.process(standardInput: standardInput) },
            stopGateway: {})
        self.loop = loop
        control = try RunnerListener(
            path: files.controlSocket, spoolPath: files.spool, progress: progress,
            answer: { await loop.answer($0) })
        lock = try #require(try FileLock.tryAcquire(path: files.lock))
    }

    /// Runs the session to its end, then goes away like a runner does.
    func run() async throws -> SessionOutcome {
        let serving = Task { await control.serve() }
        let outcome: Result<SessionOutcome, SpoolError>
        do throws(SpoolError) {
            outcome = .success(try await loop.run())
        } catch {
            outcome = .failure(error)
        }
        control.close()
        serving.cancel()
        await serving.value
        lock.close()
        return try outcome.get()
    }

    /// Dies like a runner that is killed: without a word.
    func vanish() {
        control.close()
        lock.close()
    }
}

/// Ends as soon as it may: when its stdin is closed.
private func talker(_ lines: String...) -> FakeHarness {
    FakeHarness { harness, heard in
        switch heard {
        case .line("begin"): for line in lines { harness.say(line) }
        case .line: return
        case .inputClosed: harness.exit(0)
        case .signal: harness.exit(-9)
        }
    }
}

private func entries(_ handle: RunnerHandle, after: Int = 0) async throws -> [SessionEvent] {
    var events: [SessionEvent] = []
    var last = after
    for try await entry in handle.events(after: after) {
        #expect(entry.n == last + 1)
        last = entry.n
        events.append(entry.event)
    }
    return events
}

private let done = SessionEvent.ended(
    outcome: SessionOutcome(result: .completed(text: "done", structured: nil)))

@Suite("A session's loop") struct SessionLoopTests {
    @Test("writes every event to the spool, numbered, with the end last; a late reader gets them all")
    func spool() async throws {
        try await withTemporaryFolder { folder in
            let world = try World(
                folder, talker("ready r1", "say hello", "call 1 make", "finished 1", "end done"))
            let outcome = try await world.run()
            let call = ToolCall.shell("1", "make")
            let expected: [SessionEvent] = [
                .started(harness: .command, runnerPID: SystemIdentity.pid, limits: nil),
                .ready(resumeToken: "r1", model: nil),
                .said(text: "hello"), .toolRequested(call: call),
                .toolDecided(call: call.id, evaluation: Evaluation(decision: .allow, matched: [])),
                .toolFinished(call: call.id, succeeded: true, summary: ""),
                .turnEnded(number: 1), done,
            ]
            #expect(outcome.result == .completed(text: "done", structured: nil))
            #expect(try await entries(world.handle) == expected)
            #expect(try await entries(world.handle, after: 5) == Array(expected[5...]))
            #expect(try await entries(world.handle, after: 8) == [])
            #expect(try folder.read("spool.jsonl").split(separator: "\n").count == 8)
            #expect(!Files.exists(world.files.controlSocket))
        }
    }

    @Test("streams to who is attached while it goes on, and misses nothing for one who comes back")
    func live() async throws {
        try await withTemporaryFolder { folder in
            let world = try World(folder, talker("say one", "call 1 ask", "say two"))
            async let outcome = world.run()
            var seen = 0
            for try await entry in world.handle.events() {
                seen = entry.n
                if case .asked = entry.event { break }  // The first server goes away.
            }
            let other = RunnerHandle(session: SessionID("s1"), directory: folder.path)
            var rest: [SessionEvent] = []
            for try await entry in other.events(after: seen) {
                rest.append(entry.event)
                if case .said("two") = entry.event {
                    try await other.answer(
                        approval: ApprovalID("s1.1"), allowed: false, by: "ann", message: "No.")
                    await other.stop()
                }
            }
            #expect(try await outcome.result == .failed(reason: .stopped, message: "It was stopped."))
            #expect(rest[1] == .answered(approval: ApprovalID("s1.1"), allowed: false, by: "ann"))
            #expect(seen == 4 && rest.count == 4)
        }
    }

    @Test("has recorded an answer when it confirms it, and refuses a second one") func answers() async throws
    {
        try await withTemporaryFolder { folder in
            let harness = FakeHarness { harness, heard in
                switch heard {
                case .line("begin"): harness.say("call 1 ask")
                case .line("allowed 1"): harness.say("say thanks")
                case .line: return
                case .inputClosed: harness.exit(0)
                case .signal: harness.exit(-9)
                }
            }
            let world = try World(folder, harness)
            async let outcome = world.run()
            for try await entry in world.handle.events() {
                if case .asked(let approval, _, _) = entry.event {
                    await #expect(
                        throws: AgentError.refused(
                            session: SessionID("s1"), reason: "nobody waits for the answer 'x'")
                    ) {
                        try await world.handle.answer(approval: ApprovalID("x"), allowed: true, by: "ann")
                    }
                    try await world.handle.answer(approval: approval, allowed: true, by: "ann")
                    #expect(try folder.read("spool.jsonl").contains(#""answered""#))
                    await #expect(throws: AgentError.self) {
                        try await world.handle.answer(approval: approval, allowed: true, by: "bob")
                    }
                }
                if case .said = entry.event {
                    try await world.handle.interrupt(by: "ann")
                    await world.handle.stop()
                }
            }
            _ = try await outcome
            #expect(harness.heard.contains(.line("interrupt")))
        }
    }

    @Test("gives the reader everything and then says that the runner died") func lost() async throws {
        try await withTemporaryFolder { folder in
            let world = try World(folder, talker("say one", "say two"))
            let running = Task { try await world.run() }
            var events: [SessionEvent] = []
            await #expect(throws: AgentError.runnerLost(session: SessionID("s1"))) {
                for try await entry in world.handle.events() {
                    events.append(entry.event)
                    if case .said("two") = entry.event {
                        // Half a line is what a crash may leave.
                        let tail = try FileHandle(forWritingTo: URL(fileURLWithPath: world.files.spool))
                        try tail.seekToEnd()
                        try tail.write(contentsOf: Data(#"{"n":4,"at":1,"ev"#.utf8))
                        try tail.close()
                        world.vanish()
                    }
                }
            }
            #expect(events.count == 3)
            await world.loop.report(.stopAsked(reason: ""))
            _ = try await running.value
        }
    }

    @Test("ends a harness that hangs, by the clock, and one that takes no hint, by the ladder") func hang()
        async throws
    {
        try await withTemporaryFolder { folder in
            let time = ManualClock()
            let harness = FakeHarness { harness, heard in
                if heard == .signal(.kill) { harness.exit(-9) }
            }
            let world = try World(folder, harness, clock: time.clock)
            async let outcome = world.run()
            await time.sleeper(until: .seconds(60))
            time.advance(to: .seconds(60))
            await time.sleeper(until: .seconds(65))
            time.advance(to: .seconds(65))
            #expect(
                try await outcome.result
                    == .failed(reason: .hung, message: "It gave no sign of life for 60 s."))
            #expect(
                harness.heard == [.line("begin"), .signal(.terminate), .inputClosed, .signal(.kill)]
                    || harness.heard == [
                        .line("begin"), .inputClosed, .signal(.terminate), .signal(.kill),
                    ])
        }
    }

    @Test("ends a harness that never reads, once too much waits for it") func deaf() async throws {
        try await withTemporaryFolder { folder in
            var bounds = SessionBounds()
            bounds.inputBytesMax = 100
            let harness = FakeHarness(reads: false) { harness, heard in
                if case .signal = heard { harness.exit(-15) }
            }
            for number in 1...20 { harness.say("call \(number) make") }
            let world = try World(folder, harness, bounds: bounds)
            #expect(
                try await world.run().result
                    == .failed(reason: .garbage, message: "It does not read what it is told."))
        }
    }

    @Test("ends a harness that prints an endless line or garbage") func garbage() async throws {
        try await withTemporaryFolder { folder in
            let harness = FakeHarness { harness, heard in
                if heard == .line("begin") { harness.sayTruncated() }
                if case .signal = heard { harness.exit(-15) }
            }
            let world = try World(folder, harness)
            #expect(
                try await world.run().result
                    == .failed(reason: .garbage, message: "It printed a line longer than 8388608 bytes."))
        }
        try await withTemporaryFolder { folder in
            let world = try World(folder, talker("\u{1B}]0;owned\u{7}"))
            guard case .failed(.garbage, _) = try await world.run().result else {
                Issue.record("not garbage")
                return
            }
        }
    }

    @Test("hears a stop while a harness prints without end") func endless() async throws {
        try await withTemporaryFolder { folder in
            var bounds = SessionBounds()
            bounds.linesPerSecondMax = .max
            let isOver = Mutex(false)
            let process = HarnessProcess(
                // Never waits: whoever asks has its next line at once.
                nextOutput: { isOver.withLock { $0 } ? nil : .line("idle") }, send: { _ in true },
                closeInput: {},
                signal: { _ in isOver.withLock { $0 = true } },
                ending: { HarnessProcess.Ending(status: -15, stderrTail: "") })
            let spool = try SpoolWriter(path: folder.path("spool"), bounds: bounds, progress: SpoolProgress())
            let loop = SessionLoop(
                SessionCourse(
                    .test(), machine: ScriptedMachine(),
                    policy: SessionPolicy { _, _ in Evaluation(decision: .allow, matched: []) },
                    bounds: bounds),
                spool: spool, clock: .suspending(), launch: { process }, stopGateway: {})
            async let outcome = loop.run()
            while try SpoolReader.lastLine(of: folder.path("spool")) == nil { await Task.yield() }
            #expect(await loop.answer(.stop) == .done)
            #expect(try await outcome.result == .failed(reason: .stopped, message: "It was stopped."))
        }
    }

    @Test(
        "lets nobody but its own user talk to it, whatever the mode of its socket",
        .enabled(if: Requirement.isRoot, "needs root: it takes another identity"))
    func strangers() async throws {
        let folder = try TemporaryFolder(reachable: true)
        let harness = talker("say one", "call 1 ask")
        let world = try World(folder, harness)
        async let outcome = world.run()
        for try await entry in world.handle.events() {
            guard case .asked = entry.event else { continue }
            try Files.changeMode(world.files.controlSocket, 0o777)
            let script = """
                import socket, sys
                s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
                try: s.sendall(b'{"attach":{"after":0}}\\n'); print(bool(s.recv(100)))
                except OSError: print(False)
                """
            func speak(_ user: [String]) async throws -> String {
                try await Child.run(
                    ChildCommand(
                        user + ["python3", "-c", script, world.files.controlSocket],
                        environment: ["PATH": "/usr/bin:/bin"]), timeout: .seconds(60)
                ).stdoutText
            }
            #expect(
                try await speak(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]) == "False\n")
            #expect(try await speak([]) == "True\n")
            await world.handle.stop()
        }
        _ = try await outcome
    }

    @Test(
        "ends without a promise when the disk is full, and leaves only whole lines",
        .enabled(if: Requirement.isRoot, "needs root: it mounts a small disk"))
    func diskFull() async throws {
        let folder = try TemporaryFolder()
        try Files.makeDirectory(folder.path("disk"))
        func tool(_ argv: String...) async throws -> Bool {
            try await Child.run(
                ChildCommand(argv, environment: ["PATH": "/usr/bin:/bin"]), timeout: .seconds(60)
            ).isSuccess
        }
        try #require(try await tool("mount", "-t", "tmpfs", "-o", "size=16k", "none", folder.path("disk")))
        let path = folder.path("disk/spool")
        do {
            let harness = FakeHarness { harness, heard in
                if heard == .line("begin") {
                    for _ in 0..<100 { harness.say("say " + String(repeating: "x", count: 1000)) }
                }
                if heard == .signal(.kill) { harness.exit(-9) }
            }
            let spool = try SpoolWriter(path: path, bounds: SessionBounds(), progress: SpoolProgress())
            let loop = SessionLoop(
                SessionCourse(
                    .test(), machine: ScriptedMachine(),
                    policy: SessionPolicy { _, _ in Evaluation(decision: .allow, matched: []) }),
                spool: spool,
                clock: .suspending(), launch: { harness.process() }, stopGateway: {})
            await #expect(
                throws: SpoolError.unusable(path: path, SystemError(code: 28, call: "write", subject: path))
            ) { _ = try await loop.run() }
            #expect(harness.heard.contains(.signal(.kill)))
            #expect(try stored(path).count > 5)
            #expect(try Files.read(path, bytesMax: 1 << 20).last == 0x0A)
        }
        #expect(try await tool("umount", "--lazy", folder.path("disk")))
    }

    @Test("whose record is full is killed at once, and told nothing that is not in it")
    func fullRecord() async throws {
        try await withTemporaryFolder { folder in
            let harness = FakeHarness { harness, heard in
                switch heard {
                case .line("begin"): harness.say("call 1 make")
                case .signal: harness.exit(-9)
                case .line, .inputClosed: return
                }
            }
            var bounds = SessionBounds()
            // Room for what is asked for, and not for its being allowed.
            bounds.spoolBytesMax = 120
            let outcome = try await World(folder, harness, bounds: bounds).run()
            let reason = "It filled the record of its session."
            #expect(outcome.result == .failed(reason: .garbage, message: reason))
            let heard = harness.heard.filter { $0 != .inputClosed }
            #expect(heard == [.line("begin"), .signal(.kill)])
        }
    }

    @Test("gives a command its prompt and closes its stdin") func command() async throws {
        try await withTemporaryFolder { folder in
            let harness = FakeHarness { harness, heard in
                if heard == .inputClosed {
                    harness.say("end done")
                    harness.exit(0)
                }
            }
            let world = try World(folder, harness, standardInput: "Do it.")
            #expect(try await world.run().result == .completed(text: "done", structured: nil))
            #expect(harness.heard == [.line("Do it."), .inputClosed])
        }
    }

    @Test("says when a harness could not be started") func launchFailure() async throws {
        try await withTemporaryFolder { folder in
            let spool = try SpoolWriter(
                path: folder.path("spool"), bounds: SessionBounds(), progress: SpoolProgress())
            let loop = SessionLoop(
                SessionCourse(
                    .test(), machine: ScriptedMachine(),
                    policy: SessionPolicy { _, _ in Evaluation(decision: .allow, matched: []) }),
                spool: spool,
                clock: .suspending(),
                launch: { () throws(LaunchFailure) in throw LaunchFailure(.sandbox, "No bwrap.") },
                stopGateway: {})
            #expect(try await loop.run().result == .failed(reason: .sandbox, message: "No bwrap."))
        }
    }
}

private func stored(_ path: String) throws -> [SpoolEntry] {
    guard var reader = try SpoolReader(path: path) else { return [] }
    return try reader.nextEntries()
}

@Suite("A session's spool") struct SpoolTests {
    @Test("drops text beyond the quiet limit with one notice, and nothing else") func quiet() throws {
        let folder = try TemporaryFolder()
        var bounds = SessionBounds()
        bounds.spoolBytesQuiet = 300
        let spool = try SpoolWriter(
            path: folder.path("s"), bounds: bounds, progress: SpoolProgress(), now: { 1 })
        var outcomes: [SpoolWriter.Outcome] = []
        for _ in 0..<12 { outcomes.append(try spool.append(.said(text: "0123456789"))) }
        #expect(outcomes.filter { $0 == .dropped }.count == 5)
        #expect(
            try spool.append(.toolFinished(call: ToolCallID("1"), succeeded: true, summary: "")) == .written)
        let events = try stored(folder.path("s")).map(\.event)
        #expect(events.count == 8)
        #expect(events[6] == .noticed(text: "The record has reached 0 MiB; further text is left out."))
    }

    @Test("takes nothing but the end beyond the last limit, and says so once") func full() throws {
        let folder = try TemporaryFolder()
        var bounds = SessionBounds()
        bounds.spoolBytesMax = 50
        let spool = try SpoolWriter(
            path: folder.path("s"), bounds: bounds, progress: SpoolProgress(), now: { 1 })
        let event = SessionEvent.toolFinished(call: ToolCallID("1"), succeeded: true, summary: "0123456789")
        #expect(
            try [spool.append(event), spool.append(event), spool.append(event)] == [
                .written, .full, .dropped,
            ])
        #expect(try spool.append(done) == .written)
        #expect(try stored(folder.path("s")).map(\.n) == [1, 2])
    }

    @Test("keeps, beyond the last limit, every program that ran and everything that was refused")
    func reserve() throws {
        let folder = try TemporaryFolder()
        var bounds = SessionBounds()
        bounds.spoolBytesMax = 50
        let spool = try SpoolWriter(
            path: folder.path("s"), bounds: bounds, progress: SpoolProgress(), now: { 1 })
        let program = ExecutedProgram(path: "/p", arguments: ["p"], process: 1, parent: 1)
        let denial = Evaluation(decision: .deny, matched: [])
        let call = ToolCallID("1")
        let kept: [SessionEvent] = [
            .toolFinished(call: call, succeeded: true, summary: "0123456789"),
            .executed(program: program, refusedBy: nil), .executed(program: program, refusedBy: denial),
            .toolDecided(call: call, evaluation: denial),
        ]
        let outcomes = try kept.map { try spool.append($0) }
        #expect(outcomes == [.written, .full, .written, .written])
        let allowed = Evaluation(decision: .allow, matched: [])
        #expect(try spool.append(.toolDecided(call: call, evaluation: allowed)) == .dropped)
        #expect(try stored(folder.path("s")).map(\.event) == kept)
    }

    @Test("is never shared: a second writer is refused") func exclusive() throws {
        let folder = try TemporaryFolder()
        _ = try SpoolWriter(path: folder.path("s"), bounds: SessionBounds(), progress: SpoolProgress())
        #expect(
            throws: SpoolError.unusable(
                path: folder.path("s"), SystemError(code: 17, call: "open", subject: folder.path("s")))
        ) {
            _ = try SpoolWriter(path: folder.path("s"), bounds: SessionBounds(), progress: SpoolProgress())
        }
    }
}
