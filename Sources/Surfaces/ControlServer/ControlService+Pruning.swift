internal import Configuration
internal import ControlProtocol
internal import Lifecycle
internal import Linux
internal import Telemetry
internal import Vocabulary
internal import Worktrees

extension ControlService {
    /// Lets old snapshots go, sweeps what nothing uses any more, and says what and how much.
    func prune(isDryRun: Bool) async throws -> (items: [PrunedItem], problems: [Problem]) {
        let policy = try starter.snapshotRetention()
        let all = await runs.lifecycles()
        var items: [PrunedItem] = []
        var problems: [Problem] = []
        for repository in Set(all.map(\.request.repository)).sorted() {
            do {
                let store = try await repositories.store(of: repository)
                let here = all.filter { $0.request.repository == repository }
                try await prune(store, repository, here, policy, isDryRun, into: &items)
            } catch {
                problems.append(Problem(error))
                log.notice(
                    "Snapshots could not be pruned.",
                    ["repository": repository, "why": Problem(error).description])
            }
        }
        return (items, problems)
    }

    private func prune(
        _ store: RepositoryStore, _ repository: String, _ runs: [RunLifecycle], _ policy: SnapshotRetention,
        _ isDryRun: Bool, into items: inout [PrunedItem]
    ) async throws {
        let expired = try await store.expireSnapshots(
            of: policy, now: Int64(WallClock.nowSeconds()), from: Self.over(runs), isDryRun: isDryRun)
        var counts: [WorktreeName: Int] = [:]
        for snapshot in expired { counts[snapshot.name, default: 0] += 1 }
        items += counts.keys.sorted().map {
            PrunedItem(
                kind: .snapshots, repository: repository, name: "\($0.run)/\($0.task)",
                count: counts[$0] ?? 0, bytes: 0)
        }
        var bases: [PrunedItem] = []
        for base in try await store.measuredUnusedBases() {
            bases.append(
                PrunedItem(
                    kind: .base, repository: repository, name: base.commit.short, count: 1,
                    bytes: base.bytes))
        }
        let removals = try await store.pendingRemovals().map {
            PrunedItem(
                kind: .removal, repository: repository, name: "\($0.name.run)/\($0.name.task)", count: 1,
                bytes: 0)
        }
        guard !isDryRun else {
            items += bases + removals
            return
        }
        try await store.sweepUnusedBases()
        items += bases
        let failed = try await store.finishRemovals().failed.map {
            "\($0.removal.name.run)/\($0.removal.name.task)"
        }
        items += removals.filter { !failed.contains($0.name) }
    }

    /// Runs that nobody can go on with: of all others every turn may be asked for again.
    private static func over(_ runs: [RunLifecycle]) -> Set<RunID> {
        Set(
            runs.filter { run in
                switch run.state {
                case .landed, .planned, .failed: !run.tasks.contains(where: \.hasLiveWorktree)
                case .proving, .planning, .awaitingApproval, .building, .held, .stopped: false
                }
            }.map(\.request.run))
    }
}
