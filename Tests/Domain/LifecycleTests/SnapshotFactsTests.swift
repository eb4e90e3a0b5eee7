import Foundation
import Lifecycle
import Simulation
import Testing
import Vocabulary

@Suite("Snapshots in a task's life")
struct SnapshotFactsTests {
    static let a = TaskID("a")
    static func record(
        _ number: Int, _ tree: String, _ occasion: SnapshotRecord.Occasion, session: String? = "s1",
        turn: Int? = nil
    ) -> RunFact {
        .snapshotTaken(
            task: a,
            snapshot: SnapshotRecord(
                number: number, tree: ObjectID(tree), commit: ObjectID("\(tree)-commit"),
                base: ObjectID("base"), attempt: 1, occasion: occasion,
                session: session.map { SessionID($0) },
                turn: turn))
    }
    static func session(_ id: String, attempt: Int = 1) -> RunFact {
        .sessionStarted(
            session: SessionRecord(
                id: SessionID(id), role: .author, task: a, attempt: attempt, agent: SampleRun.builder,
                directory: "/s", uid: nil))
    }
    static func turn(
        _ number: Int, _ from: String, _ to: String, snapshot: Int, session: String? = "s1",
        of index: Int = 1,
        attempt: Int = 1
    ) -> AuthorTurn {
        AuthorTurn(
            number: number, attempt: attempt, session: session.map { SessionID($0) }, turnOfSession: index,
            from: ObjectID(from), to: ObjectID(to), snapshot: snapshot)
    }
    static func authoring(_ facts: RunFact...) throws -> RunLifecycle {
        var run = try RunLifecycleTests.building()
        try run.apply(.worktreePrepared(task: a, worktree: SampleRun.worktree))
        for fact in facts { try run.apply(fact) }
        return run
    }

    @Test("a turn is what lay there when it began and what lay there when it ended, minutes included")
    func turns() throws {
        let run = try Self.authoring(
            Self.session("s1"), Self.record(1, "t1", .minute), Self.record(2, "t2", .turn, turn: 1),
            Self.record(3, "t3", .minute), Self.record(4, "t4", .turn, turn: 2))
        #expect(
            run.task(Self.a)?.turns
                == [
                    Self.turn(1, "base", "t2", snapshot: 2),
                    Self.turn(2, "t2", "t4", snapshot: 4, of: 2),
                ])
        #expect(run.task(Self.a)?.snapshots == 4)
        #expect(run.task(Self.a)?.lastSnapshot?.number == 4)
    }

    @Test("the same turn saved again is one turn, with all that was written until then")
    func sameTurn() throws {
        let run = try Self.authoring(
            Self.session("s1"), Self.record(1, "t1", .turn, turn: 1), Self.record(2, "t2", .turn, turn: 1))
        #expect(run.task(Self.a)?.turns == [Self.turn(1, "base", "t2", snapshot: 2)])
    }

    @Test("what a person changed between two sessions belongs to no turn")
    func between() throws {
        let run = try Self.authoring(
            Self.session("s1"), Self.record(1, "t1", .turn, turn: 1),
            Self.record(2, "mine", .begin, session: nil), Self.session("s2"),
            Self.record(3, "t3", .turn, session: "s2", turn: 1))
        #expect(
            run.task(Self.a)?.turns
                == [
                    Self.turn(1, "base", "t1", snapshot: 1),
                    Self.turn(2, "mine", "t3", snapshot: 3, session: "s2"),
                ])
    }

    @Test("a turn that goes on from a merge begins with the merge")
    func moved() throws {
        var run = try RunLifecycleTests.queued()
        try run.apply(.mergeStarted(task: Self.a))
        try run.apply(
            .mergeConflicted(task: Self.a, head: ObjectID("h"), tree: ObjectID("marked"), paths: ["a"]))
        try run.apply(.worktreeMoved(task: Self.a, base: ObjectID("h")))
        try run.apply(Self.session("s2", attempt: 2))
        try run.apply(Self.record(2, "t9", .turn, session: "s2", turn: 1))
        #expect(run.task(Self.a)?.turns.last?.from == ObjectID("marked"))
    }

    @Test("a journal from before turns were saved has a turn for every candidate")
    func older() throws {
        let run = try RunLifecycleTests.reviewing()
        #expect(
            run.task(Self.a)?.turns
                == [Self.turn(1, "base", "t1", snapshot: 1, session: nil, attempt: 1)])
    }

    @Test("a worktree that was never made has no snapshot")
    func noWorktree() throws {
        var run = try RunLifecycleTests.building()
        #expect(throws: IllegalTransition.self) { try run.apply(Self.record(1, "t", .minute)) }
    }

    @Test("the last set of collisions is the one that counts, and the facts survive the journal")
    func collisions() throws {
        let other = Collision(run: RunID("r2"), task: TaskID("b"), paths: ["x", "y"])
        let found = RunFact.collisionsFound(task: Self.a, collisions: [other])
        var run = try Self.authoring(found)
        #expect(run.task(Self.a)?.collisions == [other])
        try run.apply(.collisionsFound(task: Self.a, collisions: []))
        #expect(run.task(Self.a)?.collisions == [])
        for fact in [found, Self.record(1, "t", .turn, turn: 1)] {
            let text = try JSONEncoder().encode(fact)
            #expect(try JSONDecoder().decode(RunFact.self, from: text) == fact)
        }
    }

    @Test("names no more paths than its limit, and says how many there are")
    func bounded() {
        let collision = Collision(
            run: RunID("r"), task: TaskID("t"), paths: (0..<80).map { "p\($0)" })
        #expect(collision.paths.count == Collision.pathsMax)
        #expect(collision.pathCount == 80)
    }
}
