import Fixtures
import Foundation
import Linux
import Testing

/// The whole way with overlays instead of checkouts, as root and as an ordinary user.
@Suite("Worktrees that are overlays", .serialized)
struct OverlayStories {
    private static let configuration = ProductWorld.twoVendors + "worktrees: { backend: overlay }\n"

    /// What the state of the one repository holds below a folder.
    private static func state(_ world: ProductWorld, _ folder: String) throws -> [String] {
        let root = world.folder.path("state/graftwork/r")
        let repository = try #require(try Files.list(root).first)
        return try Files.list("\(root)/\(repository)/\(folder)")
    }

    @Test("are authored, checked, reviewed and landed like any other, and leave nothing but the shared base")
    func lands() async throws {
        try await withWorld(configuration: Self.configuration) { world in
            let base = try await world.repository.revParse("HEAD")
            let result = try await world.rehearse(try world.script(RehearsalScripts.twoTasks))
            #expect(result.code == 0, "\(result)")
            #expect(Set(try await world.repository.subjects().prefix(2)) == ["Add mul", "Add sub"])
            #expect(try await world.repository.status() == [])
            #expect(!result.text.contains("it is a checkout"))
            #expect(try Self.state(world, "pristine") == [base])
            #expect(try Self.state(world, "layers") == [])
            #expect(try await world.repository.git("worktree", "list").split(separator: "\n").count == 1)
        }
    }

    @Test("keep the author's files from one attempt to the next") func sentBack() async throws {
        let script =
            RehearsalScripts.plan(["mul"]) + RehearsalScripts.author("mul", round: 1)
            + RehearsalScripts.author(
                "mul", round: 2, body: "\\\"\\\"\\\"Multiplies.\\\"\\\"\\\"\\n    return a * b")
            + RehearsalScripts.requestChanges("mul", round: 1) + RehearsalScripts.approve
        try await withWorld(configuration: Self.configuration) { world in
            let result = try await world.rehearse(try world.script(script))
            #expect(result.code == 0, "\(result)")
            #expect(try await world.repository.show("HEAD", "mul.py").contains("Multiplies."))
            #expect(try Self.state(world, "pristine").count == 1)
        }
    }

    @Test("are moved to the new target when two tasks change the same lines") func conflict() async throws {
        let write = { (value: String) in
            """
                  - write: { path: calc.py, text: "def add(a, b):\\n    return a + b\\n\\n\\n\(value)\\n" }
                  - final: Done.

            """
        }
        let script =
            RehearsalScripts.plan(["mul", "sub"])
            + "  - match: { role: author, task: mul }\n    steps:\n" + write("MUL = 1")
            + "  - match: { role: author, task: sub, round: 1 }\n    steps:\n" + write("SUB = 1")
            + "  - match: { role: author, task: sub, round: 2 }\n    steps:\n" + write("MUL = 1\\nSUB = 1")
            + RehearsalScripts.approve
        try await withWorld(configuration: Self.configuration) { world in
            let result = try await world.rehearse(try world.script(script))
            let landed = try await world.repository.show("HEAD", "calc.py")
            #expect(landed.contains("SUB = 1") || landed.contains("MUL = 1"), "\(result)")
            #expect(try await world.repository.status() == [])
        }
    }
}
