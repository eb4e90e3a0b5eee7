/// A program that wraps a model and acts.
package enum HarnessKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// The built-in agent.
    case builtIn = "graftwork"
    case claude
    case codex
    /// Any agent that speaks the Agent Client Protocol over stdio; `command` says which.
    case acp
    /// Any command: the prompt on stdin, the answer on stdout, no tool calls to see.
    case command
}

/// An agent as workflow and configuration define it. Changing the harness is one line.
package struct AgentDefinition: Hashable, Sendable, Codable {
    package var name: AgentName
    package var harness: HarnessKind
    /// nil: the harness's own default.
    package var model: String?
    /// The name of the upstream its model requests go to.
    package var upstream: String
    /// For `acp` and `command`: the argv to start.
    package var command: [String]
    /// Text added to the harness's system prompt.
    package var instructions: String?

    package init(
        name: AgentName, harness: HarnessKind, model: String? = nil, upstream: String, command: [String] = [],
        instructions: String? = nil
    ) {
        self.name = name
        self.harness = harness
        self.model = model
        self.upstream = upstream
        self.command = command
        self.instructions = instructions
    }
}
