package import Vocabulary
package import Workflows

/// The agents of a run: every slot of the workflow filled from the configuration.
package struct ResolvedAgents: Hashable, Sendable, Codable {
    package var planner: AgentDefinition
    /// In the order in which tasks are given to them.
    package var authors: [AgentDefinition]
    /// Who may review, best first; which of them does is chosen per change.
    package var reviewers: [ReviewerCandidate]
    /// The upstreams of all these agents, by name.
    package var upstreams: [Upstream]
    package var permitsSameVendor: Bool

    package init(
        planner: AgentDefinition, authors: [AgentDefinition], reviewers: [ReviewerCandidate], upstreams: [Upstream],
        permitsSameVendor: Bool
    ) {
        self.planner = planner
        self.authors = authors
        self.reviewers = reviewers
        self.upstreams = upstreams
        self.permitsSameVendor = permitsSameVendor
    }

    /// Who reviews a change that these vendors' models wrote.
    package func reviewer(
        for authorVendors: Set<Vendor>, authorModels: Set<String> = []
    ) throws(ReviewerError) -> ReviewerChoice {
        try ReviewerChoice.reviewer(
            for: authorVendors, authorModels: authorModels, among: reviewers, permitsSameVendor: permitsSameVendor)
    }
}

/// Fills the slots of a validated workflow.
///
/// A slot takes the configured agent of its own name; else the first one that has the harness, and the vendor, it asks
/// for. A slot that asks for nothing takes configured agents in turn, so that two open author slots become two agents
/// where two are configured.
package enum AgentResolver {
    package static func resolve(
        _ workflow: Workflow, _ configuration: GraftworkConfiguration
    ) throws(ConfigurationError) -> ResolvedAgents {
        guard !configuration.agents.isEmpty else { throw ConfigurationError(.noAgents) }
        do {
            try workflow.validate()
        } catch {
            throw ConfigurationError(.invalidWorkflow(error))
        }
        // Validation found each exactly once.
        guard let plan = workflow.planJob, let author = workflow.authorJob else { throw ConfigurationError(.noAgents) }
        var turn = 0
        let planner = try fill(plan.agent, workflow, configuration, turn: &turn)
        turn = 0
        var filled: [AgentName: AgentDefinition] = [:]
        var authors: [AgentDefinition] = []
        for name in author.agents {
            // A name that stands twice is one agent that gets two turns.
            if filled[name] == nil { filled[name] = try fill(name, workflow, configuration, turn: &turn) }
            if let agent = filled[name] { authors.append(agent) }
        }
        let reviewers = try reviewers(author.review.agent, workflow, configuration)
        let used = Set(([planner] + authors + reviewers.map(\.agent)).map(\.upstream))
        let resolved = ResolvedAgents(
            planner: planner, authors: authors, reviewers: reviewers,
            upstreams: configuration.upstreams.filter { used.contains($0.name) }.sorted { $0.name < $1.name },
            permitsSameVendor: configuration.sameVendorReview == .allow)
        try checkEveryAuthorHasReviewer(resolved, configuration)
        return resolved
    }

    /// A run that could not be reviewed in the end spends nothing: it is refused before it starts.
    private static func checkEveryAuthorHasReviewer(
        _ agents: ResolvedAgents, _ configuration: GraftworkConfiguration
    ) throws(ConfigurationError) {
        for author in agents.authors {
            // An upstream that tells no vendor is decided by what answers.
            guard let vendor = configuration.expectedVendor(of: author), vendor != .unknown else { continue }
            do {
                _ = try agents.reviewer(for: [vendor])
            } catch {
                throw ConfigurationError(.noReviewer(error))
            }
        }
    }

    private static func fill(
        _ name: AgentName, _ workflow: Workflow, _ configuration: GraftworkConfiguration, turn: inout Int
    ) throws(ConfigurationError) -> AgentDefinition {
        let slot = workflow.slot(name) ?? Workflow.AgentSlot(name: name)
        let fitting = configuration.agents.filter { fits($0, slot, configuration) }
        var agent: AgentDefinition
        if let own = fitting.first(where: { $0.name == name }) {
            agent = own
        } else if slot.harness == nil, slot.vendor == .any, !fitting.isEmpty {
            agent = fitting[turn % fitting.count]
            turn += 1
        } else if let first = fitting.first {
            agent = first
        } else {
            throw ConfigurationError(
                .noAgentFor(slot: name, wish: wish(slot), configured: configuration.agents.map { "\($0.name) (\($0.harness.rawValue))" }))
        }
        agent.name = name
        if let model = slot.model { agent.model = model }
        return agent
    }

    private static func fits(
        _ agent: AgentDefinition, _ slot: Workflow.AgentSlot, _ configuration: GraftworkConfiguration
    ) -> Bool {
        if let harness = slot.harness, agent.harness != harness { return false }
        switch slot.vendor {
        case .any, .other: return true
        case .exactly(let vendor):
            var asked = agent
            if let model = slot.model { asked.model = model }
            return configuration.expectedVendor(of: asked) == vendor
        }
    }

    private static func reviewers(
        _ name: AgentName, _ workflow: Workflow, _ configuration: GraftworkConfiguration
    ) throws(ConfigurationError) -> [ReviewerCandidate] {
        let slot = workflow.slot(name) ?? Workflow.AgentSlot(name: name, vendor: .other)
        let fitting = configuration.agents.filter { fits($0, slot, configuration) }
        guard !fitting.isEmpty else {
            throw ConfigurationError(
                .noAgentFor(slot: name, wish: wish(slot), configured: configuration.agents.map { "\($0.name) (\($0.harness.rawValue))" }))
        }
        // An agent of the slot's own name goes first: somebody meant it for this.
        let ordered = fitting.filter { $0.name == name } + fitting.filter { $0.name != name }
        return ordered.map { agent in
            var agent = agent
            if let model = slot.model { agent.model = model }
            return ReviewerCandidate(agent: agent, expectedVendor: configuration.expectedVendor(of: agent))
        }
    }

    private static func wish(_ slot: Workflow.AgentSlot) -> String {
        var wishes: [String] = []
        if let harness = slot.harness { wishes.append("harness \(harness.rawValue)") }
        switch slot.vendor {
        case .any: break
        case .other: wishes.append("another vendor")
        case .exactly(let vendor): wishes.append("vendor \(vendor)")
        }
        return wishes.isEmpty ? "any agent" : wishes.joined(separator: " and ")
    }
}
