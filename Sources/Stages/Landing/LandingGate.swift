internal import Hashing
package import Lifecycle
internal import Policies
package import Vocabulary
internal import Workflows
package import Worktrees

/// Decides whether a candidate may land, and lands it: the only place that moves a target branch.
///
/// Everything it compares is compared again at the moment of use, inside the lock of the target.
package struct LandingGate: Sendable {
    private let store: RepositoryStore

    package init(store: RepositoryStore) { self.store = store }

    /// Evaluates invariants, raw-tree rules and policies on exactly the candidate's delta.
    package func settle(_ task: TaskLifecycle, of run: RunLifecycle) async throws -> RunFact {
        guard case .settling(let evidence) = task.state else { throw Self.unexpected(task) }
        let tip = try await head(of: run)
        let policies = try await LandingPolicies(for: run, tip: tip, in: store)
        let candidate = evidence.candidate
        let evaluation = try await evaluate(
            task, of: run, candidate: candidate, landing: candidate, checks: evidence.checks,
            verdict: evidence.verdict,
            by: policies)
        var approval: ApprovalRequest?
        if evaluation.decision == .ask {
            let files = candidate.delta.entries.count
            approval = ApprovalRequest(
                id: Self.approval(of: task, in: run, bound: candidate.delta.digest, policies.digest),
                task: task.task.id, subject: .land(delta: candidate.delta.digest, policies: policies.digest),
                text: """
                    Land “\(task.task.title)” on \(run.targetBranch): \
                    \(files) file\(files == 1 ? "" : "s"), \
                    +\(candidate.delta.addedLines) -\(candidate.delta.removedLines)
                    """,
                evaluation: evaluation)
        }
        return .landingEvaluated(
            task: task.task.id, delta: candidate.delta.digest, policies: policies.digest,
            evaluation: evaluation,
            approval: approval)
    }

    /// Builds the merge of the candidate and the target's head, makes the commit that would land, and checks
    /// its tree.
    package func test(
        _ task: TaskLifecycle, of run: RunLifecycle, now seconds: Int64,
        check: @Sendable (ObjectID) async throws -> [CheckResult]
    ) async throws -> RunFact {
        let evidence: Evidence
        switch task.state {
        case .queued(let queued, _), .testing(let queued, _): evidence = queued
        case .planned, .preparing, .authoring, .checking, .reviewing, .settling, .awaitingApproval, .landing,
            .landed, .held,
            .failed, .abandoned:
            throw Self.unexpected(task)
        }
        let head = try await head(of: run)
        let candidate = evidence.candidate
        let tree: ObjectID
        if head == candidate.base {
            tree = candidate.tree
        } else {
            switch try await store.merge(candidate: candidate.commit, base: candidate.base, onto: head) {
            case .conflicted(let marked, let paths):
                return .mergeConflicted(task: task.task.id, head: head, tree: marked, paths: paths)
            case .merged(let merged): tree = merged
            }
        }
        let commit = try await store.commit(
            tree: tree, parents: [head], message: LandingMessage.text(for: task, of: run, evidence: evidence),
            author: .graftwork, committer: .graftwork, secondsSince1970: seconds)
        let landing =
            head == candidate.base
            ? candidate : try await store.candidate(commit: commit, tree: tree, base: head)
        // A result counts for the identical tree only; on another tree everything runs again.
        let checks = tree == candidate.tree ? evidence.checks : try await check(tree)
        return .mergeBuilt(
            task: task.task.id,
            merge: MergeRecord(head: head, tree: tree, commit: commit, candidate: landing, checks: checks))
    }

    /// Moves the target to exactly the tested commit, or says why not. Safe to repeat: a target that already
    /// holds the commit has landed.
    package func land(_ task: TaskLifecycle, of run: RunLifecycle) async throws -> RunFact {
        guard case .landing(let evidence, let clearance, let merge) = task.state else {
            throw Self.unexpected(task)
        }
        let id = task.task.id
        let sameVendor = !Set(task.authorVendors).isDisjoint(with: evidence.verdict.reviewerVendors)
        let target = run.target
        return try await store.withLandingLock(target) { permit in
            let head = try await head(of: run)
            if head != merge.head, try await store.isAncestor(merge.commit, of: head) {
                // An earlier try moved the branch and was killed before it could say so; its checkout is
                // healed below.
                guard head == merge.commit else {
                    return .landed(task: id, commit: merge.commit, sameVendor: sameVendor)
                }
            } else if head != merge.head {
                return .targetMoved(task: id, actual: head)
            }
            if head == merge.head {
                switch try await objection(task, of: run, evidence, clearance, merge, head: head) {
                case nil: break
                case .void(let reason)?: return .approvalVoided(task: id, reason: reason)
                case .denied(let reasons)?:
                    return .taskHeld(
                        task: id,
                        problem: Problem(
                            "The landing of task \(id) on \(run.targetBranch) is denied: \(reasons)",
                            hint: """
                                Change the policy or the branch, then try it again with \
                                `graftwork land \(run.request.run)`.
                                """,
                            blame: .agent, exitCode: .denied))
                }
            }
            let permission: CheckedOutPermission = run.updateCheckout == true ? .moveAlong : .leaveAlone
            switch try await store.land(
                commit: merge.commit, expecting: merge.head, permission: permission, permit: permit)
            {
            case .landed: return .landed(task: id, commit: merge.commit, sameVendor: sameVendor)
            case .targetMoved(let actual): return .targetMoved(task: id, actual: actual ?? merge.head)
            case .held(let reason):
                return .taskHeld(
                    task: id,
                    problem: Problem(
                        "The landing of task \(id) is held: \(reason)",
                        hint: "\(reason.hint) Then run `graftwork land \(run.request.run)`.", blame: .user,
                        exitCode: .held))
            }
        }
    }

    /// Why a cleared task does not land after all.
    private enum Objection {
        /// What cleared it is about something else by now: it is settled again.
        case void(reason: String)
        /// The merge itself may not land; settling the candidate again would find nothing new.
        case denied(reasons: String)
    }

    /// Everything that was true when the task was cleared, looked at once more on the exact merge. nil: all
    /// still holds.
    private func objection(
        _ task: TaskLifecycle, of run: RunLifecycle, _ evidence: Evidence, _ clearance: Clearance,
        _ merge: MergeRecord,
        head: ObjectID
    ) async throws -> Objection? {
        guard try await store.delta(from: merge.tree, to: merge.commit).isEmpty else {
            return .void(reason: "the commit holds another tree than was tested")
        }
        let fresh = try await store.candidate(commit: merge.commit, tree: merge.tree, base: head)
        guard fresh.delta.digest == clearance.delta else {
            return .void(reason: "the merge changes other bytes than were approved")
        }
        let policies = try await LandingPolicies(for: run, tip: head, in: store)
        guard policies.digest == clearance.policies else {
            return .void(reason: "the branch or the policies in force have changed")
        }
        let evaluation = try await evaluate(
            task, of: run, candidate: evidence.candidate, landing: fresh, checks: merge.checks,
            verdict: evidence.verdict,
            by: policies)
        switch evaluation.decision {
        case .allow: return nil
        case .ask:
            // A yes answers the questions that were asked, and no others.
            let asked = clearance.approvedBy == nil ? [] : Self.questions(in: clearance.evaluation)
            guard Self.questions(in: evaluation).isSubset(of: asked) else {
                return .void(reason: "a policy asks now: \(evaluation.reasons.joined(separator: "; "))")
            }
            return nil
        case .deny: return .denied(reasons: evaluation.reasons.joined(separator: "; "))
        }
    }

    /// What was asked, by what stays the same: a policy's words may hold figures that move on, and its place
    /// in a file may move too. That the rules are the same, their digest says.
    private static func questions(in evaluation: Evaluation) -> Set<RuleMatch> {
        Set(
            evaluation.matched.filter { $0.decision == .ask }.map { match in
                var match = match
                if match.source != nil { (match.reason, match.source) = ("", nil) }
                return match
            })
    }

    /// The name of a question, which is another one when bytes, rules or branch are others.
    private static func approval(
        of task: TaskLifecycle, in run: RunLifecycle, bound delta: Digest, _ policies: Digest
    ) -> ApprovalID {
        let bound = SHA256.hex(of: "\(delta) \(policies)").prefix(6)
        return ApprovalID("\(run.request.run)-\(task.task.id)-\(bound)")
    }

    private func evaluate(
        _ task: TaskLifecycle, of run: RunLifecycle, candidate: Candidate, landing: Candidate,
        checks: [CheckResult],
        verdict: Verdict, by policies: LandingPolicies
    ) async throws -> Evaluation {
        let invariants = LandInvariants(
            landingTree: landing.tree, landingDelta: landing.delta.digest, candidateTree: candidate.tree,
            requiredChecks: run.request.checks, checks: checks, verdict: verdict,
            authorVendors: task.authorVendors,
            permitsSameVendor: run.request.allowsSameVendor, runIsRehearsed: run.request.isRehearsed,
            isEvidenceRehearsed: task.authorsAreRehearsed || verdict.isRehearsed)
        let objections = try await store.inspectRawTree(delta: landing.delta, tree: landing.tree).map {
            objection in
            RuleMatch(
                rule: "built-in: raw tree", decision: objection.rule == .mode ? .ask : .deny,
                reason: VisibleText.oneLine("\(objection.path): \(objection.detail)", limit: 400))
        }
        let startsByItself = try await store.whatRunsByItself(landing.delta).map { path in
            RuleMatch(
                rule: "built-in: runs by itself", decision: .ask,
                reason: VisibleText.oneLine(
                    "\(path) runs or configures what runs without being asked.", limit: 400))
        }
        return policies.set.evaluate(
            .land(
                landing.delta, task: task.task.id, target: run.targetBranch, checks: checks,
                verdict: verdict,
                authorVendors: task.authorVendors),
            facts: facts(of: task, in: run, checks: checks, verdict: verdict),
            invariants: invariants.denials + objections + startsByItself)
    }

    private func facts(
        of task: TaskLifecycle, in run: RunLifecycle, checks: [CheckResult], verdict: Verdict
    ) -> PolicyFacts {
        let sessions = run.sessions.filter { $0.record.task == task.task.id }
        var worktree = WorktreeFacts()
        worktree.filesChanged = task.lastCandidate?.delta.paths ?? []
        worktree.spend = sessions.reduce(.zero) { $0 + ($1.outcome?.cost ?? .zero) }
        worktree.tokens = sessions.reduce(0) { $0 + ($1.outcome?.usage.total ?? 0) }
        worktree.denials = sessions.reduce(0) { $0 + $1.refusals }
        worktree.checks = checks
        worktree.verdicts = [verdict]
        worktree.snapshots = task.snapshots
        worktree.collisions = task.collisions.collidingPaths
        var facts = RunFacts()
        facts.id = run.request.run.rawValue
        facts.workflow = run.request.workflow.name
        facts.goal = run.request.goal
        facts.target = run.targetBranch
        facts.isRehearsed = run.request.isRehearsed
        facts.spend = run.spend
        facts.tokens = run.sessions.reduce(0) { $0 + ($1.outcome?.usage.total ?? 0) }
        facts.tasks = run.tasks.count
        facts.denials = run.sessions.reduce(0) { $0 + $1.refusals }
        return PolicyFacts(worktree, facts)
    }

    private func head(of run: RunLifecycle) async throws -> ObjectID {
        try await store.resolve(branch: run.target).commit
    }

    private static func unexpected(_ task: TaskLifecycle) -> Problem {
        Problem("Task \(task.task.id) came to the gate while \(task.displayState.rawValue).", blame: .us)
    }
}
