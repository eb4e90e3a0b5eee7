import Conductor
import Lifecycle
import Simulation
import Synchronization
import Testing
import Vocabulary

@Suite("The conductor of a run")
struct RunConductorTests {
    /// A journal in memory that can refuse.
    final class MemoryJournal: Sendable {
        struct Full: Error {}
        let facts = Mutex<[RunFact]>([])
        let isFull = Mutex(false)
        func append(_ new: [RunFact]) throws -> [Int64] {
            guard !isFull.withLock({ $0 }) else { throw Full() }
            return facts.withLock { facts in
                let first = Int64(facts.count) + 1
                facts += new
                return new.indices.map { first + Int64($0) }
            }
        }
        var names: [String] { facts.withLock { $0.map(\.name) } }
    }

    /// Stages that do at once what they are asked, and count how often each effect was begun.
    final class World: Sendable {
        let begun = Mutex<[String]>([])
        let landedCommits = Mutex<Set<ObjectID>>([])
        func note(_ name: String) { begun.withLock { $0.append(name) } }

        func actions(failing: String? = nil) -> StageActions {
            func stage(_ name: String, _ facts: @escaping @Sendable (TaskLifecycle) -> [RunFact])
                -> StageActions.TaskAction
            {
                { [self] _, task in
                    note("\(name) \(task.task.id)")
                    if failing == name { throw Problem("\(name) broke.", blame: .environment) }
                    return facts(task)
                }
            }
            return StageActions(
                proveBase: { [self] _ in
                    note("proveBase")
                    return [.baseProven(results: SampleRun.results("base"))]
                },
                plan: { [self] _ in
                    note("plan")
                    return [.planProposed(plan: SampleRun.plan(SampleRun.task("a"), SampleRun.task("b")))]
                },
                prepareWorktree: stage("prepare") {
                    [.worktreePrepared(task: $0.task.id, worktree: SampleRun.worktree)]
                },
                author: stage("author") {
                    [
                        .candidateTaken(
                            task: $0.task.id, attempt: $0.attempt,
                            candidate: SampleRun.candidate("t-\($0.task.id)"), snapshot: 1)
                    ]
                },
                check: stage("check") {
                    [.checksFinished(task: $0.task.id, results: SampleRun.results("t-\($0.task.id)"))]
                },
                review: stage("review") {
                    let verdict = SampleRun.verdict(.approve, of: SampleRun.candidate("t-\($0.task.id)"))
                    return [.reviewFinished(task: $0.task.id, round: $0.round, verdict: verdict)]
                },
                settleLanding: stage("settle") {
                    [
                        .landingEvaluated(
                            task: $0.task.id, delta: SampleRun.candidate("t-\($0.task.id)").delta.digest,
                            policies: Digest("p"),
                            evaluation: SampleRun.allowed(), approval: nil)
                    ]
                },
                testMerge: stage("test") {
                    let candidate = SampleRun.candidate("t-\($0.task.id)")
                    let merge = MergeRecord(
                        head: ObjectID("base"), tree: candidate.tree, commit: ObjectID("c-\($0.task.id)"),
                        candidate: candidate,
                        checks: SampleRun.results(candidate.tree.rawValue))
                    return [.mergeStarted(task: $0.task.id), .mergeBuilt(task: $0.task.id, merge: merge)]
                },
                land: stage("land") { [self] task in
                    let commit = ObjectID("c-\(task.task.id)")
                    landedCommits.withLock { _ = $0.insert(commit) }
                    return [.landed(task: task.task.id, commit: commit, sameVendor: false)]
                },
                releaseWorktree: stage("release") { [.worktreeReleased(task: $0.task.id)] })
        }
    }

    static let noSessions = SessionHost(
        start: { _ in throw Problem("There are no sessions here.") }, attach: { _ in nil })

    static func conductor(
        _ run: RunLifecycle, _ journal: MemoryJournal, _ actions: StageActions,
        host: SessionHost = noSessions
    ) -> RunConductor {
        RunConductor(
            run: run, append: { try journal.append($0) }, stages: actions, host: host, notify: { _ in })
    }

    @Test("drives a run from its request to the branch, and rests")
    func drives() async throws {
        let (journal, world) = (MemoryJournal(), World())
        let conductor = Self.conductor(RunLifecycle(request: SampleRun.request()), journal, world.actions())
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
        #expect(world.landedCommits.withLock { $0 } == [ObjectID("c-a"), ObjectID("c-b")])
        // The journal alone gives the same state.
        let facts = [.runRequested(request: SampleRun.request())] + journal.facts.withLock { $0 }
        #expect(try RunLifecycle(folding: facts) == (await conductor.run))
    }

    @Test("ends in the same landed result wherever it was killed", arguments: 0..<22)
    func killedAnywhere(after count: Int) async throws {
        // The first conductor's journal takes `count` facts and then refuses, as if the process had died
        // there: what its stages did after that is done and not written down.
        let world = World()
        let first = MemoryJournal()
        let taken = Mutex(0)
        let dying = RunConductor(
            run: RunLifecycle(request: SampleRun.request()),
            append: { facts in
                let room = taken.withLock { taken in
                    taken += facts.count
                    return taken <= count
                }
                guard room else { throw MemoryJournal.Full() }
                return try first.append(facts)
            }, stages: world.actions(), host: Self.noSessions, notify: { _ in })
        await dying.start()
        await dying.waitUntilIdle()

        let kept = [.runRequested(request: SampleRun.request())] + first.facts.withLock { $0 }
        let second = Self.conductor(try RunLifecycle(folding: kept), first, world.actions())
        await second.start()
        await second.waitUntilIdle()
        #expect(await second.run.state == .landed)
        #expect(world.landedCommits.withLock { $0 } == [ObjectID("c-a"), ObjectID("c-b")])
        #expect(first.names.count { $0 == "landed" } == 2)
    }

    @Test("holds a task with the error's words when its stage fails, and goes on with the others")
    func stageFails() async throws {
        let (journal, world) = (MemoryJournal(), World())
        let conductor = Self.conductor(
            RunLifecycle(request: SampleRun.request()), journal, world.actions(failing: "review"))
        await conductor.start()
        await conductor.waitUntilIdle()
        let run = await conductor.run
        #expect(run.state == .held)
        #expect(run.tasks.map { $0.problem?.description } == ["review broke.", "review broke."])
    }

    @Test("acts on nothing that the journal refused, and goes on when it takes facts again")
    func journalFull() async throws {
        let (journal, world) = (MemoryJournal(), World())
        journal.isFull.withLock { $0 = true }
        let conductor = Self.conductor(RunLifecycle(request: SampleRun.request()), journal, world.actions())
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(world.begun.withLock { $0 } == ["proveBase"])
        #expect(await conductor.stall != nil)
        journal.isFull.withLock { $0 = false }
        try await conductor.resume(by: "ada")
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .landed)
    }

    @Test("does not begin the same step for ever when it ends without a result")
    func noProgress() async throws {
        let (journal, world) = (MemoryJournal(), World())
        var actions = world.actions()
        actions.check = { _, _ in [] }
        let conductor = Self.conductor(RunLifecycle(request: SampleRun.request()), journal, actions)
        await conductor.start()
        await conductor.waitUntilIdle()
        #expect(await conductor.run.state == .held)
    }
}
