import Fixtures
import Foundation
import Glibc
import Testing

@Suite("Killed in the middle", .serialized)
struct CrashStories {
    /// The sequence number and name of the first new fact `watch` prints.
    private static func firstFact(in output: String, after last: Int64) -> (sequence: Int64, kind: String)? {
        for line in output.split(separator: "\n") {
            guard let document = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let event = (document["event"] as? [String: Any])?["event"] as? [String: Any] ?? document[
                    "event"] as? [String: Any],
                let sequence = (event["sequence"] as? NSNumber)?.int64Value, sequence > last,
                let kind = event["kind"] as? String
            else { continue }
            return (sequence, kind)
        }
        return nil
    }

    @Test("a server killed after every single fact ends in the same landed result")
    func serverAtEveryFact() async throws {
        try await withWorld { world in
            let script = try world.script(RehearsalScripts.twoTasks)
            let started = try await world.run(
                "run", "Add two functions", "--rehearse", script, "--update-checkout", "--yes", "--detach")
            #expect(started.code == 0, "\(started)")
            var kinds: [String] = []
            var last: Int64 = 0
            for _ in 0..<200 {
                // The journal is read by the server alone; `audit` shows what is durable now.
                let facts = try await Self.facts(in: world, after: last)
                guard let next = facts.first else {
                    if try await Self.isOver(world) { break }
                    try await ContinuousClock().sleep(for: .milliseconds(5))
                    continue
                }
                last = next.sequence
                kinds.append(next.kind)
                try await world.killServer()
                let resumed = try await world.run("resume")
                #expect(resumed.code == 0, "\(resumed)")
            }
            let ended = try await world.run("watch")
            #expect(ended.code == 0, "\(ended)")
            #expect(Set(try await world.repository.subjects().prefix(2)) == ["Add mul", "Add sub"])
            #expect(try await world.repository.git("rev-list", "--count", "main") == "3")
            #expect(try await world.repository.status() == [])
            #expect(
                kinds.contains("landed") && kinds.contains("mergeBuilt") && kinds.contains("reviewFinished"),
                "\(kinds)")
        }
    }

    private static func facts(in world: ProductWorld, after last: Int64) async throws -> [(
        sequence: Int64, kind: String
    )] {
        let audit = try await world.run("audit", "--json")
        return audit.lines.compactMap { line in
            guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            else { return nil }
            let entry = (object["audit"] as? [String: Any])?["entry"] as? [String: Any] ?? object
            guard let sequence = (entry["sequence"] as? NSNumber)?.int64Value, sequence > last,
                let kind = entry["kind"] as? String
            else { return nil }
            return (sequence, kind)
        }
    }

    private static func isOver(_ world: ProductWorld) async throws -> Bool {
        try await world.run("status", "--json").stdout.contains("\"state\":\"landed\"")
    }

    @Test(
        "an author's runner killed at work is replaced, and the run lands", arguments: ["author", "planner"])
    func runner(role: String) async throws {
        try await withWorld { world in
            let script = try world.script(RehearsalScripts.oneTask)
            let started = try await world.run(
                "run", "Add mul", "--rehearse", script, "--update-checkout", "--yes", "--detach")
            #expect(started.code == 0, "\(started)")
            var killed = false
            while !killed, try await !Self.isOver(world) {
                for pid in try Self.runners(of: world) where try Self.role(of: pid, in: world) == role {
                    kill(pid, SIGKILL)
                    killed = true
                    break
                }
            }
            var ended = try await world.run("watch")
            if ended.code != 0 {
                #expect(try await world.run("resume").code == 0)
                ended = try await world.run("watch")
            }
            #expect(ended.code == 0, "\(ended)")
            #expect(try await world.repository.subjects().first == "Add mul")
        }
    }

    /// The runners of this world that live.
    private static func runners(of world: ProductWorld) throws -> [Int32] {
        try world.sessionPIDs().filter { pid in
            (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8))?.hasPrefix("graftwork-runne")
                ?? false
        }
    }

    /// The role of a runner's session: its spool's folder is among its descriptors, and the journal knows the
    /// folder.
    private static func role(of pid: Int32, in world: ProductWorld) throws -> String? {
        let folder = "/proc/\(pid)/fd"
        guard let numbers = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return nil }
        let names = numbers.compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
        guard let spool = names.first(where: { $0.hasSuffix("/spool.jsonl") }) else { return nil }
        let tree = URL(fileURLWithPath: spool).deletingLastPathComponent().appendingPathComponent("tree").path
        // Planner and reviewer get a tree of their own in the session's folder; an author works in its
        // worktree.
        return FileManager.default.fileExists(atPath: tree) ? "planner" : "author"
    }

    @Test("a stopped run leaves nothing running, and goes on where it stood")
    func stopped() async throws {
        try await withWorld { world in
            let script = try world.script(RehearsalScripts.twoTasks)
            let started = try await world.run(
                "run", "Add two functions", "--rehearse", script, "--update-checkout", "--yes", "--detach")
            #expect(started.code == 0, "\(started)")
            #expect(try await world.run("stop").code == 0)
            let watched = try await world.run("watch")
            #expect(watched.code == 3, "\(watched)")
            try await wait { try Self.runners(of: world).isEmpty }
            #expect(try await world.run("resume").code == 0)
            let ended = try await world.run("watch")
            #expect(ended.code == 0, "\(ended)")
            #expect(Set(try await world.repository.subjects().prefix(2)) == ["Add mul", "Add sub"])
        }
    }
}
