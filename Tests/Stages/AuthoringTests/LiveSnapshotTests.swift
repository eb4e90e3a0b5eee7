import Fixtures
import Lifecycle
import Linux
import Simulation
import Synchronization
import Testing
import Vocabulary
import Worktrees

@testable import Authoring

/// A clock that passes only when it is told to.
final class DrivenClock: Sendable {
    private struct State {
        var sleepers: [CheckedContinuation<Void, any Error>] = []
        var asked: [Duration] = []
    }
    private let state = Mutex(State())

    var clock: SnapshotClock {
        SnapshotClock { duration in
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let isLate = self.state.withLock { state in
                        if Task.isCancelled { return true }
                        state.asked.append(duration)
                        state.sleepers.append(continuation)
                        return false
                    }
                    if isLate { continuation.resume(throwing: CancellationError()) }
                }
            } onCancel: {
                let sleepers = self.state.withLock { state in
                    defer { state.sleepers = [] }
                    return state.sleepers
                }
                for sleeper in sleepers { sleeper.resume(throwing: CancellationError()) }
            }
        }
    }
    var asked: [Duration] { state.withLock { $0.asked } }

    /// Waits until somebody sleeps, and lets the time pass for them.
    func tick() async throws {
        try await wait { self.state.withLock { !$0.sleepers.isEmpty } }
        let sleepers = state.withLock { state in
            defer { state.sleepers = [] }
            return state.sleepers
        }
        for sleeper in sleepers { sleeper.resume() }
    }
    /// Returns when somebody sleeps again: what the last minute led to is done.
    func settled() async throws { try await wait { self.state.withLock { !$0.sleepers.isEmpty } } }
}

/// A real worktree, and an author whose sessions the test plays.
private struct Scene {
    let repository: TestRepository
    let store: RepositoryStore
    let worktree: PreparedWorktree
    let stage: AuthorStage
    let clock = DrivenClock()
    let run: RunLifecycle
    let facts = Facts()
    let lines = Lines()

    final class Lines: Sendable {
        private let all = Mutex<[String]>([])
        func add(_ line: String) { all.withLock { $0.append(line) } }
        var text: [String] { all.withLock { $0 } }
    }

    final class Facts: Sendable {
        private let state: Mutex<(run: RunLifecycle?, all: [RunFact])> = Mutex((nil, []))
        /// The next fact is refused, as by a full disk.
        let refusesNext = Mutex(false)
        func begin(_ run: RunLifecycle) { state.withLock { $0.run = run } }
        func take(_ fact: RunFact) throws -> RunLifecycle {
            let isRefused = refusesNext.withLock { refuses in
                defer { refuses = false }
                return refuses
            }
            if isRefused { throw Problem("The disk is full.", blame: .environment) }
            return try state.withLock { state in
                try state.run?.apply(fact)
                state.all.append(fact)
                return state.run ?? RunLifecycle(request: SampleRun.request())
            }
        }
        /// `occasion number turn`, one word each.
        var snapshots: [String] {
            state.withLock { state in
                state.all.compactMap { fact in
                    guard case .snapshotTaken(_, let record) = fact else { return nil }
                    return
                        "\(record.occasion.rawValue) \(record.number) \(record.turn.map(String.init) ?? "-")"
                }
            }
        }
        var turns: [AuthorTurn] { state.withLock { $0.run?.task(TaskID("a"))?.turns ?? [] } }
    }

    init() async throws {
        repository = try await TestRepository(files: ["a": "1\n"])
        store = try RepositoryStore(repository: repository.path, state: repository.folder.path("store"))
        let base = ObjectID(try await repository.revParse("HEAD"))
        worktree = try await store.prepareWorktree(run: RunID("r1"), task: "a", base: base, owner: nil)
        stage = AuthorStage(
            store: store, places: SessionPlacesOfTest.places(in: repository.folder), clock: clock.clock)
        var request = SampleRun.request()
        request.base = base
        for name in ["plan", "implement", "revise", "review"] {
            request.templates[name] = try Files.readText(
                SessionPlacesOfTest.root + "/Templates/prompts/\(name).md", bytesMax: 1 << 20)
        }
        run = try RunLifecycle(
            folding: [
                .runRequested(request: request), .baseProven(results: SampleRun.results("base")),
                .planProposed(plan: SampleRun.plan(SampleRun.task("a"))),
                .worktreePrepared(
                    task: TaskID("a"),
                    worktree: WorktreeRecord(
                        path: worktree.path, branch: worktree.branch, base: base,
                        privateGitDirectory: worktree.privateGitDirectory,
                        gitPointerFile: worktree.gitPointerFile, uid: nil)),
            ])
        facts.begin(run)
    }

    func write(_ name: String, _ text: String) throws {
        try Files.writeAtomically("\(worktree.path)/\(name)", text: text, mode: 0o644)
    }

    /// Has the author work; `session` is what its session does, with a way to end turns in it.
    func author(
        _ session:
            @escaping @Sendable (_ end: @escaping @Sendable (Int) -> Void) async throws ->
            SessionOutcome
    ) async throws -> RunFact {
        let (turns, ends) = AsyncStream<EndedTurn>.makeStream()
        let conversation = Conversation(
            begin: { specification, _ in
                _ = try self.facts.take(
                    .sessionStarted(
                        session: SessionRecord(
                            id: specification.session, role: .author, task: TaskID("a"), attempt: 1,
                            agent: SampleRun.builder, directory: "/s", uid: nil)))
                defer { ends.finish() }
                return try await session {
                    ends.yield(EndedTurn(session: specification.session, number: $0))
                }
            }, rejoin: { _, _, _ in nil }, turns: { _ in turns })
        let task = try #require(run.task(TaskID("a")))
        return try await stage.author(
            task, of: run, conversation: conversation, record: { try self.facts.take($0) },
            newSession: { SessionID("s1") }, report: { self.lines.add($0) })
    }

