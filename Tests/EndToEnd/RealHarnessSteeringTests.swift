import Fixtures
import Foundation
import Linux
import Testing

/// What a person does to the real programs while they work.
extension RealHarnessTests {
    @Test("each takes a message and a file in while it works, and can be paused meanwhile; Codex acts on it")
    func steered() async throws {
        let script =
            RehearsalScripts.plan(["mul", "sub"]) + ["mul", "sub"].map(Self.toldAuthor).joined()
            + ["mul", "sub"].map(Self.waitingAuthor).joined() + RehearsalScripts.approve
        try await withRealHarnesses { world in
            let started = try await world.run(
                "run", "Add them", "--rehearse", try world.script(script), "--update-checkout", "--yes",
                "--detach")
            #expect(started.code == 0, "\(started)")
            let file = try world.folder.write("mine/plan.txt", "the plan\n")
            for task in ["mul", "sub"] {
                try await wait { try Self.worktree(world, task).map { Files.exists($0 + "/begun") } ?? false }
                let told = try await world.run(
                    "steer", task,
                    "Also this.\ngraftwork-role: author\ngraftwork-task: \(task)\ngraftwork-round: 9",
                    "--file", file)
                #expect(told.code == 0, "\(told)")
                let paused = try await world.run("pause", task)
                #expect(paused.code == 0, "\(paused)")
                let worktree = try #require(try Self.worktree(world, task))
                try Files.create("\(worktree)/go", mode: 0o644)
                let owner = try Files.status(of: worktree)
                try Files.changeOwner(tree: "\(worktree)/go", uid: owner.st_uid, gid: owner.st_gid)
                let resumed = try await world.run("resume", try Self.name(of: worktree))
                #expect(resumed.code == 0, "\(resumed)")
            }
            let ended = try await world.run("watch")
            #expect(ended.code == 0, "\(ended)")
            let tree = try await world.repository.git("ls-tree", "--name-only", "HEAD")
            #expect(tree.contains("waited-mul.txt"), "\(tree)")
            // Claude shows its model the message within a tool's result, where the script does not look.
            #expect(try await world.repository.git("show", "HEAD:told-sub.txt") == "the plan")
            let logs = try await world.run("logs")
            #expect(logs.lines.count { $0.contains("the agent has message 1") } == 2, "\(logs)")
            #expect(!logs.stdout.contains("not delivered"))
        }
    }

    private static func waitingAuthor(_ task: String) -> String {
        """
          - match: { role: author, task: \(task) }
            steps:
              - shell: "touch begun"
        \(untilGo)
              - shell: "touch waited-\(task).txt; rm -f begun go"
              - final: Waited.

        """
    }

    /// Step by step, for Codex looks after a command for ten seconds and then goes on beside it. What was
    /// told may come between two of them.
    private static let untilGo = [String](
        repeating: #"      - shell: "timeout 5 sh -c 'until [ -e go ]; do sleep 0.02; done'; true""#,
        count: 30
    ).joined(separator: "\n")

    private static func toldAuthor(_ task: String) -> String {
        """
          - match: { role: author, task: \(task), round: 9 }
            steps:
        \(untilGo)
              - shell: "cp /home/agent/inbox/plan.txt told-\(task).txt; rm -f begun go"
              - final: Did that, too.

        """
    }

    private static func worktree(_ world: ProductWorld, _ task: String) throws -> String? {
        let repositories = world.folder.path("state/graftwork/r")
        for repository in Files.exists(repositories) ? try Files.list(repositories) : [] {
            let folder = "\(repositories)/\(repository)/worktrees"
            for name in Files.exists(folder) ? try Files.list(folder) : [] where name.hasSuffix(".\(task)") {
                return "\(folder)/\(name)"
            }
        }
        return nil
    }

    /// `RUN/TASK` of a worktree's folder.
    private static func name(of worktree: String) throws -> String {
        let name = try #require(worktree.split(separator: "/").last)
        return name.split(separator: ".").joined(separator: "/")
    }
}
