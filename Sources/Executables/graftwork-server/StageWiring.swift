import Authoring
import Checking
import Conductor
import Configuration
import ControlServer
import Landing
import Lifecycle
import Linux
import Planning
import Provisioning
import Reviewing
import Sandbox
import Vocabulary
import Worktrees

/// Gives the engine the real stages.
enum StageWiring {
    static func actions(
        repositories: Repositories, launcher: @escaping @Sendable () throws -> SandboxLauncher,
        places: SessionPlaces, support: @escaping @Sendable () async -> LayerSupport,
        tools: ToolchainFinder
    ) -> StageActions {
        @Sendable func store(_ context: StageContext) async throws -> RepositoryStore {
            try await repositories.store(of: context.run.request.repository)
        }
        @Sendable func newSession(_ context: StageContext) -> @Sendable () -> SessionID {
            { [run = context.run.request.run] in SessionID("\(run)-\(RandomBytes.hex(count: 4))") }
        }
        let setups = SetupCache(state: places.state)
        @Sendable func provisioner(_ context: StageContext) async throws -> Provisioner {
            Provisioner(
                launcher: try launcher(), places: places, cache: setups, store: try await store(context),
                repository: context.run.request.repository,
                order: CopyOrder(
                    run: context.run.request.run, base: context.run.request.base,
                    approved: context.run.approvedCopies))
        }
        let obstacle: MissingProgram.Obstacle = { name, toolchains in
            tools.locate(name).flatMap { $0.isShown(by: toolchains) ? nil : $0.obstacle }
        }
        @Sendable func check(
            _ tree: ObjectID, _ context: StageContext,
            setUp: (@Sendable (SetupRecord) async throws -> Void)? = nil
        ) async throws -> [CheckResult] {
            let request = context.run.request
            let runner = try await CheckRunner(
                launcher: launcher(), places: places, provisioner: provisioner(context),
                obstacle: obstacle)
            return try await runner.run(
                request.checks, on: tree, of: store(context),
                in: .init(allowance: request.allowance, setup: request.setup), report: context.report,
                setUp: setUp)
        }
        @Sendable func author(_ context: StageContext) async throws -> AuthorStage {
            AuthorStage(
                store: try await store(context), places: places, provisioner: try await provisioner(context),
                support: support)
        }
        return StageActions(
            proveBase: { context in
                context.report("proving the base")
                do {
                    if let setup = context.run.request.setup,
                        let copies = try await provisioner(context).gatherCopies(for: setup),
                        let question = BaseProof.question(about: copies, of: context.run)
                    {
                        return [.approvalRequested(approval: question)]
                    }
                    let results = try await check(context.run.request.base, context) {
                        _ = try await context.record(.treeSetUp(task: nil, setup: $0))
                    }
                    return [BaseProof.fact(results, of: context.run)]
                } catch let error as SetupError {
                    return [BaseProof.refusal(error, of: context.run, obstacle: obstacle)]
                }
            },
            plan: { context in
                [
                    try await PlanStage(store: store(context), places: places)
                        .plan(
                            context.run, conversation: context.conversation, newSession: newSession(context))
                ]
            },
            prepareWorktree: { context, task in
                [
                    try await author(context).prepare(
                        task, of: context.run, record: context.record, report: context.report)
                ]
            },
            author: { context, task in
                [
                    try await author(context).author(
                        task, of: context.run, conversation: context.conversation, record: context.record,
                        newSession: newSession(context), report: context.report)
                ]
            },
            check: { context, task in
                guard case .checking(let candidate) = task.state else { return [] }
                return [
                    .checksFinished(task: task.task.id, results: try await check(candidate.tree, context))
                ]
            },
            review: { context, task in
                [
                    try await ReviewStage(store: store(context), places: places)
                        .review(
                            task, of: context.run, conversation: context.conversation,
                            newSession: newSession(context))
                ]
            },
            settleLanding: { context, task in
                [try await LandingGate(store: store(context)).settle(task, of: context.run)]
            },
            testMerge: { context, task in
                if case .queued = task.state {
                    _ = try await context.record(.mergeStarted(task: task.task.id))
                }
                return [
                    try await LandingGate(store: store(context))
                        .test(task, of: context.run, now: Int64(WallClock.nowSeconds())) {
                            try await check($0, context)
                        }
                ]
            },
            land: { context, task in
                [try await LandingGate(store: store(context)).land(task, of: context.run)]
            },
            releaseWorktree: { context, task in
                [
                    try await author(context).release(task, of: context.run, report: context.report)
                ]
            })
    }
}
