package import Vocabulary

/// Speaks the Agent Client Protocol, version 1, to any agent on stdio, for one turn.
///
/// Agents differ in what their default mode asks about, in how a permission names its call, and in which
/// options they offer. This is the one client for all of them; the built-in agent is one of them, but must
/// ask about every call.
package struct ACPMachine: HarnessMachine {
    private enum Call: Int64 {
        case initialize = 1
        case session, mode, prompt
    }
    private struct Reply: Hashable, Sendable {
        var request: JSONValue
        var options: [JSONValue]
    }

    /// Modes in which agents ask, best first.
    private static let askingModes = ["ask", "always-ask", "default"]

    private let specification: Specification
    private var wire = WireReader()
    private var ledger = CallLedger<Reply>()
    private var calls: [String: ACPToolCall] = [:]
    /// The keys of ``calls``, oldest first.
    private var order: [String] = []
    private var session: String?
    private var isPrompted = false
    private var message = ""
    private var messageID: String?
    private var lastMessage = ""
    /// Told during this prompt; the protocol takes the next prompt only after its answer.
    private var waiting: [ToldMessage] = []
    /// The next prompt, of which the agent has not said anything yet.
    private var sent: [ToldMessage] = []
    private var end = TurnEnd()

    /// What the turn is about.
    package struct Specification: Hashable, Sendable {
        package var prompt: String
        package var instructions: String
        package var schema: JSONValue?
        package var worktree: String
        package var resumeToken: String?
        /// The built-in agent takes instructions and schema beside the prompt, and is held to asking.
        package var isBuiltIn: Bool
        package init(
            prompt: String, instructions: String, schema: JSONValue?, worktree: String, resumeToken: String?,
            isBuiltIn: Bool
        ) {
            self.prompt = prompt
            self.instructions = instructions
            self.schema = schema
            self.worktree = worktree
            self.resumeToken = resumeToken
            self.isBuiltIn = isBuiltIn
        }
    }

    package init(_ specification: Specification) { self.specification = specification }

    package mutating func begin() -> [HarnessAction] {
        [
            request(
                .initialize, "initialize",
                [
                    "protocolVersion": 1, "clientInfo": ["name": "graftwork", "version": "1"],
                    // Files and commands are the agent's own business inside the sandbox.
                    "clientCapabilities": [
                        "fs": ["readTextFile": false, "writeTextFile": false], "terminal": false,
                    ],
                ])
        ]
    }

    package mutating func received(_ line: String) -> [HarnessAction] {
        guard !end.isFinished else { return [] }
        switch wire.read(line) {
        case .empty: return []
        case .noise(let text): return [.notice(text)]
        case .garbage(let text): return end.finish(.fail(.garbage, text))
        case .message(let message):
            let params = message["params"] ?? .null
            switch (message["method"]?.stringValue, message["id"]) {
            case (let method?, let id?): return asked(method, params, request: id)
            case ("session/update"?, nil):
                return tookIn() + updated(params["update"]?.objectValue ?? [:])
            case (let method?, nil): return wire.noticeUnknown(method)
            case (nil, let id?): return replied(to: id.intValue.flatMap { Call(rawValue: $0) }, message)
            case (nil, nil): return wire.noticeUnknown("a message without method and id")
            }
        }
    }

    package mutating func decided(_ call: ToolCallID, _ answer: ToolAnswer) -> [HarnessAction] {
        guard !end.isFinished else { return [] }
        return ledger.settle(call, answer).map { self.answer($0, answer) }
    }

    package mutating func interrupted() -> [HarnessAction] {
        guard end.interrupt() else { return [] }
        guard isPrompted, let session else {
            return end.finish(.fail(.stopped, "The turn was stopped before it began."))
        }
        // The protocol wants open permissions answered as cancelled.
        return [
            .send(["jsonrpc": "2.0", "method": "session/cancel", "params": ["sessionId": .string(session)]])
        ]
            + ledger.drain().map { Self.outcome($0.request, ["outcome": "cancelled"]) }
    }

    package var tellingRefusal: String? { nil }

    package mutating func told(_ message: ToldMessage) -> [HarnessAction] {
        if !end.isFinished, !end.wasInterrupted { waiting.append(message) }
        return []
    }

    package mutating func exited(status: Int32, stderrTail: String) -> [HarnessAction] {
        end.exited(status: status, stderrTail: stderrTail)
    }

    private func request(_ call: Call, _ method: String, _ params: JSONValue) -> HarnessAction {
        .send(["jsonrpc": "2.0", "id": .int(call.rawValue), "method": .string(method), "params": params])
    }
}

