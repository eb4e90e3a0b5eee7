package import Vocabulary
package import Workflows

/// What the user's and the repository's configuration say together.
package struct GraftworkConfiguration: Hashable, Sendable, Codable {
    /// What to do when no second vendor is configured.
    package enum SameVendorReview: String, Hashable, Sendable, Codable, CaseIterable {
        case hold
        /// A second model of the same vendor reviews, and every record is marked *same-vendor*.
        case allow
    }
    /// Whether a landing moves a clean checkout of the target along.
    package enum CheckoutUpdate: String, Hashable, Sendable, Codable, CaseIterable { case ask, yes, no }

    /// In the order of the files, the user's first; a repository's agent replaces the user's of the same
    /// name.
    package var agents: [AgentDefinition]
    /// Those declared, and the vendors' own endpoints that agents name without declaring them.
    package var upstreams: [Upstream]
    /// The repository's, else the user's; empty: detect them.
    package var checks: [CheckDefinition]
    package var sameVendorReview: SameVendorReview
    package var checkoutUpdate: CheckoutUpdate
    /// Folders of tools that sandboxes show read-only.
    package var toolchains: [String]
    /// How worktrees get their files.
    package var worktreeBackend: WorktreeBackend
    /// The set-up of worktrees: the repository's over the user's, key by key; nil: neither states any.
    package var worktree: StatedSetup?
    /// How long snapshots of worktrees are kept.
    package var snapshotsKept: SnapshotsKept
    /// What each sandbox may use of the machine; nil: nothing is stated.
    package var resources: ResourceLimits?
    /// The files it was read from.
    package var files: [String]

    package init(
        agents: [AgentDefinition] = [], upstreams: [Upstream] = [], checks: [CheckDefinition] = [],
        sameVendorReview: SameVendorReview = .hold, checkoutUpdate: CheckoutUpdate = .ask,
        toolchains: [String] = [], worktreeBackend: WorktreeBackend = .auto,
        files: [String] = [], worktree: StatedSetup? = nil, snapshotsKept: SnapshotsKept = .standard,
        resources: ResourceLimits? = nil
    ) {
        self.agents = agents
        self.upstreams = upstreams
        self.checks = checks
        self.sameVendorReview = sameVendorReview
        self.checkoutUpdate = checkoutUpdate
        self.toolchains = toolchains
        self.worktreeBackend = worktreeBackend
        self.files = files
        self.worktree = worktree
        self.snapshotsKept = snapshotsKept
        self.resources = resources
    }

    package func upstream(named name: String) -> Upstream? { upstreams.first { $0.name == name } }

    /// The vendor an agent's upstream promises; nil when nothing tells.
    package func expectedVendor(of agent: AgentDefinition) -> Vendor? {
        upstream(named: agent.upstream)?.expectedVendor(model: agent.model)
    }
}
