/// What an agent is at work for.
package enum SessionRole: String, Hashable, Sendable, Codable { case planner, author, reviewer }

/// Everything a runner needs to run one session. Carries no secret: keys reach the runner on its standard
/// input only.
package struct SessionSpecification: Hashable, Sendable, Codable {
    package var session: SessionID
    package var run: RunID
    package var task: TaskID?
    package var role: SessionRole
    package var agent: AgentDefinition
    /// What the agent is asked, whole.
    package var prompt: String
    /// Added to the harness's system prompt.
    package var systemPrompt: String
    /// The JSON Schema the final answer must follow; nil: free text.
    package var outputSchema: JSONValue?
    /// The worktree as the host sees it; the sandbox shows it at the same path.
    package var worktree: String
    /// What is mounted over the worktree's path inside; nil: the files lie there.
    package var overlay: OverlayLayers?
    /// A folder of the server's that the agent's git directory borrows objects from; shown read-only.
    package var sharedObjects: String?
    /// The agent's own git directory, shown instead of the user's.
    package var privateGitDirectory: String?
    /// The one-line file bound over `WORKTREE/.git`.
    package var gitPointerFile: String?
    /// The tree is mounted read-only (planner, reviewer).
    package var worktreeIsReadOnly: Bool
    /// Holds spool, sockets and the session's home; made by the server, 0700, owned by the session's uid.
    package var directory: String
    /// Continue the harness's own earlier session instead of a new one.
    package var resumeToken: String?
    package var upstreams: [Upstream]
    package var policies: [PolicySource]
    package var limits: SessionLimits
    /// The uid and gid the sandbox runs as; nil: the user's own (unprivileged server).
    package var uid: UInt32?
    package var isRehearsed: Bool
    /// Host paths of compilers and the like, shown read-only; their program folders are on the search path
    /// inside.
    package var toolchains: [String]
    /// The paths in which this worktree conflicted with others when the session began, for policies.
    package var collisions: [String]
    /// Host paths the user shares with it, shown read-only.
    package var sharedPaths: [String]?
    /// What its sandbox may use of the machine; nil: ``ResourceLimits/standard``.
    package var resources: ResourceLimits?
    /// Variables of the worktree's set-up: its ports, and what the user states.
    package var environment: [String: String]?

    package init(
        session: SessionID, run: RunID, task: TaskID?, role: SessionRole, agent: AgentDefinition,
        prompt: String,
        systemPrompt: String, outputSchema: JSONValue?, worktree: String, privateGitDirectory: String?,
        gitPointerFile: String?,
        worktreeIsReadOnly: Bool, directory: String, resumeToken: String? = nil, upstreams: [Upstream],
        policies: [PolicySource], limits: SessionLimits, uid: UInt32?, isRehearsed: Bool,
        toolchains: [String] = [], overlay: OverlayLayers? = nil, sharedObjects: String? = nil,
        sharedPaths: [String]? = nil, environment: [String: String]? = nil, collisions: [String] = [],
        resources: ResourceLimits? = nil
    ) {
        self.session = session
        self.run = run
        self.task = task
        self.role = role
        self.agent = agent
        self.prompt = prompt
        self.systemPrompt = systemPrompt
        self.outputSchema = outputSchema
        self.worktree = worktree
        self.privateGitDirectory = privateGitDirectory
        self.gitPointerFile = gitPointerFile
        self.worktreeIsReadOnly = worktreeIsReadOnly
        self.directory = directory
        self.resumeToken = resumeToken
        self.upstreams = upstreams
        self.policies = policies
        self.limits = limits
        self.uid = uid
        self.isRehearsed = isRehearsed
        self.toolchains = toolchains
        self.collisions = collisions
        self.overlay = overlay
        self.sharedObjects = sharedObjects
        self.sharedPaths = sharedPaths
        self.environment = environment
        self.resources = resources
    }
}

/// The named limits of one session.
package struct SessionLimits: Hashable, Sendable, Codable {
    /// Without any event from harness or gateway for this long, the session counts as hung. Not counted while
    /// a person is asked.
    package var silenceSeconds: Int
    /// The whole session, the time a person is asked excluded.
    package var wallSeconds: Int
    /// The most the session may spend; nil: no limit.
    package var spend: Money?
    /// One line of a harness's output; a longer one ends the session as garbage.
    package var lineBytesMax: Int
    package init(
        silenceSeconds: Int = 300, wallSeconds: Int = 2700, spend: Money? = nil, lineBytesMax: Int = 8 << 20
    ) {
        self.silenceSeconds = silenceSeconds
        self.wallSeconds = wallSeconds
        self.spend = spend
        self.lineBytesMax = lineBytesMax
    }
}
