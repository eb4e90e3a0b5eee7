import Configuration
package import Policies
import Sandbox
package import Vocabulary

/// Decides about a session's actions by the policies of record. A value, so that a session's course stays
/// pure.
package struct SessionPolicy: Sendable {
    package typealias Evaluate = @Sendable (ActionRequest, WorktreeFacts) -> Evaluation
    private let evaluate: Evaluate
    package init(_ evaluate: @escaping Evaluate) { self.evaluate = evaluate }

    /// The policies as the server read them. Ones that cannot be loaded deny everything, with the reason.
    package init(sources: [PolicySource], of specification: SessionSpecification) {
        var run = RunFacts()
        run.id = specification.run.rawValue
        run.isRehearsed = specification.isRehearsed
        let runFacts = run
        do {
            let policies = try PolicyLoader.load(sources)
            evaluate = { action, facts in policies.evaluate(action, facts: PolicyFacts(facts, runFacts)) }
        } catch {
            let match = RuleMatch(
                rule: "built-in: policies-unreadable", decision: .deny,
                reason: "The policies cannot be read: \(error)")
            evaluate = { _, _ in Evaluation(decision: .deny, matched: [match]) }
        }
    }

    /// About the start of the session itself.
    func decideStart(of specification: SessionSpecification, _ facts: WorktreeFacts) -> Evaluation {
        let upstream = specification.upstreams.first { $0.name == specification.agent.upstream }
        var vendor = Vendor.unknown
        if case .fixed(let fixed) = upstream?.vendor { vendor = fixed }
        return evaluate(
            .session(
                role: specification.role, agent: specification.agent, vendor: vendor,
                task: specification.task,
                worktree: specification.worktree), facts)
    }

    /// About one exec. It is answered at once: what a person would have to be asked about is denied.
    func decide(_ request: ExecRequest, _ facts: WorktreeFacts) -> Evaluation {
        var evaluation = evaluate(.exec(argv: request.arguments, path: request.path), facts)
        if evaluation.decision == .ask {
            let question = evaluation.reasons.map { " " + $0 }.joined()
            evaluation.decision = .deny
            evaluation.matched.append(
                RuleMatch(
                    rule: "built-in: exec", decision: .deny,
                    reason: "Nobody can be asked in the middle of an exec:"
                        + (question.isEmpty ? " a policy wants that." : question)))
        }
        return evaluation
    }

    /// About one tool call, in the same words whichever harness makes it.
    func decide(_ call: ToolCall, _ facts: WorktreeFacts) -> Evaluation { evaluate(.tool(call), facts) }
}

extension WorktreeFacts {
    /// The commands that policies may look back on; the oldest are forgotten first.
    static let commandsMax = 500
    static let commandBytesMax = 4 << 10

    mutating func count(_ call: ToolCall) {
        toolCalls += 1
        guard let command = call.command else { return }
        if commands.count >= Self.commandsMax { commands.removeFirst() }
        commands.append(String(decoding: command.utf8.prefix(Self.commandBytesMax), as: UTF8.self))
    }
}
