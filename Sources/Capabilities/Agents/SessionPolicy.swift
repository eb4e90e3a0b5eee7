package import Vocabulary

/// What a session has done so far, as policies read it.
package struct SessionTally: Hashable, Sendable {
    package var toolCalls = 0
    package var denials = 0
    package var asks = 0
    package var commands: [String] = []
    /// nil as soon as one answer's price is unknown.
    package var spend: Money? = .zero
    package var tokens: Int64 = 0
    package init() {}

    /// The commands that policies may look back on; the oldest are forgotten first.
    package static let commandsMax = 500
    package static let commandBytesMax = 4 << 10

    mutating func count(_ call: ToolCall) {
        toolCalls += 1
        guard let command = call.command else { return }
        if commands.count >= Self.commandsMax { commands.removeFirst() }
        commands.append(String(command.prefix(Self.commandBytesMax)))
    }
}

/// Decides about a session's actions by the policies of record. A value, so that a session's course stays pure.
package struct SessionPolicy: Sendable {
    package typealias Evaluate = @Sendable (ActionRequest, SessionTally) -> Evaluation
    private let evaluate: Evaluate
    package init(_ evaluate: @escaping Evaluate) { self.evaluate = evaluate }

    /// About the start of the session itself.
    package func decideStart(of specification: SessionSpecification, _ tally: SessionTally) -> Evaluation {
        var fields: [String: JSONValue] = [
            "role": .string(specification.role.rawValue), "agent": .string(specification.agent.name.rawValue),
            "harness": .string(specification.agent.harness.rawValue), "upstream": .string(specification.agent.upstream),
            "worktree": .string(specification.worktree),
        ]
        fields["model"] = specification.agent.model.map(JSONValue.string) ?? .null
        let upstream = specification.upstreams.first { $0.name == specification.agent.upstream }
        if case .fixed(let vendor) = upstream?.vendor { fields["vendor"] = .string(vendor.rawValue) }
        return evaluate(ActionRequest(kind: .session, fields: .object(fields)), tally)
    }

    /// About one tool call, in the same words whichever harness makes it.
    package func decide(_ call: ToolCall, _ tally: SessionTally) -> Evaluation {
        let fields: [String: JSONValue] = [
            "tool": .string(call.kind.rawValue), "raw": .string(call.rawName), "command": .string(call.command ?? ""),
            "paths": .array(call.paths.map(JSONValue.string)), "input": call.input,
        ]
        return evaluate(ActionRequest(kind: .tool, fields: .object(fields)), tally)
    }
}
