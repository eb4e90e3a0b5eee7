import Fixtures
import Foundation
import Linux
import Testing
import Vocabulary

@testable import Worktrees

@Suite("The collision radar")
struct CollisionRadarTests {
    /// A repository with live worktrees `r1/a`, `r1/b` and `r2/a`.
    private final class Scene: Sendable {
        let repository: TestRepository
        let store: RepositoryStore
        let radar: CollisionRadar

        init(_ files: [String: String] = ["x": "1\n2\n3\n", "y": "1\n", "z": "1\n"]) async throws {
            repository = try await TestRepository(files: files)
            store = try repository.store()
            radar = try CollisionRadar(of: store)
        }
        func worktree(_ run: String, _ task: String) async throws -> PreparedWorktree {
            try await store.prepareWorktree(
                run: RunID(run), task: task, base: repository.head(), owner: nil)
        }
        /// Writes files to a worktree and saves it; the commit is what the radar sees.
        func save(_ worktree: PreparedWorktree, _ files: [String: String]) async throws -> ObjectID {
            for (name, text) in files.sorted(by: { $0.key < $1.key }) {
                try Files.makeDirectory(Files.parent(of: "\(worktree.path)/\(name)"), mode: 0o755)
                try Files.writeAtomically("\(worktree.path)/\(name)", text: text)
            }
            return try await store.snapshot(worktree, message: "turn").commit
        }
    }
    private static func collision(_ run: String, _ task: String, _ paths: String...) -> Collision {
        Collision(run: RunID(run), task: TaskID(task), paths: paths)
    }

