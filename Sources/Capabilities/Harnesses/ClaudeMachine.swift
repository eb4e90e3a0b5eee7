package import Vocabulary

/// Speaks Claude Code's stream-json control protocol for one turn.
///
/// Every tool call comes by the PreToolUse hook; the ones Claude itself would ask about come again by
/// `can_use_tool`. Both are answered by one decision. The turn is over at a `result` with no background task
/// alive: a background subagent makes Claude report a result, work on, and report another.
package struct ClaudeMachine: HarnessMachine {
    /// A question of Claude's that waits for an answer.
    private enum Reply: Hashable, Sendable {
        case hook(request: String)
        /// An allow must repeat the input.
        case permission(request: String, input: JSONValue)

        var request: String {
            switch self {
            case .hook(let request), .permission(let request, _): request
            }
        }
    }

    private let prompt: String
    private let schema: JSONValue?
    private var wire = WireReader()
    private var ledger = CallLedger<Reply>()
    private var liveTasks = 0
    /// Names of tools in use, to tell what ran unasked.
    private var tools: [String: ToolCall.Kind] = [:]
    private var isReady = false
    /// Claude says of each message when it takes it in.
    private var reportsMessages = false
    /// Told, and not sent yet.
    private var waiting: [ToldMessage] = []
    /// Sent, and not taken in yet.
    private var sent: [ToldMessage] = []
    private var end = TurnEnd()

    /// The longest a hook may stay unanswered, in seconds: a person may sleep over it. Past it the tool does
    /// not run.
    static let hookTimeout: Int64 = 7 * 24 * 3600

    package init(prompt: String, schema: JSONValue?) {
        self.prompt = prompt
        self.schema = schema
    }

    package mutating func begin() -> [HarnessAction] {
        let hook: JSONValue = [
            "matcher": .null, "hookCallbackIds": ["policy"], "timeout": .int(Self.hookTimeout),
            "onFailure": "block",
        ]
        return [
            .send([
                "type": "control_request", "request_id": "initialize",
                "request": ["subtype": "initialize", "hooks": ["PreToolUse": [hook]]],
            ]),
            .send([
                "type": "user", "message": ["role": "user", "content": .string(prompt)],
                "parent_tool_use_id": .null,
                "session_id": "",
            ]),
        ]
    }

    package mutating func received(_ line: String) -> [HarnessAction] {
        guard !end.isFinished else { return [] }
        switch wire.read(line) {
        case .empty: return []
        case .noise(let text): return [.notice(text)]
        case .garbage(let text): return end.finish(.fail(.garbage, text))
        case .message(let message): return received(message)
        }
    }

    package mutating func decided(_ call: ToolCallID, _ answer: ToolAnswer) -> [HarnessAction] {
        guard !end.isFinished else { return [] }
        return ledger.settle(call, answer).map { Self.answer($0, answer) }
    }

    package mutating func interrupted() -> [HarnessAction] {
        guard end.interrupt() else { return [] }
        return [
            .send(["type": "control_request", "request_id": "interrupt", "request": ["subtype": "interrupt"]])
        ]
    }

    package var tellingRefusal: String? { nil }

    package mutating func told(_ message: ToldMessage) -> [HarnessAction] {
        guard !end.isFinished, !end.wasInterrupted else { return [] }
        waiting.append(message)
        // A version that does not say when it takes a message in gets it between two turns.
        return reportsMessages ? sendWaiting() : []
    }

    package mutating func exited(status: Int32, stderrTail: String) -> [HarnessAction] {
        end.exited(status: status, stderrTail: stderrTail)
    }
}

// MARK: what it is told during the turn

extension ClaudeMachine {
    /// A message sent while Claude works is put beside the next tool result, or begins another turn; which of
    /// the two, and when, it says by the message's identifier.
    private mutating func sendWaiting() -> [HarnessAction] {
        defer {
            sent += waiting
            waiting = []
        }
        return waiting.map { message in
            .send([
                "type": "user", "message": ["role": "user", "content": .string(message.prompt)],
                "parent_tool_use_id": .null, "session_id": "", "uuid": .string(Self.uuid(message)),
            ])
        }
    }

    private mutating func messageMoved(_ lifecycle: JSONValue) -> [HarnessAction] {
        let uuid = lifecycle["command_uuid"]?.stringValue ?? ""
        guard let index = sent.firstIndex(where: { Self.uuid($0) == uuid }) else { return [] }
        switch lifecycle["state"]?.stringValue ?? "" {
        case "queued": return []
        case "started", "completed": return [.heard(sent.remove(at: index).number)]
        case let state:
            sent.remove(at: index)
            return [.notice("Claude did not take a message in: it is \(state).")]
        }
    }

