internal import Configuration
package import Lifecycle
package import Sandbox
package import Vocabulary
internal import Workflows
package import Worktrees

/// Has an agent of another vendor judge a candidate, read-only, against its contract and whole diff.
package struct ReviewStage: Sendable {
    /// A reviewer sees every changed line or the verdict is incomplete.
    static let diffBytesMax = 400_000

    private let store: RepositoryStore
    private let places: SessionPlaces

    package init(store: RepositoryStore, places: SessionPlaces) {
        self.store = store
        self.places = places
    }

    package func review(
        _ task: TaskLifecycle, of run: RunLifecycle, conversation: Conversation,
        newSession: @Sendable () -> SessionID
    ) async throws -> RunFact {
        guard case .reviewing(let candidate, let checks) = task.state else {
            throw Problem(
                "Task \(task.task.id) came to review while \(task.displayState.rawValue).", blame: .us)
        }
        let id = task.task.id
        let outcome: SessionOutcome
        if let earlier = try await conversation.rejoin(.reviewer, id, task.round) {
            outcome = earlier
        } else {
            let diff = try await store.unifiedDiff(
                from: candidate.baseTree, to: candidate.tree, bytesMax: Self.diffBytesMax)
            guard !diff.wasTruncated else {
                let limit = Self.diffBytesMax / 1_000
                throw Problem(
                    "The diff of task \(id) is larger than the \(limit) kB that one review covers.",
                    hint: "State the goal as smaller tasks and run it again.", blame: .agent,
                    exitCode: .held)
            }
            let agent = try Self.reviewer(for: task, of: run)
            outcome = try await conversation.begin(
                specification(
                    task, of: run, candidate, checks: checks, diff: diff.text, agent: agent,
                    session: newSession()), task.round)
        }
        if case .failed(let reason, let message) = outcome.result,
            let problem = Self.problem(task, reason, message, run: run.request.run)
        {
            return .taskHeld(task: id, problem: problem)
        }
        return .reviewFinished(
            task: id, round: task.round, verdict: Self.verdict(outcome, on: candidate, by: task, of: run))
    }

    /// What no other review would mend, and so is a person's to settle before there is one; nil for all
    /// else.
    private static func problem(
        _ task: TaskLifecycle, _ reason: SessionFailure, _ message: String, run: RunID
    ) -> Problem? {
        let words = "The review of task \(task.task.id) failed: \(message)"
        return switch reason {
        case .budget: Problem(words, hint: reason.remedy(in: run), blame: reason.blame, exitCode: .budget)
        case .stopped, .missing, .sandbox, .resources:
            Problem(words, hint: reason.remedy(in: run), blame: reason.blame, exitCode: .held)
        case .crashed, .hung, .tooLong, .garbage, .model, .schema: nil
        }
    }

    /// Chooses by what configuration promises; `verdict` then judges by what answered.
    static func reviewer(for task: TaskLifecycle, of run: RunLifecycle) throws -> AgentDefinition {
        try ReviewerChoice.reviewer(
            for: Set(task.authorVendors),
            authorModels: Set(
                run.sessions.filter { $0.record.task == task.task.id && $0.record.role == .author }
                    .flatMap { $0.outcome?.models ?? [] }),
            among: run.request.agents.reviewers.map {
                ReviewerCandidate(agent: $0, expectedVendor: run.request.expectedVendor(of: $0))
            },
            permitsSameVendor: run.request.allowsSameVendor
        ).agent
    }

    /// What a reviewer's session says about exactly this candidate. Anything unclear is incomplete, and never
    /// passes.
    static func verdict(
        _ outcome: SessionOutcome, on candidate: Candidate, by task: TaskLifecycle, of run: RunLifecycle
    ) -> Verdict {
        guard case .completed(_, let structured) = outcome.result else {
            if case .failed(_, let message) = outcome.result {
                return incomplete(message, candidate, outcome)
            }
            return incomplete("the reviewer did not finish", candidate, outcome)
        }
        // What answered decides, not what was configured.
        guard !outcome.vendors.isEmpty else {
            return incomplete("no vendor answered in the reviewer's session", candidate, outcome)
        }
        guard !outcome.vendors.contains(.unknown) else {
            return incomplete(
                "the vendor of a model that answered the reviewer is unknown", candidate, outcome)
        }
        let shared = Set(task.authorVendors).intersection(outcome.vendors).sorted()
        if !shared.isEmpty, !run.request.allowsSameVendor {
            let names = shared.map(\.rawValue).joined(separator: ", ")
            return incomplete("\(names) answered, whose model also wrote the change", candidate, outcome)
        }
        do {
            guard let answer = try structured?.decoded(as: ReviewAnswer.self) else {
                return incomplete("the reviewer's answer is not JSON", candidate, outcome)
            }
            return answer.verdict(on: candidate, outcome)
        } catch {
            return incomplete("the reviewer's answer does not follow its schema", candidate, outcome)
        }
    }

    private static func incomplete(_ why: String, _ candidate: Candidate, _ outcome: SessionOutcome)
        -> Verdict
    {
        let sentence = VisibleText.oneLine(why, limit: 1_000)
        return Verdict(
            outcome: .incomplete, summary: sentence.hasSuffix(".") ? sentence : sentence + ".", findings: [],
            tree: candidate.tree,
            delta: candidate.delta.digest, reviewerVendors: outcome.vendors.sorted(),
            isRehearsed: outcome.isRehearsed)
    }

    private func specification(
        _ task: TaskLifecycle, of run: RunLifecycle, _ candidate: Candidate, checks: [CheckResult],
        diff: String,
        agent: AgentDefinition, session: SessionID
    ) async throws -> SessionSpecification {
        let request = run.request
        let uid = try await places.claim(for: session.rawValue)
        let directory = try places.makeFolder(session.rawValue, uid: uid)
        let worktree = directory + "/tree"
        try await store.materialise(tree: candidate.tree, at: worktree, owner: uid)
        return SessionSpecification(
            session: session, run: request.run, task: task.task.id, role: .reviewer, agent: agent,
            prompt: ReviewPrompt(
                run: request.run, goal: request.goal, task: task.task, round: task.round, checks: checks,
                diff: diff
            ).text(try PromptLibrary(texts: request.templates).review),
            systemPrompt: agent.instructions ?? "", outputSchema: Verdict.schema, worktree: worktree,
            privateGitDirectory: nil, gitPointerFile: nil, worktreeIsReadOnly: true, directory: directory,
            upstreams: request.upstreams.filter { $0.name == agent.upstream }, policies: request.policies,
            limits: SessionLimits(),
            uid: uid, isRehearsed: request.isRehearsed,
            toolchains: request.toolchains, resources: request.resources)
    }
}
