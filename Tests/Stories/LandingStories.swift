import Fixtures
import Foundation
import Testing

/// Makes a world, hands it over, and ends it whatever happens.
func withWorld(
    files: [String: String] = ProductWorld.sample, configuration: String? = ProductWorld.twoVendors,
    variables: [String: String] = [:], _ body: (ProductWorld) async throws -> Void
) async throws {
    let world = try await ProductWorld(files: files, configuration: configuration, variables: variables)
    do {
        try await body(world)
    } catch {
        try await world.end()
        throw error
    }
    try await world.end()
}

@Suite("From a goal to the branch", .serialized)
struct LandingStories {
    @Test("plans, builds two tasks in parallel, has each reviewed by the other vendor, and lands both")
    func twoTasks() async throws {
        try await withWorld { world in
            let result = try await world.rehearse(try world.script(RehearsalScripts.twoTasks))
            #expect(result.code == 0, "\(result)")
            #expect(Set(try await world.repository.subjects().prefix(2)) == ["Add mul", "Add sub"])
            #expect(try await world.repository.status() == [])
            let messages = try await world.repository.git("log", "-2", "--format=%B")
            #expect(messages.contains("Graftwork-Rehearsed: true"))
            #expect(messages.contains("Reviewed-by-Vendor: anthropic"))
            #expect(messages.contains("Reviewed-by-Vendor: openai"))
        }
    }

    @Test("sends a finding back to its author and lands the second attempt")
    func sentBack() async throws {
        let script =
            RehearsalScripts.plan(["mul"]) + RehearsalScripts.author("mul", round: 1)
            + RehearsalScripts.author(
                "mul", round: 2, body: "\\\"\\\"\\\"Multiplies.\\\"\\\"\\\"\\n    return a * b")
            + RehearsalScripts.requestChanges("mul", round: 1) + RehearsalScripts.approve
        try await withWorld { world in
            let result = try await world.rehearse(try world.script(script))
            #expect(result.code == 0, "\(result)")
            #expect(result.stdout.contains("There is no docstring."))
            #expect(try await world.repository.show("HEAD", "mul.py").contains("Multiplies."))
        }
    }

    @Test("builds a task on top of the one it depends on")
    func dependent() async throws {
        let script =
            RehearsalScripts.plan(["mul", "sub"], dependsOn: ["sub": "mul"]) + RehearsalScripts.author("mul")
            + RehearsalScripts.author("sub") + RehearsalScripts.approve
        try await withWorld { world in
            let result = try await world.rehearse(try world.script(script))
            #expect(result.code == 0, "\(result)")
            #expect(try await world.repository.subjects().prefix(2) == ["Add sub", "Add mul"])
        }
    }

    @Test("leaves the user's checkout, index, stash, hooks and configuration alone when it lands elsewhere")
    func untouchedCheckout() async throws {
        try await withWorld { world in
            let repository = world.repository
            _ = try await repository.git("branch", "release")
            _ = try repository.write("calc.py", "def add(a, b):\n    return a + b  # being edited\n")
            _ = try await repository.git("add", "calc.py")
            _ = try repository.write("notes.txt", "mine\n")
            let before = try await Self.fingerprint(of: repository)
            let result = try await world.rehearse(
                try world.script(RehearsalScripts.oneTask), goal: "Add mul", "--into", "release")
            #expect(result.code == 0, "\(result)")
            #expect(try await repository.subjects("release").first == "Add mul")
            #expect(try await Self.fingerprint(of: repository) == before)
        }
    }

    /// Everything of a repository that belongs to its user.
    private static func fingerprint(of repository: TestRepository) async throws -> [String] {
        [
            try await repository.git("status", "--porcelain=v2", "--branch"),
            try await repository.git("diff"),
            try await repository.git("diff", "--cached"), try await repository.git("stash", "list"),
            try await repository.git("config", "--list", "--local"),
            try await repository.git("rev-parse", "main"),
            try repository.folder.read("repository/.git/HEAD"),
        ]
    }

    @Test("holds the landing on a dirty checkout, and lands once it is clean")
    func dirtyCheckout() async throws {
        try await withWorld { world in
            _ = try world.repository.write("calc.py", "def add(a, b):\n    return b + a\n")
            let base = try await world.repository.revParse("main")
            let held = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(held.code == 3, "\(held)")
            #expect(held.text.contains("calc.py"))
            #expect(try await world.repository.revParse("main") == base)
            #expect(try world.folder.read("repository/calc.py").contains("b + a"))
            _ = try await world.repository.git("checkout", "--", "calc.py")
            let landed = try await world.run("land")
            #expect(landed.code == 0, "\(landed)")
            let watched = try await world.run("watch")
            #expect(watched.code == 0, "\(watched)")
            #expect(try await world.repository.subjects().first == "Add mul")
            #expect(try await world.repository.status() == [])
        }
    }

