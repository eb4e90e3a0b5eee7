internal import Vocabulary

/// The limits of one task, from the workflow.
struct TaskLimits: Hashable, Sendable {
    var sendBackMax: Int
    var retryMax: Int
    var reviewRounds: Int
    /// How often a moving target may change the delta before a person is asked.
    var rebuildMax: Int
    /// How often a clearance may be void at the landing before a person is asked.
    var voidMax: Int
    init(sendBackMax: Int, retryMax: Int, reviewRounds: Int, rebuildMax: Int = 3, voidMax: Int = 3) {
        self.sendBackMax = sendBackMax
        self.retryMax = retryMax
        self.reviewRounds = reviewRounds
        self.rebuildMax = rebuildMax
        self.voidMax = voidMax
    }
}

extension TaskLifecycle {
    mutating func beginPreparing() { state = .preparing }

    mutating func worktreePrepared(_ record: WorktreeRecord) throws(IllegalTransition) {
        switch state {
        case .preparing: state = .authoring(feedback: nil)
        case .authoring where worktreeIsReleased:
            // A person removed it while the task was held: its author begins again, on the base of this one.
            pendingMove = nil
        case .planned, .authoring, .checking, .reviewing, .settling, .awaitingApproval, .queued, .testing,
            .landing, .landed, .held, .failed, .abandoned:
            throw illegal("worktreePrepared")
        }
        worktree = record
        worktreeIsReleased = false
        standsAt = record.base
        lastSnapshot = nil
    }

    mutating func worktreeMoved(to base: ObjectID) throws(IllegalTransition) {
        guard case .authoring = state, pendingMove?.base == base else { throw illegal("worktreeMoved") }
        standsAt = pendingMove?.tree
        pendingMove = nil
        worktree?.base = base
    }

    mutating func candidateTaken(_ candidate: Candidate, attempt: Int, snapshot: Int)
        throws(IllegalTransition)
    {
        guard case .authoring = state, attempt == self.attempt else { throw illegal("candidateTaken") }
        snapshots = max(snapshots, snapshot)
        noteTurn(of: candidate, snapshot: snapshot)
        lastCandidate = candidate
        state = .checking(candidate)
    }

    mutating func attemptFailed(
        attempt: Int, failure: SessionFailure, problem: Problem, limits: TaskLimits
    ) throws(IllegalTransition) {
        guard case .authoring(let feedback) = state, attempt == self.attempt else {
            throw illegal("attemptFailed")
        }
        switch failure {
        case .crashed, .hung, .garbage, .model:
            failedTries += 1
            if failedTries > limits.retryMax {
                state = .held(problem, resumeAs: .authoring(feedback: feedback))
            }
        case .budget, .stopped, .missing, .sandbox, .tooLong, .resources:
            state = .held(problem, resumeAs: .authoring(feedback: feedback))
        case .schema:
            state = .failed(problem)
        }
    }

    mutating func checksFinished(_ results: [CheckResult], limits: TaskLimits) throws(IllegalTransition) {
        guard case .checking(let candidate) = state else { throw illegal("checksFinished") }
        guard !results.isEmpty, results.allSatisfy({ $0.tree == candidate.tree }) else {
            throw illegal("checksFinished of another tree")
        }
        if results.allSatisfy({ $0.outcome == .passed }) {
            state = .reviewing(candidate, checks: results)
        } else if let unrun = Self.unrun(results) {
            state = .held(unrunProblem(unrun), resumeAs: .checking(candidate))
        } else {
            sendBack(
                .checksFailed(results: results), limits: limits,
                orElse: Problem(
                    "The checks of task \(task.id) still fail after \(sendBacks) changes.",
                    hint: "See `graftwork logs` and its worktree, then `graftwork resume`.", blame: .agent,
                    exitCode: .held))
        }
    }

    /// The check that keeps the results from saying anything; nil where one failed, or all ran.
    private static func unrun(_ results: [CheckResult]) -> CheckResult? {
        guard results.allSatisfy({ $0.outcome != .failed }) else { return nil }
        return results.first { $0.outcome == .didNotRun }
    }

    /// "Did not run" is nobody's failure to fix by prompting: a person must look.
    private func unrunProblem(_ unrun: CheckResult) -> Problem {
        let why = unrun.reason.map { ": \($0)" } ?? ""
        return Problem(
            "The check \(unrun.name) did not run on task \(task.id)\(why).",
            hint: "Mend the check, then go on with `graftwork resume`.", blame: .environment, exitCode: .held)
    }

