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
}
