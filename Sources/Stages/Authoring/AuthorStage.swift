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
    private let provisioner: Provisioner

    package init(store: RepositoryStore, places: SessionPlaces, provisioner: Provisioner) {
        self.store = store
        self.places = places
        self.provisioner = provisioner
    }

    /// Makes the worktree of a task: at the run's base, or, for a task that waited for others, at the
    /// target's tip. Set up as the run's request says; a set-up that fails holds the task.
    package func prepare(
        _ task: TaskLifecycle, of run: RunLifecycle, record: @Sendable (RunFact) async throws -> RunLifecycle,
        report: @escaping @Sendable (String) -> Void
    ) async throws -> RunFact {
        let owner = Self.owner(of: task, in: run)
        let uid = try places.claim(for: owner)
        let base =
            task.task.dependsOn.isEmpty
            ? run.request.base : try await store.resolve(branch: run.target).commit
        let known = try await store.list().first {
            $0.worktree.name.run == run.request.run.rawValue && $0.worktree.name.task == task.task.id.rawValue
        }
        let worktree = try await store.prepareWorktree(
            run: run.request.run, task: task.task.id.rawValue, base: known?.worktree.base ?? base, owner: uid)
        let firstPort = try places.claimPorts(run.request.setup?.ports ?? 0, for: owner)
        if let setup = run.request.setup, !setup.leavesTreeAlone {
            let done = try await provisioner.setUp(
                worktree, as: setup, firstPort: firstPort, toolchains: run.request.toolchains, report: report)
            _ = try await record(.treeSetUp(task: task.task.id, setup: done))
        }
        return .worktreePrepared(
            task: task.task.id,
            worktree: WorktreeRecord(
                path: worktree.path, branch: worktree.branch, base: worktree.base,
                privateGitDirectory: worktree.privateGitDirectory, gitPointerFile: worktree.gitPointerFile,
                uid: uid, firstPort: firstPort))
    }

    /// Runs one attempt to its end. A session that fails is a fact, not an error.
    package func author(
        _ task: TaskLifecycle, of run: RunLifecycle, conversation: Conversation,
        record: @Sendable (RunFact) async throws -> RunLifecycle, newSession: @Sendable () -> SessionID
    ) async throws -> RunFact {
        guard case .authoring(let feedback) = task.state, let place = task.worktree else {
            throw Problem(
                "Task \(task.task.id) came to its author while \(task.displayState.rawValue).", blame: .us)
        }
        var worktree = try await known(place)
        if let move = task.pendingMove {
            worktree = try await store.moveWorktree(worktree, to: move.tree, base: move.base)
            _ = try await record(.worktreeMoved(task: task.task.id, base: move.base))
        }
        let outcome: SessionOutcome
        if let earlier = try await conversation.rejoin(.author, task.task.id, task.attempt) {
            outcome = earlier
        } else {
            let specification = try specification(
                task, of: run, worktree, feedback: feedback, session: newSession())
            outcome = try await conversation.begin(specification, task.attempt)
        }
        switch outcome.result {
        case .failed(let reason, let message):
            return .attemptFailed(
                task: task.task.id, attempt: task.attempt, failure: reason,
                problem: Self.problem(task, reason, message, run: run.request.run))
        case .completed:
            let number = task.snapshots + 1
            let snapshot = try await store.snapshot(
                worktree, number: number,
                message: "Attempt \(task.attempt) of \(run.request.run)/\(task.task.id)")
            let candidate = try await store.candidate(from: snapshot, base: worktree.base)
            guard !candidate.delta.isEmpty else {
                return .attemptFailed(
                    task: task.task.id, attempt: task.attempt, failure: .schema,
                    problem: Problem(
                        "The author of task \(task.task.id) finished without changing a file.",
                        hint: "State the task more precisely and run it again.", blame: .agent))
            }
            return .candidateTaken(
                task: task.task.id, attempt: task.attempt, candidate: candidate, snapshot: number)
        }
    }

    /// Gives the worktree back; the snapshots stay.
    package func release(_ task: TaskLifecycle, of run: RunLifecycle) async throws -> RunFact {
        if let place = task.worktree {
            let known = try await store.list().first { $0.worktree.path == place.path }
            if let known { try await store.removeWorktree(known.worktree, keepSnapshots: true) }
            try places.release(place.uid, owner: Self.owner(of: task, in: run))
        }
        return .worktreeReleased(task: task.task.id)
    }

    private func known(_ place: WorktreeRecord) async throws -> PreparedWorktree {
        guard let known = try await store.list().first(where: { $0.worktree.path == place.path }) else {
            throw WorktreeError.noSuchWorktree(path: place.path)
        }
        return known.worktree
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
                problems: feedback?.problems ?? []
            ).text(try PromptLibrary(texts: request.templates)), systemPrompt: task.author.instructions ?? "",
            outputSchema: nil, worktree: worktree.path, privateGitDirectory: worktree.privateGitDirectory,
            gitPointerFile: worktree.gitPointerFile, worktreeIsReadOnly: false, directory: directory,
            upstreams: request.upstreams.filter { $0.name == task.author.upstream },
            policies: request.policies,
            limits: limits, uid: worktree.owner, isRehearsed: request.isRehearsed,
            toolchains: request.toolchains, overlay: worktree.layers, sharedPaths: request.setup?.shares,
            environment: request.setup?.environment(firstPort: task.worktree?.firstPort))
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
        case .stopped: Problem(words, hint: reason.remedy(in: run), blame: reason.blame, exitCode: .held)
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