    mutating func reviewFinished(_ verdict: Verdict, round: Int, limits: TaskLimits) throws(IllegalTransition)
    {
        guard case .reviewing(let candidate, let checks) = state, round == self.round else {
            throw illegal("reviewFinished")
        }
        guard verdict.tree == candidate.tree, verdict.delta == candidate.delta.digest else {
            throw illegal("reviewFinished of another tree")
        }
        lastVerdict = verdict
        switch verdict.outcome {
        case .approve:
            let evidence = Evidence(candidate: candidate, checks: checks, verdict: verdict)
            state = .settling(evidence)
        case .requestChanges:
            let exhausted = self.round >= limits.reviewRounds
            let problem = Problem(
                "The reviewer still asks for changes of task \(task.id) after \(self.round) rounds.",
                hint: "Read the findings with `graftwork logs`, then `graftwork resume` for one more round.",
                blame: .agent,
                exitCode: .held)
            self.round += 1
            if exhausted {
                state = .held(problem, resumeAs: .authoring(feedback: .changesRequested(verdict: verdict)))
                attempt += 1
                failedTries = 0
            } else {
                sendBack(.changesRequested(verdict: verdict), limits: limits, orElse: problem)
            }
        case .incomplete:
            self.round += 1
            state = .held(
                Problem(
                    "The review of task \(task.id) is incomplete: \(verdict.summary)",
                    hint: "See `graftwork logs`, then have it reviewed again with `graftwork resume`.",
                    blame: .agent, exitCode: .held),
                resumeAs: .reviewing(candidate, checks: checks))
        }
    }

    mutating func landingEvaluated(
        delta: Digest, policies: Digest, evaluation: Evaluation, approval: ApprovalRequest?
    ) throws(IllegalTransition) {
        guard case .settling(let evidence) = state, delta == evidence.candidate.delta.digest else {
            throw illegal("landingEvaluated")
        }
        switch evaluation.decision {
        case .allow:
            state = .queued(
                evidence, Clearance(delta: delta, policies: policies, evaluation: evaluation, approvedBy: nil)
            )
        case .ask:
            guard let approval else { throw illegal("landingEvaluated without its question") }
            state = .awaitingApproval(evidence, approval, policies: policies)
        case .deny:
            state = .held(
                Problem(
                    "The landing of task \(task.id) is denied: \(evaluation.reasons.joined(separator: "; "))",
                    hint: "Change the policy or the task, then `graftwork land`.", blame: .agent,
                    exitCode: .denied),
                resumeAs: .settling(evidence))
        }
    }

    mutating func approvalAnswered(_ id: ApprovalID, allowed: Bool, by person: String)
        throws(IllegalTransition)
    {
        guard case .awaitingApproval(let evidence, let approval, let policies) = state, approval.id == id
        else {
            throw illegal("approvalAnswered")
        }
        if allowed {
            state = .queued(
                evidence,
                Clearance(
                    delta: evidence.candidate.delta.digest, policies: policies,
                    evaluation: approval.evaluation,
                    approvedBy: person))
        } else {
            state = .abandoned(
                Problem(
                    "\(person) denied the landing of task \(task.id).", hint: nil, blame: .user,
                    exitCode: .denied))
        }
    }

    mutating func mergeStarted() throws(IllegalTransition) {
        switch state {
        case .queued(let evidence, let clearance), .testing(let evidence, let clearance):
            state = .testing(evidence, clearance)
        case .planned, .preparing, .authoring, .checking, .reviewing, .settling, .awaitingApproval, .landing,
            .landed, .held,
            .failed, .abandoned:
            throw illegal("mergeStarted")
        }
    }