    @Test("holds for the person who has not said whether a checked-out branch may move along")
    func undecidedCheckout() async throws {
        try await withWorld { world in
            let script = try world.script(RehearsalScripts.oneTask)
            let result = try await world.run("run", "Add mul", "--rehearse", script)
            #expect(result.code == 3, "\(result)")
            #expect(result.text.contains("--update-checkout"))
            #expect(try await world.repository.status() == [])
        }
    }

    @Test("asks a person where a policy asks: no ends in 4 and lands nothing, yes lands")
    func asks() async throws {
        let policy = """
            version: 1
            policies:
              - name: new-modules
                on: [land]
                when: '"mul.py" in action.paths'
                then: ask
                reason: A new module appears.

            """
        let files = ProductWorld.sample.merging([".graftwork/policies/ask.yaml": policy]) { $1 }
        try await withWorld(files: files) { world in
            let script = try world.script(RehearsalScripts.oneTask)
            let held = try await world.rehearse(script)
            #expect(held.code == 3, "\(held)")
            #expect(held.text.contains("A new module appears."))
            let inbox = try await world.run("inbox", "--json")
            let question = try #require(Self.firstID(in: inbox.stdout), "\(inbox)")
            let denied = try await world.run("deny", question)
            #expect(denied.code == 0, "\(denied)")
            #expect(try await world.run("watch").code == 4)
            #expect(try await world.repository.subjects().first != "Add mul")
            let allowed = try await world.rehearse(script, goal: "Add mul again", "--yes")
            #expect(allowed.code == 0, "\(allowed)")
            #expect(try await world.repository.subjects().first == "Add mul")
        }
    }

    private static func firstID(in json: String) -> String? {
        guard let range = json.range(of: "\"id\":\"") ?? json.range(of: "\"id\" : \"") else { return nil }
        return String(json[range.upperBound...].prefix { $0 != "\"" })
    }

    @Test("does not call an empty test run a pass")
    func emptyTestRun() async throws {
        let configuration =
            ProductWorld.twoVendors + "checks: [{ name: none, run: \"echo Ran 0 tests in 0.0s\" }]\n"
        try await withWorld(configuration: configuration) { world in
            let result = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(result.code == 3, "\(result)")
            #expect(result.text.contains("no test ran"))
            #expect(try await world.run("cost", "--json").stdout.contains("\"cost\"") == false)
        }
    }

    @Test("spends nothing on a red base, and says what to do")
    func redBase() async throws {
        let files = ProductWorld.sample.merging(["calc.py": "def add(a, b):\n    return a - b\n"]) { $1 }
        try await withWorld(files: files) { world in
            let result = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(result.code == 3, "\(result)")
            #expect(result.text.contains("Nothing was spent."))
        }
    }

    @Test("shows the plan alone, and changes nothing")
    func planOnly() async throws {
        try await withWorld { world in
            let script = try world.script(RehearsalScripts.twoTasks)
            let result = try await world.run("plan", "Add two functions", "--rehearse", script)
            #expect(result.code == 0, "\(result)")
            #expect(result.stdout.contains("mul") && result.stdout.contains("sub"))
            #expect(try await world.repository.git("for-each-ref", "refs/heads/graftwork").isEmpty)
        }
    }

    @Test("lets checks and agents use a toolchain that the configuration names, and no other folder")
    func toolchain() async throws {
        try await withWorld { world in
            let tool = "#!/bin/sh\necho Ran 1 test in 0.0s\n"
            _ = try world.folder.write("tools/bin/prove-it", tool, mode: 0o755)
            _ = try world.folder.write("other/bin/prove-it", tool, mode: 0o755)
            let script = try world.script(RehearsalScripts.oneTask)
            func configure(_ toolchain: String) throws {
                _ = try world.folder.write(
                    "config/graftwork/config.yaml",
                    ProductWorld.twoVendors + "toolchains: [\(world.folder.path(toolchain))]\n"
                        + "checks: [{ name: proof, argv: [prove-it], require-tests: 1 }]\n")
            }
            try configure("tools")
            let landed = try await world.rehearse(script)
            #expect(landed.code == 0, "\(landed)")
            try configure("config")
            let held = try await world.rehearse(script, goal: "Again")
            #expect(held.code == 3, "\(held)")
            #expect(held.text.contains("its command could not be run"))
        }
    }
}
