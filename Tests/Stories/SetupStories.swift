import Fixtures
import Foundation
import Testing

/// Set-up with the built product: in the base's tree, in each task's worktree, and in what is checked.
@Suite("Set-up of worktrees", .serialized)
struct SetupStories {
    /// A package whose tests need what only its set-up makes, and the variables of its worktree.
    private static let needy = ProductWorld.sample.merging([
        ".gitignore": "__pycache__/\n.deps/\n",
        "tests/test_calc.py": """
        import os
        import unittest

        from calc import add


        class AddTests(unittest.TestCase):
            def test_adds(self):
                self.assertEqual(add(1, 2), 3)

            def test_is_set_up(self):
                with open(".deps/made") as made:
                    self.assertEqual(made.read(), "salt\\n")
                self.assertEqual(os.environ["FLAVOUR"], "salt")
                self.assertEqual(int(os.environ["GRAFTWORK_PORT_1"]), int(os.environ["GRAFTWORK_PORT"]) + 1)

        """,
    ]) { $1 }

    private static func configuration(_ worktree: String) -> String {
        ProductWorld.twoVendors + worktree
    }

    /// An author who says on which port its worktree is.
    private static func author(_ task: String) -> String {
        RehearsalScripts.author(task).replacing(
            "      - shell: \"python3 -m unittest\"\n",
            with: """
                      - shell: 'printf "PORT = %s\\n" "$GRAFTWORK_PORT" > port_\(task).py'
                      - shell: "python3 -m unittest"

                """)
    }

    @Test("runs on the base, in every author's worktree and before every check; ports differ")
    func everywhere() async throws {
        let configuration = Self.configuration(
            """
            worktree:
              setup:
                - [mkdir, .deps]
                - 'echo "made by set-up"; echo "$FLAVOUR" > .deps/made'
              ports: 2
              env: { FLAVOUR: salt }

            """)
        try await withWorld(files: Self.needy, configuration: configuration) { world in
            let script = try world.script(
                RehearsalScripts.plan(["mul", "sub"]) + Self.author("mul") + Self.author("sub")
                    + RehearsalScripts.approve)
            let result = try await world.rehearse(script)
            #expect(result.code == 0, "\(result)")
            let facts = try await world.facts("treeSetUp")
            #expect(facts.count == 3, "\(facts)")
            var ports: [String] = []
            for task in ["mul", "sub"] {
                ports.append(try await world.repository.show("main", "port_\(task).py"))
            }
            #expect(ports[0].hasPrefix("PORT = 2") && ports[0] != ports[1], "\(ports)")
            // What the worktrees held is given back with them.
            #expect(world.portClaims == [])
        }
    }

    @Test("that fails on the base spends nothing and says the command, its exit code and its last lines")
    func failing() async throws {
        let configuration = Self.configuration(
            """
            worktree:
              setup: ['echo installing; echo "no such package: left-pad" >&2; exit 7']

            """)
        try await withWorld(configuration: configuration) { world in
            let result = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(result.code == 3, "\(result)")
            #expect(result.text.contains("could not be set up, and nothing was spent."), "\(result)")
            #expect(result.text.contains("failed with exit code 7"), "\(result)")
            #expect(result.text.contains("no such package: left-pad"), "\(result)")
            #expect(try await world.run("cost").stdout.contains("anthropic") == false)
            #expect(try await world.facts("sessionStarted") == [])
        }
    }
}

extension ProductWorld {
    /// The payloads of the facts of one kind in this world's journal, in order.
    func facts(_ kind: String) async throws -> [String] {
        let audit = try await run("audit", "--json")
        return audit.lines.filter { $0.contains("\"\(kind)\"") }
    }

    /// Who holds blocks of ports.
    var portClaims: [String] {
        let path = folder.path("state/graftwork/ports")
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { Int($0) != nil }
    }
}
