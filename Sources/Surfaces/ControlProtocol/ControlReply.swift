package import Vocabulary

/// One line of the server's answer.
package enum ControlReply: Hashable, Sendable, Codable {
    case prepared(preparation: RunPreparation)
    case accepted(run: RunID)
    case runs(runs: [RunView])
    case event(event: EventView)
    case view(run: RunView)
    case logLine(line: LogLine)
    /// The patches of one or more tasks; `patchIDs` name what each does, whatever it is applied to.
    case diff(text: String, wasTruncated: Bool, patchIDs: [String])
    case inbox(approvals: [ApprovalView])
    case worktrees(worktrees: [WorktreeView])
    /// A worktree can be gone into at this path; `snapshot` holds what lay there before, nil where it could
    /// not be saved. Each notice is one sentence on what could not be done besides.
    case opened(path: String, snapshot: Int?, wasOverlay: Bool, isAtWork: Bool, notices: [String])
    /// A worktree holds the files of `snapshot`; `saved` what lay there before, nil where there was nothing.
    case restored(path: String, snapshot: Int, saved: Int?)
    /// A worktree was removed; `snapshot` holds what lay there, nil where nothing did or it was given up.
    case removed(snapshot: Int?)
    case pruned(items: [PrunedItem])
    /// The session that a message or an interrupt reached.
    case reached(session: SessionView)
    case importedSetup(setup: ImportedSetupView)
    case cost(costs: [CostView])
    case audit(entry: AuditEntry)
    /// The request failed; the last line.
    case problem(problem: Problem)
    /// The request is answered; the last line, with what the command should exit with.
    case done(exit: ExitCode)
}

/// What a run would do and what has to be asked first.
package struct RunPreparation: Hashable, Sendable, Codable {
    package var repository: String
    package var target: String
    package var base: ObjectID
    /// The target is checked out at this path; nil: nowhere.
    package var checkedOutAt: String?
    package var checkoutIsClean: Bool
    /// Whether the configuration already decided to move a clean checkout along.
    package var updateCheckoutConfigured: Bool?
    package var checks: [CheckDefinition]
    /// `builder: codex (gpt-5.5), vendor openai`, one line each.
    package var agents: [String]
    /// The text of a configuration found out from what is installed, offered once; nil: there is one already.
    package var proposedConfiguration: String?
    package var proposedConfigurationPath: String?
    /// Only one vendor is at hand; the person chooses same-vendor review or hold.
    package var needsSameVendorDecision: Bool
    package var notes: [String]
    package init(
        repository: String, target: String, base: ObjectID, checkedOutAt: String?, checkoutIsClean: Bool,
        updateCheckoutConfigured: Bool?, checks: [CheckDefinition], agents: [String],
        proposedConfiguration: String?,
        proposedConfigurationPath: String?, needsSameVendorDecision: Bool, notes: [String]
    ) {
        self.repository = repository
        self.target = target
        self.base = base
        self.checkedOutAt = checkedOutAt
        self.checkoutIsClean = checkoutIsClean
        self.updateCheckoutConfigured = updateCheckoutConfigured
        self.checks = checks
        self.agents = agents
        self.proposedConfiguration = proposedConfiguration
        self.proposedConfigurationPath = proposedConfigurationPath
        self.needsSameVendorDecision = needsSameVendorDecision
        self.notes = notes
    }
}

/// One run as a person sees it.
package struct RunView: Hashable, Sendable, Codable {
    package var id: RunID
    package var goal: String
    package var repository: String
    package var target: String
    package var base: ObjectID
    package var state: RunState
    package var tasks: [TaskView]
    package var waiting: [ApprovalView]
    package var spend: Money
    /// At least one answer's price is unknown, so `spend` is a lower bound.
    package var spendIsPartial: Bool
    package var isRehearsed: Bool
    /// Unix seconds.
    package var startedAt: Double
    package var endedAt: Double?
    /// What happens in the run itself just now: `proving the base`, `planning`.
    package var activity: String
    /// Why the run is held or failed.
    package var problem: Problem?
    /// What `run` and `watch` exit with; meaningful once the state is settled.
    package var exit: ExitCode
    /// Who paused the whole run; nil: nobody.
    package var pausedBy: String?
    package init(
        id: RunID, goal: String, repository: String, target: String, base: ObjectID, state: RunState,
        tasks: [TaskView],
        waiting: [ApprovalView], spend: Money, spendIsPartial: Bool, isRehearsed: Bool, startedAt: Double,
        endedAt: Double?,
        activity: String, problem: Problem?, exit: ExitCode, pausedBy: String? = nil
    ) {
        self.id = id
        self.goal = goal
        self.repository = repository
        self.target = target
        self.base = base
        self.state = state
        self.tasks = tasks
        self.waiting = waiting
        self.spend = spend
        self.spendIsPartial = spendIsPartial
        self.isRehearsed = isRehearsed
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.activity = activity
        self.problem = problem
        self.exit = exit
        self.pausedBy = pausedBy
    }
}

