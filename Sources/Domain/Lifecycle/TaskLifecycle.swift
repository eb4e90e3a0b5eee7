package import Vocabulary

/// What speaks for a candidate: everything a landing must be able to show, bound to its bytes.
package struct Evidence: Hashable, Sendable, Codable {
    package var candidate: Candidate
    package var checks: [CheckResult]
    package var verdict: Verdict
    package init(candidate: Candidate, checks: [CheckResult], verdict: Verdict) {
        self.candidate = candidate
        self.checks = checks
        self.verdict = verdict
    }
}

/// A person's or the policies' yes, and the bytes and rules it is bound to.
package struct Clearance: Hashable, Sendable, Codable {
    package var delta: Digest
    package var policies: Digest
    package var evaluation: Evaluation
    /// Who said yes where a policy asked; nil where none did.
    package var approvedBy: String?
    package init(delta: Digest, policies: Digest, evaluation: Evaluation, approvedBy: String?) {
        self.delta = delta
        self.policies = policies
        self.evaluation = evaluation
        self.approvedBy = approvedBy
    }
}

/// Why a task is back with its author.
package enum Feedback: Hashable, Sendable, Codable {
    case checksFailed(results: [CheckResult])
    case changesRequested(verdict: Verdict)
    case conflicted(head: ObjectID, paths: [String])
}

/// The files the author must go on from, because the target moved: a merge, perhaps with conflict markers.
package struct WorktreeMove: Hashable, Sendable, Codable {
    package var base: ObjectID
    package var tree: ObjectID
    package init(base: ObjectID, tree: ObjectID) {
        self.base = base
        self.tree = tree
    }
}

/// The states of one task and the facts that move it from one to the next.
///
/// ```
/// planned → preparing → authoring → checking → reviewing → settling → queued → testing → landing → landed
///                          ↑  checks failed │ changes │         ↓ ask      ↑ moved │ conflict
///                          └────────────────┴─────────┘  awaitingApproval ─┘       └→ authoring
/// ```
package struct TaskLifecycle: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case planned
        case preparing
        case authoring(feedback: Feedback?)
        case checking(Candidate)
        case reviewing(Candidate, checks: [CheckResult])
        case settling(Evidence)
        case awaitingApproval(Evidence, ApprovalRequest, policies: Digest)
        case queued(Evidence, Clearance)
        case testing(Evidence, Clearance)
        case landing(Evidence, Clearance, MergeRecord)
        case landed(commit: ObjectID, sameVendor: Bool)
        indirect case held(Problem, resumeAs: State)
        case failed(Problem)
        case abandoned(Problem)
    }

    package let task: PlannedTask
    /// The author this task was given to.
    package let author: AgentDefinition
    package internal(set) var state: State = .planned
    package internal(set) var worktree: WorktreeRecord?
    package internal(set) var worktreeIsReleased = false
    /// Counts the author's prompts, from 1.
    package internal(set) var attempt = 1
    /// Sessions of this attempt that crashed or hung.
    package internal(set) var failedTries = 0
    package internal(set) var round = 1
    package internal(set) var sendBacks = 0
    /// How often the target moved in a way that changed the delta.
    package internal(set) var rebuilds = 0
    /// How often what was cleared did not hold any more at the landing.
    package internal(set) var voids = 0
    package internal(set) var snapshots = 0
    package internal(set) var lastSnapshot: SnapshotRecord?
    /// What the author's turns made of the worktree, the oldest first.
    package internal(set) var turns: [AuthorTurn] = []
    /// The worktrees whose files conflict with this one's, as their last snapshots stand.
    package internal(set) var collisions: [Collision] = []
    /// The files of the worktree as they were last seen; nil before it is made.
    var standsAt: ObjectID?
    /// The files the turn under way began with.
    var turnBegan: ObjectID?
    /// Every vendor that answered in any of the author's sessions, sorted.
    package internal(set) var authorVendors: [Vendor] = []
    package internal(set) var authorsAreRehearsed = false
    package internal(set) var lastCandidate: Candidate?
    package internal(set) var lastVerdict: Verdict?
    /// To be done in the worktree before its author is asked again; nil when the worktree stands where it
    /// should.
    package internal(set) var pendingMove: WorktreeMove?

    package init(task: PlannedTask, author: AgentDefinition) {
        self.task = task
        self.author = author
    }

    package var displayState: TaskState {
        switch state {
        case .planned: .planned
        case .preparing: .preparing
        case .authoring: .authoring
        case .checking: .checking
        case .reviewing: .reviewing
        case .settling: .reviewing
        case .awaitingApproval: .awaitingApproval
        case .queued: .queued
        case .testing: .testing
        case .landing: .landing
        case .landed: .landed
        case .held: .held
        case .failed: .failed
        case .abandoned: .abandoned
        }
    }

    /// Its files may still collide with those of others.
    package var hasLiveWorktree: Bool {
        guard worktree != nil, !worktreeIsReleased else { return false }
        switch state {
        case .landed, .failed, .abandoned: return false
        case .planned, .preparing, .authoring, .checking, .reviewing, .settling, .awaitingApproval, .queued,
            .testing, .landing, .held:
            return true
        }
    }

    /// Why it does not go on; nil while it does.
    package var problem: Problem? {
        switch state {
        case .held(let problem, _), .failed(let problem), .abandoned(let problem): problem
        case .planned, .preparing, .authoring, .checking, .reviewing, .settling, .awaitingApproval, .queued,
            .testing,
            .landing, .landed:
            nil
        }
    }

    /// Held on its way through the gate: trying its landing again is what a person can do.
    package var isHeldAtGate: Bool {
        guard case .held(_, let next) = state else { return false }
        switch next {
        case .settling, .queued, .testing, .landing: return true
        case .planned, .preparing, .authoring, .checking, .reviewing, .awaitingApproval, .landed, .held,
            .failed, .abandoned:
            return false
        }
    }

    package var landedCommit: ObjectID? {
        if case .landed(let commit, _) = state { commit } else { nil }
    }
}
