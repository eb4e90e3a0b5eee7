import ChildProcess
import ControlProtocol
import Fixtures
import Foundation
import Linux
import Testing
import Vocabulary

/// What may not be done with a worktree, and why not; beside each what may.
@Suite("Worktrees that are guarded", .serialized)
struct GuardedWorktreeStories {
    /// Nothing of these tasks lands: their worktrees stay.
    private static func holding(_ task: String) -> [String: String] {
        let policy = """
            version: 1
            policies:
              - { name: no, on: [land], when: 'action.task == "\(task)"', then: deny, reason: Not today. }

            """
        return ProductWorld.sample.merging([".graftwork/policies/no.yaml": policy]) { $1 }
    }

    private static func script(_ task: String) -> String {
        RehearsalScripts.plan([task]) + RehearsalScripts.author(task) + RehearsalScripts.approve
    }

    /// A run whose task is held, and one that has landed; the run of the held one.
    private static func heldAndLanded(_ world: ProductWorld) async throws -> String {
        let landed = try await world.rehearse(try world.script(script("sub")))
        #expect(landed.code == 0, "\(landed)")
        let held = try await world.rehearse(try world.script(script("mul")))
        #expect(held.code == 4, "\(held)")
        let listed = try WorktreeStories.json(try await world.run("worktree", "ls", "--json"))
        return try #require(listed.first { $0["task"] as? String == "mul" }?["run"] as? String)
    }

    /// What the server answers, as it comes.
    private static func ask(_ request: ControlRequest, _ world: ProductWorld) async throws -> String {
        let socket = try UnixSocket.connect(path: world.folder.path("state/graftwork/server.sock"))
        defer { socket.close() }
        let lines = LineStream(reading: socket, lineBytesMax: 1 << 20)
        try await LineWriter(writing: socket).write(JSONText.line(encoding: request))
        var answer = ""
        while let line = try await lines.next() { answer += line.text + "\n" }
        return answer
    }

    @Test("of a run that another version wrote are neither opened, put back nor removed")
    func unreadable() async throws {
        try await withWorld(files: Self.holding("mul")) { world in
            let run = try await Self.heldAndLanded(world)
            let path = try await world.run("worktree", "open", "\(run)/mul").stdout
                .trimmingCharacters(in: .newlines)
            try await world.killServer(SIGTERM)
            // What a later version might record.
            let written = try await Child.run(
                ChildCommand(
                    [
                        "/usr/bin/python3", "-I", "-c",
                        """
                        import sqlite3, sys
                        with sqlite3.connect(sys.argv[1]) as journal:
                            journal.execute("INSERT INTO events(run, kind, payload, recorded_at, hash) "
                                "VALUES (?, 'fromTheFuture', '{}', '2030-01-01', '')", [sys.argv[2]])
                        """, world.folder.path("state/graftwork/journal.sqlite"), run,
                    ], environment: [:]), timeout: .seconds(60))
            #expect(written.isSuccess, "\(written.stderrText)")
            let sentence = "Run \(run) was written by another version of Graftwork"
            let refused = try await world.run("worktree", "restore", run, "mul")
            #expect(refused.code == 1 && refused.stderr.contains(sentence), "\(refused)")
            #expect(refused.stderr.contains("Use the version that began it."))
            // `ls` does not show it, so these commands ask for nothing; the server refuses whoever asks.
            let (id, task) = (RunID(run), TaskID("mul"))
            for request in [
                ControlRequest.openWorktree(run: id, task: task),
                .removeWorktree(run: id, task: task, discardsUnsaved: true),
            ] {
                let answer = try await Self.ask(request, world)
                #expect(answer.contains(sentence), "\(answer)")
            }
            for action in ["open", "rm"] {
                #expect(try await world.run("worktree", action, run, "mul").code == 1)
            }
            #expect(FileManager.default.fileExists(atPath: "\(path)/mul.py"))
            #expect(try WorktreeStories.json(try await world.run("worktree", "ls", "--json")).isEmpty)
        }
    }