    static let done = SessionOutcome(
        result: .completed(text: "done", structured: nil), vendors: [.openai])
}

@Suite("Saving a worktree that is rewritten all the time")
struct SavingBoundTests {
    @Test("ends for the minutes when they have written too much, and never for the turns")
    func bound() async throws {
        let scene = try await Scene()
        let session = SessionID("s1")
        _ = try scene.facts.take(
            .sessionStarted(
                session: SessionRecord(
                    id: session, role: .author, task: TaskID("a"), attempt: 1, agent: SampleRun.builder,
                    directory: "/s", uid: nil)))
        var saver = WorktreeSaver(
            store: scene.store, worktree: scene.worktree, run: RunID("r1"),
            task: try #require(scene.run.task(TaskID("a"))), record: { try scene.facts.take($0) },
            report: { scene.lines.add($0) })
        saver.minuteBytesMax = 1000
        func minute(_ text: String) async throws {
            try scene.write("big", String(repeating: text, count: 400))
            await saver.saveLive(after: nil)
        }
        try await minute("1")
        // What stays as it is takes nothing, however many minutes pass.
        for _ in 0..<5 { try await minute("1") }
        try await minute("2")
        try await minute("3")
        #expect(
            scene.facts.snapshots == ["minute 1 -", "minute 2 -", "minute 3 -"] && scene.lines.text == [])
        try await minute("4")
        try await minute("5")
        #expect(scene.facts.snapshots.count == 3)
        #expect(
            scene.lines.text == [
                "So much was rewritten that only what each turn leaves is saved from now on."
            ])
        await saver.saveLive(after: EndedTurn(session: session, number: 1))
        #expect(scene.facts.snapshots.last == "turn 4 1")
    }
}

@Suite("Saving a worktree while its author is at work")
struct LiveSnapshotTests {
    @Test("saves what changed within a minute, and nothing where nothing changed")
    func minutes() async throws {
        let scene = try await Scene()
        let fact = try await scene.author { _ in
            try scene.write("b", "one\n")
            try await scene.clock.tick()
            try await scene.clock.settled()
            #expect(scene.facts.snapshots == ["minute 1 -"])
            try await scene.clock.tick()
            try await scene.clock.settled()
            #expect(scene.facts.snapshots == ["minute 1 -"])
            try scene.write("b", "two\n")
            try await scene.clock.tick()
            try await scene.clock.settled()
            return Scene.done
        }
        #expect(scene.facts.snapshots == ["minute 1 -", "minute 2 -", "turn 2 1"])
        #expect(Set(scene.clock.asked) == [.seconds(60)])
        guard case .candidateTaken(_, 1, let candidate, 2) = fact else {
            Issue.record("\(fact)")
            return
        }
        #expect(candidate.delta.paths == ["b"])
        #expect(scene.facts.turns.map(\.snapshot) == [2])
    }

    @Test("saves after each turn of a session, and tells the turns apart")
    func turns() async throws {
        let scene = try await Scene()
        _ = try await scene.author { end in
            try scene.write("b", "one\n")
            end(1)
            try await wait { scene.facts.turns.count == 1 }
            try scene.write("c", "two\n")
            end(2)
            return Scene.done
        }
        let turns = scene.facts.turns
        #expect(turns.map(\.number) == [1, 2])
        #expect(turns.first?.to == turns.last?.from)
        let second = try await scene.store.delta(
            from: try #require(turns.last).from, to: try #require(turns.last).to)
        #expect(second.paths == ["c"])
    }

    @Test("saves what a failed session left behind")
    func failed() async throws {
        let scene = try await Scene()
        let fact = try await scene.author { _ in
            try scene.write("b", "half\n")
            return SessionOutcome(result: .failed(reason: .crashed, message: "gone"), vendors: [.openai])
        }
        #expect(fact.name == "attemptFailed")
        #expect(scene.facts.snapshots == ["turn 1 1"])
    }

    @Test("a snapshot that fails in the middle is a line for people and nobody's failure")
    func failing() async throws {
        let scene = try await Scene()
        let fact = try await scene.author { _ in
            try scene.write("b", "one\n")
            try Files.move(scene.worktree.path, to: scene.worktree.path + ".away")
            try await scene.clock.tick()
            try await scene.clock.settled()
            try Files.move(scene.worktree.path + ".away", to: scene.worktree.path)
            return Scene.done
        }
        #expect(fact.name == "candidateTaken")
        let lines = scene.lines.text
        #expect(lines.count == 1 && lines[0].hasPrefix("The worktree could not be saved just now: "))
    }

    @Test("a snapshot that could not be written down is written down the next time, though nothing changed")
    func refused() async throws {
        let scene = try await Scene()
        _ = try await scene.author { _ in
            try scene.write("b", "one\n")
            scene.facts.refusesNext.withLock { $0 = true }
            try await scene.clock.tick()
            try await scene.clock.settled()
            #expect(scene.facts.snapshots == [])
            try await scene.clock.tick()
            try await scene.clock.settled()
            #expect(scene.facts.snapshots == ["minute 1 -"])
            return Scene.done
        }
        #expect(scene.lines.text.count == 1)
    }

    @Test("a session that throws leaves nothing saving behind it")
    func throwing() async throws {
        let scene = try await Scene()
        await #expect(throws: Problem.self) {
            _ = try await scene.author { _ in throw Problem("The journal is full.", blame: .environment) }
        }
        #expect(scene.facts.snapshots == [])
    }
}
