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

    @Test(
        "runs on the base, in every author's worktree and before every check; ports differ",
        arguments: ["checkout", "overlay"])
    func everywhere(_ backend: String) async throws {
        let configuration = Self.configuration(
            """
            worktrees: { backend: \(backend) }
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
            // Run once on the base; each author's worktree gets what came of it.
            #expect(facts.map { $0.contains("\"wasReused\":true") } == [false, true, true], "\(facts)")
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

    @Test("is reused by the next run until one of its inputs changes")
    func reused() async throws {
        let configuration = Self.configuration(
            """
            worktree:
              setup: ['mkdir .deps; echo "$FLAVOUR" > .deps/made']
              setup-inputs: [tests/test_calc.py]
              ports: 2
              env: { FLAVOUR: salt }

            """)
        try await withWorld(files: Self.needy, configuration: configuration) { world in
            let script = try world.script(RehearsalScripts.oneTask)
            #expect(try await world.rehearse(script).code == 0)
            let second = try world.script(
                RehearsalScripts.plan(["sub"]) + RehearsalScripts.author("sub") + RehearsalScripts.approve,
                named: "second.yaml")
            let result = try await world.rehearse(second, goal: "Add sub")
            #expect(result.code == 0, "\(result)")
            #expect(result.text.contains("set-up: reused"), "\(result)")
            let facts = try await world.facts("treeSetUp").map { $0.contains("\"wasReused\":true") }
            #expect(facts == [false, true, true, true])
        }
    }

    @Test("copies what git ignores, secrets replaced; the agent sees a placeholder and the record says so")
    func copies() async throws {
        let configuration = Self.configuration("worktree: { copy: [.env, data/] }\n")
        var files = ProductWorld.sample
        files[".gitignore"] = "__pycache__/\n.env\ndata/\n"
        try await withWorld(files: files, configuration: configuration) { world in
            try world.repository.write(".env", "API_TOKEN=hunter2-hunter2\nPORT=80\n")
            try world.repository.write("data/rows.csv", "1,2\n")
            let author = RehearsalScripts.author("mul").replacing(
                "      - shell: \"python3 -m unittest\"\n",
                with: """
                          - shell: 'echo "# $(grep TOKEN .env | cut -c1-60) $(cat data/rows.csv)" >> mul.py'
                          - shell: "python3 -m unittest"

                    """)
            let script = try world.script(RehearsalScripts.plan(["mul"]) + author + RehearsalScripts.approve)
            let result = try await world.rehearse(script)
            #expect(result.code == 0, "\(result)")
            let landed = try await world.repository.show("main", "mul.py")
            #expect(landed.contains("# API_TOKEN=graftwork-placeholder-api_token 1,2"), "\(landed)")
            // Nothing that was copied became part of the change.
            let tree = try await world.repository.git("ls-tree", "-r", "--name-only", "main")
            #expect(!tree.contains(".env") && !tree.contains("rows.csv"), "\(tree)")
            let facts = try await world.facts("treeSetUp")
            #expect(
                facts.count == 2 && facts.allSatisfy { $0.contains("\"replaced\":[\".env\"]") }, "\(facts)")
            #expect(!(try await world.run("audit", "--json")).stdout.contains("hunter2"))
        }
    }

    @Test("a raw copy waits for a person's yes to its bytes, also with --yes, and stands in the record")
    func rawCopy() async throws {
        let configuration = Self.configuration("worktree: { copy: [{ path: .env, raw: true }] }\n")
        var files = ProductWorld.sample
        files[".gitignore"] = "__pycache__/\n.env\n"
        try await withWorld(files: files, configuration: configuration) { world in
            try world.repository.write(".env", "API_TOKEN=hunter2-hunter2\n")
            let author = RehearsalScripts.author("mul").replacing(
                "      - shell: \"python3 -m unittest\"\n",
                with: """
                          - shell: 'grep -q "=hunter2-hunter2" .env && echo "# raw" >> mul.py'
                          - shell: "python3 -m unittest"

                    """)
            let script = try world.script(RehearsalScripts.plan(["mul"]) + author + RehearsalScripts.approve)
            let asked = try await world.rehearse(script, goal: "Add mul", "--yes")
            #expect(asked.code == 3, "\(asked)")
            #expect(asked.text.contains(".env"), "\(asked)")
            #expect(try await world.facts("sessionStarted") == [])
            let inbox = try await world.run("inbox", "--json")
            let waiting = try JSONSerialization.jsonObject(with: Data(inbox.stdout.utf8)) as? [[String: Any]]
            let id = try #require(waiting?.first?["id"] as? String, "\(inbox)")
            #expect(waiting?.first?["subject"] as? String == "copy")
            #expect(try await world.run("approve", id).code == 0)
            #expect(try await world.run("watch").code == 0)
            #expect(try await world.repository.show("main", "mul.py").contains("# raw"))
            let facts = try await world.facts("treeSetUp")
            #expect(facts.allSatisfy { $0.contains("\"raw\":[{\"digest\":") }, "\(facts)")
            #expect(try await world.facts("approvalAnswered").count == 1)
            // The secret lies nowhere below the server's state once the run is over,
            func isForgotten() -> Bool {
                (try? FileManager.default.contentsOfDirectory(
                    atPath: world.folder.path("state/graftwork/setup-copies"))) == []
            }
            try await wait { isForgotten() }
            // nor where the server had ended just then.
            let runs = try WorktreeStories.json(try await world.run("status", "--json"))
            let run = try #require(runs.first?["id"] as? String)
            try await world.killServer()
            try world.folder.write("state/graftwork/setup-copies/\(run)/files/.env", "API_TOKEN=hunter2\n")
            _ = try await world.run("status")
            try await wait { isForgotten() }
        }
    }

    @Test("a raw copy that a person denies holds the run, and nothing is spent")
    func rawCopyDenied() async throws {
        let configuration = Self.configuration("worktree: { copy: [{ path: .env, raw: true }] }\n")
        var files = ProductWorld.sample
        files[".gitignore"] = "__pycache__/\n.env\n"
        try await withWorld(files: files, configuration: configuration) { world in
            try world.repository.write(".env", "API_TOKEN=hunter2-hunter2\n")
            let script = try world.script(RehearsalScripts.oneTask)
            #expect(try await world.rehearse(script).code == 3)
            let inbox = try await world.run("inbox", "--json")
            let waiting = try JSONSerialization.jsonObject(with: Data(inbox.stdout.utf8)) as? [[String: Any]]
            #expect(
                try await world.run("deny", try #require(waiting?.first?["id"] as? String)).code == 0)
            let watched = try await world.run("watch")
            #expect(watched.code == 4, "\(watched)")
            #expect(try await world.facts("sessionStarted") == [])
        }
    }

    @Test("import reads the files of six tools, prints the YAML alone, and a run only mentions them")
    func imports() async throws {
        let files = ProductWorld.sample.merging([
            ".worktreeinclude": ".env\n",
            ".cursor/worktrees.json": "{ \"setup-worktree\": [\"npm ci\"] }",
            ".codex/environments/environment.toml": "version = 1\n[setup]\nscript = \"make\"\n",
            "conductor.json": "{ \"scripts\": { \"setup\": \"make\" } }",
            ".superset/config.json": "{ \"setup\": [\"make\"] }",
            ".config/wt.toml": "pre-start = \"make\"\n",
        ]) { $1 }
        try await withWorld(files: files) { world in
            // What is not committed is not read.
            try world.repository.write("conductor.json", "{}")
            let result = try await world.run("worktree", "import")
            #expect(result.code == 0, "\(result)")
            #expect(
                result.stdout == "worktree:\n  copy:\n    - \".env\"\n  setup:\n    - \"npm ci\"\n",
                "\(result)")
            for file in files.keys where file != "calc.py" && !file.hasPrefix("tests") && file != ".gitignore"
            {
                #expect(result.stderr.contains("\(file) ("), "\(result)")
            }
            let asJSON = try await world.run("worktree", "import", "--json")
            let read = try JSONSerialization.jsonObject(with: Data(asJSON.stdout.utf8)) as? [String: Any]
            #expect((read?["files"] as? [Any])?.count == 6)
            #expect(read?["yaml"] as? String == result.stdout)
            _ = try await world.repository.git("checkout", "--", "conductor.json")
            let run = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(run.code == 0, "\(run)")
            #expect(try await world.facts("treeSetUp") == [])
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
