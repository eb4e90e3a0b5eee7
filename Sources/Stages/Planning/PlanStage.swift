internal import Configuration
package import Lifecycle
package import Sandbox
package import Vocabulary
internal import Workflows
package import Worktrees

/// Has an agent read the base and return a plan, and validates it before anything acts on it.
package struct PlanStage: Sendable {
    private let store: RepositoryStore
    private let places: SessionPlaces

    package init(store: RepositoryStore, places: SessionPlaces) {
        self.store = store
        self.places = places
    }

    package func plan(
        _ run: RunLifecycle, conversation: Conversation, newSession: @Sendable () -> SessionID
    ) async throws -> RunFact {
        guard let job = run.request.planJob else {
            throw Problem("The workflow \(run.request.workflow.name) has no plan job.", blame: .configuration)
        }
        let attempt = run.planTries + 1
        let outcome: SessionOutcome
        if let earlier = try await conversation.rejoin(.planner, nil, attempt) {
            outcome = earlier
        } else {
            outcome = try await conversation.begin(specification(run, job, session: newSession()), attempt)
        }
        switch outcome.result {
        case .failed(let reason, let message):
            return .planRefused(problem: problem(reason, message, run: run.request.run))
        case .completed(_, let structured):
            do {
                let plan = try Self.read(structured)
                try plan.validate(taskLimit: job.maxTasks)
                return .planProposed(plan: plan)
            } catch {
                return .planRefused(problem: Problem(error))
            }
        }
    }

    private func specification(
        _ run: RunLifecycle, _ job: Workflow.PlanJob, session: SessionID
    ) async throws -> SessionSpecification {
        let request = run.request
        let uid = try await places.claim(for: session.rawValue)
        let directory = try places.makeFolder(session.rawValue, uid: uid)
        let worktree = directory + "/tree"
        try await store.materialise(tree: request.base, at: worktree, owner: uid)
        let files = try await store.reading(request.base) { paths, _ in paths }
        return SessionSpecification(
            session: session, run: request.run, task: nil, role: .planner, agent: request.agents.planner,
            prompt: PlanPrompt(
                run: request.run, goal: request.goal, files: files, maxTasks: job.maxTasks,
                checks: request.checks
            ).text(try PromptLibrary(texts: request.templates).plan),
            systemPrompt: request.agents.planner.instructions ?? "", outputSchema: Plan.schema,
            worktree: worktree,
            privateGitDirectory: nil, gitPointerFile: nil, worktreeIsReadOnly: true, directory: directory,
            upstreams: request.upstreams.filter { $0.name == request.agents.planner.upstream },
            policies: request.policies,
            limits: SessionLimits(), uid: uid, isRehearsed: request.isRehearsed,
            toolchains: request.toolchains, resources: request.resources)
    }

    /// A planner's answer as a plan; what is not one names no task at all.
    private static func read(_ structured: JSONValue?) throws(PlanError) -> Plan {
        guard let structured else { throw .empty }
        do {
            return try structured.decoded(as: Plan.self)
        } catch {
            throw .empty
        }
    }

    private func problem(_ reason: SessionFailure, _ message: String, run: RunID) -> Problem {
        let words = "The planner failed: \(message)"
        return switch reason {
        case .missing, .sandbox, .stopped, .resources:
            Problem(words, hint: reason.remedy(in: run), blame: reason.blame, exitCode: .held)
        case .budget: Problem(words, hint: reason.remedy(in: run), blame: reason.blame, exitCode: .budget)
        case .crashed, .hung, .tooLong, .garbage, .model, .schema:
            Problem(words, hint: reason.remedy(in: run), blame: reason.blame)
        }
    }
}