    mutating func mergeBuilt(_ merge: MergeRecord, limits: TaskLimits) throws(IllegalTransition) {
        guard case .testing(let evidence, let clearance) = state else { throw illegal("mergeBuilt") }
        guard !merge.candidate.delta.isEmpty else {
            state = .abandoned(
                Problem(
                    "Nothing of task \(task.id) is left to land: \(merge.head.short) holds all its changes.",
                    hint: nil, blame: .environment, exitCode: .conflict))
            return
        }
        guard merge.candidate.delta.digest == clearance.delta else {
            // The bytes differ from what was reviewed and approved: both are void, for this is another
            // candidate.
            rebuilds += 1
            lastCandidate = merge.candidate
            pendingMove = WorktreeMove(base: merge.head, tree: merge.tree)
            round += 1
            if rebuilds > limits.rebuildMax {
                state = .held(
                    Problem(
                        """
                        The target keeps moving under task \(task.id); \
                        its change differs after each of \(rebuilds) merges.
                        """,
                        hint: "Go on with `graftwork resume` when the branch is quiet.", blame: .environment,
                        exitCode: .conflict),
                    resumeAs: .checking(merge.candidate))
            } else {
                state = .checking(merge.candidate)
            }
            return
        }
        if let unrun = Self.unrun(merge.checks) {
            state = .held(unrunProblem(unrun), resumeAs: .queued(evidence, clearance))
            return
        }
        if merge.checks.contains(where: { $0.outcome != .passed }) || merge.checks.isEmpty {
            pendingMove = WorktreeMove(base: merge.head, tree: merge.tree)
            sendBack(
                .checksFailed(results: merge.checks), limits: limits,
                orElse: Problem(
                    "The checks of task \(task.id) fail on the merge with \(merge.head.short).",
                    hint: "See `graftwork logs`, then `graftwork resume`.", blame: .agent, exitCode: .held))
            return
        }
        state = .landing(evidence, clearance, merge)
    }

    mutating func mergeConflicted(
        head: ObjectID, tree: ObjectID, paths: [String], limits: TaskLimits
    ) throws(IllegalTransition) {
        guard case .testing = state else { throw illegal("mergeConflicted") }
        pendingMove = WorktreeMove(base: head, tree: tree)
        let named = paths.prefix(3).joined(separator: ", ")
        sendBack(
            .conflicted(head: head, paths: paths), limits: limits,
            orElse: Problem(
                "Task \(task.id) conflicts with \(head.short) in \(named).",
                hint: "Merge by hand in its worktree, or start the task again.", blame: .agent,
                exitCode: .conflict))
    }

    mutating func targetMoved() throws(IllegalTransition) {
        guard case .landing(let evidence, let clearance, _) = state else { throw illegal("targetMoved") }
        state = .queued(evidence, clearance)
    }

    mutating func approvalVoided(_ reason: String, limits: TaskLimits) throws(IllegalTransition) {
        switch state {
        case .landing(let evidence, _, _), .testing(let evidence, _), .queued(let evidence, _):
            voids += 1
            guard voids > limits.voidMax else {
                state = .settling(evidence)
                return
            }
            state = .held(
                Problem(
                    "What cleared task \(task.id) was void at each of \(voids) landings: \(reason).",
                    hint: "Go on with `graftwork land` when that is settled.", blame: .environment,
                    exitCode: .held),
                resumeAs: .settling(evidence))
        case .planned, .preparing, .authoring, .checking, .reviewing, .settling, .awaitingApproval, .landed,
            .held, .failed,
            .abandoned:
            throw illegal("approvalVoided")
        }
    }

    mutating func landed(_ commit: ObjectID, sameVendor: Bool) throws(IllegalTransition) {
        guard case .landing(_, _, let merge) = state, merge.commit == commit else { throw illegal("landed") }
        state = .landed(commit: commit, sameVendor: sameVendor)
    }

    mutating func held(_ problem: Problem) throws(IllegalTransition) {
        switch state {
        case .landing(let evidence, let clearance, _):
            // The merge is built anew when it goes on: the target may have moved meanwhile.
            state = .held(problem, resumeAs: .queued(evidence, clearance))
        case .planned, .preparing, .authoring, .checking, .reviewing, .settling, .awaitingApproval, .queued,
            .testing:
            state = .held(problem, resumeAs: state)
        case .landed, .held, .failed, .abandoned:
            throw illegal("taskHeld")
        }
    }

    /// Goes on from where a hold stopped it; anything else is left as it is.
    mutating func resume() {
        guard case .held(_, let next) = state else { return }
        failedTries = 0
        rebuilds = 0
        voids = 0
        state = next
    }

    mutating func abandon(_ problem: Problem) { state = .abandoned(problem) }

    private mutating func sendBack(_ feedback: Feedback, limits: TaskLimits, orElse problem: Problem) {
        attempt += 1
        failedTries = 0
        if sendBacks < limits.sendBackMax {
            sendBacks += 1
            state = .authoring(feedback: feedback)
        } else {
            state = .held(problem, resumeAs: .authoring(feedback: feedback))
        }
    }

    private func illegal(_ fact: String) -> IllegalTransition {
        IllegalTransition(fact: "\(fact) of task \(task.id)", state: "\(displayState)")
    }
}
