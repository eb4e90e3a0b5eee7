import Fixtures
import Foundation
import Linux
import Testing

/// What a sandbox may use, as a person states it and sees it kept.
@Suite(
    "Limits of a sandbox", .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"),
    .timeLimit(.minutes(10)))
struct LimitStories {
    private func withWorld(_ sandbox: String, _ body: (ProductWorld) async throws -> Void) async throws {
        let world = try await ProductWorld(configuration: ProductWorld.twoVendors + "\(sandbox)\n")
        do {
            try await body(world)
        } catch {
            try await world.end()
            throw error
        }
        try await world.end()
    }

    /// `cgroup1`, `cgroup2` or `watchdog`, whichever this machine lets this user have.
    private func means(_ world: ProductWorld) async throws -> String {
        let plan = try await world.run("sandbox", "run", "--print-plan", "--json", "--", "true")
        let document = try JSONSerialization.jsonObject(with: Data(plan.stdout.utf8)) as? [String: Any]
        return try #require(document?["limitsAreKeptBy"] as? String)
    }

    @Test("a watchdog in the place of control groups stands in the record, or is refused if they are wanted")
    func means() async throws {
        try await withWorld("sandbox: { limits: cgroup }") { world in
            let means = try await means(world)
            let result = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            if means == "watchdog" {
                #expect(result.code == 1, "\(result)")
                #expect(result.stderr.contains("No control groups can be made here"), "\(result)")
                #expect(try await world.run("status").stdout.contains("No run") || result.code == 1)
            } else {
                #expect(result.code == 0, "\(result)")
            }
        }
        try await withWorld("sandbox: { limits: auto }") { world in
            let means = try await means(world)
            let live = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(live.code == 0, "\(live)")
            let logs = try await world.run("logs").stdout
            #expect(logs.contains("its limits kept by a watchdog") == (means == "watchdog"), "\(logs)")
            let said = live.stdout.contains("; limits are kept by a watchdog")
            #expect(said == (means == "watchdog"), "\(live)")
            let record = try await world.run("audit", "--json").stdout
            #expect(record.contains("\"limitMeans\":\"\(means)\""), "\(means)")
            // A run that began with control groups has them to its end, or its sandboxes are refused.
            #expect(record.contains("\"requiresGroups\":\(means != "watchdog")"), "\(means)")
        }
    }

    @Test("`graftwork sandbox run` has the limits, tools, folders and variables that are configured")
    func sandboxRun() async throws {
        let tools = try TemporaryFolder(reachable: true)
        try tools.write("kit/bin/greet", "#!/bin/sh\necho \"hello $NAME\"\n", mode: 0o755)
        try tools.write("cache/item", "cached\n")
        let configuration = """
            sandbox: { memory: 1 GiB, processes: 99 }
            toolchains: [\(tools.path("kit"))]
            worktree: { share: [\(tools.path("cache"))], env: { NAME: you } }
            """
        try await withWorld(configuration) { world in
            let plan = try await world.run("sandbox", "run", "--print-plan")
            let limits = "  processes and threads 99, memory 1073741824 bytes"
            #expect(plan.lines.contains { $0.hasPrefix(limits) }, "\(plan)")
            let script = "greet; cat \(tools.path("cache/item"))"
            let result = try await world.run("sandbox", "run", "--", "sh", "-c", script)
            #expect(result.stdout == "hello you\ncached\n", "\(result)")
        }
        try await withWorld("sandbox: { limits: cgroup }") { world in
            let means = try await means(world)
            let result = try await world.run("sandbox", "run", "--", "true")
            #expect((result.code == 0) == (means != "watchdog"), "\(result)")
            #expect(result.stderr.contains("No control groups can be made") == (means == "watchdog"))
        }
    }

    /// At 0 the kernel would start the machine's own program for dumps, where it has one (core(5)).
    @Test("no crash of the server, which knows the keys, is dumped by anybody")
    func coreLimit() async throws {
        try await withWorld("") { world in
            #expect(try await world.run("status").code == 0)
            let pid = try #require(try world.serverPID())
            let limits = try Files.readText("/proc/\(pid)/limits", bytesMax: 8 << 10).split(separator: "\n")
            let core = try #require(limits.first { $0.hasPrefix("Max core file size") })
            #expect(core.split(separator: " ").dropFirst(4).prefix(2) == ["1", "1"])
        }
    }

    @Test("an author that fills the disk is ended, and its task held with the reason; its files are saved")
    func disk() async throws {
        try await withWorld("sandbox: { disk: 8 MiB }") { world in
            let greedy = """
                  - match: { role: author, task: mul }
                    steps:
                      - shell: "echo kept > kept.txt; head -c 64M /dev/zero > big; sleep 1000"
                      - final: Never.

                """
            let script = RehearsalScripts.plan(["mul"]) + greedy + RehearsalScripts.approve
            let result = try await world.rehearse(try world.script(script))
            #expect(result.code == 3, "\(result)")
            let words = "The author of task mul failed: It wrote more than 8 MiB to the disk."
            #expect((result.stdout + result.stderr).contains(words), "\(result)")
            #expect((result.stdout + result.stderr).contains("`sandbox:`"), "\(result)")
            let snapshots = try await world.repository.git(
                "for-each-ref", "--format=%(refname)", "refs/graftwork/snapshots")
            let newest = try #require(snapshots.split(separator: "\n").last)
            #expect(try await world.repository.git("show", "\(newest):kept.txt") == "kept")
        }
    }
}
