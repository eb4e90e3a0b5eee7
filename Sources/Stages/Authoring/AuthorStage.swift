internal import Configuration
package import Lifecycle
package import Provisioning
package import Sandbox
package import Vocabulary
internal import Workflows
package import Worktrees

/// Has an agent work on a task in its worktree, and takes the candidate from the files it leaves.
package struct AuthorStage: Sendable {
    private let store: RepositoryStore
    private let places: SessionPlaces
    /// nil: no worktree of this stage is set up.
    private let provisioner: Provisioner?
    private let clock: SnapshotClock
    private let support: @Sendable () async -> LayerSupport

    /// - Parameter support: what sandboxes can show here; asked for when a worktree is made.
    package init(
        store: RepositoryStore, places: SessionPlaces, provisioner: Provisioner? = nil,
        clock: SnapshotClock = .continuous,
        support: @escaping @Sendable () async -> LayerSupport = { .untried }
    ) {
        self.store = store
        self.places = places
        self.provisioner = provisioner
        self.clock = clock
        self.support = support
    }

    /// Makes the worktree of a task: at the run's base, or, for a task that waited for others, at the
    /// target's tip. Set up as the run's request says; a set-up that fails holds the task.
    package func prepare(
        _ task: TaskLifecycle, of run: RunLifecycle, record: @Sendable (RunFact) async throws -> RunLifecycle,
        report: @escaping @Sendable (String) -> Void
    ) async throws -> RunFact {
        let owner = Self.owner(of: task, in: run)
        let uid = try await places.claim(for: owner)
        let base =
            task.task.dependsOn.isEmpty
            ? run.request.base : try await store.resolve(branch: run.target).commit
        let known = try await store.known(Self.name(of: task, in: run))
        let support = await support()
        let backend = run.request.worktreeBackend ?? .auto
        let wantsOverlay = await store.wantsOverlay(backend)
        let worktree = try await store.prepareWorktree(
            run: run.request.run, task: task.task.id.rawValue, base: known?.worktree.base ?? base, owner: uid,
            backend: backend, support: support)
        let firstPort = try await places.claimPorts(run.request.setup?.ports ?? 0, for: owner)
        if let setup = run.request.setup, !setup.leavesTreeAlone {
            guard let provisioner else {
                throw Problem("Nothing here can set up the worktree of task \(task.task.id).", blame: .us)
            }
            let done = try await provisioner.setUp(
                worktree, as: setup, firstPort: firstPort, allowance: run.request.allowance,
                report: report)
            _ = try await record(.treeSetUp(task: task.task.id, setup: done))
        }
        return .worktreePrepared(
            task: task.task.id,
            worktree: WorktreeRecord(
                path: worktree.path, branch: worktree.branch, base: worktree.base,
                privateGitDirectory: worktree.privateGitDirectory, gitPointerFile: worktree.gitPointerFile,
                uid: uid, firstPort: firstPort,
                note: wantsOverlay ? Self.note(on: worktree, backend, support) : nil))
    }

    /// Another base may need another set-up. One that fails on files with conflict markers in them is the
    /// author's to mend: it is told, and holds nothing.
    private func setUpAgain(
        _ worktree: PreparedWorktree, of task: TaskLifecycle, in run: RunLifecycle,
        _ record: @Sendable (RunFact) async throws -> RunLifecycle,
        _ report: @escaping @Sendable (String) -> Void
    ) async throws {
        guard let setup = run.request.setup, let provisioner else { return }
        do {
            let done = try await provisioner.setUpAgain(
                worktree, as: setup, firstPort: task.worktree?.firstPort,
                allowance: run.request.allowance,
                report: report)
            if let done { _ = try await record(.treeSetUp(task: task.task.id, setup: done)) }
        } catch let error as SetupError {
            report(error.description)
        }
    }

    /// Why a worktree that was to be an overlay is none.
    private static func note(
        on worktree: PreparedWorktree, _ backend: WorktreeBackend, _ support: LayerSupport
    ) -> String? {
        guard worktree.layers == nil, let problem = support.overlayProblem else { return nil }
        let wish =
            switch backend {
            case .overlay: "not an overlay as configured"
            case .auto, .checkout: "though this repository's take long to write"
            }
        return "it is a checkout, \(wish): \(problem)"
    }

    /// Runs one attempt to its end. A session that fails is a fact, not an error.
    package func author(
        _ task: TaskLifecycle, of run: RunLifecycle, conversation: Conversation,
        record: @escaping @Sendable (RunFact) async throws -> RunLifecycle,
        newSession: @Sendable () -> SessionID, report: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> RunFact {
        guard case .authoring(let feedback) = task.state, let place = task.worktree else {
            throw Problem(
                "Task \(task.task.id) came to its author while \(task.displayState.rawValue).", blame: .us)
        }
        var worktree = try await known(task, of: run, place)
        if let move = task.pendingMove {
            worktree = try await store.moveWorktree(worktree, to: move.tree, base: move.base)
            _ = try await record(.worktreeMoved(task: task.task.id, base: move.base))
        }
        // Also when it was moved before a crash; not below a session that goes on.
        if run.unusedSession(role: .author, task: task.task.id, attempt: task.attempt) == nil {
            try await setUpAgain(worktree, of: task, in: run, record, report)
        }
        let saver = WorktreeSaver(
            store: store, worktree: worktree, run: run.request.run, task: task, record: record, report: report
        )
        let (outcome, session) = try await converse(
            task, of: run, worktree, feedback: feedback, conversation, saver, newSession)
        switch outcome.result {
        case .failed(let reason, let message):
            await saveFailed(outcome, session, by: saver, from: task)
            return .attemptFailed(
                task: task.task.id, attempt: task.attempt, failure: reason,
                problem: Self.problem(task, reason, message, run: run.request.run))
        case .completed:
            let snapshot = try await saver.save(
                .turn, session: session, turn: max(1, saver.endedTurns(of: session)),
                message: "Attempt \(task.attempt)")
            let candidate = try await store.candidate(from: snapshot, base: worktree.base)
            guard !candidate.delta.isEmpty else {
                return .attemptFailed(
                    task: task.task.id, attempt: task.attempt, failure: .schema,
                    problem: Problem(
                        "The author of task \(task.task.id) finished without changing a file.",
                        hint: "State the task more precisely and run it again.", blame: .agent))
            }
            return .candidateTaken(
                task: task.task.id, attempt: task.attempt, candidate: candidate,
                snapshot: snapshot.number)
        }
    }

    /// Has the session that is under way, or a new one, and saves the worktree meanwhile.
    private func converse(
        _ task: TaskLifecycle, of run: RunLifecycle, _ worktree: PreparedWorktree, feedback: Feedback?,
        _ conversation: Conversation, _ saver: WorktreeSaver, _ newSession: @Sendable () -> SessionID
    ) async throws -> (SessionOutcome, SessionID?) {
        let id = task.task.id
        let live = LiveSnapshots(clock: clock) { await saver.saveLive(after: $0) }
        let under = run.unusedSession(role: .author, task: id, attempt: task.attempt)
        if under != nil {
            let turns = await conversation.turns(id)
            let earlier = try await live.during(turns) {
                try await conversation.rejoin(.author, id, task.attempt)
            }
            if let earlier { return (earlier, under?.record.id) }
        }
        // Files of an earlier attempt, perhaps with what a person did to them since. A fresh worktree is its
        // base, which needs no saving.
        if task.lastSnapshot != nil {
            try await saver.save(.begin, message: "Before attempt \(task.attempt)")
        }
        let specification = try specification(
            task, of: run, worktree, feedback: feedback, session: newSession())
        let turns = await conversation.turns(id)
        let outcome = try await live.during(turns) {
            try await conversation.begin(specification, task.attempt)
        }
        return (outcome, specification.session)
    }

    /// What a session that failed left is saved, too; a session in which nothing happened leaves nothing.
    private func saveFailed(
        _ outcome: SessionOutcome, _ session: SessionID?, by saver: WorktreeSaver, from task: TaskLifecycle
    ) async {
        guard !outcome.vendors.isEmpty else { return await saver.saveLive(after: nil) }
        let turn = saver.endedTurns(of: session) + 1
        await saver.saveLive(after: session.map { EndedTurn(session: $0, number: turn) })
    }

    /// Gives the worktree back; the snapshots stay. One that holds what no snapshot can stays where it is,
    /// and with it its owner.
    package func release(
        _ task: TaskLifecycle, of run: RunLifecycle, report: @Sendable (String) -> Void = { _ in }
    ) async throws -> RunFact {
        if let place = task.worktree {
            let name = try Self.name(of: task, in: run)
            do throws(WorktreeError) {
                try await retire(name, of: Self.owner(of: task, in: run))
            } catch {
                guard case .unsaved = error else { throw error }
                report("The worktree stays. \(error.description) \(error.hint ?? "")")
                return .worktreeReleased(task: task.task.id)
            }
            try await store.sweepUnusedBases(keepingNewest: 1)
            try await places.release(place.uid, owner: Self.owner(of: task, in: run))
        }
        return .worktreeReleased(task: task.task.id)
    }

    /// Returns when nothing is left of it.
    private func retire(_ name: WorktreeName, of owner: String) async throws(WorktreeError) {
        if try await store.known(name) == nil {
            let finished = try await store.finishRemovals([name])
            if let failure = finished.failed.first { throw failure.error }
        }
        // A removal that was cut off may have been given up, and the worktree be there again.
        guard let known = try await store.known(name) else { return }
        try await store.retire(known.worktree, message: "Before the release of \(owner)")
    }

    private func known(
        _ task: TaskLifecycle, of run: RunLifecycle, _ place: WorktreeRecord
    ) async throws -> PreparedWorktree {
        guard let known = try await store.known(Self.name(of: task, in: run)) else {
            throw WorktreeError.noSuchWorktree(path: place.path)
        }
        // A person may have had it meanwhile.
        return try await store.handBack(known.worktree)
    }

    private func specification(
        _ task: TaskLifecycle, of run: RunLifecycle, _ worktree: PreparedWorktree, feedback: Feedback?,
        session: SessionID
    ) throws -> SessionSpecification {
        let request = run.request
        let directory = try places.makeFolder(session.rawValue, uid: worktree.owner)
        var limits = SessionLimits()
        limits.wallSeconds = (request.authorJob?.timeoutMinutes ?? 45) * 60
        return SessionSpecification(
            session: session, run: request.run, task: task.task.id, role: .author, agent: task.author,
            prompt: AuthorPrompt(
                run: request.run, goal: request.goal, task: task.task, attempt: task.attempt,
                others: run.tasks.map(\.task).filter { $0.id != task.task.id }, checks: request.checks,
                problems: feedback?.problems ?? [], isOverlay: worktree.layers != nil,
                collisions: task.collisions
            ).text(try PromptLibrary(texts: request.templates)), systemPrompt: task.author.instructions ?? "",
            outputSchema: nil, worktree: worktree.path, privateGitDirectory: worktree.privateGitDirectory,
            gitPointerFile: worktree.gitPointerFile, worktreeIsReadOnly: false, directory: directory,
            upstreams: request.upstreams.filter { $0.name == task.author.upstream },
            policies: request.policies,
            limits: limits, uid: worktree.owner, isRehearsed: request.isRehearsed,
            toolchains: request.toolchains, overlay: worktree.layers, sharedObjects: worktree.sharedObjects,
            sharedPaths: request.setup?.shares,
            environment: request.setup?.environment(firstPort: task.worktree?.firstPort),
            collisions: task.collisions.collidingPaths, resources: request.resources)
    }

    private static func name(of task: TaskLifecycle, in run: RunLifecycle) throws -> WorktreeName {
        try WorktreeName(run: run.request.run, task: task.task.id.rawValue)
    }

    static func owner(of task: TaskLifecycle, in run: RunLifecycle) -> String {
        "\(run.request.run)/\(task.task.id)"
    }

    private static func problem(
        _ task: TaskLifecycle, _ reason: SessionFailure, _ message: String, run: RunID
    ) -> Problem {
        let words = "The author of task \(task.task.id) failed: \(message)"
        return switch reason {
        case .budget: Problem(words, hint: reason.remedy(in: run), blame: reason.blame, exitCode: .budget)
        case .stopped, .resources:
            Problem(words, hint: reason.remedy(in: run), blame: reason.blame, exitCode: .held)
        case .missing, .sandbox, .crashed, .hung, .tooLong, .garbage, .model, .schema:
            Problem(words, hint: reason.remedy(in: run), blame: reason.blame)
        }
    }
}

extension Feedback {
    /// The same in the words of a prompt.
    fileprivate var problems: [AuthorProblem] {
        switch self {
        case .checksFailed(let results): results.filter { $0.outcome != .passed }.map(AuthorProblem.check)
        case .changesRequested(let verdict): verdict.findings.map(AuthorProblem.finding)
        case .conflicted(_, let paths): [.conflict(paths: paths)]
        }
    }
}
