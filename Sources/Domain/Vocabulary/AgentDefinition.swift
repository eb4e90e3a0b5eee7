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

/// The wire format an upstream speaks.
package enum ModelDialect: String, Hashable, Sendable, Codable, CaseIterable {
    case anthropicMessages = "anthropic-messages"
    case openaiResponses = "openai-responses"
    case openaiChat = "openai-chat"
}

/// How the vendor of an upstream's answers is known.
package enum VendorRule: Hashable, Sendable, Codable {
    /// The upstream is the vendor's own endpoint.
    case fixed(vendor: Vendor)
    /// A third-party gateway: the longest model-name prefix decides, and the vendor counts as declared.
    case byModel(prefixes: [String: Vendor])
}

/// Where the gateway finds the real key, outside the sandbox.
package enum CredentialSource: Hashable, Sendable, Codable {
    case none
    /// A variable of the user's environment.
    case environment(variable: String)
    /// A file; its trimmed contents are the key.
    case file(path: String)
    /// The stdout of a command, trimmed.
    case command(argv: [String])
}

/// A model endpoint, declared at user level.
package struct Upstream: Hashable, Sendable, Codable {
    /// The first path segment at the gateway: `/anthropic`, `/openai`, `/<name>`.
    package var name: String
    package var dialect: ModelDialect
    /// `https://host[:port][/prefix]`, or `http://127.0.0.1:port`, or `unix:/path` for a local server.
    package var baseURL: String
    package var vendor: VendorRule
    package var credential: CredentialSource
    /// Answers come from a script. Set only by Rehearsal's own configuration.
    package var isRehearsal: Bool

    package init(
        name: String, dialect: ModelDialect, baseURL: String, vendor: VendorRule,
        credential: CredentialSource,
        isRehearsal: Bool = false
    ) {
        self.name = name
        self.dialect = dialect
        self.baseURL = baseURL
        self.vendor = vendor
        self.credential = credential
        self.isRehearsal = isRehearsal
    }
}
