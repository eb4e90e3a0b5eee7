package import Vocabulary
package import Workflows

/// Everything a run was asked to do, resolved once and then fixed: what the journal holds is enough to go on.
package struct RunRequest: Hashable, Sendable, Codable {
    package var run: RunID
    package var goal: String
    package var person: String
    /// The root of the user's working directory.
    package var repository: String
    /// The full name of the target ref, `refs/heads/main`.
    package var target: String
    package var base: ObjectID
    package var workflow: Workflow
    package var agents: RunAgents
    package var upstreams: [Upstream]
    package var policies: [PolicySource]
    package var checks: [CheckDefinition]
    /// Prompt templates by name, as they were when the run began.
    package var templates: [String: String]
    /// Host paths that checks and agents may read (compilers, package caches).
    package var toolchains: [String]
    /// What each sandbox may use of the machine; nil: ``ResourceLimits/standard``.
    package var resources: ResourceLimits?
    /// How the limits of its sandboxes were kept when it began; nil: nobody looked.
    package var limitMeans: LimitMeans?
    /// How worktrees get their files; nil: as in `.auto`.
    package var worktreeBackend: WorktreeBackend?
    package var answersYes: Bool
    package var planOnly: Bool
    package var allowsSameVendor: Bool
    /// nil: a checked-out target holds the landing until a person decides.
    package var updateCheckout: Bool?
    /// The text of the Rehearsal script; nil in a run of real models.
    package var rehearsal: String?
    /// What makes a fresh tree ready to work in; nil: nothing.
    package var setup: WorktreeSetup?

    package init(
        run: RunID, goal: String, person: String, repository: String, target: String, base: ObjectID,
        workflow: Workflow,
        agents: RunAgents, upstreams: [Upstream], policies: [PolicySource], checks: [CheckDefinition],
        templates: [String: String], toolchains: [String], answersYes: Bool, planOnly: Bool,
        allowsSameVendor: Bool,
        updateCheckout: Bool?, rehearsal: String?, setup: WorktreeSetup? = nil,
        worktreeBackend: WorktreeBackend? = nil, resources: ResourceLimits? = nil,
        limitMeans: LimitMeans? = nil
    ) {
        self.run = run
        self.goal = goal
        self.person = person
        self.repository = repository
        self.target = target
        self.base = base
        self.workflow = workflow
        self.agents = agents
        self.upstreams = upstreams
        self.policies = policies
        self.checks = checks
        self.templates = templates
        self.toolchains = toolchains
        self.answersYes = answersYes
        self.planOnly = planOnly
        self.allowsSameVendor = allowsSameVendor
        self.updateCheckout = updateCheckout
        self.rehearsal = rehearsal
        self.worktreeBackend = worktreeBackend
        self.setup = setup
        self.resources = resources
        self.limitMeans = limitMeans
    }

    package var allowance: SandboxAllowance {
        SandboxAllowance(toolchains: toolchains, resources: resources ?? .standard)
    }
    package var isRehearsed: Bool { rehearsal != nil }
    /// The branch without `refs/heads/`.
    package var targetBranch: String {
        target.hasPrefix("refs/heads/") ? String(target.dropFirst("refs/heads/".count)) : target
    }

    package var planJob: Workflow.PlanJob? { workflow.planJob }
    package var authorJob: Workflow.AuthorJob? { workflow.authorJob }

    /// The vendor an agent's upstream promises; what the gateway then observes decides. nil: nothing tells.
    package func expectedVendor(of agent: AgentDefinition) -> Vendor? {
        upstreams.first { $0.name == agent.upstream }?.expectedVendor(model: agent.model)
    }
}

/// The agents of a run, with the configuration filled in.
package struct RunAgents: Hashable, Sendable, Codable {
    package var planner: AgentDefinition
    /// Tasks are given to these in turn.
    package var authors: [AgentDefinition]
    /// Whoever may review, in order of preference; the first of another vendor is taken.
    package var reviewers: [AgentDefinition]
    package init(planner: AgentDefinition, authors: [AgentDefinition], reviewers: [AgentDefinition]) {
        self.planner = planner
        self.authors = authors
        self.reviewers = reviewers
    }
}
