import Expressions
package import Vocabulary

/// All policies in force, of every level; the strictest of those that match wins.
package struct PolicySet: Hashable, Sendable {
    /// By level, then file, then line.
    package let policies: [Policy]

    package init(_ policies: [Policy]) {
        let rank = Dictionary(uniqueKeysWithValues: PolicySource.Level.allCases.enumerated().map { ($1, $0) })
        self.policies = policies.sorted { a, b in
            let (left, right) = (rank[a.level] ?? 0, rank[b.level] ?? 0)
            return (left, a.source.file, a.source.line, a.name) < (
                right, b.source.file, b.source.line, b.name
            )
        }
    }

    /// The decision about an action, with every rule that matched and where it stands.
    ///
    /// `invariants` is what ``LandInvariants`` found; without it a landing is denied, whatever the policies
    /// say. The action's default holds only when nothing that counts has matched.
    package func evaluate(
        _ action: ActionRequest, facts: PolicyFacts, invariants: [RuleMatch]? = nil
    ) -> Evaluation {
        var matched = invariants ?? []
        if action.kind == .land, invariants == nil {
            matched.append(.builtIn("land", .deny, "The invariants of a landing were not checked."))
        }
        var counting = matched
        let concerned = policies.filter { $0.on.contains(action.kind) }
        if !concerned.isEmpty {
            let variables = PolicyVariables.values(action, facts)
            for policy in concerned {
                guard var match = policy.match(variables, kind: action.kind) else { continue }
                if match.decision == .allow, !policy.level.mayOpen(action.kind) {
                    match.reason +=
                        " (Does not count: only organisation, user and run may allow it.)"
                } else {
                    counting.append(match)
                }
                matched.append(match)
            }
        }
        guard let strictest = counting.map(\.decision).max() else {
            let standard = Self.standard(for: action.kind)
            return Evaluation(decision: standard.decision, matched: matched + [standard])
        }
        return Evaluation(decision: strictest, matched: matched)
    }

    /// What holds when no rule that counts has matched.
    private static func standard(for kind: ActionKind) -> RuleMatch {
        switch kind {
        case .plan, .session, .model, .tool, .exec, .candidate, .review:
            .builtIn("default", .allow, "Work inside the sandbox is allowed unless a policy says otherwise.")
        case .land: .builtIn("default", .allow, "Every invariant of a landing holds, and no policy objects.")
        case .push:
            .builtIn(
                "default", .deny, "Nothing is pushed unless a policy of organisation, user or run allows it.")
        case .network:
            .builtIn(
                "default", .deny, "No host is reached unless a policy of organisation, user or run allows it."
            )
        }
    }

    /// The set as text that is the same whenever the same rules are in force, wherever their files lie;
    /// approvals bind to its digest.
    package var canonicalText: String {
        let lines = policies.map { policy in
            let kinds = policy.on.map(\.rawValue).sorted().joined(separator: ",")
            let approvers = policy.approvers.sorted().map { String(reflecting: $0) }
            let when = policy.when.map { String(reflecting: $0.source) } ?? "always"
            let reason = policy.reason.map { String(reflecting: $0.source) } ?? "none"
            let instead = policy.instead.map { String(reflecting: $0) } ?? "none"
            return """
                level \(policy.level.rawValue) policy \(String(reflecting: policy.name)) \
                on \(kinds) when \(when) then \(policy.then.rawValue) \
                reason \(reason) do \(instead) approvers \(approvers)
                """
        }
        return (["graftwork policies 1"] + lines.sorted()).joined(separator: "\n") + "\n"
    }
}

extension RuleMatch {
    static func builtIn(_ name: String, _ decision: Decision, _ reason: String) -> RuleMatch {
        RuleMatch(rule: "built-in: \(name)", decision: decision, reason: reason)
    }
}

extension PolicySource.Level {
    /// Whether an allow of this level opens what is closed by default. A cloned repository must not open
    /// anything for itself.
    fileprivate func mayOpen(_ kind: ActionKind) -> Bool {
        switch kind {
        case .plan, .session, .model, .tool, .exec, .candidate, .review: return true
        case .network, .land, .push: break
        }
        switch self {
        case .builtIn, .organisation, .user, .run: return true
        case .repository, .workflow, .agent: return false
        }
    }
}
