/// What a policy says about an action; the strictest wins.
package enum Decision: String, Hashable, Comparable, Sendable, Codable, CaseIterable {
    case allow, ask, deny
    private var strictness: Int {
        switch self {
        case .allow: 0
        case .ask: 1
        case .deny: 2
        }
    }
    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.strictness < rhs.strictness }
}

/// One rule that led to a decision.
package struct RuleMatch: Hashable, Sendable, Codable {
    /// The policy's name, or `built-in: …` for an invariant or a default.
    package var rule: String
    package var decision: Decision
    /// Why, in the policy's own words.
    package var reason: String
    /// Where the rule stands; nil for built-in ones.
    package var source: SourcePosition?
    /// What to do instead; shown to the agent.
    package var instead: String?
    package init(
        rule: String, decision: Decision, reason: String, source: SourcePosition? = nil,
        instead: String? = nil
    ) {
        self.rule = rule
        self.decision = decision
        self.reason = reason
        self.source = source
        self.instead = instead
    }
}

/// The decision and every rule that led to it, so that a person can see why.
package struct Evaluation: Hashable, Sendable, Codable {
    package var decision: Decision
    package var matched: [RuleMatch]
    package init(decision: Decision, matched: [RuleMatch]) {
        self.decision = decision
        self.matched = matched
    }
    /// The reasons of the rules that decided, for a person or an agent.
    package var reasons: [String] { matched.filter { $0.decision == decision }.map(\.reason) }
}
