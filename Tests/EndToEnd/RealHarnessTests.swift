import Fixtures
import Foundation
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

    func withRealHarnesses(
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
