import Fixtures
import Foundation
import Testing

@Suite("The demo", .serialized)
struct DemoTests {
    @Test("shows two vendors, one change sent back and fixed, one policy ask, and both tasks on main")
    func demo() async throws {
        let world = try await ProductWorld(configuration: nil)
        do {
            let result = try await world.run("demo", "--yes", "--plain")
            #expect(result.code == 0, "\(result)")
            for sign in ["anthropic", "openai", "changes.", "asks:", "landed", "on paper", "Look closer"] {
                #expect(result.text.contains(sign), "the demo does not show “\(sign)”: \(result)")
            }
            let path = try #require(result.text.firstMatch(of: /\/\S*graftwork-demo-\w+/)).output
            let history = try await world.repository.git("-C", String(path), "log", "--format=%s", "main")
            #expect(history.split(separator: "\n").count == 3)
            #expect(try await world.repository.git("-C", String(path), "status", "--porcelain").isEmpty)
            try FileManager.default.removeItem(atPath: String(path))
        } catch {
            try await world.end()
            throw error
        }
        try await world.end()
    }
}