    /// The answer is there, and something that was told meanwhile is not in it.
    private mutating func goOn() -> [HarnessAction] {
        guard !waiting.isEmpty else { return [.turnEnded] }
        let sending = sendWaiting()
        guard !reportsMessages else { return [.turnEnded] + sending }
        defer { sent = [] }
        return [.turnEnded] + sending + sent.map { .heard($0.number) }
    }

    /// Of the form that Claude asks for; the session that is resumed knows those of earlier ones.
    private static func uuid(_ message: ToldMessage) -> String {
        let digits = Array(message.id.prefix(32))
        guard digits.count == 32 else { return message.id }
        let parts = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
        return parts.map { String($0) }.joined(separator: "-")
    }
}

// MARK: messages

extension ClaudeMachine {
    private mutating func received(_ message: JSONValue) -> [HarnessAction] {
        switch message["type"]?.stringValue ?? "" {
        case "control_request": return asked(message)
        case "control_cancel_request":
            if let request = message["request_id"]?.stringValue {
                ledger.withdraw(where: { $0.request == request })
            }
            return []
        case "control_response": return replied(message["response"] ?? .null)
        case "system": return system(message)
        case "assistant": return assistant(message)
        case "user": return toolResults(message)
        case "result": return ended(message)
        case "command_lifecycle": return messageMoved(message)
        case "tool_progress", "stream_event", "keep_alive", "rate_limit_event", "auth_status": return []
        case let kind: return wire.noticeUnknown(kind)
        }
    }

    private mutating func asked(_ message: JSONValue) -> [HarnessAction] {
        let request = message["request"] ?? .null
        guard let id = message["request_id"]?.stringValue else {
            return wire.noticeUnknown("control_request")
        }
        switch request["subtype"]?.stringValue {
        case "hook_callback" where request["input"]?["hook_event_name"]?.stringValue == "PreToolUse":
            let input = request["input"] ?? .null
            return decide(
                name: input["tool_name"]?.stringValue ?? "", input: input["tool_input"] ?? .null,
                tool: input["tool_use_id"]?.stringValue ?? "hook-\(id)", .hook(request: id))
        case "can_use_tool":
            let input = request["input"] ?? .null
            return decide(
                name: request["tool_name"]?.stringValue ?? "", input: input,
                tool: request["tool_use_id"]?.stringValue ?? "permission-\(id)",
                .permission(request: id, input: input))
        case let subtype:
            let refusal: JSONValue = [
                "type": "control_response",
                "response": [
                    "subtype": "error", "request_id": .string(id),
                    "error": "Nobody here serves this kind of request.",
                ],
            ]
            return [.send(refusal)] + wire.noticeUnknown("control_request \(subtype ?? "")")
        }
    }

    private mutating func decide(name: String, input: JSONValue, tool: String, _ reply: Reply)
        -> [HarnessAction]
    {
        // The answer to our own schema is no action: a policy that denies unknown tools must not make it
        // impossible.
        if schema != nil, name == ClaudeTools.answerTool { return [Self.answer(reply, .allow)] }
        let draft = ClaudeTools.draft(id: tool, name: name, input: input)
        if let refusal = draft.refusal {
            return [
                .notice("A call of \(name) was refused: \(refusal)"),
                Self.answer(reply, .deny(message: refusal)),
            ]
        }
        let isSecondChannel =
            switch reply {
            case .hook: false
            case .permission: true
            }
        switch ledger.ask(draft.call, reply: reply, isSecondChannel: isSecondChannel) {
        case .decide(let call): return [.decide(call)]
        case .waiting: return []
        case .answered(let answer): return [Self.answer(reply, answer)]
        case .tooMany:
            return end.finish(.fail(.garbage, "More than \(HarnessBounds.openCallsMax) tool calls are open."))
        }
    }

    private static func answer(_ reply: Reply, _ answer: ToolAnswer) -> HarnessAction {
        let response: JSONValue =
            switch (reply, answer) {
            case (.hook, .allow): hookResponse("allow", "A policy allows it.")
            case (.hook, .deny(let message)): hookResponse("deny", message)
            case (.permission(_, let input), .allow): ["behavior": "allow", "updatedInput": input]
            case (.permission, .deny(let message)): ["behavior": "deny", "message": .string(message)]
            }
        return .send([
            "type": "control_response",
            "response": ["subtype": "success", "request_id": .string(reply.request), "response": response],
        ])
    }

    private static func hookResponse(_ decision: JSONValue, _ reason: String) -> JSONValue {
        [
            "hookSpecificOutput": [
                "hookEventName": "PreToolUse", "permissionDecision": decision,
                "permissionDecisionReason": .string(reason),
            ]
        ]
    }

