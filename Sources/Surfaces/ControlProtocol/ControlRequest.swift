package import Vocabulary

/// What a client asks of the server: one JSON line each. The server answers with ``ControlReply`` lines, the
/// last of which is `done` or `problem`.
package enum ControlRequest: Hashable, Sendable, Codable {
    /// What would happen: repository, target, checks, agents, and what must be asked first. Changes nothing.
    case prepare(submission: RunSubmission)
    /// Starts a run; answered by `accepted` once the request is in the journal.
    case run(submission: RunSubmission)
    /// One run, or every run, newest first.
    case status(run: RunID?)
    /// The run's events from `after` on and its view at each change, until it is settled or the client
    /// leaves.
    case watch(run: RunID, after: Int64)
    /// What the agents said and did, from the spools.
    case logs(run: RunID, task: TaskID?, follow: Bool)
    /// The unified diff of a task's last candidate, of one of its turns, or of everything the run landed.
    case diff(run: RunID, task: TaskID?, turn: Int?)
    /// Everything that waits for a person.
    case inbox
    case answer(approval: ApprovalID, allowed: Bool, by: String, note: String?)
    /// Tries a held landing again: one task, or all that are held.
    case land(run: RunID, task: TaskID?, updateCheckout: Bool?, into: String?)
    case stop(run: RunID)
    /// Goes on with what a pause, a crash, a stop or a hold left: one run, or all.
    case resume(run: RunID?, environment: [String: String])
    /// Says something to the agent at work on a task, or to the only one of the run. The server reads the
    /// files, whose paths are absolute.
    case tell(run: RunID, task: TaskID?, text: String, files: [String], by: String)
    /// Ends the turn of the agent at work on a task, or of the only one of the run.
    case interrupt(run: RunID, task: TaskID?, by: String)
    /// Makes a task, or the whole run, stand still; answered when it does.
    case pause(run: RunID, task: TaskID?, by: String)
    /// Ends the pause of one task.
    case unpause(run: RunID, task: TaskID, by: String)
    /// Every worktree, or those of one run; with what they take up on the disk, which takes its time.
    case worktrees(run: RunID?, measuresDisk: Bool)
    /// What the files of other tools in a repository's HEAD say about setting up worktrees. Changes nothing.
    case importSetup(repository: String)
    /// Takes a last snapshot and removes the worktree; refused while a session lives.
    case removeWorktree(run: RunID, task: TaskID, discardsUnsaved: Bool)
    /// Saves a worktree and makes it one that a person can go into.
    case openWorktree(run: RunID, task: TaskID)
    /// Makes a worktree's files those of a snapshot, of a turn's end, or of the newest snapshot.
    case restoreWorktree(run: RunID, task: TaskID, snapshot: Int?, turn: Int?)
    /// Lets old snapshots go and sweeps what nothing uses.
    case pruneWorktrees(isDryRun: Bool)
    case cost(run: RunID?)
    case audit(run: RunID?, after: Int64)
    /// Ends the server; sessions go on within their lease.
    case shutdown
}

/// What a person asks for with `run` or `plan`.
package struct RunSubmission: Hashable, Sendable, Codable {
    package var repository: String
    package var goal: String
    /// A workflow's name, or a path that contains `/`.
    package var workflow: String
    /// The target branch; nil: the branch that is checked out.
    package var into: String?
    /// Move a clean checked-out target along with the landing; nil: not decided yet.
    package var updateCheckout: Bool?
    /// Answer every ask of a policy with yes, in this person's name.
    package var answersYes: Bool
    package var planOnly: Bool
    /// Accept review by the author's own vendor, marked in every record; nil: as configured.
    package var allowsSameVendor: Bool?
    /// The path of a Rehearsal script that answers instead of every model.
    package var rehearsalScript: String?
    /// A configuration file used instead of the user's own.
    package var configurationFile: String?
    /// Write the proposed configuration as the user's own.
    package var savesProposal: Bool
    /// The client's environment: variables that the configuration names as keys are read from it and kept in
    /// memory only.
    package var environment: [String: String]
    /// Who asks: the login name.
    package var person: String

    package init(
        repository: String, goal: String, workflow: String = "feature", into: String? = nil,
        updateCheckout: Bool? = nil,
        answersYes: Bool = false, planOnly: Bool = false, allowsSameVendor: Bool? = nil,
        rehearsalScript: String? = nil,
        configurationFile: String? = nil, savesProposal: Bool = false, environment: [String: String],
        person: String
    ) {
        self.repository = repository
        self.goal = goal
        self.workflow = workflow
        self.into = into
        self.updateCheckout = updateCheckout
        self.answersYes = answersYes
        self.planOnly = planOnly
        self.allowsSameVendor = allowsSameVendor
        self.rehearsalScript = rehearsalScript
        self.configurationFile = configurationFile
        self.savesProposal = savesProposal
        self.environment = environment
        self.person = person
    }
}
