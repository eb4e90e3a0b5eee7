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
        let steps = try await Self.steps(of: scene)
        let wanted = try await scene.outcome()
        for (index, step) in steps {
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

    @Test(
        "what is written after the kill is saved before anything of it goes",
        arguments: [
            KilledScene.Deed.restoreCheckout, .restoreMoved, .restoreOverlay, .removeCheckout, .removeOverlay,
            .openCheckout, .openOverlay,
        ])
    func writesLater(_ deed: KilledScene.Deed) async throws {
        let scene = try await KilledScene(deed)
        let steps = try await Self.steps(of: scene)
        var count = 0
        for (index, step) in steps {
            try await scene.reset()
            try await scene.act(dyingAfter: index + 1)
            guard let later = try scene.writeLater() else { continue }
            count += 1
            try await scene.act(KilledScene.Beginning.allCases[index % 3])
            let place = "\(deed), killed after step \(index + 1), \(step)"
            #expect(try scene.work().union(scene.saved()).contains(later), "\(place)")
            #expect(try await scene.damage() == nil, "\(place)")
        }
        #expect(count >= 3)
    }

    @Test(
        "a worktree whose making nobody goes on with leaves nothing behind, nowhere",
        arguments: [KilledScene.Deed.createCheckout, .createOverlay])
    func neverRepeated(_ deed: KilledScene.Deed) async throws {
        let scene = try await KilledScene(deed)
        let user = scene.belongings()
        for (index, step) in try await Self.steps(of: scene) {
            try await scene.reset()
            try await scene.act(dyingAfter: index + 1)
            try await scene.putInOrder()
            let place = "\(deed), killed after step \(index + 1), \(step)"
            #expect(try await scene.outcome() == KilledScene.Outcome(), "\(place)")
            #expect(scene.belongings() == user, "\(place)")
            #expect(try await scene.damage() == nil, "\(place)")
        }
    }

    /// Of a step that comes again and again, for each file, the first and the last.
    private static func steps(of scene: KilledScene) async throws -> [(index: Int, name: String)] {
        let steps = try await scene.act()
        #expect(steps.count >= 3)
        return steps.indices.filter {
            steps.firstIndex(of: steps[$0]) == $0 || steps.lastIndex(of: steps[$0]) == $0
        }.map { ($0, steps[$0]) }
    }
}
