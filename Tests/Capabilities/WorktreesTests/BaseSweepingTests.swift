import Fixtures
import Foundation
import Linux
import Synchronization
import Testing
import Vocabulary
import Worktrees

@Suite("Sweeping what is kept for bases") struct BaseSweepingTests {
    private func prepare(_ store: RepositoryStore, _ task: String, _ base: ObjectID) async throws
        -> PreparedWorktree
    {
        try await store.prepareWorktree(
            run: RunID("r1"), task: task, base: base, owner: nil, backend: .overlay, support: .full)
    }

    @Test("leaves alone what is being made at the same time") func whileMade() async throws {
        let files = (0..<2_000).map { ("d\($0 % 50)/f\($0)", "\($0)\n") }
        let repository = try await TestRepository(files: Dictionary(files, uniquingKeysWith: { $1 }))
        let store = try repository.store()
        let base = try await repository.head()
        let isMade = Mutex(false)
        async let sweeping: Int = {
            var sweeps = 0
            while !isMade.withLock({ $0 }) {
                try await store.sweepUnusedBases()
                sweeps += 1
            }
            return sweeps
        }()
        let made: PreparedWorktree
        do {
            made = try await prepare(store, "t1", base)
        } catch {
            isMade.withLock { $0 = true }
            throw error
        }
        isMade.withLock { $0 = true }
        #expect(try await sweeping > 0)
        let lower = try #require(made.layers?.lower)
        let seen = try FileManager.default.subpathsOfDirectory(atPath: lower).filter { $0.contains("/f") }
        #expect(seen.count == 2_000)
        #expect(Files.exists(try #require(made.sharedObjects)))
    }

    @Test("keeps the youngest where so many are to stay") func youngest() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        var bases: [ObjectID] = []
        for (index, days) in [3.0, 1, 2].enumerated() {
            if index > 0 { try await repository.commitAll("next \(index)") }
            bases.append(try await repository.head())
            let made = try await prepare(store, "t\(index)", bases[index])
            try await store.removeWorktree(made, keepSnapshots: false)
            let lower = try #require(made.layers?.lower)
            for folder in [Files.parent(of: lower), try #require(made.sharedObjects)] {
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -days * 86_400)], ofItemAtPath: folder)
            }
        }
        #expect(try await store.unusedBases().count == 3)
        try await store.sweepUnusedBases(keepingNewest: 2)
        #expect(try await Set(store.unusedBases()) == [bases[1], bases[2]])
        try await store.sweepUnusedBases(keepingNewest: 1)
        #expect(try await store.unusedBases() == [bases[1]])
    }
}
