import Fixtures
import Foundation
import Glibc
import Testing

@Suite("Several at one branch", .serialized)
struct SharedTargetStories {
    private static func script(_ task: String) -> String {
        RehearsalScripts.plan([task]) + RehearsalScripts.author(task) + RehearsalScripts.approve
    }

    /// The id of the run that `--detach` names.
    private static func run(in result: CommandResult) throws -> String {
        let document = try JSONSerialization.jsonObject(with: Data(result.stdout.utf8)) as? [String: Any]
        let accepted = document?["accepted"]
        return try #require(
            accepted as? String ?? (accepted as? [String: Any])?["run"] as? String ?? document?["run"]
                as? String, "\(result)")
    }

    @Test("two runs at once on one repository land on the same branch, one after the other, and lose nothing")
    func twoRuns() async throws {
        try await withWorld { world in
            var runs: [String] = []
            for task in ["mul", "sub"] {
                let script = try world.script(Self.script(task), named: "\(task).yaml")
                let started = try await world.run(
                    "run", "Add \(task)", "--rehearse", script, "--update-checkout", "--yes", "--detach",
                    "--json")
                #expect(started.code == 0, "\(started)")
                runs.append(try Self.run(in: started))
            }
            for run in runs {
                let ended = try await world.run("watch", run)
                #expect(ended.code == 0, "\(ended)")
            }
            #expect(Set(try await world.repository.subjects().prefix(2)) == ["Add mul", "Add sub"])
            #expect(try await world.repository.git("rev-list", "--count", "main") == "3")
            #expect(try await world.repository.show("HEAD", "mul.py").contains("def mul"))
            #expect(try await world.repository.show("HEAD", "sub.py").contains("def sub"))
            #expect(try await world.repository.status() == [])
        }
    }

    @Test("a landing held by a dirty checkout lands elsewhere where a person says so, and main stays")
    func intoAnotherBranch() async throws {
        try await withWorld { world in
            _ = try await world.repository.git("branch", "release")
            let before = try await world.repository.revParse("main")
            try world.repository.write("calc.py", "def add(a, b):\n    return 0\n")
            let held = try await world.rehearse(try world.script(Self.script("mul")), goal: "Add mul")
            #expect(held.code == 3, "\(held)")
            let landed = try await world.run("land", "--into", "release")
            #expect(landed.code == 0, "\(landed)")
            #expect(try await world.repository.subjects("release").first == "Add mul")
            #expect(try await world.repository.revParse("main") == before)
            #expect(try await world.repository.status() == [" M calc.py"])
            #expect(try await world.run("status").stdout.contains("landed"))
        }
    }

    @Test("a server told to end leaves its sessions at work, and the next one goes on with them")
    func toldToEnd() async throws {
        try await withWorld { world in
            let author = Self.script("mul").replacingOccurrences(
                of: "python3 -m unittest", with: "while ! test -f tests/test_mul.py; do :; done")
            let started = try await world.run(
                "run", "Add mul", "--rehearse", try world.script(author), "--update-checkout", "--yes",
                "--detach")
            #expect(started.code == 0, "\(started)")
            try await wait { try await world.run("status", "--json").stdout.contains("\"mul\"") }
            try await world.killServer(SIGTERM)
            #expect(try await world.run("resume", "--detach").code == 0)
            let ended = try await world.run("watch")
            #expect(ended.code == 0, "\(ended)")
            #expect(try await world.repository.subjects().prefix(2) == ["Add mul", "begin"])
        }
    }
}
