internal import Configuration
internal import ControlProtocol
internal import Lifecycle
internal import Linux
internal import Telemetry
internal import Vocabulary
internal import Worktrees

extension ControlService {
    /// Lets old snapshots go, sweeps what nothing uses any more, and says what and how much.
    func prune(isDryRun: Bool) async throws -> [PrunedItem] {
        let policy = try starter.snapshotRetention()
        let all = await runs.lifecycles()
        var items: [PrunedItem] = []
        for repository in Set(all.map(\.request.repository)).sorted() {
            do {
                let store = try await repositories.store(of: repository)
                let here = all.filter { $0.request.repository == repository }
                items += try await prune(store, repository, here, policy, isDryRun)
            } catch {
                log.notice(
                    "Snapshots could not be pruned.",
                    ["repository": repository, "why": Problem(error).description])
            }
        }
        return items
    }

    private func prune(
        _ store: RepositoryStore, _ repository: String, _ runs: [RunLifecycle], _ policy: SnapshotRetention,
        _ isDryRun: Bool
    ) async throws -> [PrunedItem] {
        let expired = try await store.expireSnapshots(
            of: policy, now: Int64(WallClock.nowSeconds()), keeping: Self.spokenOf(runs), isDryRun: isDryRun)
        var counts: [WorktreeName: Int] = [:]
        for snapshot in expired { counts[snapshot.name, default: 0] += 1 }
        var items = counts.keys.sorted().map {
            PrunedItem(
                kind: .snapshots, repository: repository, name: "\($0.run)/\($0.task)",
                count: counts[$0] ?? 0, bytes: 0)
        }
        for base in try await store.measuredUnusedBases() {
            items.append(
                PrunedItem(
                    kind: .base, repository: repository, name: base.commit.short, count: 1,
                    bytes: base.bytes))
        }
        for removal in try await store.pendingRemovals() {
            items.append(
                PrunedItem(
                    kind: .removal, repository: repository,
                    name: "\(removal.name.run)/\(removal.name.task)", count: 1, bytes: 0))
        }
        guard !isDryRun else { return items }
        try await store.sweepUnusedBases()
        let failed = try await store.finishRemovals().failed.map {
            "\($0.removal.name.run)/\($0.removal.name.task)"
        }
        return items.filter { $0.kind != .removal || !failed.contains($0.name) }
    }

    /// What facts of runs that may go on still speak of.
    private static func spokenOf(_ runs: [RunLifecycle]) -> Set<ObjectID> {
        var kept: Set<ObjectID> = []
        for task in runs.flatMap(\.tasks) where task.hasLiveWorktree {
            kept.formUnion([task.lastCandidate?.commit, task.lastSnapshot?.commit].compactMap(\.self))
        }
        return kept
    }
}
