import Fixtures
import Foundation
import Linux
import Testing

@Suite("A budget that is spent", .serialized)
struct BudgetStories {
    /// The shipped workflow with another limit.
    private static func workflow(stopAt dollars: String) throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let shipped = tests.deletingLastPathComponent().appendingPathComponent("Workflows/feature.yaml").path
        let text = try Files.readText(shipped, bytesMax: 1 << 20)
        let limited = text.replacingOccurrences(of: "stop-at-usd: 15", with: "stop-at-usd: \(dollars)")
        #expect(limited != text)
        return limited
    }

    // On paper the plan costs 0.00555 and the author 0.0089: the third limit leaves nothing for the reviewer.
    @Test(
        "ends the planner, the author or the reviewer in the middle of a session, with 6 and what to do",
        arguments: ["0.001", "0.008", "0.0144"])
    func spent(dollars: String) async throws {
        try await withWorld { world in
            let file = try world.folder.write("cheap.yaml", try Self.workflow(stopAt: dollars))
            let script = try world.script(RehearsalScripts.oneTask)
            let result = try await world.rehearse(script, goal: "Add mul", "--workflow", file)
            #expect(result.code == 6, "\(result)")
            #expect(result.text.contains("stop-at-usd"), "\(result)")
            #expect(try await world.repository.subjects() == ["begin"])
        }
    }
}