// MARK: our requests

extension ACPMachine {
    private mutating func replied(to call: Call?, _ message: JSONValue) -> [HarnessAction] {
        guard let call else { return wire.noticeUnknown("a reply to nothing") }
        if let error = message["error"] {
            let text = error["message"]?.stringValue ?? "no reason given"
            let details =
                error["data"].flatMap { $0["details"]?.stringValue ?? $0.stringValue }.map { ": \($0)" } ?? ""
            switch call {
            case .initialize:
                return end.finish(
                    .fail(.crashed, "The agent refused to start: \(text)\(details)"))
            case .session:
                return end.finish(
                    .fail(.crashed, "The agent refused the session: \(text)\(details)"))
            case .mode:
                return end.finish(
                    .fail(.crashed, "The agent refused the mode in which it asks: \(text)\(details)"))
            case .prompt:
                return flush()
                    + end.finish(
                        .fail(end.wasInterrupted ? .stopped : .model, "The turn failed: \(text)\(details)"))
            }
        }
        let result = message["result"] ?? .null
        switch call {
        case .initialize: return openSession(result)
        case .session: return sessionOpened(result)
        case .mode: return prompt()
        case .prompt: return tookIn() + ended(result)
        }
    }

    private mutating func openSession(_ result: JSONValue) -> [HarnessAction] {
        guard result["protocolVersion"]?.intValue == 1 else {
            return end.finish(
                .fail(.garbage, "The agent speaks another version of the Agent Client Protocol than 1."))
        }
        var params: [String: JSONValue] = ["cwd": .string(specification.worktree), "mcpServers": []]
        guard let token = specification.resumeToken else {
            return [request(.session, "session/new", .object(params))]
        }
        guard result["agentCapabilities"]?["loadSession"]?.boolValue == true else {
            return end.finish(.fail(.crashed, "The agent cannot continue an earlier session."))
        }
        params["sessionId"] = .string(token)
        return [request(.session, "session/load", .object(params))]
    }

    private mutating func sessionOpened(_ result: JSONValue) -> [HarnessAction] {
        guard let session = result["sessionId"]?.stringValue ?? specification.resumeToken else {
            return end.finish(.fail(.garbage, "The agent opened a session without naming it."))
        }
        self.session = session
        let model = result["models"]?["currentModelId"]?.stringValue
        let ready = HarnessAction.emit(
            .ready(
                resumeToken: VisibleText.oneLine(session, limit: 200),
                model: model.map { VisibleText.oneLine($0, limit: 200) }))
        let current = result["modes"]?["currentModeId"]?.stringValue
        let offered = (result["modes"]?["availableModes"]?.arrayValue ?? []).compactMap {
            $0["id"]?.stringValue
        }
        guard let mode = Self.askingModes.first(where: offered.contains), mode != current else {
            return [ready] + prompt()
        }
        return [
            ready,
            request(.mode, "session/set_mode", ["sessionId": .string(session), "modeId": .string(mode)]),
        ]
    }

    private mutating func prompt() -> [HarnessAction] {
        guard let session else { return [] }
        isPrompted = true
        var text = specification.prompt
        var params: [String: JSONValue] = ["sessionId": .string(session)]
        if specification.isBuiltIn {
            params["_meta"] = builtInExtra
        } else {
            if !specification.instructions.isEmpty { text = "\(specification.instructions)\n\n\(text)" }
            if let schema = specification.schema { text += FinalAnswer.request(for: schema) }
        }
        params["prompt"] = [["type": "text", "text": .string(text)]]
        return [request(.prompt, "session/prompt", .object(params))]
    }

