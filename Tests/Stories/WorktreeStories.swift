import Fixtures
import Foundation
import Glibc
import Testing

@Suite("Worktrees in the product", .serialized)
struct WorktreeStories {
    static func json(_ result: CommandResult) throws -> [[String: Any]] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(result.stdout.utf8)) as? [[String: Any]], "\(result)")
    }

    @Test("each turn is saved and can be looked at, also when the work has landed")
    func turns() async throws {
        let script =
            RehearsalScripts.plan(["mul"]) + RehearsalScripts.author("mul", round: 1)
            + RehearsalScripts.author(
                "mul", round: 2, body: "\\\"\\\"\\\"Multiplies.\\\"\\\"\\\"\\n    return a * b")
            + RehearsalScripts.requestChanges("mul", round: 1) + RehearsalScripts.approve
        try await withWorld { world in
            let result = try await world.rehearse(try world.script(script))
            #expect(result.code == 0, "\(result)")
            let first = try await world.run("diff", "mul", "--turn", "1")
            #expect(first.stdout.contains("+def mul(a, b):"), "\(first)")
            #expect(!first.stdout.contains("Multiplies."), "\(first)")
            let second = try await world.run("diff", "mul", "--turn", "2", "--json")
            #expect(second.stdout.contains("+    \\\"\\\"\\\"Multiplies."), "\(second)")
            #expect(!second.stdout.contains("+def mul"), "\(second)")
            let third = try await world.run("diff", "mul", "--turn", "3")
            #expect(third.code == 2 && third.stderr.contains("Its last turn is 2."), "\(third)")
            #expect(try await world.run("audit", "--json").stdout.contains("\"snapshotTaken\""))
        }
    }

    @Test("a landed task's worktree stays while it holds what no snapshot can, until a person gives that up")
    func unsaved() async throws {
        let nested = """
              - match: { role: author, task: mul }
                steps:
                  - shell: "git init -q within && echo 1 > within/file && echo 'x = 1' > mul.py"
                  - final: Written.

            """
        try await withWorld { world in
            let script = RehearsalScripts.plan(["mul"]) + nested + RehearsalScripts.approve
            let landed = try await world.rehearse(try world.script(script))
            #expect(landed.code == 0, "\(landed)")
            let listed = try #require(try Self.json(try await world.run("worktree", "ls", "--json")).first)
            #expect(listed["isKept"] as? Bool == true && listed["isOrphan"] as? Bool == false, "\(listed)")
            let path = try #require(listed["path"] as? String)
            #expect(FileManager.default.fileExists(atPath: "\(path)/within/.git/HEAD"))
            let run = try #require(listed["run"] as? String)
            let refused = try await world.run("worktree", "rm", "\(run)/mul")
            #expect(refused.code == 1 && refused.stderr.contains("“within/.git”"), "\(refused)")
            #expect(refused.stderr.contains("--discard-unsaved"), "\(refused)")
            #expect(FileManager.default.fileExists(atPath: "\(path)/within/.git/HEAD"))
            let removed = try await world.run("worktree", "rm", "\(run)/mul", "--discard-unsaved")
            #expect(removed.code == 0, "\(removed)")
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("a held worktree is listed, saved a last time with what a person did in it, and removed")
    func removed() async throws {
        let policy = """
            version: 1
            policies:
              - { name: no, on: [land], when: 'true', then: deny, reason: Not today. }

            """
        let files = ProductWorld.sample.merging([".graftwork/policies/no.yaml": policy]) { $1 }
        try await withWorld(files: files) { world in
            let held = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(held.code == 4, "\(held)")
            let listed = try #require(try Self.json(try await world.run("worktree", "ls", "--json")).first)
            #expect(listed["changedPaths"] as? Int == 2 && listed["isPresent"] as? Bool == true, "\(listed)")
            let table = try await world.run("worktree", "ls")
            #expect(table.lines.count == 2 && table.stdout.contains("/mul  held"), "\(table)")
            let path = try #require(listed["path"] as? String)
            let run = try #require(listed["run"] as? String)
            try "by hand\n".write(toFile: "\(path)/note", atomically: true, encoding: .utf8)
            let removed = try await world.run("worktree", "rm", "\(run)/mul")
            #expect(removed.code == 0, "\(removed)")
            #expect(!FileManager.default.fileExists(atPath: path))
            let refs = try await world.repository.git(
                "for-each-ref", "--sort=-refname", "--format=%(refname)", "refs/graftwork/snapshots")
            let last = try #require(refs.split(separator: "\n").first)
            #expect(try await world.repository.git("show", "\(last):note") == "by hand")
            #expect(try await world.run("worktree", "ls").stdout.contains("There are no worktrees."))
            let again = try await world.run("worktree", "rm", "\(run)/mul")
            #expect(again.code == 1, "\(again)")
        }
    }

    @Test("two tasks at the same lines are told of each other, in status, in the journal and across runs")
    func collisions() async throws {
        let policy = """
            version: 1
            policies:
              - name: alone
                on: [land]
                when: worktree.collisions.size() > 0
                then: ask
                reason: Somebody else changes the same lines.

            """
        func author(_ task: String, _ text: String) -> String {
            """
              - match: { role: author, task: \(task) }
                steps:
                  - write: { path: calc.py, text: "def add(a, b):\\n    return \(text)\\n" }
                  - shell: "python3 -m unittest; test -f \(task).go || sleep 1000"
                  - final: Changed add.

            """
        }
        let script =
            RehearsalScripts.plan(["one", "two"]) + author("one", "b + a") + author("two", "a + b + 0")
            + RehearsalScripts.approve
        let files = ProductWorld.sample.merging([".graftwork/policies/alone.yaml": policy]) { $1 }
        try await withWorld(files: files) { world in
            let script = try world.script(script)
            var runs: [String] = []
            for _ in 0..<2 {
                let started = try await world.run(
                    "run", "Change add", "--rehearse", script, "--update-checkout", "--detach")
                #expect(started.code == 0, "\(started)")
                let views = try Self.json(try await world.run("status", "--json"))
                runs.append(try #require(views.first?["id"] as? String))
            }
            for run in runs {
                for task in ["one", "two"] {
                    // Written before it is tried.
                    try await wait {
                        try await world.run("logs", run, task).stdout.contains("python3 -m unittest")
                    }
                }
            }
            try await wait { try await world.run("stop", runs[0]).code == 0 }
            try await wait { try await world.run("stop", runs[1]).code == 0 }
            try await wait {
                let views = try Self.json(try await world.run("status", "--json"))
                let tasks = views.flatMap { $0["tasks"] as? [[String: Any]] ?? [] }
                let counts = tasks.map { ($0["collisions"] as? [[String: Any]] ?? []).count }
                return counts == [2, 2, 2, 2]
            }
            let status = try await world.run("status", runs[0])
            #expect(status.stdout.contains("! one collides with two in calc.py"), "\(status)")
            #expect(status.stdout.contains("! one collides with \(runs[1])/two in calc.py"), "\(status)")
            #expect(try await world.run("status").stdout.contains("collides with"), "both, across runs")
            let audit = try await world.run("audit", runs[0], "--json")
            #expect(audit.stdout.contains("\"collisionsFound\""), "\(audit)")
        }
    }

    @Test("a held worktree is opened, put back to an earlier turn, and what lay there before is saved")
    func restored() async throws {
        let policy = """
            version: 1
            policies:
              - { name: no, on: [land], when: 'true', then: deny, reason: Not today. }

            """
        let script =
            RehearsalScripts.plan(["mul"]) + RehearsalScripts.author("mul", round: 1)
            + RehearsalScripts.author("mul", round: 2, body: "return b * a")
            + RehearsalScripts.requestChanges("mul", round: 1) + RehearsalScripts.approve
        let files = ProductWorld.sample.merging([".graftwork/policies/no.yaml": policy]) { $1 }
        try await withWorld(files: files) { world in
            let held = try await world.rehearse(try world.script(script))
            #expect(held.code == 4, "\(held)")
            let opened = try await world.run("worktree", "open", "mul")
            #expect(opened.code == 0 && opened.lines.count == 1, "\(opened)")
            let path = opened.lines[0]
            func text() throws -> String { try String(contentsOfFile: "\(path)/mul.py", encoding: .utf8) }
            #expect(try text().contains("b * a"))
            #expect(try await world.repository.git("status", "--porcelain", at: path).contains("mul.py"))
            try "by hand\n".write(toFile: "\(path)/mul.py", atomically: true, encoding: .utf8)
            let first = try await world.run("worktree", "restore", "mul", "--turn", "1")
            #expect(first.code == 0 && first.stdout.contains("holds"), "\(first)")
            #expect(try text().contains("a * b"))
            let missing = try await world.run("worktree", "restore", "mul", "--snapshot", "99")
            #expect(missing.code == 2 || missing.code == 1, "\(missing)")
            let refs = try await world.repository.git(
                "for-each-ref", "--format=%(refname)", "refs/graftwork/snapshots")
            var saved = false
            for ref in refs.split(separator: "\n") {
                let file = try? await world.repository.git("show", "\(ref):mul.py")
                saved = saved || file == "by hand"
            }
            #expect(saved, "what was written by hand is in no snapshot")
            #expect(try await world.repository.status() == [])
            // A removed worktree comes back, too.
            let run = path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? ""
            #expect(try await world.run("worktree", "rm", "\(run)/mul").code == 0)
            #expect(!FileManager.default.fileExists(atPath: path))
            let back = try await world.run("worktree", "restore", "\(run)/mul")
            #expect(back.code == 0, "\(back)")
            #expect(try text().contains("a * b"))
            let listed = try await world.run("worktree", "ls")
            #expect(listed.lines.contains { $0.hasSuffix("kept") }, "\(listed)")
            let pruned = try await world.run("worktree", "prune", "--dry-run", "--json")
            #expect(pruned.code == 0 && pruned.stdout.hasPrefix("["), "\(pruned)")
        }
    }

    @Test("a server that begins adopts what no run needs, and finishes what another had begun to remove")
    func reconciled() async throws {
        try await withWorld { world in
            let landed = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(landed.code == 0, "\(landed)")
            let state = world.folder.path("state/graftwork/r")
            let repository = try #require(try FileManager.default.contentsOfDirectory(atPath: state).first)
            // Files of a run that the journal has never heard of, on a branch at the base.
            let lost = "\(state)/\(repository)/worktrees/zz.lost"
            try await world.repository.git("branch", "graftwork/zz/lost", "main")
            try FileManager.default.createDirectory(atPath: lost, withIntermediateDirectories: true)
            try "precious\n".write(toFile: "\(lost)/work", atomically: true, encoding: .utf8)
            try await world.killServer()
            try await wait {
                let listed = try await world.run("worktree", "ls")
                return listed.stdout.contains("zz/lost") && listed.stdout.contains("orphan")
            }
            #expect(
                try await world.repository.git("show", "refs/graftwork/snapshots/zz/lost/1:work")
                    == "precious")
            #expect(FileManager.default.fileExists(atPath: "\(lost)/work"))
            #expect(try await world.run("worktree", "rm", "zz/lost").code == 0)
            #expect(try await world.run("worktree", "ls").stdout.contains("There are no worktrees."))
        }
    }

    @Test(
        "an author that deletes its own worktree loses nothing that was saved, and is told of"
    )
    func deletedByItsAuthor() async throws {
        let script =
            RehearsalScripts.plan(["mul"]) + RehearsalScripts.author("mul", round: 1)
            + RehearsalScripts.requestChanges("mul", round: 1)
            + "  - match: { role: author, task: mul, round: 2 }\n    steps:\n"
            + "      - shell: 'rm -rf \"$PWD\"; rm -rf ./* ./.[a-z]*; ls -A'\n      - final: Cleaned up.\n"
            + RehearsalScripts.approve
        try await withWorld { world in
            let ended = try await world.rehearse(try world.script(script))
            #expect(ended.code == 3, "\(ended)")
            #expect(ended.text.contains("The worktree is empty: every file of it is gone."), "\(ended)")
            #expect(ended.text.contains("unittest did not run"), "\(ended)")
            let refs = try await world.repository.git(
                "for-each-ref", "--format=%(refname)", "refs/graftwork/snapshots"
            ).split(separator: "\n")
            #expect(refs.count == 2)
            #expect(try await world.repository.git("show", "\(refs[0]):mul.py").contains("def mul"))
            #expect(try await world.repository.status() == [])
            let path = try #require(try await world.run("worktree", "open", "mul").lines.first)
            let restored = try await world.run("worktree", "restore", "mul", "--turn", "1")
            #expect(restored.code == 0, "\(restored)")
            #expect(FileManager.default.fileExists(atPath: "\(path)/mul.py"))
        }
    }
}
