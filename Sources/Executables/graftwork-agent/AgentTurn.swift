import Vocabulary

/// One turn: ask the model, do what it asks for if the client lets us, tell it what came of it, until it is
/// done.
struct AgentTurn {
    let session: String
    private(set) var conversation: Dialogue
    let channel: ClientChannel
    let endpoint: ModelEndpoint
    let tools: ToolBench
    let store: SessionStore
    let instructions: String
    let schema: JSONValue?
    private var spent = TokenUsage()
    private var messagesSaid = 0

    init(
        session: String, conversation: Dialogue, channel: ClientChannel, endpoint: ModelEndpoint,
        tools: ToolBench,
        store: SessionStore, instructions: String, schema: JSONValue?
    ) {
        self.session = session
        self.conversation = conversation
        self.channel = channel
        self.endpoint = endpoint
        self.tools = tools
        self.store = store
        self.instructions = instructions
        self.schema = schema
    }

    /// The tokens of this turn, as the protocol names them.
    var usage: JSONValue {
        [
            "inputTokens": .int(spent.input), "outputTokens": .int(spent.output),
            "cachedReadTokens": .int(spent.cacheRead), "cachedWriteTokens": .int(spent.cacheWrite),
            "totalTokens": .int(spent.total),
        ]
    }

    /// Runs the turn and returns why it stopped, in the protocol's words.
    mutating func run(prompt: String) throws(AgentError) -> String {
        mendCutCalls()
        conversation.entries.append(.user(prompt))
        var corrections = 0
        for _ in 0..<AgentBounds.requestsMax {
            let request = ModelRequest(
                model: "", system: system,
                conversation: conversation.trimmed(to: AgentBounds.conversationBytes),
                tools: ToolDefinition.all(schema: schema), schema: schema)
            guard let reply = try endpoint.ask(request) else { return "cancelled" }
            spent += reply.usage
            conversation.entries.append(.model(text: reply.text, calls: reply.calls, raw: reply.raw))
            say(reply.text)
            if reply.calls.isEmpty {
                try store.save(session, conversation)
                switch reply.stop {
                case .refused: return "refusal"
                case .lengthReached: return "max_tokens"
                case .done: break
                }
                guard schema != nil, !Self.holdsDocument(reply.text),
                    corrections < AgentBounds.answerCorrections
                else {
                    return "end_turn"
                }
                corrections += 1
                conversation.entries.append(
                    .user("That is not the JSON document asked for. Answer with it and nothing else."))
                continue
            }
            if let answer = finishing(reply) {
                conversation.entries.append(
                    .results(reply.calls.map { .init(call: $0.id, text: "Done.", failed: false) }))
                try store.save(session, conversation)
                if !answer.isEmpty, answer != reply.text { say(answer) }
                return "end_turn"
            }
            let isCancelled = answer(reply.calls)
            try store.save(session, conversation)
            if isCancelled { return "cancelled" }
        }
        return "max_turn_requests"
    }

    /// A turn that ended in the middle left calls without results, which no endpoint accepts.
    private mutating func mendCutCalls() {
        guard case .model(_, let calls, _) = conversation.entries.last, !calls.isEmpty else { return }
        conversation.entries.append(
            .results(calls.map { .init(call: $0.id, text: "It was interrupted.", failed: true) }))
    }

    /// One whole message; its identifier keeps it apart from the next.
    private mutating func say(_ text: String) {
        guard !text.isEmpty else { return }
        messagesSaid += 1
        channel.update(
            session,
            [
                "sessionUpdate": "agent_message_chunk", "messageId": .string("message-\(messagesSaid)"),
                "content": ["type": "text", "text": .string(text)],
            ])
    }

    /// The answer given by the `finish` tool, when that is all the model asks for.
    private func finishing(_ reply: ModelReply) -> String? {
        guard reply.calls.count == 1, reply.calls[0].name == ToolDefinition.finish else { return nil }
        let answer = reply.calls[0].input["answer"] ?? ""
        return answer.stringValue ?? JSONText.write(answer)
    }

    /// Asks about each call, does the allowed ones, and returns whether the turn was cancelled meanwhile.
    private mutating func answer(_ calls: [ModelCall]) -> Bool {
        var results: [Dialogue.CallResult] = []
        for call in calls {
            if channel.isCancelled {
                results.append(.init(call: call.id, text: "It was interrupted.", failed: true))
                continue
            }
            conversation.callsTold += 1
            let outcome = perform(call, named: "call-\(conversation.callsTold)")
            results.append(.init(call: call.id, text: outcome.text, failed: outcome.failed))
        }
        conversation.entries.append(.results(results))
        return channel.isCancelled
    }

    private func perform(_ call: ModelCall, named id: String) -> ToolOutcome {
        guard let action = tools.action(for: call) else {
            return ToolOutcome(failed: true, text: "There is no tool \(call.name) that takes this input.")
        }
        var told: [String: JSONValue] = [
            "toolCallId": .string(id), "title": .string(action.title), "kind": .string(action.kind),
            "rawInput": call.input, "_meta": ["tool_name": .string(call.name)],
            "locations": .array(action.paths.map { ["path": .string($0)] }),
        ]
        told["status"] = "pending"
        channel.update(session, .object(told.merging(["sessionUpdate": "tool_call"]) { $1 }))
        let permission = channel.ask(
            "session/request_permission",
            [
                "sessionId": .string(session), "toolCall": .object(told),
                "options": [
                    ["optionId": "allow", "name": "Allow once", "kind": "allow_once"],
                    ["optionId": "reject", "name": "Reject", "kind": "reject_once"],
                ],
            ])
        // Only the one answer that says yes is a yes.
        guard permission?["result"]?["outcome"]?["optionId"]?.stringValue == "allow" else {
            let reason = permission?["result"]?["_meta"]?["graftwork"]?["message"]?.stringValue
            return tell(id, ToolOutcome(failed: true, text: "This call was denied. \(reason ?? "")"))
        }
        channel.update(
            session,
            ["sessionUpdate": "tool_call_update", "toolCallId": .string(id), "status": "in_progress"])
        return tell(id, tools.run(action))
    }

    private func tell(_ id: String, _ outcome: ToolOutcome) -> ToolOutcome {
        channel.update(
            session,
            [
                "sessionUpdate": "tool_call_update", "toolCallId": .string(id),
                "status": outcome.failed ? "failed" : "completed",
                "content": [
                    ["type": "content", "content": ["type": "text", "text": .string(outcome.text)]]
                ],
            ])
        return outcome
    }

    private static func holdsDocument(_ text: String) -> Bool {
        var body = text[...]
        if let opening = body.range(of: "```"), let line = body[opening.upperBound...].firstIndex(of: "\n"),
            let closing = body[line...].range(of: "```")
        {
            body = body[line..<closing.lowerBound]
        }
        do throws(JSONText.Flaw) {
            _ = try JSONText.parse(String(body))
            return true
        } catch {
            return false
        }
    }

    private var system: String {
        var text = """
            You are a coding agent at work in a git worktree. Working directory: \(conversation.folder)
            Read before you change anything. Make the smallest change that does what is asked, \
            in the style of the code around it. Run the tests that cover it. Each tool call is checked by a \
            policy; when one is denied, do not try to get around it: do without, or say what you could not \
            do. When you are done, say in a few sentences what you did and what is left.
            """
        if !instructions.isEmpty { text += "\n\n\(instructions)" }
        if let schema {
            text += """


                Your final answer must be one JSON document and nothing else: no prose around it. It must \
                follow this JSON Schema:
                \(JSONText.write(schema))
                """
        }
        return text
    }
}