    /// What was told meanwhile, as one more prompt of the same session.
    private mutating func promptWaiting() -> [HarnessAction] {
        guard let session else { return [] }
        sent = waiting
        waiting = []
        var params: [String: JSONValue] = ["sessionId": .string(session)]
        var texts = sent.map(\.prompt)
        if specification.isBuiltIn {
            params["_meta"] = builtInExtra
        } else if let schema = specification.schema {
            texts.append(FinalAnswer.request(for: schema))
        }
        params["prompt"] = .array(texts.map { ["type": "text", "text": .string($0)] })
        return [request(.prompt, "session/prompt", .object(params))]
    }

    /// The agent acts on the prompt that it was sent last.
    private mutating func tookIn() -> [HarnessAction] {
        defer { sent = [] }
        return sent.map { .heard($0.number) }
    }

    private var builtInExtra: JSONValue {
        var extra: [String: JSONValue] = ["instructions": .string(specification.instructions)]
        extra["outputSchema"] = specification.schema
        return ["graftwork": .object(extra)]
    }

    private mutating func ended(_ result: JSONValue) -> [HarnessAction] {
        let said = flush()
        switch result["stopReason"]?.stringValue {
        case "end_turn":
            if !waiting.isEmpty, !end.wasInterrupted { return said + [.turnEnded] + promptWaiting() }
            return said
                + end.finish(.finish(FinalAnswer.result(text: lastMessage, schema: specification.schema)))
        case "cancelled": return said + end.finish(.fail(.stopped, "The turn was stopped."))
        case "refusal": return said + end.finish(.fail(.model, "The model refused: \(lastMessage)"))
        case "max_tokens":
            return said + end.finish(.fail(.model, "The answer was longer than the model may write."))
        case "max_turn_requests":
            return said + end.finish(.fail(.tooLong, "The turn took more requests than the agent allows."))
        case let other:
            return said
                + end.finish(
                    .fail(
                        .garbage,
                        """
                        The turn ended for an unknown reason: \(other ?? "none")
                        """))
        }
    }
}

// MARK: the agent's requests and updates

extension ACPMachine {
    private mutating func asked(_ method: String, _ params: JSONValue, request: JSONValue) -> [HarnessAction]
    {
        guard method == "session/request_permission" else {
            let error: JSONValue = ["code": -32601, "message": "Nobody here serves this method."]
            return [.send(["jsonrpc": "2.0", "id": request, "error": error])] + wire.noticeUnknown(method)
        }
        let reply = Reply(request: request, options: params["options"]?.arrayValue ?? [])
        guard isPrompted, !end.wasInterrupted else {
            return [Self.outcome(request, ["outcome": "cancelled"])]
        }
        let draft = call(behind: params["toolCall"]?.objectValue ?? [:]).draft
        if let refusal = draft.refusal {
            return [.notice("A call was refused: \(refusal)"), answer(reply, .deny(message: refusal))]
        }
        switch ledger.ask(draft.call, reply: reply) {
        case .decide(let call): return flush() + [.decide(call)]
        case .waiting: return []
        case .answered(let given): return [answer(reply, given)]
        case .tooMany:
            return end.finish(.fail(.garbage, "More than \(HarnessBounds.openCallsMax) tool calls are open."))
        }
    }

    /// The call a permission is about: the one it names, else one with the same input, else the last that
    /// waits.
    private mutating func call(behind asked: [String: JSONValue]) -> ACPToolCall {
        let id = asked["toolCallId"]?.stringValue ?? ""
        let input = asked["rawInput"] ?? .null
        let waiting = order.filter { calls[$0].map { !$0.wasAsked && !Self.isOver($0.status) } ?? false }
        let known: String? =
            if calls[id] != nil { id } else if input != .null {
                waiting.last { calls[$0]?.input == input }
            } else {
                waiting.last
            }
        guard let known, var call = calls[known] else { return ACPToolCall(id: id, members: asked) }
        call.wasAsked = true
        calls[known] = call
        // What the permission itself says about the call is the question; the title of another call is not.
        call.merge(known == id ? asked : asked.filter { $0.key == "rawInput" })
        return call
    }