/// One task as a person sees it.
package struct TaskView: Hashable, Sendable, Codable {
    package var id: TaskID
    package var title: String
    package var state: TaskState
    package var attempt: Int
    package var agent: String
    package var harness: String
    /// As observed; empty until a model answered.
    package var authorVendors: [Vendor]
    package var reviewerVendors: [Vendor]
    /// The last thing that happened, one line.
    package var lastAction: String
    package var startedAt: Double?
    package var endedAt: Double?
    package var spend: Money
    package var worktree: String?
    package var landedCommit: ObjectID?
    /// Why it is held, failed or abandoned, and what to do.
    package var problem: Problem?
    /// The live worktrees whose files conflict with this one's.
    package var collisions: [Collision]
    /// Who paused it, or the whole run; nil: nobody.
    package var pausedBy: String?
    package init(
        id: TaskID, title: String, state: TaskState, attempt: Int, agent: String, harness: String,
        authorVendors: [Vendor],
        reviewerVendors: [Vendor], lastAction: String, startedAt: Double?, endedAt: Double?, spend: Money,
        worktree: String?,
        landedCommit: ObjectID?, problem: Problem?, collisions: [Collision] = [], pausedBy: String? = nil
    ) {
        self.id = id
        self.title = title
        self.state = state
        self.attempt = attempt
        self.agent = agent
        self.harness = harness
        self.authorVendors = authorVendors
        self.reviewerVendors = reviewerVendors
        self.lastAction = lastAction
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.spend = spend
        self.worktree = worktree
        self.landedCommit = landedCommit
        self.problem = problem
        self.collisions = collisions
        self.pausedBy = pausedBy
    }
}

/// One session at work, as a person who speaks to it sees it.
package struct SessionView: Hashable, Sendable, Codable {
    package var run: RunID
    package var task: TaskID?
    package var session: SessionID
    package var role: SessionRole
    package var agent: String
    package init(run: RunID, task: TaskID?, session: SessionID, role: SessionRole, agent: String) {
        self.run = run
        self.task = task
        self.session = session
        self.role = role
        self.agent = agent
    }
}

/// One thing that happened in a run, for the line-per-event stream.
package struct EventView: Hashable, Sendable, Codable {
    package enum Tone: String, Hashable, Sendable, Codable { case plain, good, bad, waiting }
    /// The journal's sequence number; 0 for what is shown but not journaled (an agent's single steps).
    package var sequence: Int64
    /// Unix seconds.
    package var at: Double
    package var run: RunID
    package var task: TaskID?
    /// The fact's name, e.g. `checksFinished`.
    package var kind: String
    package var text: String
    package var tone: Tone
    package init(
        sequence: Int64, at: Double, run: RunID, task: TaskID?, kind: String, text: String, tone: Tone
    ) {
        self.sequence = sequence
        self.at = at
        self.run = run
        self.task = task
        self.kind = kind
        self.text = text
        self.tone = tone
    }
}

package struct LogLine: Hashable, Sendable, Codable {
    package var at: Double
    package var task: TaskID?
    package var session: SessionID
    package var role: SessionRole
    /// `said`, `tool`, `denied`, `asked`, `model`, `notice`, `ended`.
    package var kind: String
    package var text: String
    package init(at: Double, task: TaskID?, session: SessionID, role: SessionRole, kind: String, text: String)
    {
        self.at = at
        self.task = task
        self.session = session
        self.role = role
        self.kind = kind
        self.text = text
    }
}

/// One question that waits for a person.
package struct ApprovalView: Hashable, Sendable, Codable {
    package var id: ApprovalID
    package var run: RunID
    package var task: TaskID?
    /// `tool`, `land`, `plan`, `copy`.
    package var subject: String
    /// What would happen, in one line.
    package var text: String
    package var reasons: [String]
    /// What exactly is approved: the delta's digest, or the call.
    package var boundTo: String
    package var askedAt: Double
    package init(
        id: ApprovalID, run: RunID, task: TaskID?, subject: String, text: String, reasons: [String],
        boundTo: String,
        askedAt: Double
    ) {
        self.id = id
        self.run = run
        self.task = task
        self.subject = subject
        self.text = text
        self.reasons = reasons
        self.boundTo = boundTo
        self.askedAt = askedAt
    }

    /// `--yes` does not answer it: it was given before anybody knew which files.
    package var needsOwnAnswer: Bool { subject == "copy" }
}

/// What one session cost.
package struct CostView: Hashable, Sendable, Codable {
    package var run: RunID
    package var task: TaskID?
    package var role: SessionRole
    package var agent: String
    package var vendors: [Vendor]
    package var models: [String]
    package var usage: TokenUsage
    /// nil: a price is unknown.
    package var cost: Money?
    package var isRehearsed: Bool
    package init(
        run: RunID, task: TaskID?, role: SessionRole, agent: String, vendors: [Vendor], models: [String],
        usage: TokenUsage,
        cost: Money?, isRehearsed: Bool
    ) {
        self.run = run
        self.task = task
        self.role = role
        self.agent = agent
        self.vendors = vendors
        self.models = models
        self.usage = usage
        self.cost = cost
        self.isRehearsed = isRehearsed
    }
}

/// One event of the journal, as it stands there.
package struct AuditEntry: Hashable, Sendable, Codable {
    package var sequence: Int64
    /// ISO 8601, UTC.
    package var at: String
    package var run: RunID?
    package var kind: String
    package var payload: JSONValue
    package var hash: Digest
    package init(sequence: Int64, at: String, run: RunID?, kind: String, payload: JSONValue, hash: Digest) {
        self.sequence = sequence
        self.at = at
        self.run = run
        self.kind = kind
        self.payload = payload
        self.hash = hash
    }
}
