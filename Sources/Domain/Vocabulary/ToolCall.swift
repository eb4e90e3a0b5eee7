/// Identifies one tool call within a session, as the harness names it.
package struct ToolCallID: Identifier {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
}

/// A tool call, normalised: whichever harness makes it, a policy sees the same fields.
package struct ToolCall: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable { case shell, edit, read, fetch, mcp, other }
    package var id: ToolCallID
    package var kind: Kind
    /// The harness's own name of the tool.
    package var rawName: String
    /// For `shell`: the command line as one text. nil otherwise.
    package var command: String?
    /// Paths the call names, as given.
    package var paths: [String]
    /// The harness's own input, bounded.
    package var input: JSONValue
    package init(
        id: ToolCallID, kind: Kind, rawName: String, command: String? = nil, paths: [String] = [],
        input: JSONValue
    ) {
        self.id = id
        self.kind = kind
        self.rawName = rawName
        self.command = command
        self.paths = paths
        self.input = input
    }
}

/// The answer to a tool call, after policies and, where asked, a person.
package enum ToolAnswer: Hashable, Sendable, Codable {
    case allow
    /// `message` is shown to the agent.
    case deny(message: String)
}
