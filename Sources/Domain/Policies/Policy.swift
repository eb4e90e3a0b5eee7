package import Expressions
package import Vocabulary

/// One rule of a policy file: for which actions, under which condition, what it decides and why.
package struct Policy: Hashable, Sendable {
    package var name: String
    /// The actions it is about, without repetition.
    package var on: [ActionKind]
    /// nil: always.
    package var when: ParsedExpression?
    package var then: Decision
    /// Shown to people and agents; nil: the condition itself is the reason.
    package var reason: InterpolatedText?
    /// What the agent should do instead (`do:`).
    package var instead: String?
    /// Who may answer an ask; empty: whoever owns the run.
    package var approvers: [String]
    package var examples: [PolicyExample]
    package var source: SourcePosition
    package var level: PolicySource.Level

    package init(
        name: String, on: [ActionKind], when: ParsedExpression? = nil, then: Decision,
        reason: InterpolatedText? = nil,
        instead: String? = nil, approvers: [String] = [], examples: [PolicyExample] = [],
        source: SourcePosition,
        level: PolicySource.Level
    ) {
        self.name = name
        self.on = on
        self.when = when
        self.then = then
        self.reason = reason
        self.instead = instead
        self.approvers = approvers
        self.examples = examples
        self.source = source
        self.level = level
    }
}

/// What a policy says about facts its author wrote beside it; checked whenever the file is loaded.
package struct PolicyExample: Hashable, Sendable {
    package enum Expectation: Hashable, Sendable {
        case decision(Decision)
        /// The policy does not match.
        case pass
        package var word: String {
            switch self {
            case .decision(let decision): decision.rawValue
            case .pass: "pass"
            }
        }
    }
    /// Laid over the facts of a worktree where nothing has happened yet.
    package var action: JSONValue
    package var worktree: JSONValue
    package var run: JSONValue
    package var expect: Expectation
    package var source: SourcePosition

    package init(
        action: JSONValue = [:], worktree: JSONValue = [:], run: JSONValue = [:], expect: Expectation,
        source: SourcePosition
    ) {
        self.action = action
        self.worktree = worktree
        self.run = run
        self.expect = expect
        self.source = source
    }
}

extension Policy {
    /// What the policy says about an action; nil when its condition does not hold.
    ///
    /// A condition that cannot be evaluated is a deny with the reason: a rule that nobody can apply protects
    /// by refusing.
    package func match(_ variables: [String: ExpressionValue], kind: ActionKind) -> RuleMatch? {
        do {
            if let when { guard try when.isTrue(variables) else { return nil } }
        } catch {
            return RuleMatch(
                rule: name, decision: .deny,
                reason: "Policy \(name) could not be evaluated, which counts as a deny: \(error.description)",
                source: source, instead: instead)
        }
        return RuleMatch(
            rule: name, decision: then, reason: words(variables, kind), source: source, instead: instead)
    }

    private func words(_ variables: [String: ExpressionValue], _ kind: ActionKind) -> String {
        guard let reason else {
            guard let when else { return "Policy \(name) applies to every \(kind.rawValue)." }
            return "Policy \(name) applies because \(when.source) holds."
        }
        do {
            return try reason.filled(variables)
        } catch {
            // The decision stands on the condition; only the wording is poorer.
            return "\(reason.source) (\(error.description))"
        }
    }

    /// What the policy says about one of its own examples.
    package func outcome(of example: PolicyExample) -> Result<PolicyExample.Expectation, EvaluationError> {
        guard let kind = on.first else { return .success(.pass) }
        let variables = PolicyVariables.values(
            ActionRequest(
                kind: kind, fields: PolicyVariables.defaults(of: kind).laidOver(by: example.action)),
            PolicyFacts(
                worktree: PolicyFacts.none.worktree.laidOver(by: example.worktree),
                run: PolicyFacts.none.run.laidOver(by: example.run)))
        guard let when else { return .success(.decision(then)) }
        do {
            return .success(try when.isTrue(variables) ? .decision(then) : .pass)
        } catch {
            return .failure(error)
        }
    }
}

extension JSONValue {
    /// This object with the other's members in place of its own; anything but an object is replaced whole.
    fileprivate func laidOver(by other: JSONValue) -> JSONValue {
        guard case .object(let mine) = self, case .object(let theirs) = other else { return other }
        return .object(mine.merging(theirs) { _, new in new })
    }
}
