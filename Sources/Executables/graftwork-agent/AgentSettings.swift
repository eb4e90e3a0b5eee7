import Vocabulary

/// What the agent is told by its environment.
struct AgentSettings: Hashable, Sendable {
    static let version = "0.1.0"
    static let help = """
        usage: graftwork-agent [--version | --help]

        A coding agent that speaks the Agent Client Protocol on stdin and stdout.

          GRAFTWORK_AGENT_BASE_URL   the model endpoint, without the dialect's own path
          GRAFTWORK_AGENT_DIALECT    anthropic-messages, openai-responses or openai-chat
          GRAFTWORK_AGENT_MODEL      the model to ask for
          GRAFTWORK_AGENT_KEY        the key to send
        """

    var baseURL: String
    /// nil: not one of the three.
    var dialect: ModelDialect?
    var model: String
    var key: String
    /// What shell commands see: everything but our own variables.
    var commandEnvironment: [String: String]
    var sessionsFolder: String

    init(environment: [String: String]) {
        let base = environment["GRAFTWORK_AGENT_BASE_URL"] ?? ""
        baseURL = base.hasSuffix("/") ? String(base.dropLast()) : base
        dialect = ModelDialect(rawValue: environment["GRAFTWORK_AGENT_DIALECT"] ?? "")
        let named = environment["GRAFTWORK_AGENT_MODEL"] ?? ""
        model = named.isEmpty ? Self.usualModel(of: dialect) : named
        key = environment["GRAFTWORK_AGENT_KEY"] ?? ""
        commandEnvironment = environment.filter { !$0.key.hasPrefix("GRAFTWORK_AGENT_") }
        sessionsFolder = "\(environment["HOME"] ?? "/tmp")/.graftwork-agent/sessions"
    }

    private static func usualModel(of dialect: ModelDialect?) -> String {
        switch dialect {
        case .anthropicMessages: "claude-sonnet-4-5"
        case .openaiResponses: "gpt-5.5"
        case .openaiChat, nil: ""
        }
    }

    /// Why no turn can begin; nil: one can.
    var problem: String? {
        if baseURL.isEmpty { return "GRAFTWORK_AGENT_BASE_URL does not name the model endpoint." }
        if dialect == nil {
            return "GRAFTWORK_AGENT_DIALECT is not anthropic-messages, openai-responses or openai-chat."
        }
        if model.isEmpty { return "GRAFTWORK_AGENT_MODEL does not name a model." }
        return nil
    }
}

/// The named limits of the agent.
enum AgentBounds {
    /// One line from the client.
    static let lineBytes = 16 << 20
    static let messagesWaiting = 64
    /// Requests to the model in one turn.
    static let requestsMax = 200
    static let answerTokensMax: Int64 = 16_384
    /// What is sent of the conversation; older tool output is left out beyond it (about 150 000 tokens).
    static let conversationBytes = 600 << 10
    /// What one tool call may answer.
    static let toolOutputBytes = 32 << 10
    static let fileBytes = 10 << 20
    static let sessionBytes = 64 << 20
    static let commandSecondsUsual: Int64 = 120
    static let commandSecondsMax: Int64 = 1_800
    static let searchMatches = 200
    static let searchFiles = 20_000
    static let searchFileBytes = 1 << 20
    static let attempts = 6
    static let backoffSecondsMax = 20.0
    /// How often an answer that is not the document asked for is sent back.
    static let answerCorrections = 2
}