    private static func isOver(_ status: String) -> Bool { status == "completed" || status == "failed" }

    private func answer(_ reply: Reply, _ answer: ToolAnswer) -> HarnessAction {
        switch answer {
        case .allow: return choose("allow_once", of: reply, because: nil)
        case .deny(let message): return choose("reject_once", of: reply, because: message)
        }
    }

    /// Only an answer for this once is ever given: "always" would answer calls nobody has seen.
    private func choose(_ kind: String, of reply: Reply, because message: String?) -> HarnessAction {
        let fitting = reply.options.filter { $0["kind"]?.stringValue == kind }
        // OpenHands offers two `allow_once`, of which one changes its mode.
        let option = fitting.first { $0["optionId"]?.stringValue == "accept" } ?? fitting.first
        guard let id = option?["optionId"]?.stringValue else {
            return Self.outcome(reply.request, ["outcome": "cancelled"])
        }
        let selected: JSONValue = ["outcome": "selected", "optionId": .string(id)]
        guard specification.isBuiltIn, let message else { return Self.outcome(reply.request, selected) }
        let meta: JSONValue = ["graftwork": ["message": .string(message)]]
        return .send(["jsonrpc": "2.0", "id": reply.request, "result": ["outcome": selected, "_meta": meta]])
    }

    private static func outcome(_ request: JSONValue, _ outcome: JSONValue) -> HarnessAction {
        .send(["jsonrpc": "2.0", "id": request, "result": ["outcome": outcome]])
    }

    private mutating func updated(_ update: [String: JSONValue]) -> [HarnessAction] {
        guard isPrompted else { return [] }  // A loaded session tells its past.
        switch update["sessionUpdate"]?.stringValue ?? "" {
        case "agent_message_chunk":
            // Two messages in a row are told apart only by their identifiers, which not every agent gives.
            let id = update["messageId"]?.stringValue
            let ended = id == messageID ? [] : flush()
            messageID = id
            message += update["content"]?["text"]?.stringValue ?? ""
            guard message.utf8.count <= HarnessBounds.outputBytes else {
                return end.finish(
                    .fail(.garbage, "One message is longer than \(HarnessBounds.outputBytes) bytes."))
            }
            return ended
        case "tool_call", "tool_call_update": return flush() + toolCall(update)
        case "user_message_chunk", "agent_thought_chunk", "plan", "available_commands_update",
            "current_mode_update",
            "session_info_update", "usage_update", "config_option_update":
            return []
        case let kind: return wire.noticeUnknown(kind)
        }
    }

    private mutating func flush() -> [HarnessAction] {
        guard !message.isEmpty else { return [] }
        lastMessage = message
        message = ""
        return HarnessAction.said(lastMessage)
    }

    private mutating func toolCall(_ update: [String: JSONValue]) -> [HarnessAction] {
        guard let id = update["toolCallId"]?.stringValue else { return [] }
        if calls[id] == nil {
            if order.count >= HarnessBounds.answersMax { calls[order.removeFirst()] = nil }
            order.append(id)
            calls[id] = ACPToolCall(id: id, members: [:])
        }
        let wasOver = Self.isOver(calls[id]?.status ?? "")
        calls[id]?.merge(update)
        guard let call = calls[id], !wasOver, Self.isOver(call.status) else { return [] }
        let name = ToolCallDraft.identifier(id)
        if call.wasAsked {
            ledger.finish(name)
            return [.finished(name, call.status == "completed", call.summary)]
        }
        guard call.status == "completed" else { return [] }
        let what = VisibleText.oneLine(call.draft.rawName, limit: 200)
        if specification.isBuiltIn {
            return end.finish(.fail(.garbage, "The built-in agent did something without asking: \(what)"))
        }
        return [.notice("The agent did something without asking: \(what)")]
    }
}
