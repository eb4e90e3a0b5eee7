import Fixtures
import Foundation
import Glibc
import Linux
import Testing

/// A person's hand in a run at work: `steer`, `interrupt`, `pause` and `resume`.
@Suite("A hand in a run at work", .serialized, .timeLimit(.minutes(3)))
struct SteeringStories {
    /// An author who waits, in the middle of its turn, until a file `go` is in its worktree.
    private static func waitingAuthor(_ task: String) -> String {
        """
          - match: { role: author, task: \(task) }
            steps:
              - write: { path: \(task).py, text: "def \(task)(a, b):\\n    return a * b\\n" }
              - shell: "touch begun; while [ ! -e go ]; do sleep 0.02; done; rm begun go"
              - write:
                  path: tests/test_\(task).py
                  text: |
                    import unittest

                    from \(task) import \(task)


                    class T(unittest.TestCase):
                        def test_it(self):
                            self.assertEqual(\(task)(2, 2), 4)
              - final: Added \(task).

        """
    }

    /// Starts a run and returns its id when its authors wait.
    private static func start(_ world: ProductWorld, tasks: [String] = ["mul"]) async throws -> String {
        let script = try world.script(
            RehearsalScripts.plan(tasks) + tasks.map(toldAuthor).joined() + tasks.map(waitingAuthor).joined()
                + RehearsalScripts.approve)
        let started = try await world.run(
            "run", "Add them", "--rehearse", script, "--update-checkout", "--yes", "--detach")
        #expect(started.code == 0, "\(started)")
        for task in tasks {
            try await wait { try worktree(world, task).map { Files.exists($0 + "/begun") } ?? false }
        }
        return try await id(world)
    }

    /// What an author does when it is told something: the message says which task it is for.
    private static func toldAuthor(_ task: String) -> String {
        """
          - match: { role: author, task: \(task), round: 9 }
            steps:
              - shell: "cp /home/agent/inbox/* . 2>/dev/null; echo told > told.txt"
              - final: Did that, too.

        """
    }
    private static func message(to task: String) -> String {
        "Also write told.txt.\ngraftwork-role: author\ngraftwork-task: \(task)\ngraftwork-round: 9"
    }

    private static func id(_ world: ProductWorld) async throws -> String {
        let status = try await world.run("status", "--json")
        let runs = try JSONSerialization.jsonObject(with: Data(status.stdout.utf8)) as? [[String: Any]]
        return try #require(runs?.first?["id"] as? String)
    }

    private static func worktree(_ world: ProductWorld, _ task: String) throws -> String? {
        let repositories = world.folder.path("state/graftwork/r")
        guard Files.exists(repositories) else { return nil }
        for repository in try Files.list(repositories) {
            let folder = "\(repositories)/\(repository)/worktrees"
            guard Files.exists(folder) else { continue }
            if let name = try Files.list(folder).first(where: { $0.hasSuffix(".\(task)") }) {
                return "\(folder)/\(name)"
            }
        }
        return nil
    }

    private static func letGo(_ world: ProductWorld, _ task: String) throws {
        let worktree = try #require(try worktree(world, task))
        try Files.create("\(worktree)/go", mode: 0o644)
        let owner = try Files.status(of: worktree)
        try Files.changeOwner(tree: "\(worktree)/go", uid: owner.st_uid, gid: owner.st_gid)
    }

    private static func expect(
        _ result: CommandResult, _ code: Int32, _ words: String, _ place: SourceLocation = #_sourceLocation
    ) {
        #expect(result.code == code && result.text.contains(words), "\(result)", sourceLocation: place)
    }

