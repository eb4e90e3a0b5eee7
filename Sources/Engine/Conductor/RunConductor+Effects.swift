internal import Lifecycle
internal import Vocabulary
internal import Workflows

extension RunConductor {
    /// Performs one effect and returns the facts that conclude it.
    func perform(_ effect: RunEffect, in state: RunLifecycle) async throws -> [RunFact] {
        let context = context(in: state, task: effect.task)
        switch effect {
        case .proveBase: return try await stages.proveBase(context)
        case .plan: return try await stages.plan(context)
        case .askPlanApproval: return [.approvalRequested(approval: planApproval(of: state))]
        case .prepareWorktree(let id): return try await onTask(id, in: context, stages.prepareWorktree)
        case .author(let id, _): return try await onTask(id, in: context, stages.author)
        case .check(let id, _): return try await onTask(id, in: context, stages.check)
        case .review(let id, _, _): return try await onTask(id, in: context, stages.review)
        case .settleLanding(let id, _): return try await onTask(id, in: context, stages.settleLanding)
        case .testMerge(let id): return try await onTask(id, in: context, stages.testMerge)
        case .land(let id, _): return try await onTask(id, in: context, stages.land)
        case .releaseWorktree(let id): return try await onTask(id, in: context, stages.releaseWorktree)
        case .deliverAnswer(let id): return try await deliver(id, in: state)
        }
    }

    private func onTask(
        _ id: TaskID, in context: StageContext, _ action: StageActions.TaskAction
    ) async throws -> [RunFact] {
        guard let task = context.run.task(id) else {
            throw Problem("The run has no task \(id).", hint: "Please report this with `graftwork audit`.")
        }
        return try await action(context, task)
    }

    private func context(in state: RunLifecycle, task: TaskID?) -> StageContext {
        StageContext(
            run: state,
            conversation: Conversation(
                begin: { try await self.begin($0, attempt: $1) },
                rejoin: { try await self.rejoin(role: $0, task: $1, attempt: $2) },
                turns: { await self.endedTurns(of: $0) }),
            record: { try await self.record([$0]) },
            report: { [notify] in notify(.activity(task: task, text: $0)) })
    }

    private func planApproval(of state: RunLifecycle) -> ApprovalRequest {
        let count = state.plan?.tasks.count ?? 0
        let limit = state.request.planJob?.approvalAboveTasks ?? 0
        return ApprovalRequest(
            id: ApprovalID("\(state.request.run)-plan"), task: nil, subject: .plan,
            text: "Build the \(count) tasks of the plan",
            evaluation: Evaluation(
                decision: .ask,
                matched: [
                    RuleMatch(
                        rule: "workflow \(state.request.workflow.name)", decision: .ask,
                        reason: "The plan has more than \(limit) tasks.")
                ]))
    }

    private func deliver(_ id: ApprovalID, in state: RunLifecycle) async throws -> [RunFact] {
        guard let answered = state.undelivered.first(where: { $0.approval.id == id }),
            case .tool(let session, _) = answered.approval.subject, let ledger = state.session(session)
        else { return [.answerDelivered(approval: id)] }
        if let link = try await host.attach(ledger.record) {
            try await link.answer(id, answered.allowed, answered.by, answered.note)
        }
        // A lost session needs no answer: whoever follows it learns of its end.
        return [.answerDelivered(approval: id)]
    }
}