    /// Claude says at once whether it took our hook. Without it nothing would be asked, so nothing may run.
    private mutating func replied(_ response: JSONValue) -> [HarnessAction] {
        guard response["request_id"]?.stringValue == "initialize" else { return [] }
        if response["subtype"]?.stringValue == "error" {
            return end.finish(
                .fail(
                    .crashed,
                    """
                    Claude refused to start: \(response["error"]?.stringValue ?? "")
                    """))
        }
        guard response["response"]?["hooks_applied"]?.boolValue == true else {
            return end.finish(
                .fail(
                    .garbage,
                    "Claude did not take the hook that asks the policy; this version is not known to work."))
        }
        return []
    }

    private mutating func system(_ message: JSONValue) -> [HarnessAction] {
        switch message["subtype"]?.stringValue {
        case "init":
            guard !isReady else { return [] }  // It comes again with every turn.
            isReady = true
            let capabilities = (message["capabilities"]?.arrayValue ?? []).compactMap(\.stringValue)
            reportsMessages = capabilities.contains("msg_lifecycle_v1")
            let ready = HarnessAction.emit(
                .ready(
                    resumeToken: message["session_id"]?.stringValue.map {
                        VisibleText.oneLine($0, limit: 200)
                    },
                    model: message["model"]?.stringValue.map { VisibleText.oneLine($0, limit: 200) }))
            return [ready] + (reportsMessages ? sendWaiting() : [])
        case "background_tasks_changed":
            liveTasks = message["tasks"]?.arrayValue?.count ?? 0
            return []
        case "api_retry":
            let status = message["error_status"]?.intValue.map { " (HTTP \($0))" } ?? ""
            let error = message["error"]?.stringValue ?? "an error"
            return [.notice("The model endpoint failed with \(error)\(status); Claude tries again.")]
        default: return []
        }
    }

    private mutating func assistant(_ message: JSONValue) -> [HarnessAction] {
        let isError = message["is_api_error_message"]?.boolValue ?? false
        var actions: [HarnessAction] = []
        for block in message["message"]?["content"]?.arrayValue ?? [] {
            switch block["type"]?.stringValue {
            case "text":
                let text = block["text"]?.stringValue ?? ""
                actions += isError ? [.notice(text)] : HarnessAction.said(text)
            case "tool_use":
                guard let id = block["id"]?.stringValue, tools.count < HarnessBounds.answersMax else {
                    continue
                }
                tools[id] = ClaudeTools.kind(of: block["name"]?.stringValue ?? "", block["input"] ?? .null)
            default: continue
            }
        }
        return actions
    }

    private mutating func toolResults(_ message: JSONValue) -> [HarnessAction] {
        var actions: [HarnessAction] = []
        for block in message["message"]?["content"]?.arrayValue ?? [] {
            guard block["type"]?.stringValue == "tool_result", let raw = block["tool_use_id"]?.stringValue
            else {
                continue
            }
            let id = ToolCallDraft.identifier(raw)
            let failed = block["is_error"]?.boolValue ?? false
            let kind = tools.removeValue(forKey: raw)
            if ledger.wasAsked(id) {
                ledger.finish(id)
                actions.append(.finished(id, !failed, Self.text(of: block["content"] ?? .null)))
            } else if !failed, let kind, Self.acts(kind) {
                return actions
                    + end.finish(
                        .fail(
                            .garbage, "Claude ran a tool (\(kind.rawValue)) without asking; its hook is off.")
                    )
            }
        }
        return actions
    }

    /// Tools that reach past the session's own memory. What fails before it is asked about (bad input) never
    /// ran.
    private static func acts(_ kind: ToolCall.Kind) -> Bool {
        switch kind {
        case .shell, .edit, .fetch, .mcp: true
        case .read, .other: false
        }
    }

    private static func text(of content: JSONValue) -> String {
        if let text = content.stringValue { return text }
        return (content.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined(separator: "\n")
    }

    private mutating func ended(_ message: JSONValue) -> [HarnessAction] {
        let isError =
            (message["is_error"]?.boolValue ?? true) || message["subtype"]?.stringValue != "success"
        if !isError, liveTasks > 0 { return [] }
        if !isError, !end.wasInterrupted, !sent.isEmpty || !waiting.isEmpty { return goOn() }
        let text = message["result"]?.stringValue ?? ""
        guard isError else {
            return end.finish(
                .finish(
                    FinalAnswer.result(text: text, structured: message["structured_output"], schema: schema)))
        }
        if end.wasInterrupted { return end.finish(.fail(.stopped, "The turn was stopped.")) }
        let errors = (message["errors"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " ")
        return end.finish(
            .fail(Self.failure(of: message), text.isEmpty ? "Claude ended the turn: \(errors)" : text))
    }

    private static func failure(of message: JSONValue) -> SessionFailure {
        switch message["subtype"]?.stringValue {
        case "error_max_budget_usd": .budget
        case "error_max_turns": .tooLong
        case "error_max_structured_output_retries": .schema
        case "error_during_execution": .crashed
        default: .model
        }
    }
}
