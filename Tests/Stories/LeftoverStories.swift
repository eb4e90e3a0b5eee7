import Fixtures
import Foundation
import Glibc
import Testing

@Suite("What is left behind", .serialized)
struct LeftoverStories {
    /// Names of what lies below a folder of the world's state; empty where there is no such folder.
    private static func names(_ folder: String, in world: ProductWorld) -> [String] {
        let path = world.folder.path("state/graftwork/\(folder)")
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// The folders inside of sessions' folders: homes and trees.
    private static func folders(in world: ProductWorld) -> [String] {
        names("s", in: world).flatMap { session in
            names("s/\(session)", in: world).filter { entry in
                var isFolder: ObjCBool = false
                let path = world.folder.path("state/graftwork/s/\(session)/\(entry)")
                return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
                    && isFolder.boolValue
            }.map { "\(session)/\($0)" }
        }
    }

    private static func uids(in world: ProductWorld) -> [String] {
        names("uids", in: world).filter { UInt32($0) != nil }
    }

    @Test("a landed run leaves no uid, home, tree, worktree, script or process, and its logs can be read")
    func landed() async throws {
        try await withWorld { world in
            let result = try await world.rehearse(try world.script(RehearsalScripts.twoTasks))
            #expect(result.code == 0, "\(result)")
            #expect(Self.uids(in: world) == [])
            #expect(Self.folders(in: world) == [])
            #expect(try await world.repository.git("worktree", "list").split(separator: "\n").count == 1)
            #expect(try await world.repository.git("for-each-ref", "refs/heads/graftwork").isEmpty)
            let logs = try await world.run("logs")
            #expect(logs.code == 0 && logs.stdout.contains("Added mul."), "\(logs)")
            // It has nothing more to say, so following it ends, too.
            let followed = try await world.run("logs", "--follow")
            #expect(followed.code == 0 && followed.stdout == logs.stdout, "\(followed)")
            let runs =
                try JSONSerialization.jsonObject(
                    with: Data(try await world.run("status", "--json").stdout.utf8)) as? [[String: Any]]
            let stopped = try await world.run("stop", try #require(runs?.first?["id"] as? String))
            #expect(stopped.code == 2 && stopped.stderr.contains("is at work: it is landed"), "\(stopped)")
            try await wait { !Self.names("h", in: world).contains { $0.hasSuffix(".yaml") } }
            try await wait { try world.sessionPIDs().allSatisfy { try $0 == world.serverPID() } }
        }
    }

    @Test("a denied landing gives back everything but the snapshots")
    func denied() async throws {
        let policy = """
            version: 1
            policies:
              - { name: ask, on: [land], when: 'true', then: ask, reason: Look first. }

            """
        let files = ProductWorld.sample.merging([".graftwork/policies/ask.yaml": policy]) { $1 }
        try await withWorld(files: files) { world in
            let held = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(held.code == 3, "\(held)")
            let inbox = try await world.run("inbox", "--json")
            let approvals = try #require(
                try JSONSerialization.jsonObject(with: Data(inbox.stdout.utf8)) as? [[String: Any]])
            let question = try #require(approvals.first?["id"] as? String)
            #expect(try await world.run("deny", question).code == 0)
            #expect(try await world.run("watch").code == 4)
            #expect(Self.uids(in: world) == [])
            #expect(Self.folders(in: world) == [])
            #expect(try await world.repository.git("worktree", "list").split(separator: "\n").count == 1)
            #expect(try await !world.repository.git("for-each-ref", "refs/graftwork/snapshots").isEmpty)
        }
    }

    @Test("what a server killed in a check leaves is swept by the next one")
    func killedInACheck() async throws {
        let configuration =
            ProductWorld.twoVendors + """
                checks:
                  - name: tests
                    run: "test -f mul.py && sleep 1000; python3 -m unittest"
                    require-tests: 1

                """
        try await withWorld(configuration: configuration) { world in
            let script = try world.script(RehearsalScripts.oneTask)
            let started = try await world.run("run", "Add mul", "--rehearse", script, "--yes", "--detach")
            #expect(started.code == 0, "\(started)")
            try await wait { try await world.run("status", "--json").stdout.contains("\"checking\"") }
            try await wait { Self.names("s", in: world).contains { $0.hasPrefix("c") && $0.count == 13 } }
            try await world.killServer()
            #expect(try await world.run("status").code == 0)
            #expect(!Self.names("s", in: world).contains { $0.hasPrefix("c") && $0.count == 13 })
            #expect(Self.uids(in: world).count <= 1, "only the task's worktree needs one")
            #expect(try await world.run("stop").code == 0)
        }
    }

    @Test("what an author's models cost is known, though server and runner were killed together")
    func costOfTheLost() async throws {
        try await withWorld { world in
            let author =
                RehearsalScripts.author("mul").replacingOccurrences(
                    of: "python3 -m unittest", with: "test -f go || sleep 1000")
            let script = try world.script(RehearsalScripts.plan(["mul"]) + author + RehearsalScripts.approve)
            let started = try await world.run(
                "run", "Add mul", "--rehearse", script, "--update-checkout", "--yes", "--detach")
            #expect(started.code == 0, "\(started)")
            try await wait { try await world.run("logs").stdout.contains("test -f go") }
            try await world.killServer()
            for pid in try world.sessionPIDs() { kill(pid, SIGKILL) }
            try await wait { try world.sessionPIDs().isEmpty }
            #expect(try await world.run("resume", "--detach").code == 0)
            try await wait { try await world.run("cost", "--json").stdout.contains("\"author\"") }
            let costs = try await world.run("cost", "--json")
            #expect(costs.stdout.contains("\"openai\""), "\(costs)")
            #expect(try await world.run("stop").code == 0)
        }
    }
}
