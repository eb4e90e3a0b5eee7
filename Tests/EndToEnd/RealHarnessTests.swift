import Fixtures
import Foundation
import Linux
import Testing

/// The real programs in the sandbox, against the scripted model. `scripts/harnesses` fetches them; without
/// them these tests fail, for a run that skips them proves nothing about them.
@Suite("The real Claude Code and Codex", .serialized)
struct RealHarnessTests {
    static let configuration = """
        version: 1
        agents:
          claude: { harness: claude, model: claude-sonnet-4-5 }
          codex: { harness: codex, model: gpt-5.5 }

        """

    private func withRealHarnesses(
        files: [String: String] = ProductWorld.sample, _ body: (ProductWorld) async throws -> Void
    ) async throws {
        let folder = try await FetchedFolder.named(by: "harnesses")
        let world = try await ProductWorld(
            files: files, configuration: Self.configuration,
            variables: ["PATH": "\(folder)/bin:/usr/local/bin:/usr/bin:/bin"])
        do {
            try await body(world)
        } catch {
            try await world.end()
            throw error
        }
        try await world.end()
    }

    @Test("in one run, Claude writes and Codex reviews, and the other way round")
    func bothWays() async throws {
        try await withRealHarnesses { world in
            let result = try await world.rehearse(try world.script(RehearsalScripts.twoTasks))
            #expect(result.code == 0, "\(result)")
            let trailers = try await world.repository.git("log", "-2", "--format=%(trailers:unfold)")
            #expect(trailers.contains("Co-authored-by: claude (anthropic)"))
            #expect(trailers.contains("Co-authored-by: codex (openai)"))
            #expect(trailers.contains("Reviewed-by-Vendor: openai"))
            #expect(trailers.contains("Reviewed-by-Vendor: anthropic"))
            let costs = try await world.run("cost", "--json")
            #expect(
                costs.stdout.contains("\"claude-sonnet-4-5\"") && costs.stdout.contains("\"gpt-5.5\""),
                "\(costs)")
        }
    }

    @Test(
        "a command a policy denies is really denied, in both harnesses; an allowed one beside it runs"
    )
    func denied() async throws {
        let policy = """
            version: 1
            policies:
              - name: no-forbidden
                on: [tool]
                when: action.command == "touch forbidden.txt"
                then: deny
                reason: That file is not wanted.

            """
        let files = ProductWorld.sample.merging([".graftwork/policies/deny.yaml": policy]) { $1 }
        let script =
            RehearsalScripts.plan(["mul", "sub"]) + Self.deniedAuthor("mul") + Self.deniedAuthor("sub")
            + RehearsalScripts.approve
        try await withRealHarnesses(files: files) { world in
            let result = try await world.rehearse(try world.script(script))
            #expect(result.code == 0, "\(result)")
            let tree = try await world.repository.git("ls-tree", "--name-only", "HEAD")
            #expect(!tree.contains("forbidden.txt"))
            #expect(tree.contains("allowed-mul.txt") && tree.contains("allowed-sub.txt"))
            let audit = try await world.run("audit", "--json")
            let refusals = audit.lines.filter {
                $0.contains("\"toolDecided\"") && $0.contains("That file is not wanted.")
            }
            #expect(refusals.count == 2, "\(audit)")
        }
    }

    @Test("a program a policy denies is refused below both harnesses, whatever is wrapped around it")
    func deniedExec() async throws {
        let policy = """
            version: 1
            policies:
              - name: no-forbidden
                on: [exec]
                when: action.command == "touch forbidden.txt"
                then: deny
                reason: That file is not wanted.

            """
        let files = ProductWorld.sample.merging([".graftwork/policies/deny.yaml": policy]) { $1 }
        func author(_ task: String) -> String {
            """
              - match: { role: author, task: \(task) }
                steps:
                  - shell: "env nice sh -c 'touch forbidden.txt' || touch refused-\(task).txt"
                  - shell: "touch allowed-\(task).txt"
                  - final: Tried both.

            """
        }
        let script =
            RehearsalScripts.plan(["mul", "sub"]) + author("mul") + author("sub") + RehearsalScripts.approve
        try await withRealHarnesses(files: files) { world in
            let result = try await world.rehearse(try world.script(script))
            #expect(result.code == 0, "\(result)")
            let tree = try await world.repository.git("ls-tree", "--name-only", "HEAD")
            #expect(!tree.contains("forbidden.txt"))
            for task in ["mul", "sub"] {
                #expect(tree.contains("refused-\(task).txt") && tree.contains("allowed-\(task).txt"))
            }
            let trailers = try await world.repository.git("log", "-2", "--format=%(trailers:unfold)")
            #expect(trailers.contains("(anthropic)") && trailers.contains("(openai)"))
            let audit = try await world.run("audit", "--json")
            let refusals = audit.lines.filter {
                $0.contains("\"toolDecided\"") && $0.contains("That file is not wanted.")
                    && $0.contains("\"exec\"")
            }
            #expect(refusals.count == 2, "\(audit)")
        }
    }

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
                    "--file",
                    file)
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
              - shell: "touch begun; while [ ! -e go ]; do sleep 0.02; done; rm begun go"
              - shell: "touch waited-\(task).txt"
              - final: Waited.

        """
    }

    private static func toldAuthor(_ task: String) -> String {
        """
          - match: { role: author, task: \(task), round: 9 }
            steps:
              - shell: "cp /home/agent/inbox/plan.txt told-\(task).txt"
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

    private static func deniedAuthor(_ task: String) -> String {
        """
          - match: { role: author, task: \(task) }
            steps:
              - shell: "touch forbidden.txt"
              - shell: "touch allowed-\(task).txt"
              - final: Tried both.

        """
    }
}
