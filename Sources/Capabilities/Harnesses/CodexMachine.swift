package import Vocabulary

/// Speaks `codex app-server`: JSON-RPC without the version member, one object per line, for one turn.
///
/// Under the approval policy `untrusted` Codex asks before every command and every patch. A patch approval
/// names only its item, so the items that were started are remembered.
package struct CodexMachine: HarnessMachine {
    private enum Call: Int64 {
        case initialize = 1
        case thread, turn, interrupt
        /// The steering of message N is request N after this.
        case steer = 1_000
    }
    private enum Reply: Hashable, Sendable { case approval(request: JSONValue) }

    private let prompt: String
    private let instructions: String
    private let schema: JSONValue?
    private let worktree: String
    private let resumeToken: String?
    private var wire = WireReader()
    private var ledger = CallLedger<Reply>()
    /// Items that were started and have not ended.
    private var items: [String: JSONValue] = [:]
    /// Which call an item was decided as.
    private var calls: [String: ToolCallID] = [:]
    private var thread: String?
    private var turn: String?
    private var lastMessage = ""
    private var talk = CodexTalk()
    private var end = TurnEnd()

    package init(
        prompt: String, instructions: String, schema: JSONValue?, worktree: String, resumeToken: String?
    ) {
        self.prompt = prompt
        self.instructions = instructions
        self.schema = schema
        self.worktree = worktree
        self.resumeToken = resumeToken
    }

    package mutating func begin() -> [HarnessAction] {
        [
            request(
                .initialize, "initialize",
                [
                    "clientInfo": ["name": "graftwork", "title": "Graftwork", "version": "1"],
                    "capabilities": ["experimentalApi": true],
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
            case (let method?, nil): return told(method, params)
            case (nil, let id?):
                if let id = id.intValue, id > Call.steer.rawValue {
                    return steered(Int(clamping: id - Call.steer.rawValue), message)
                }
                return replied(to: id.intValue.flatMap { Call(rawValue: $0) }, message)
            case (nil, nil): return wire.noticeUnknown("a message without method and id")
            }
        }
    }

    package mutating func decided(_ call: ToolCallID, _ answer: ToolAnswer) -> [HarnessAction] {
        guard !end.isFinished else { return [] }
        return ledger.settle(call, answer).map { reply in
            switch reply {
            case .approval(let request): Self.answer(request, answer)
            }
        }
    }

    package mutating func interrupted() -> [HarnessAction] {
        guard end.interrupt() else { return [] }
        guard thread != nil else {
            return end.finish(.fail(.stopped, "The turn was stopped before it began."))
        }
        return interruptTurn()
    }

    package var tellingRefusal: String? { nil }

    package mutating func told(_ message: ToldMessage) -> [HarnessAction] {
        guard !end.isFinished, !end.wasInterrupted else { return [] }
        talk.add(message)
        return steer()
    }

    package mutating func exited(status: Int32, stderrTail: String) -> [HarnessAction] {
        end.exited(status: status, stderrTail: stderrTail)
    }

    private func request(_ call: Call, _ method: String, _ params: JSONValue) -> HarnessAction {
        .send(["id": .int(call.rawValue), "method": .string(method), "params": params])
    }
}

// MARK: our requests

extension CodexMachine {
    private mutating func replied(to call: Call?, _ message: JSONValue) -> [HarnessAction] {
        guard let call else { return wire.noticeUnknown("a reply to nothing") }
        if let error = message["error"] {
            let text = error["message"]?.stringValue ?? "no reason given"
            switch call {
            case .initialize: return end.finish(.fail(.crashed, "Codex refused to start: \(text)"))
            case .thread: return end.finish(.fail(.crashed, "Codex refused the session: \(text)"))
            case .turn: return end.finish(.fail(.crashed, "Codex refused the turn: \(text)"))
            case .interrupt: return [.notice("Codex refused to interrupt the turn: \(text)")]
            case .steer: return wire.noticeUnknown("a reply to nothing")
            }
        }
        let result = message["result"] ?? .null
        switch call {
        case .initialize: return [.send(["method": "initialized"]), startThread()]
        case .thread: return startTurn(result)
        case .turn:
            turn = result["turn"]?["id"]?.stringValue
            let heard = talk.turnBegan().map { [HarnessAction.heard($0)] } ?? []
            return heard + (end.wasInterrupted ? interruptTurn() : steer())
        case .interrupt, .steer: return []
        }
    }

    private func startThread() -> HarnessAction {
        var params: [String: JSONValue] = [
            // Asks for everything. The sandbox is ours, outside; Codex's own cannot be nested in it.
            "cwd": .string(worktree), "approvalPolicy": "untrusted", "sandbox": "danger-full-access",
        ]
        if !instructions.isEmpty { params["developerInstructions"] = .string(instructions) }
        guard let resumeToken else { return request(.thread, "thread/start", .object(params)) }
        params["threadId"] = .string(resumeToken)
        params["excludeTurns"] = true  // Nobody here shows the past again.
        return request(.thread, "thread/resume", .object(params))
    }

    private mutating func startTurn(_ result: JSONValue) -> [HarnessAction] {
        guard let thread = result["thread"]?["id"]?.stringValue else {
            return end.finish(.fail(.garbage, "Codex started a session without naming it."))
        }
        // The setting every approval hangs on: what Codex says is in force, not what was asked for.
        guard result["approvalPolicy"]?.stringValue == "untrusted" else {
            return end.finish(
                .fail(.garbage, "Codex does not ask before it acts; this version is not known to work."))
        }
        self.thread = thread
        let ready = SessionEvent.ready(
            resumeToken: VisibleText.oneLine(thread, limit: 200),
            model: result["model"]?.stringValue.map { VisibleText.oneLine($0, limit: 200) })
        return [.emit(ready), startTurn(prompt, thread: thread, as: nil)]
    }

    private func startTurn(_ text: String, thread: String, as id: String?) -> HarnessAction {
        var params: [String: JSONValue] = [
            "threadId": .string(thread), "input": [["type": "text", "text": .string(text)]],
        ]
        if let schema { params["outputSchema"] = schema }
        if let id { params["clientUserMessageId"] = .string(id) }
        return request(.turn, "turn/start", .object(params))
    }

    private func interruptTurn() -> [HarnessAction] {
        guard let thread, let turn else { return [] }  // Sent when the turn has a name.
        return [
            request(.interrupt, "turn/interrupt", ["threadId": .string(thread), "turnId": .string(turn)])
        ]
    }
}

// MARK: what it is told during the turn

extension CodexMachine {
    /// Codex takes a message between two requests to the model, and names it when it does.
    private mutating func steer() -> [HarnessAction] {
        guard let thread, let turn else { return [] }
        return talk.send().map { message in
            .send([
                "id": .int(Call.steer.rawValue + Int64(message.number)), "method": "turn/steer",
                "params": [
                    "threadId": .string(thread), "expectedTurnId": .string(turn),
                    "clientUserMessageId": .string(message.id),
                    "input": [["type": "text", "text": .string(message.prompt)]],
                ],
            ])
        }
    }

    /// A turn that was over when the message came refuses it; it then begins the next.
    private mutating func steered(_ number: Int, _ message: JSONValue) -> [HarnessAction] {
        talk.replied(number, isTaken: message["error"] == nil)
        guard turn == nil else { return [] }
        guard !end.wasInterrupted else { return end.finish(.fail(.stopped, "The turn was stopped.")) }
        return nextTurn()
    }

    private mutating func itemStarted(_ item: JSONValue) -> [HarnessAction] {
        guard item["type"]?.stringValue == "userMessage", let id = item["clientId"]?.stringValue,
            let number = talk.heard(id)
        else { return [] }
        return [.heard(number)]
    }

    /// Goes on with what was told and is not in the answer; nothing while a reply is still to come.
    private mutating func nextTurn() -> [HarnessAction] {
        guard let thread, let message = talk.next() else { return [] }
        return [startTurn(message.prompt, thread: thread, as: message.id)]
    }
}

// MARK: Codex's requests

extension CodexMachine {
    private mutating func asked(_ method: String, _ params: JSONValue, request: JSONValue) -> [HarnessAction]
    {
        let item = params["itemId"]?.stringValue.flatMap { items[$0] }
        switch method {
        case "item/commandExecution/requestApproval":
            return decide(CodexItems.command(params, item: item), params, request)
        case "item/fileChange/requestApproval":
            return decide(CodexItems.fileChange(params, item: item), params, request)
        case "item/permissions/requestApproval":
            // More rights inside the sandbox mean nothing: what they could open is closed outside it.
            return [.send(["id": request, "result": ["permissions": [:]]])]
        case "item/tool/requestUserInput":
            return [.send(["id": request, "result": ["answers": [:]]])]
        case "mcpServer/elicitation/request":
            return [.send(["id": request, "result": ["action": "decline"]])]
        case "applyPatchApproval", "execCommandApproval":
            return [.send(["id": request, "result": ["decision": "denied"]])] + wire.noticeUnknown(method)
        default:
            let error: JSONValue = ["code": -32601, "message": "Nobody here serves this method."]
            return [.send(["id": request, "error": error])] + wire.noticeUnknown(method)
        }
    }

    private mutating func decide(_ draft: ToolCallDraft?, _ params: JSONValue, _ request: JSONValue)
        -> [HarnessAction]
    {
        guard let draft else {
            return [
                .notice("Codex asked to act without saying what it would do, and was refused."),
                Self.answer(request, .deny(message: "")),
            ]
        }
        if let refusal = draft.refusal {
            return [
                .notice("A \(draft.rawName) was refused: \(refusal)"),
                Self.answer(request, .deny(message: refusal)),
            ]
        }
        switch ledger.ask(draft.call, reply: .approval(request: request)) {
        case .decide(let call):
            if let item = params["itemId"]?.stringValue, items[item] != nil { calls[item] = call.id }
            return [.decide(call)]
        case .waiting: return []
        case .answered(let answer): return [Self.answer(request, answer)]
        case .tooMany:
            return end.finish(.fail(.garbage, "More than \(HarnessBounds.openCallsMax) tool calls are open."))
        }
    }

    /// `decline` lets the turn go on, though Codex does not list it among the decisions it offers.
    private static func answer(_ request: JSONValue, _ answer: ToolAnswer) -> HarnessAction {
        let decision: JSONValue =
            switch answer {
            case .allow: "accept"
            case .deny: "decline"
            }
        return .send(["id": request, "result": ["decision": decision]])
    }
}

// MARK: Codex's notifications

extension CodexMachine {
    private mutating func told(_ method: String, _ params: JSONValue) -> [HarnessAction] {
        switch method {
        case "item/started":
            return itemStarted(params["item"] ?? .null) + started(params["item"] ?? .null)
        case "item/completed":
            return completed(params["item"] ?? .null, thread: params["threadId"]?.stringValue)
        case "turn/completed": return turnCompleted(params)
        case "error", "warning", "configWarning", "deprecationNotice":
            let text =
                params["error"]?["message"]?.stringValue ?? params["message"]?.stringValue
                ?? params["summary"]?.stringValue ?? method
            let details = params["error"]?["additionalDetails"]?.stringValue.map { " (\($0))" } ?? ""
            return [.notice("Codex: \(text)\(details)")]
        default:
            let quiet = [
                "account/", "thread/", "turn/", "item/", "remoteControl/", "serverRequest/", "mcpServer/",
                "hook/",
            ]
            return quiet.contains { method.hasPrefix($0) } ? [] : wire.noticeUnknown(method)
        }
    }

    private mutating func started(_ item: JSONValue) -> [HarnessAction] {
        guard let id = item["id"]?.stringValue, Self.acts(item) else { return [] }
        guard items.count < HarnessBounds.answersMax else {
            return end.finish(
                .fail(.garbage, "More than \(HarnessBounds.answersMax) items were started and not ended."))
        }
        items[id] = item
        return []
    }

    private mutating func completed(_ item: JSONValue, thread: String?) -> [HarnessAction] {
        if item["type"]?.stringValue == "agentMessage" {
            let text = item["text"]?.stringValue ?? ""
            if thread == self.thread { lastMessage = text }
            return HarnessAction.said(text)
        }
        guard let id = item["id"]?.stringValue, Self.acts(item) else { return [] }
        items[id] = nil
        let summary = CodexItems.summary(of: item)
        guard let call = calls.removeValue(forKey: id) else {
            guard item["status"]?.stringValue == "completed" else { return [] }
            let kind = item["type"]?.stringValue ?? ""
            return end.finish(
                .fail(.garbage, "Codex did something (\(kind)) without asking; its approvals are off."))
        }
        ledger.finish(call)
        return [.finished(call, summary.succeeded, summary.text)]
    }

    private static func acts(_ item: JSONValue) -> Bool {
        ["commandExecution", "fileChange"].contains(item["type"]?.stringValue ?? "")
    }

    private mutating func turnCompleted(_ params: JSONValue) -> [HarnessAction] {
        // A subagent's turn.
        guard params["threadId"]?.stringValue == thread, thread != nil else { return [] }
        let status = params["turn"]?["status"]?.stringValue
        if status == "completed" {
            guard talk.isEmpty || end.wasInterrupted else {
                turn = nil
                talk.turnEnded()
                return [.turnEnded] + nextTurn()
            }
            return end.finish(.finish(FinalAnswer.result(text: lastMessage, schema: schema)))
        }
        if status == "interrupted" {
            return end.finish(
                .fail(
                    .stopped, end.wasInterrupted ? "The turn was stopped." : "Codex stopped the turn itself.")
            )
        }
        let error = params["turn"]?["error"]
        let text = error?["message"]?.stringValue ?? "The turn ended as \(status ?? "nothing known")."
        return end.finish(.fail(end.wasInterrupted ? .stopped : .model, text))
    }
}
