package import Vocabulary

/// Something that happened in a run. The journal is a list of these, and every state is a fold over them.
package enum RunFact: Hashable, Sendable, Codable {
    case runRequested(request: RunRequest)
    /// The checks ran on the base and passed.
    case baseProven(results: [CheckResult])
    /// The base is red, or its checks did not run; nothing was spent.
    case baseRefused(problem: Problem, results: [CheckResult])
    /// Written before the runner starts, so that a crash cannot lose a session.
    case sessionStarted(session: SessionRecord)
    /// A policy asked about or refused a tool call; `number` is the event's place in the session's spool.
    case toolDecided(session: SessionID, number: Int, call: ToolCall, evaluation: Evaluation)
    case sessionEnded(session: SessionID, outcome: SessionOutcome)
    case planProposed(plan: Plan)
    case planRefused(problem: Problem)
    case approvalRequested(approval: ApprovalRequest)
    case approvalAnswered(approval: ApprovalID, allowed: Bool, by: String, note: String?)
    /// The runner has the answer, or its session is over.
    case answerDelivered(approval: ApprovalID)
    case worktreePrepared(task: TaskID, worktree: WorktreeRecord)
    /// The set-up went through in the tree of the base (no task), or in a task's worktree.
    case treeSetUp(task: TaskID?, setup: SetupRecord)
    /// The worktree's files were saved: after a turn, after a minute, or before something changes them.
    case snapshotTaken(task: TaskID, snapshot: SnapshotRecord)
    /// The whole set of worktrees whose files conflict with this task's; empty when none does any more.
    case collisionsFound(task: TaskID, collisions: [Collision])
    case candidateTaken(task: TaskID, attempt: Int, candidate: Candidate, snapshot: Int)
    /// The author's session ended without a candidate.
    case attemptFailed(task: TaskID, attempt: Int, failure: SessionFailure, problem: Problem)
    case checksFinished(task: TaskID, results: [CheckResult])
    case reviewFinished(task: TaskID, round: Int, verdict: Verdict)
    /// The policies for `land` were evaluated on exactly this delta.
    case landingEvaluated(
        task: TaskID, delta: Digest, policies: Digest, evaluation: Evaluation, approval: ApprovalRequest?)
    case mergeStarted(task: TaskID)
    case mergeBuilt(task: TaskID, merge: MergeRecord)
    /// `tree` holds both sides, with conflict markers in `paths`.
    case mergeConflicted(task: TaskID, head: ObjectID, tree: ObjectID, paths: [String])
    /// The worktree's files are those of a merge with this base now; its author goes on from them.
    case worktreeMoved(task: TaskID, base: ObjectID)
    /// The compare-and-swap found another commit: the merge must be built again.
    case targetMoved(task: TaskID, actual: ObjectID)
    /// Policies or evidence differ from what was approved: the task must be settled again.
    case approvalVoided(task: TaskID, reason: String)
    case landed(task: TaskID, commit: ObjectID, sameVendor: Bool)
    case worktreeReleased(task: TaskID)
    /// Waits for a person; what it waits for is in the problem's hint.
    case taskHeld(task: TaskID, problem: Problem)
    case runHeld(problem: Problem)
    /// A person tries a held landing again, perhaps with another answer about the checkout.
    case landingRetried(task: TaskID, updateCheckout: Bool?, target: String?)
    case runStopped(by: String)
    case runResumed(by: String)
    /// Nothing new is begun, and every session stands still: of a task, or of the whole run.
    case paused(task: TaskID?, by: String)
    /// The pause of a task is over, or every pause of the run.
    case unpaused(task: TaskID?, by: String)

    /// The fact's name as journal, logs and event stream write it.
    package var name: String {
        switch self {
        case .runRequested: "runRequested"
        case .baseProven: "baseProven"
        case .baseRefused: "baseRefused"
        case .sessionStarted: "sessionStarted"
        case .toolDecided: "toolDecided"
        case .sessionEnded: "sessionEnded"
        case .planProposed: "planProposed"
        case .planRefused: "planRefused"
        case .approvalRequested: "approvalRequested"
        case .approvalAnswered: "approvalAnswered"
        case .answerDelivered: "answerDelivered"
        case .worktreePrepared: "worktreePrepared"
        case .treeSetUp: "treeSetUp"
        case .snapshotTaken: "snapshotTaken"
        case .collisionsFound: "collisionsFound"
        case .candidateTaken: "candidateTaken"
        case .attemptFailed: "attemptFailed"
        case .checksFinished: "checksFinished"
        case .reviewFinished: "reviewFinished"
        case .landingEvaluated: "landingEvaluated"
        case .mergeStarted: "mergeStarted"
        case .mergeBuilt: "mergeBuilt"
        case .mergeConflicted: "mergeConflicted"
        case .worktreeMoved: "worktreeMoved"
        case .targetMoved: "targetMoved"
        case .approvalVoided: "approvalVoided"
        case .landed: "landed"
        case .worktreeReleased: "worktreeReleased"
        case .taskHeld: "taskHeld"
        case .runHeld: "runHeld"
        case .landingRetried: "landingRetried"
        case .runStopped: "runStopped"
        case .runResumed: "runResumed"
        case .paused: "paused"
        case .unpaused: "unpaused"
        }
    }

    /// The task the fact is about; nil when it is about the run.
    package var task: TaskID? {
        switch self {
        case .worktreePrepared(let task, _), .snapshotTaken(let task, _), .collisionsFound(let task, _),
            .candidateTaken(let task, _, _, _),
            .attemptFailed(let task, _, _, _),
            .checksFinished(let task, _), .reviewFinished(let task, _, _),
            .landingEvaluated(let task, _, _, _, _),
            .mergeStarted(let task), .mergeBuilt(let task, _), .mergeConflicted(let task, _, _, _),
            .worktreeMoved(let task, _), .targetMoved(let task, _),
            .approvalVoided(let task, _), .landed(let task, _, _), .worktreeReleased(let task),
            .taskHeld(let task, _),
            .landingRetried(let task, _, _):
            task
        case .sessionStarted(let session): session.task
        case .approvalRequested(let approval): approval.task
        case .treeSetUp(let task, _), .paused(let task, _), .unpaused(let task, _): task
        case .runRequested, .baseProven, .baseRefused, .toolDecided, .sessionEnded, .planProposed,
            .planRefused,
            .approvalAnswered, .answerDelivered, .runHeld, .runStopped, .runResumed:
            nil
        }
    }
}