    @Test("that are overlays are not opened between two steps of their run, and afterwards they are")
    func betweenSteps() async throws {
        let tools = try TemporaryFolder(reachable: true)
        // Tried on the base first, whose folder is called otherwise; what it writes makes its outcome its
        // own.
        let command =
            "pwd > .deps; case \"$PWD\" in *mul) while [ ! -e \(tools.path)/go ]; do sleep 0.01; done;; esac"
        let configuration =
            ProductWorld.twoVendors + """
                worktrees: { backend: overlay }
                worktree:
                  share: ['\(tools.path)']
                  setup: [[sh, -c, '\(command)']]

                """
        var files = Self.holding("mul")
        files[".gitignore"] = "__pycache__/\n.deps\n"
        try await withWorld(files: files, configuration: configuration) { world in
            let started = try await world.run(
                "run", "Add mul", "--rehearse", try world.script(Self.script("mul")), "--yes", "--detach")
            #expect(started.code == 0, "\(started)")
            var seen: [String: Any]?
            try await wait {
                seen = try WorktreeStories.json(try await world.run("worktree", "ls", "--json")).first
                return seen?["state"] as? String == "preparing" && seen?["isOverlay"] as? Bool == true
            }
            let run = try #require(seen?["run"] as? String)
            let refused = try await world.run("worktree", "open", run, "mul")
            #expect(refused.code == 1, "\(refused)")
            #expect(
                refused.stderr.contains("The worktree of task mul is in use: the task is preparing."),
                "\(refused)")
            try tools.write("go", "")
            #expect(try await world.run("watch", run).code == 4)
            let opened = try await world.run("worktree", "open", run, "mul")
            #expect(opened.code == 0 && opened.stderr.contains("was an overlay and is a checkout now."))
        }
    }

    @Test("are listed when one of them cannot be read, and can be removed")
    func oddOne() async throws {
        try await withWorld(files: Self.holding("mul")) { world in
            let first = try await Self.heldAndLanded(world)
            let second = try await world.rehearse(try world.script(Self.script("mul")))
            #expect(second.code == 4, "\(second)")
            func listed() async throws -> [[String: Any]] {
                try WorktreeStories.json(try await world.run("worktree", "ls", "--json"))
            }
            let other = try #require(
                try await listed().first { $0["run"] as? String != first }?["run"] as? String)
            let state = world.folder.path("state/graftwork/r")
            let repository = try #require(try FileManager.default.contentsOfDirectory(atPath: state).first)
            try "{".write(
                toFile: "\(state)/\(repository)/private/\(first).mul/prepared.json", atomically: true,
                encoding: .utf8)
            let table = try await world.run("worktree", "ls")
            let line = table.lines.first { $0.hasPrefix("\(first)/mul") }
            #expect(line?.hasSuffix("problem") == true, "\(table)")
            #expect(table.stdout.contains("prepared.json"), "\(table)")
            #expect(!table.stdout.contains("has lost its files"), "\(table)")
            let whole = try #require(try await listed().first { $0["run"] as? String == other })
            #expect(whole["isPresent"] as? Bool == true && whole["changedPaths"] as? Int == 2, "\(whole)")
            let refused = try await world.run("worktree", "rm", "\(first)/mul")
            #expect(refused.code == 1 && refused.stderr.contains("prepared.json"), "\(refused)")
            #expect(try await world.run("worktree", "rm", "\(other)/mul").code == 0)
        }
    }

    @Test("keep every snapshot while somebody may go on with their run, and the newest afterwards")
    func retention() async throws {
        let configuration = ProductWorld.twoVendors + "worktrees: { keep-snapshots: { count: 1 } }\n"
        try await withWorld(files: Self.holding("mul"), configuration: configuration) { world in
            let run = try await Self.heldAndLanded(world)
            let path = try await world.run("worktree", "open", "\(run)/mul").stdout
                .trimmingCharacters(in: .newlines)
            for text in ["one", "two"] {
                try "\(text)\n".write(toFile: "\(path)/note", atomically: true, encoding: .utf8)
                #expect(try await world.run("worktree", "open", "\(run)/mul").code == 0)
            }
            func snapshots(_ task: String) async throws -> [String] {
                try await world.repository.git(
                    "for-each-ref", "--format=%(refname)", "refs/graftwork/snapshots"
                ).split(separator: "\n").map(String.init).filter { $0.contains("/\(task)/") }
            }
            let (held, landed) = (try await snapshots("mul"), try await snapshots("sub"))
            #expect(held.count >= 3, "\(held)")
            let pruned = try await world.run("worktree", "prune")
            #expect(pruned.code == 0, "\(pruned)")
            #expect(try await snapshots("mul") == held)
            #expect(try await snapshots("sub") == landed.suffix(1))
        }
    }

    @Test("of a repository that is gone cannot be pruned: the exit code says so, and the others are pruned")
    func pruneFails() async throws {
        let configuration = ProductWorld.twoVendors + "worktrees: { keep-snapshots: { count: 1 } }\n"
        try await withWorld(configuration: configuration) { world in
            #expect(try await world.rehearse(try world.script(RehearsalScripts.oneTask)).code == 0)
            let other = try await TestRepository(in: world.folder, named: "other")
            for (name, text) in ProductWorld.sample { try other.write(name, text) }
            try await other.commit("begin")
            let second = try await world.run(
                ["run", "Add mul", "--rehearse", try world.script(RehearsalScripts.oneTask), "--yes"],
                in: other.path)
            #expect(second.code == 0, "\(second)")
            #expect(try await world.run("worktree", "prune").code == 0)
            try await world.killServer(SIGTERM)
            try FileManager.default.moveItem(atPath: other.path, toPath: other.path + "-moved")
            let failed = try await world.run("worktree", "prune")
            #expect(failed.code == 1 || failed.code == 2, "\(failed)")
            #expect(failed.stderr.contains(other.path), "\(failed)")
        }
    }
}
