internal import ControlProtocol
internal import Lifecycle
internal import Linux
package import Sandbox
package import Telemetry
internal import Vocabulary
internal import Worktrees

/// Puts worktrees in order when a server begins, and from time to time: finishes removals, adopts what
/// nobody needs, and sweeps what is empty.
package actor Housekeeping {
    /// How often it is done again.
    package static let interval: Duration = .seconds(3_600)
    /// After how many of them old snapshots are let go.
    private static let intervalsPerDay = 24

    private let runs: LiveRuns
    private let repositories: Repositories
    private let places: SessionPlaces
    private let service: ControlService
    private let log: Log

    package init(
        runs: LiveRuns, repositories: Repositories, places: SessionPlaces, service: ControlService, log: Log
    ) {
        self.runs = runs
        self.repositories = repositories
        self.places = places
        self.service = service
        self.log = log
    }

    /// Tidies now and after every interval, until it is cancelled.
    package func keepTidy() async {
        for round in 0... {
            await tidy()
            if round % Self.intervalsPerDay == 0 { await prune() }
            do {
                try await ContinuousClock().sleep(for: Self.interval)
            } catch {
                return
            }
        }
    }

    /// Lets old snapshots go as `worktree prune` does.
    private func prune() async {
        do {
            for item in try await service.prune(isDryRun: false).items {
                log.notice(
                    "Something was pruned.",
                    [
                        "repository": item.repository, "what": item.kind.rawValue, "name": item.name,
                        "count": "\(item.count)",
                    ])
            }
        } catch {
            log.error("Nothing could be pruned.", ["why": Problem(error).description])
        }
        do {
            let mirror = ProgramMirror(stateDirectory: places.state)
            let now = Int(WallClock.nowSeconds())
            let removed = try await runBlocking { () throws(SystemError) in
                try mirror.toolchains.sweep(now: now) + mirror.sweep(now: now)
            }
            for name in removed {
                log.notice("The copy of a tool that nobody uses was removed.", ["copy": name])
            }
        } catch {
            log.error("Copies of tools could not be swept.", ["why": Problem(error).description])
        }
    }

    /// Puts every repository in order that a run of the journal is about.
    package func tidy() async {
        for repository in Set(await runs.lifecycles().map(\.request.repository)).sorted() {
            do {
                let store = try await repositories.store(of: repository)
                let report = try await store.reconcile { await wanted(in: repository) }
                tell(report, repository)
                // The uid of one that is there again is the new one's.
                for removal in report.removed where !removal.isMadeAgain {
                    try await places.release(removal.owner, owner: "\(removal.name.run)/\(removal.name.task)")
                }
                try await store.sweepUnusedBases()
            } catch {
                // The repository may be gone, and nothing depends on it: the next time it is tried again.
                log.notice(
                    "Worktrees could not be put in order.",
                    ["repository": repository, "why": Problem(error).description])
            }
        }
    }

    private func wanted(in repository: String) async -> WantedWorktrees {
        await runs.taken()
        let here = await runs.lifecycles().filter { $0.request.repository == repository }
        let needed = here.flatMap { run in
            run.tasks.filter(\.needsWorktree).compactMap { ControlService.name(of: $0, in: run) }
        }
        return WantedWorktrees(
            needed: Set(needed), unreadableRuns: Set(await runs.unreadable.map(\.rawValue)))
    }

    private func tell(_ report: Reconciliation, _ repository: String) {
        func say(_ sentence: String, _ names: [WorktreeName]) {
            for name in names {
                log.notice(
                    sentence, ["repository": repository, "worktree": "\(name.run)/\(name.task)"])
            }
        }
        say("A removal was finished.", report.removed.map(\.name))
        say("A worktree in which nothing was done was swept.", report.swept)
        say("A worktree that no task needs was adopted, and its files are saved.", report.adopted)
        say("A worktree's registration was made again.", report.repaired)
        for sentence in report.told { log.notice(sentence, ["repository": repository]) }
    }
}

extension TaskLifecycle {
    /// A step of its way still wants its worktree, or will make it.
    fileprivate var needsWorktree: Bool {
        switch state {
        case .landed, .failed, .abandoned: worktree != nil && !worktreeIsReleased
        case .planned, .preparing, .authoring, .checking, .reviewing, .settling, .awaitingApproval, .queued,
            .testing, .landing, .held:
            true
        }
    }
}
