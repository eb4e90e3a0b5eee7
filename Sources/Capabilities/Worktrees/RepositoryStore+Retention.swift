internal import Git
package import Vocabulary

/// How long snapshots are kept. Whichever limit is reached first ends a snapshot, but never the newest of a
/// worktree.
package struct SnapshotRetention: Sendable, Hashable, Codable {
    package var days: Int
    /// Of one worktree.
    package var count: Int

    package init(days: Int, count: Int) {
        self.days = days
        self.count = count
    }
}

/// A snapshot whose ref is gone, or would be.
package struct ExpiredSnapshot: Sendable, Hashable, Codable {
    package var name: WorktreeName
    package var number: Int
    package var commit: ObjectID
    /// When it was taken.
    package var secondsSince1970: Int64

    package init(name: WorktreeName, number: Int, commit: ObjectID, secondsSince1970: Int64) {
        self.name = name
        self.number = number
        self.commit = commit
        self.secondsSince1970 = secondsSince1970
    }
}

extension RepositoryStore {
    /// Lets snapshots of some runs go that are older than a policy's days or more than its count, never the
    /// newest of a worktree. What else holds the commit keeps it, for only refs are removed.
    ///
    /// All of one worktree go or none; one that moved meanwhile is left to the next time.
    ///
    /// - Parameters:
    ///   - runs: whose snapshots nobody will ask for to go on. Other servers' runs have theirs here, too.
    ///   - isDryRun: only says what would go.
    /// - Returns: what went, by worktree and number.
    package func expireSnapshots(
        of policy: SnapshotRetention, now secondsSince1970: Int64, from runs: Set<RunID>,
        isDryRun: Bool = false
    ) throws(WorktreeError) -> [ExpiredSnapshot] {
        try explainingNow {
            var expired: [ExpiredSnapshot] = []
            for name in try namesWithSnapshots() where runs.contains(RunID(name.run)) {
                let going = try expiring(of: name, policy, secondsSince1970)
                let changes = try going.map {
                    GitRefChange(ref: name.snapshotRef($0.number), old: try GitID($0.commit), new: nil)
                }
                if !isDryRun && !changes.isEmpty {
                    guard try repository.change(changes, log: "graftwork: expired") == .swapped else {
                        continue
                    }
                }
                expired += going
            }
            return expired
        }
    }

    private func expiring(
        of name: WorktreeName, _ policy: SnapshotRetention, _ now: Int64
    ) throws -> [ExpiredSnapshot] {
        let all = try snapshots(of: name)
        let oldest = now - Int64(clamping: policy.days) * 86_400
        var expired: [ExpiredSnapshot] = []
        for (index, snapshot) in all.dropLast().enumerated() {
            let commit = ObjectID(snapshot.commit)
            let time = try repository.time(ofCommit: snapshot.commit)
            guard all.count - index > policy.count || time < oldest else { continue }
            expired.append(
                ExpiredSnapshot(name: name, number: snapshot.number, commit: commit, secondsSince1970: time))
        }
        // The rest has its turn next time.
        return Array(expired.prefix(GitRepository.transactionRefsMax))
    }

    /// Removes the refs of snapshots, as many at once as can be; one that moved meanwhile keeps those
    /// beside it.
    func forget(_ snapshots: [(number: Int, ref: String, commit: GitID)]) throws {
        var rest = snapshots[...]
        while !rest.isEmpty {
            let part = rest.prefix(GitRepository.transactionRefsMax)
            _ = try repository.change(
                part.map { GitRefChange(ref: $0.ref, old: $0.commit, new: nil) }, log: "graftwork: removed")
            rest = rest.dropFirst(part.count)
        }
    }

    private func namesWithSnapshots() throws -> [WorktreeName] {
        let prefix = "refs/graftwork/snapshots/"
        var names: Set<WorktreeName> = []
        for ref in try repository.references(withPrefix: prefix) {
            let parts = ref.dropFirst(prefix.count).split(separator: "/").map(String.init)
            guard parts.count == 3, parts.prefix(2).allSatisfy(WorktreeName.isSlug) else { continue }
            names.insert(try WorktreeName(run: RunID(parts[0]), task: parts[1]))
        }
        return names.sorted()
    }
}
