internal import Lifecycle
package import Telemetry
internal import Vocabulary
internal import Worktrees

/// Has the radar look at a repository whenever a worktree of it was saved or is gone, and writes down what
/// changed.
///
/// What is looked at comes from the runs' own facts, so that a restarted server sees what the last one saw.
package actor CollisionWatch {
    private let repositories: Repositories
    private let log: Log
    private weak var runs: LiveRuns?
    private var radars: [String: CollisionRadar] = [:]
    private var looking: Set<String> = []
    private var pending: Set<String> = []
    private var waiters: [CheckedContinuation<Void, Never>] = []

    package init(repositories: Repositories, log: Log) {
        self.repositories = repositories
        self.log = log
    }

    /// Names the runs to watch, and looks at what they had when the server began.
    package func begin(with runs: LiveRuns) async {
        self.runs = runs
        for repository in Set(await runs.lifecycles().map(\.request.repository)).sorted() {
            moved(in: repository)
        }
    }

    /// Something was saved, made or given back in this repository.
    package nonisolated func noteMove(in repository: String) {
        Task { await moved(in: repository) }
    }

    private func moved(in repository: String) {
        pending.insert(repository)
        guard looking.insert(repository).inserted else { return }
        Task {
            while pending.remove(repository) != nil { await look(at: repository) }
            looking.remove(repository)
            let woken = waiters
            waiters = []
            for waiter in woken { waiter.resume() }
        }
    }

    /// Returns when nothing is being looked at.
    func waitUntilIdle() async {
        while !looking.isEmpty { await withCheckedContinuation { waiters.append($0) } }
    }

    private func look(at repository: String) async {
        guard let runs else { return }
        let here = await runs.lifecycles().filter { $0.request.repository == repository }
        var live: [WorktreeName: ObjectID] = [:]
        var known: [(name: WorktreeName, run: RunID, task: TaskID, collisions: [Collision])] = []
        for run in here {
            for task in run.tasks where task.hasLiveWorktree {
                guard let name = ControlService.name(of: task, in: run) else { continue }
                known.append((name, run.request.run, task.task.id, task.collisions))
                if let commit = task.savedCommit { live[name] = commit }
            }
        }
        do {
            let found = try await collisions(in: repository, among: live)
            for task in known where found[task.name, default: []] != task.collisions {
                let fact = RunFact.collisionsFound(task: task.task, collisions: found[task.name] ?? [])
                try await runs.note([fact], in: task.run)
            }
        } catch {
            // A warning that is late, and nobody's failure: the next snapshot is looked at again.
            log.error(
                "Collisions could not be looked for.",
                ["repository": repository, "why": Problem(error).description])
        }
    }

    private func collisions(in repository: String, among live: [WorktreeName: ObjectID]) async throws
        -> [WorktreeName: [Collision]]
    {
        guard live.count > 1 else {
            radars[repository] = nil
            return [:]
        }
        if live.count > CollisionRadar.worktreesMax {
            log.notice(
                "Not every live worktree is compared with every other.",
                ["repository": repository, "worktrees": "\(live.count)"])
        }
        let radar: CollisionRadar
        if let known = radars[repository] {
            radar = known
        } else {
            radar = try CollisionRadar(of: try await repositories.store(of: repository))
            radars[repository] = radar
        }
        do {
            return try await radar.look(at: live)
        } catch {
            log.error(
                "Two worktrees could not be compared.", ["repository": repository, "why": error.description])
            return try await radar.look(at: live)
        }
    }
}

extension TaskLifecycle {
    /// The newest commit that holds the worktree's files.
    var savedCommit: ObjectID? { lastSnapshot?.commit ?? lastCandidate?.commit }
}
