import Vocabulary

/// What is asked of the model, before it has the shape of a dialect.
struct ModelRequest: Hashable, Sendable {
    var model: String
    var system: String
    var conversation: Dialogue
    var tools: [ToolDefinition]
    var schema: JSONValue?
}

/// What the model answered, after the shape of its dialect is taken off.
struct ModelReply: Hashable, Sendable {
    enum Stop: Hashable, Sendable { case done, lengthReached, refused }
    var text: String
    var calls: [ModelCall]
    /// The answer in the dialect's own shape, to be replayed.
    var raw: JSONValue
    var stop: Stop
    var usage: TokenUsage
}

/// One wire format: where a request goes, what it looks like, and how its answer is read.
protocol ModelWire: Sendable {
    /// Behind the base URL.
    var path: String { get }
    func headers(key: String) -> [(name: String, value: String)]
    func body(of request: ModelRequest) -> JSONValue
    /// nil when the answer has not the shape of this dialect.
    func reply(_ answer: JSONValue) -> ModelReply?
}

extension ModelDialect {
    var wire: any ModelWire {
        switch self {
        case .anthropicMessages: AnthropicWire()
        case .openaiResponses: ResponsesWire()
        case .openaiChat: ChatWire()
        }
    }
}

extension ModelWire {
    func bearer(_ key: String) -> [(name: String, value: String)] {
        key.isEmpty ? [] : [("Authorization", "Bearer \(key)")]
    }

    /// A call's input, which two dialects send as JSON inside a string. What is no JSON is kept for the tool
    /// to refuse.
    func input(of arguments: JSONValue?) -> JSONValue {
        guard let text = arguments?.stringValue else { return arguments ?? [:] }
        if text.isEmpty { return [:] }
        do throws(JSONText.Flaw) {
            return try JSONText.parse(text)
        } catch {
            return .string(text)
        }
    }
}

/// Anthropic Messages.
struct AnthropicWire: ModelWire {
    let path = "/v1/messages"

    func headers(key: String) -> [(name: String, value: String)] {
        [("anthropic-version", "2023-06-01")] + (key.isEmpty ? [] : [("x-api-key", key)])
    }

    func body(of request: ModelRequest) -> JSONValue {
        let cached: JSONValue = ["type": "ephemeral"]
        var messages = request.conversation.entries.map { entry -> JSONValue in
            switch entry {
            case .user(let text): ["role": "user", "content": [["type": "text", "text": .string(text)]]]
            case .model(_, _, let raw): ["role": "assistant", "content": raw]
            case .results(let results):
                [
                    "role": "user",
                    "content": .array(
                        results.map {
                            [
                                "type": "tool_result", "tool_use_id": .string($0.call),
                                "content": .string($0.text),
                                "is_error": .bool($0.failed),
                            ]
                        }),
                ]
            }
        }
        // Everything up to the last message is what the next request begins with: cached there, it is paid
        // for once.
        if case .object(var last) = messages.last, case .array(var blocks) = last["content"],
            case .object(var block) = blocks.last
        {
            block["cache_control"] = cached
            blocks[blocks.count - 1] = .object(block)
            last["content"] = .array(blocks)
            messages[messages.count - 1] = .object(last)
        }
        return [
            "model": .string(request.model), "max_tokens": .int(AgentBounds.answerTokensMax),
            "system": [["type": "text", "text": .string(request.system), "cache_control": cached]],
            "messages": .array(messages),
            "tools": .array(
                request.tools.map {
                    ["name": .string($0.name), "description": .string($0.purpose), "input_schema": $0.schema]
                }),
        ]
    }

    func reply(_ answer: JSONValue) -> ModelReply? {
        guard let blocks = answer["content"]?.arrayValue else { return nil }
        let text = blocks.filter { $0["type"] == "text" }.compactMap { $0["text"]?.stringValue }.joined()
        let calls = blocks.filter { $0["type"] == "tool_use" }.compactMap { block -> ModelCall? in
            guard let id = block["id"]?.stringValue, let name = block["name"]?.stringValue else { return nil }
            return ModelCall(id: id, name: name, input: block["input"] ?? [:])
        }
        let stop: ModelReply.Stop =
            switch answer["stop_reason"]?.stringValue {
            case "max_tokens": .lengthReached
            case "refusal": .refused
            default: .done
            }
        let usage = answer["usage"] ?? .null
        return ModelReply(
            text: text, calls: calls, raw: .array(blocks), stop: stop,
            usage: TokenUsage(
                input: usage["input_tokens"]?.intValue ?? 0, output: usage["output_tokens"]?.intValue ?? 0,
                cacheRead: usage["cache_read_input_tokens"]?.intValue ?? 0,
                cacheWrite: usage["cache_creation_input_tokens"]?.intValue ?? 0))
    }
}