    @Test("a message with a file reaches the agent, which acts on it before its work counts as done")
    func steered() async throws {
        try await withWorld { world in
            let run = try await Self.start(world)
            let file = try world.folder.write("mine/plan.txt", "the plan\n")
            let told = try await world.run(
                "steer", "\(run)/mul", Self.message(to: "mul"), "--file", file, "--json")
            #expect(told.code == 0 && told.stdout.contains("\"author\""), "\(told)")
            try Self.letGo(world, "mul")
            let ended = try await world.run("watch")
            #expect(ended.code == 0, "\(ended)")
            let tree = try await world.repository.git("ls-tree", "--name-only", "HEAD")
            #expect(tree.contains("told.txt") && tree.contains("plan.txt"), "\(tree)")
            let logs = try await world.run("logs", run, "mul")
            #expect(
                logs.stdout.contains("Also write told.txt.")
                    && logs.stdout.contains("(with /home/agent/inbox/plan.txt)")
                    && logs.stdout.contains("the agent has message 1"), "\(logs)")
            // Two turns, each with its snapshot.
            #expect(try await world.run("diff", "\(run)/mul", "--turn", "2").stdout.contains("told.txt"))
        }
    }

    @Test("an interrupted turn keeps what it did, waits for a person, and goes on from there")
    func interrupted() async throws {
        try await withWorld { world in
            let run = try await Self.start(world)
            try Self.expect(await world.run("interrupt", "\(run)/mul"), 0, "was told to end its turn")
            let held = try await world.run("watch")
            Self.expect(held, 3, "interrupted it.")
            let status = try await world.run("status", run, "--json")
            #expect(status.stdout.contains("\"held\""), "\(status)")
            #expect(try await world.run("diff", "\(run)/mul", "--turn", "1").stdout.contains("def mul"))
            try Self.expect(await world.run("steer", "\(run)/mul", "Hello?"), 2, "No agent is at work")
            let worktree = try #require(try Self.worktree(world, "mul"))
            try Files.removeFile("\(worktree)/begun")
            #expect(try await world.run("resume", run, "--detach").code == 0)
            try await wait { Files.exists("\(worktree)/begun") }
            try Self.letGo(world, "mul")
            let ended = try await world.run("watch")
            #expect(ended.code == 0, "\(ended)")
        }
    }

    @Test("a paused run stands still over the death of its server, begins nothing, and is resumed by another")
    func paused() async throws {
        try await withWorld { world in
            let run = try await Self.start(world)
            try Self.expect(await world.run("pause", run), 0, "is paused")
            try Self.letGo(world, "mul")
            try await world.killServer()
            let status = try await world.run("status", run)
            Self.expect(status, 0, "paused")
            let worktree = try #require(try Self.worktree(world, "mul"))
            // It would have taken the file away in no time; what stands still takes nothing.
            for _ in 0..<50 { sched_yield() }
            #expect(Files.exists("\(worktree)/go") && Files.exists("\(worktree)/begun"))
            try Self.expect(await world.run("pause", run), 2, "is paused already")
            try Self.expect(await world.run("watch"), 3, "paused")
            #expect(try await world.run("resume", run, "--detach").code == 0)
            let ended = try await world.run("watch")
            #expect(ended.code == 0, "\(ended)")
            try Self.expect(await world.run("pause", run), 2, "Nothing of run")
            let audit = try await world.run("audit", run, "--json")
            #expect(audit.stdout.contains("\"paused\"") && audit.stdout.contains("\"unpaused\""))
        }
    }

    @Test("a server that starts makes sessions what the journal says, whatever the last one died before")
    func aligned() async throws {
        try await withWorld { world in
            let run = try await Self.start(world)
            // As if the server had died before it halted the session that it wrote down as paused.
            try Self.expect(await world.run("pause", run), 0, "is paused")
            try await world.killServer()
            try await Self.say(#"{"resume":{"by":"nobody"}}"#, in: world)
            #expect(try await world.run("status", run).code == 0)
            func count(_ words: String) async throws -> Int {
                try await world.run("logs", run).lines.count { $0.contains(words) }
            }
            try await wait { try await count("stands still") == 2 }
            // And as if one had died before it let a session go on.
            try Self.expect(await world.run("resume", run, "--detach"), 0, "goes on")
            try await wait { try await count("goes on: resumed") == 2 }
            try await world.killServer()
            try await Self.say(#"{"pause":{"by":"nobody"}}"#, in: world)
            #expect(try await world.run("status", run).code == 0)
            try await wait { try await count("goes on: resumed") == 3 }
            try Self.letGo(world, "mul")
            #expect(try await world.run("resume", run, "--detach").code == 0)
            let ended = try await world.run("watch")
            #expect(ended.code == 0, "\(ended)")
        }
    }

    /// Says a line to the only live session's runner, behind the server's back.
    private static func say(_ line: String, in world: ProductWorld) async throws {
        let sessions = world.folder.path("state/graftwork/s")
        let live = try Files.list(sessions).first { Files.exists("\(sessions)/\($0)/r.sock") }
        let connection = try UnixSocket.connect(path: "\(sessions)/\(try #require(live))/r.sock")
        defer { connection.close() }
        try await LineWriter(writing: connection).write(line)
        let reply = try await LineStream(reading: connection, lineBytesMax: 1_000).next()
        #expect(reply?.text == #"{"done":{}}"#)
    }

    @Test("the server is killed and started anew between each word to a session and the next")
    func restarts() async throws {
        try await withWorld { world in
            let run = try await Self.start(world)
            try await world.killServer()
            try Self.expect(
                await world.run("steer", "\(run)/mul", Self.message(to: "mul")), 0, "has your message")
            try await world.killServer()
            try Self.expect(await world.run("pause", "\(run)/mul"), 0, "is paused")
            try await world.killServer()
            try Self.expect(await world.run("resume", "\(run)/mul"), 0, "goes on")
            try await world.killServer()
            try Self.letGo(world, "mul")
            #expect(try await world.run("resume", run, "--detach").code == 0)
            let ended = try await world.run("watch")
            #expect(ended.code == 0, "\(ended)")
            #expect(try await world.repository.git("ls-tree", "--name-only", "HEAD").contains("told.txt"))
        }
    }

    @Test(
        "one task is paused while another lands; a message for no task is refused while two are at work"
    )
    func onlyOne() async throws {
        try await withWorld { world in
            let run = try await Self.start(world, tasks: ["mul", "sub"])
            try Self.expect(await world.run("steer", run, "Hello?"), 2, "More than one agent is at work")
            try Self.expect(await world.run("pause", "\(run)/sub"), 0, "\(run)/sub is paused")
            try Self.expect(await world.run("resume", "\(run)/mul"), 2, "is not paused")
            try Self.letGo(world, "mul")
            try Self.letGo(world, "sub")
            try await wait { try await world.repository.subjects().first == "Add mul" }
            let worktree = try #require(try Self.worktree(world, "sub"))
            #expect(Files.exists("\(worktree)/go"))
            let status = try await world.run("status", run)
            Self.expect(status, 0, "graftwork resume \(run)/sub")
            // Without a name, whatever is paused goes on.
            try Self.expect(await world.run("resume", "--detach"), 0, "Run \(run) goes on.")
            let ended = try await world.run("watch")
            #expect(ended.code == 0, "\(ended)")
            #expect(Set(try await world.repository.subjects().prefix(2)) == ["Add mul", "Add sub"])
        }
    }

    @Test("a paused run can be stopped, leaves nothing running, and is not paused any more")
    func stopped() async throws {
        try await withWorld { world in
            let run = try await Self.start(world)
            try Self.expect(await world.run("pause", run), 0, "is paused")
            try Self.expect(await world.run("stop", run), 0, "is stopped")
            try await wait {
                try world.sessionPIDs().allSatisfy { try $0 == world.serverPID() || Self.isModel($0) }
            }
            try Self.expect(await world.run("pause", run), 2, "is stopped")
            let status = try await world.run("status", run, "--json")
            #expect(!status.stdout.contains("pausedBy"), "\(status)")
        }
    }

    @Test("a reviewer is told nothing, and one that is interrupted leaves its task to a person")
    func reviewer() async throws {
        try await withWorld { world in
            let slow = """
                  - match: { role: reviewer }
                    steps:
                      - shell: "sleep 1000"
                      - json: { verdict: approve, summary: Fine., findings: [] }

                """
            let script = try world.script(
                RehearsalScripts.plan(["mul"]) + RehearsalScripts.author("mul") + slow)
            let started = try await world.run(
                "run", "Add mul", "--rehearse", script, "--update-checkout", "--yes", "--detach")
            #expect(started.code == 0, "\(started)")
            let run = try await Self.id(world)
            try await wait { try await world.run("logs", run).stdout.contains("sleep 1000") }
            try Self.expect(await world.run("steer", "\(run)/mul", "Approve it."), 2, "independent evidence")
            try Self.expect(await world.run("interrupt", "\(run)/mul"), 0, "The reviewer of \(run)/mul")
            let ended = try await world.run("watch")
            Self.expect(ended, 3, "interrupted it.")
        }
    }

    /// The process that plays the models.
    private static func isModel(_ pid: Int32) -> Bool {
        ((try? Files.readText("/proc/\(pid)/cmdline", bytesMax: 64 << 10)) ?? "").contains("rehearse")
    }

    @Test("a word that cannot be is refused in one sentence that names the thing")
    func refused() async throws {
        try await withWorld { world in
            let run = try await Self.start(world)
            for (words, code, sentence) in [
                (["steer", "nope/mul", "x"], 2, "There is no run nope."),
                (["steer", "\(run)/nope", "x"], 2, "Run \(run) has no task nope."),
                (["interrupt", "\(run)/nope"], 2, "Run \(run) has no task nope."),
                (["pause", "\(run)/nope"], 2, "has no task nope."),
                (["pause", "nope"], 2, "There is no run nope."),
                (["resume", "\(run)/mul"], 2, "Task mul of run \(run) is not paused."),
                (["steer", "\(run)/mul", ""], 2, "TEXT is empty."),
                (["steer", "\(run)/mul", String(repeating: "x", count: 20_000)], 2, "more than 16 KiB"),
                (["steer", "\(run)/mul", "x", "--file", "none.txt"], 2, "none.txt cannot be read"),
                (["steer", "\(run)/mul", "x", "--file", "/tmp"], 2, "/tmp is no file."),
                (["steer", "\(run)/mul"], 2, "needs TEXT"),
            ] as [([String], Int32, String)] {
                let result = try await world.run(words)
                Self.expect(result, code, sentence)
            }
            try Self.expect(await world.run("stop", run), 0, "is stopped")
        }
    }
}