    @Test("sees which worktrees conflict and where, also across runs, and from both sides")
    func finds() async throws {
        let scene = try await Scene()
        let (a, b) = (try await scene.worktree("r1", "a"), try await scene.worktree("r1", "b"))
        let other = try await scene.worktree("r2", "a")
        let found = try await scene.radar.look(at: [
            a.name: scene.save(a, ["x": "mine\n2\n3\n", "y": "mine\n"]),
            b.name: scene.save(b, ["z": "alone\n"]),
            other.name: scene.save(other, ["x": "theirs\n2\n3\n", "y": "theirs\n"]),
        ])
        #expect(
            found == [
                a.name: [Self.collision("r2", "a", "x", "y")],
                other.name: [Self.collision("r1", "a", "x", "y")],
            ])
    }

    @Test("merges again only pairs of which a side changed, and forgets who left")
    func incremental() async throws {
        let scene = try await Scene()
        var live: [WorktreeName: ObjectID] = [:]
        var worktrees: [PreparedWorktree] = []
        for number in 0..<4 {
            let worktree = try await scene.worktree("r1", "t\(number)")
            worktrees.append(worktree)
            live[worktree.name] = try await scene.save(worktree, ["y": "v\(number)\n"])
        }
        #expect(try await scene.radar.look(at: live).count == 4)
        #expect(await scene.radar.pairsMerged == 6)
        #expect(try await scene.radar.look(at: live).count == 4)
        #expect(await scene.radar.pairsMerged == 6)
        live[worktrees[0].name] = try await scene.save(worktrees[0], ["y": "v1\n"])
        let found = try await scene.radar.look(at: live)
        #expect(await scene.radar.pairsMerged == 9)
        #expect(found[worktrees[0].name]?.count == 2 && found[worktrees[1].name]?.count == 2)
        live[worktrees[1].name] = nil
        #expect(
            try await scene.radar.look(at: live)[worktrees[2].name]?.map(\.task)
                == [TaskID("t0"), TaskID("t3")])
        #expect(await scene.radar.pairsMerged == 9)
    }

    @Test("compares worktrees of different bases by what they have in common")
    func bases() async throws {
        let scene = try await Scene()
        let old = try await scene.worktree("r1", "old")
        let commit = try await scene.save(old, ["x": "1\n2\nmine\n"])
        try scene.repository.write("x", "first\n2\n3\n")
        try await scene.repository.commitAll("moved on")
        let new = try await scene.worktree("r1", "new")
        // The new base's own change is no collision: nobody of the two has made it.
        let apart = try await scene.radar.look(at: [
            old.name: commit, new.name: scene.save(new, ["y": "mine\n"]),
        ])
        #expect(apart.isEmpty)
        let found = try await scene.radar.look(at: [
            old.name: commit, new.name: scene.save(new, ["x": "first\n2\ntheirs\n"]),
        ])
        #expect(found[old.name] == [Self.collision("r1", "new", "x")])
    }

    @Test("obeys the base's attributes, and runs no merge driver of the user's")
    func attributes() async throws {
        let scene = try await Scene([
            ".gitattributes": "log merge=union\nx merge=evil\n", "log": "1\n", "x": "1\n",
        ])
        let marker = scene.repository.folder.path("ran")
        try await scene.repository.git("config", "merge.evil.driver", "touch \(marker)")
        let (a, b) = (try await scene.worktree("r1", "a"), try await scene.worktree("r1", "b"))
        let found = try await scene.radar.look(at: [
            a.name: scene.save(a, ["log": "1\na\n", "x": "a\n"]),
            b.name: scene.save(b, ["log": "1\nb\n", "x": "b\n"]),
        ])
        #expect(found[a.name] == [Self.collision("r1", "b", "x")])
        #expect(!Files.exists(marker))
    }

    @Test("names a bounded number of paths, whatever bytes they are made of, and counts the rest")
    func bounded() async throws {
        let scene = try await Scene()
        let (a, b) = (try await scene.worktree("r1", "a"), try await scene.worktree("r1", "b"))
        let names = (0..<70).map { "new/f\($0)\n\"" }
        let found = try await scene.radar.look(at: [
            a.name: scene.save(a, Dictionary(uniqueKeysWithValues: names.map { ($0, "a\n") })),
            b.name: scene.save(b, Dictionary(uniqueKeysWithValues: names.map { ($0, "b\n") })),
        ])
        let collision = try #require(found[a.name]?.first)
        #expect(collision.paths.count == Collision.pathsMax && collision.pathCount == 70)
    }

    @Test("keeps nothing of what it merges, and leaves the user's repository as it is")
    func leavesNothing() async throws {
        let scene = try await Scene()
        let (a, b) = (try await scene.worktree("r1", "a"), try await scene.worktree("r1", "b"))
        let live = [
            a.name: try await scene.save(a, ["x": "a\n"]), b.name: try await scene.save(b, ["x": "b\n"]),
        ]
        let before = try await scene.repository.belongings()
        let objects = try await scene.repository.git("count-objects", "-v")
        let scratch = try await scene.repository.git(
            "count-objects", "-v", at: "\(scene.repository.state)/scratch.git")
        _ = try await scene.radar.look(at: live)
        #expect(try await scene.repository.belongings() == before)
        #expect(try await scene.repository.git("count-objects", "-v") == objects)
        #expect(
            try await scene.repository.git("count-objects", "-v", at: "\(scene.repository.state)/scratch.git")
                == scratch)
        #expect(try Files.list("\(scene.repository.state)/temporary").isEmpty)
    }

    @Test("a snapshot that is not there keeps no other pair from being seen, and is not tried again")
    func missingAmongOthers() async throws {
        let scene = try await Scene()
        let (a, b) = (try await scene.worktree("r1", "a"), try await scene.worktree("r1", "b"))
        let gone = try await scene.worktree("r1", "gone")
        var live = [
            a.name: try await scene.save(a, ["x": "a\n"]), b.name: try await scene.save(b, ["x": "b\n"]),
            gone.name: ObjectID(String(repeating: "1", count: 40)),
        ]
        #expect(await worktreeError { _ = try await scene.radar.look(at: live) } != nil)
        #expect(
            try await scene.radar.look(at: live) == [
                a.name: [Self.collision("r1", "b", "x")], b.name: [Self.collision("r1", "a", "x")],
            ])
        #expect(await scene.radar.pairsMerged == 1)
        live[gone.name] = try await scene.save(gone, ["x": "c\n"])
        #expect(try await scene.radar.look(at: live)[gone.name]?.count == 2)
    }

    @Test("a snapshot that is not there is an error of this look alone")
    func missing() async throws {
        let scene = try await Scene()
        let (a, b) = (try await scene.worktree("r1", "a"), try await scene.worktree("r1", "b"))
        let (mine, theirs) = (
            try await scene.save(a, ["x": "a\n"]), try await scene.save(b, ["x": "b\n"])
        )
        let nothing = ObjectID(String(repeating: "1", count: 40))
        #expect(
            await worktreeError { _ = try await scene.radar.look(at: [a.name: mine, b.name: nothing]) } != nil
        )
        #expect(try await scene.radar.look(at: [a.name: mine, b.name: theirs]).count == 2)
        #expect(try Files.list("\(scene.repository.state)/temporary").isEmpty)
    }
}