/// One session as the journal knows it.
package struct SessionRecord: Hashable, Sendable, Codable {
    package var id: SessionID
    package var role: SessionRole
    package var task: TaskID?
    /// The author's attempt, or the review's round.
    package var attempt: Int
    package var agent: AgentDefinition
    /// Where spool and sockets are.
    package var directory: String
    package var uid: UInt32?
    /// What it may spend, of which nobody else is given anything while it is at work; nil: no limit.
    package var spendLimit: Money?
    package init(
        id: SessionID, role: SessionRole, task: TaskID?, attempt: Int, agent: AgentDefinition,
        directory: String, uid: UInt32?, spendLimit: Money? = nil
    ) {
        self.id = id
        self.role = role
        self.task = task
        self.attempt = attempt
        self.agent = agent
        self.directory = directory
        self.uid = uid
        self.spendLimit = spendLimit
    }
}

/// One task's worktree as the journal knows it.
package struct WorktreeRecord: Hashable, Sendable, Codable {
    package var path: String
    package var branch: String
    package var base: ObjectID
    package var privateGitDirectory: String
    package var gitPointerFile: String
    package var uid: UInt32?
    /// The first of its block of ports; nil: it has none.
    package var firstPort: Int?
    /// What a person should know of how it was made, as a sentence.
    package var note: String?
    package init(
        path: String, branch: String, base: ObjectID, privateGitDirectory: String, gitPointerFile: String,
        uid: UInt32?, firstPort: Int? = nil, note: String? = nil
    ) {
        self.path = path
        self.branch = branch
        self.base = base
        self.privateGitDirectory = privateGitDirectory
        self.gitPointerFile = gitPointerFile
        self.uid = uid
        self.note = note
        self.firstPort = firstPort
    }
}

/// The merge of a candidate and the target's head, as it was built and tested.
package struct MergeRecord: Hashable, Sendable, Codable {
    package var head: ObjectID
    package var tree: ObjectID
    /// The commit that will land: made before the checks, so that exactly the tested commit moves the branch.
    package var commit: ObjectID
    package var candidate: Candidate
    package var checks: [CheckResult]
    package init(
        head: ObjectID, tree: ObjectID, commit: ObjectID, candidate: Candidate, checks: [CheckResult]
    ) {
        self.head = head
        self.tree = tree
        self.commit = commit
        self.candidate = candidate
        self.checks = checks
    }
}

/// A question that waits for a person, and what exactly a yes would be bound to.
package struct ApprovalRequest: Hashable, Sendable, Codable {
    package enum Subject: Hashable, Sendable, Codable {
        case plan
        case tool(session: SessionID, call: ToolCall?)
        case land(delta: Digest, policies: Digest)
        /// Files of the checkout that look like secrets are to be copied as they are: exactly these.
        case copy(files: [RawCopy], digest: Digest)

        /// What a yes to everything does not answer: it was given before anybody knew which files.
        package var needsOwnAnswer: Bool {
            switch self {
            case .copy: true
            case .plan, .tool, .land: false
            }
        }
    }
    package var id: ApprovalID
    package var task: TaskID?
    package var subject: Subject
    package var text: String
    package var evaluation: Evaluation
    package init(id: ApprovalID, task: TaskID?, subject: Subject, text: String, evaluation: Evaluation) {
        self.id = id
        self.task = task
        self.subject = subject
        self.text = text
        self.evaluation = evaluation
    }
}
