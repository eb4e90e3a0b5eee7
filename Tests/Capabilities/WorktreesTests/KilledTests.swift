import Linux
import Testing

/// The steps are those that the store itself names while it works: a new one is killed at, too.
///
/// Each step has one of three sequels here; `scripts/simulate` has all of them.
@Suite("Killed between any two steps") struct KilledTests {
    private static let isWhole = SystemIdentity.environment["GRAFTWORK_SIMULATE"] == "whole"

    @Test(
        "loses no file, touches nothing of the user's, and the same call by a new process ends as ever",
        arguments: KilledScene.Deed.allCases)
    func everywhere(_ deed: KilledScene.Deed) async throws {
        let scene = try await KilledScene(deed)
        let user = scene.belongings()
        let work = try scene.work().filter { deed.keepsIgnoredFiles || !$0.path.hasPrefix("build/") }
        let steps = try await scene.act()
        let wanted = try await scene.outcome()
        #expect(steps.count >= 3)
        // Of a step that comes again and again, for each file, the first and the last.
        let chosen = steps.indices.filter {
            steps.firstIndex(of: steps[$0]) == $0 || steps.lastIndex(of: steps[$0]) == $0
        }
        for index in chosen {
            let step = steps[index]
            // A server puts things in order first, whether it finds the task in its journal or not.
            let beginnings = KilledScene.Beginning.allCases
            for beginning in Self.isWhole ? beginnings : [beginnings[index % beginnings.count]] {
                try await scene.reset()
                try await scene.act(dyingAfter: index + 1)
                let place = "\(deed), killed after step \(index + 1), \(step)"
                #expect(try work.subtracting(scene.work()).subtracting(scene.saved()) == [], "\(place)")
                #expect(scene.belongings() == user, "\(place)")
                try await scene.act(beginning)
                let after = "\(place), then \(beginning)"
                #expect(try work.subtracting(scene.work()).subtracting(scene.saved()) == [], "\(after)")
                #expect(scene.belongings() == user, "\(after)")
                #expect(try await scene.outcome() == wanted, "\(after)")
                #expect(try await scene.damage() == nil, "\(after)")
            }
        }
    }
}
