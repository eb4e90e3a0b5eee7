import Linux
import Vocabulary

/// The agent's side of the protocol: sessions, and one turn at a time in them.
final class AgentService {
    private let channel: ClientChannel
    private let settings: AgentSettings
    private let store: SessionStore
    private var sessions: [String: Dialogue] = [:]

    init(channel: ClientChannel, settings: AgentSettings) {
        self.channel = channel
        self.settings = settings
        store = SessionStore(folder: settings.sessionsFolder)
    }

    /// Serves until the client goes away.
    func serve() {
        while let message = channel.next() {
            // No notification but the cancel means anything here.
            guard let id = message.id else { continue }
            do throws(AgentError) {
                channel.reply(to: id, try answer(message.method, message.params))
            } catch {
                channel.refuse(id, code: error.code, error.description)
            }
        }
    }

    private func answer(_ method: String, _ params: JSONValue) throws(AgentError) -> JSONValue {
        switch method {
        case "initialize":
            return [
                "protocolVersion": 1,
                "agentInfo": ["name": "graftwork-agent", "version": .string(AgentSettings.version)],
                "agentCapabilities": ["loadSession": true, "promptCapabilities": ["embeddedContext": false]],
                "authMethods": [],
            ]
        case "session/new": return try open(RandomBytes.hex(count: 12), Dialogue(folder: folder(params)))
        case "session/load":
            let id = params["sessionId"]?.stringValue ?? ""
            var conversation = try store.load(id)
            conversation.folder = try folder(params)
            return try open(id, conversation)
        case "session/prompt": return try prompt(params)
        default: throw .unknownMethod(method)
        }
    }

    private func folder(_ params: JSONValue) throws(AgentError) -> String {
        guard let named = params["cwd"]?.stringValue, named.hasPrefix("/") else { throw .noFolder("") }
        do throws(SystemError) {
            return try Files.realPath(named)
        } catch {
            throw .noFolder(named)
        }
    }

    private func open(_ id: String, _ conversation: Dialogue) throws(AgentError) -> JSONValue {
        sessions[id] = conversation
        let model = JSONValue.string(settings.model)
        return [
            "sessionId": .string(id),
            "models": ["currentModelId": model, "availableModels": [["modelId": model, "name": model]]],
        ]
    }

    private func prompt(_ params: JSONValue) throws(AgentError) -> JSONValue {
        let id = params["sessionId"]?.stringValue ?? ""
        guard let conversation = sessions[id] else { throw .unknownSession(id) }
        if let problem = settings.problem { throw .settings(problem) }
        guard let dialect = settings.dialect else { throw .settings("No dialect is set.") }
        let text = (params["prompt"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined(
            separator: "\n")
        let extra = params["_meta"]?["graftwork"] ?? .null
        var turn = AgentTurn(
            session: id, conversation: conversation, channel: channel,
            endpoint: ModelEndpoint(settings: settings, dialect: dialect, channel: channel),
            tools: ToolBench(
                folder: conversation.folder, environment: settings.commandEnvironment, channel: channel),
            store: store, instructions: extra["instructions"]?.stringValue ?? "",
            schema: extra["outputSchema"])
        let result: Result<String, AgentError>
        do throws(AgentError) {
            result = .success(try turn.run(prompt: text))
        } catch {
            result = .failure(error)
        }
        sessions[id] = turn.conversation
        let reason = try result.get()
        return ["stopReason": .string(reason), "usage": turn.usage]
    }
}

/// Why the agent cannot do what the client asks. Each ends a request, none the agent.
enum AgentError: Error, Hashable, CustomStringConvertible {
    case unknownMethod(String)
    case unknownSession(String)
    case noFolder(String)
    case settings(String)
    case session(String)
    /// The model endpoint refused or failed, after every retry.
    case endpoint(String)

    var code: Int64 {
        switch self {
        case .unknownMethod: -32601
        case .unknownSession, .noFolder: -32602
        case .settings, .session, .endpoint: -32000
        }
    }

    var description: String {
        switch self {
        case .unknownMethod(let name): "There is no method \(VisibleText.oneLine(name, limit: 80))."
        case .unknownSession(let id): "There is no session \(VisibleText.oneLine(id, limit: 80))."
        case .noFolder(let path):
            "The working directory \(VisibleText.oneLine(path, limit: 200)) is not there."
        case .settings(let problem), .session(let problem): problem
        case .endpoint(let problem): VisibleText.oneLine(problem, limit: 1_000)
        }
    }
}
