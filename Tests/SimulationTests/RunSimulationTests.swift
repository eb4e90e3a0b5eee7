import Lifecycle
import Simulation
import Testing
import Vocabulary

@Suite("A run in a world that fails")
struct RunSimulationTests {
    static let plan = SampleRun.plan(
        SampleRun.task("a"), SampleRun.task("b"), SampleRun.task("c", dependsOn: ["a"]), SampleRun.task("d"))

    @Test(
        "keeps every promise after every step, whatever is lost, moved or refused",
        arguments: [UInt64](0..<20))
    func invariants(block: UInt64) throws {
        for seed in (block * 50)..<(block * 50 + 50) { try walk(seed: seed) }
    }

    private func walk(seed: UInt64) throws {
        var world = SimulatedWorld(seed: seed)
        var order = SeededGenerator(seed: seed &+ 1_000_003)
        var facts: [RunFact] = [.runRequested(request: SampleRun.request())]
        var run = RunLifecycle(request: SampleRun.request())
        var resumes = 0
        for step in 0..<2_000 {
            let wanted = run.wanted
            let new: [RunFact]
            let interruption = world.interruption(of: run)
            if !interruption.isEmpty {
                new = interruption
            } else if let effect = wanted.randomElement(using: &order) {
                new = world.perform(effect, in: run, plan: Self.plan)
            } else {
                new = world.person(in: run)
                if case .runResumed? = new.first, !run.isStopped { resumes += 1 }
                if new.isEmpty || resumes > 12 { break }
            }
            for fact in new {
                try run.apply(fact)
                facts.append(fact)
                check(run, world, seed: seed, step: step)
            }
        }
        #expect(run.wanted.isEmpty || resumes > 12, "seed \(seed): the run never came to rest")
        #expect(
            try RunLifecycle(folding: facts) == run,
            "seed \(seed): folding the facts again gives another state")
        for task in run.tasks {
            switch task.state {
            case .landed, .failed, .abandoned:
                #expect(
                    task.worktree == nil || task.worktreeIsReleased,
                    "seed \(seed): \(task.task.id) kept its worktree")
            default: break
            }
        }
    }

    private func check(_ run: RunLifecycle, _ world: SimulatedWorld, seed: UInt64, step: Int) {
        let at: Comment = "seed \(seed), step \(step)"
        let landing = run.wanted.filter { if case .land = $0 { true } else { false } }
        #expect(landing.count <= 1, at)
        for task in run.tasks {
            // Turns are told apart for ever, each of them with a snapshot that was taken.
            #expect(task.turns.map(\.number) == Array(1..<(task.turns.count + 1)), at)
            #expect(task.turns.allSatisfy { $0.snapshot <= task.snapshots }, at)
            guard let commit = task.landedCommit else { continue }
            #expect(world.history.contains(commit), at)
            guard let shown = world.landedWith[commit] else {
                Issue.record("a commit landed that the world did not see, \(at)")
                continue
            }
            #expect(
                shown.merge.checks.allSatisfy { $0.outcome == .passed && $0.tree == shown.merge.tree }, at)
            #expect(shown.evidence.verdict.outcome == .approve, at)
            #expect(shown.evidence.verdict.delta == shown.merge.candidate.delta.digest, at)
            #expect(shown.clearance.delta == shown.merge.candidate.delta.digest, at)
            #expect(Set(shown.evidence.verdict.reviewerVendors).isDisjoint(with: task.authorVendors), at)
            #expect(shown.clearance.evaluation.decision != .ask || shown.clearance.approvedBy != nil, at)
            for dependency in task.task.dependsOn {
                #expect(run.task(dependency)?.landedCommit != nil, at)
            }
        }
        let live = run.tasks.filter { task in
            switch task.state {
            case .preparing, .authoring, .checking, .reviewing, .settling: true
            default: false
            }
        }
        #expect(live.count <= 4, at)
    }
}
