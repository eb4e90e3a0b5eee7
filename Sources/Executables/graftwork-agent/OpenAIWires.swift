import Vocabulary

/// OpenAI Responses. Nothing is stored at the endpoint: each request carries the whole conversation.
struct ResponsesWire: ModelWire {
    let path = "/v1/responses"

    func headers(key: String) -> [(name: String, value: String)] { bearer(key) }

    func body(of request: ModelRequest) -> JSONValue {
        let input = request.conversation.entries.flatMap { entry -> [JSONValue] in
            switch entry {
            case .user(let text):
                [
                    [
                        "type": "message", "role": "user",
                        "content": [["type": "input_text", "text": .string(text)]],
                    ]
                ]
            case .model(_, _, let raw): raw.arrayValue ?? []
            case .results(let results):
                results.map {
                    ["type": "function_call_output", "call_id": .string($0.call), "output": .string($0.text)]
                }
            }
        }
        var body: [String: JSONValue] = [
            "model": .string(request.model), "instructions": .string(request.system), "input": .array(input),
            "store": false,
            "max_output_tokens": .int(AgentBounds.answerTokensMax),
            "tools": .array(
                request.tools.map {
                    [
                        "type": "function", "name": .string($0.name), "description": .string($0.purpose),
                        "parameters": $0.schema, "strict": false,
                    ]
                }),
        ]
        if let schema = request.schema {
            body["text"] = [
                "format": ["type": "json_schema", "name": "answer", "schema": schema, "strict": false]
            ]
        }
        return .object(body)
    }

    func reply(_ answer: JSONValue) -> ModelReply? {
        guard let items = answer["output"]?.arrayValue else { return nil }
        let messages = items.filter { $0["type"] == "message" }
        let text = messages.flatMap { $0["content"]?.arrayValue ?? [] }.compactMap { $0["text"]?.stringValue }
            .joined()
        let calls = items.filter { $0["type"] == "function_call" }.compactMap { item -> ModelCall? in
            guard let id = item["call_id"]?.stringValue, let name = item["name"]?.stringValue else {
                return nil
            }
            return ModelCall(id: id, name: name, input: input(of: item["arguments"]))
        }
        let incomplete = answer["incomplete_details"]?["reason"]?.stringValue
        let stop: ModelReply.Stop =
            switch incomplete {
            case "max_output_tokens": .lengthReached
            case "content_filter": .refused
            default: .done
            }
        let usage = answer["usage"] ?? .null
        let cached = usage["input_tokens_details"]?["cached_tokens"]?.intValue ?? 0
        return ModelReply(
            text: text, calls: calls, raw: .array(items.compactMap(Self.replayed)), stop: stop,
            usage: TokenUsage(
                input: max(0, (usage["input_tokens"]?.intValue ?? 0) - cached),
                output: usage["output_tokens"]?.intValue ?? 0, cacheRead: cached))
    }

    /// An output item as input: without the identifiers of things the endpoint did not store. Reasoning
    /// cannot be replayed at all without them.
    private static func replayed(_ item: JSONValue) -> JSONValue? {
        switch item["type"]?.stringValue {
        case "message":
            let text = (item["content"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined()
            return [
                "type": "message", "role": "assistant",
                "content": [["type": "output_text", "text": .string(text)]],
            ]
        case "function_call":
            return [
                "type": "function_call", "call_id": item["call_id"] ?? "", "name": item["name"] ?? "",
                "arguments": item["arguments"] ?? "{}",
            ]
        default: return nil
        }
    }
}

/// OpenAI Chat Completions, which most local servers and gateways speak.
struct ChatWire: ModelWire {
    let path = "/v1/chat/completions"

    func headers(key: String) -> [(name: String, value: String)] { bearer(key) }

    func body(of request: ModelRequest) -> JSONValue {
        let messages = request.conversation.entries.flatMap { entry -> [JSONValue] in
            switch entry {
            case .user(let text): [["role": "user", "content": .string(text)]]
            case .model(_, _, let raw): [raw]
            case .results(let results):
                results.map {
                    ["role": "tool", "tool_call_id": .string($0.call), "content": .string($0.text)]
                }
            }
        }
        return [
            "model": .string(request.model),
            "messages": .array([["role": "system", "content": .string(request.system)]] + messages),
            "tools": .array(
                request.tools.map {
                    [
                        "type": "function",
                        "function": [
                            "name": .string($0.name), "description": .string($0.purpose),
                            "parameters": $0.schema,
                        ],
                    ]
                }),
        ]
    }

    func reply(_ answer: JSONValue) -> ModelReply? {
        guard let choice = answer["choices"]?.arrayValue?.first, let message = choice["message"] else {
            return nil
        }
        let text = message["content"]?.stringValue ?? ""
        let asked = message["tool_calls"]?.arrayValue ?? []
        let calls = asked.compactMap { call -> ModelCall? in
            guard let id = call["id"]?.stringValue, let name = call["function"]?["name"]?.stringValue else {
                return nil
            }
            return ModelCall(id: id, name: name, input: input(of: call["function"]?["arguments"]))
        }
        var raw: [String: JSONValue] = ["role": "assistant", "content": .string(text)]
        if !asked.isEmpty { raw["tool_calls"] = .array(asked) }
        let stop: ModelReply.Stop =
            switch choice["finish_reason"]?.stringValue {
            case "length": .lengthReached
            case "content_filter": .refused
            default: .done
            }
        let usage = answer["usage"] ?? .null
        let cached = usage["prompt_tokens_details"]?["cached_tokens"]?.intValue ?? 0
        return ModelReply(
            text: text, calls: calls, raw: .object(raw), stop: stop,
            usage: TokenUsage(
                input: max(0, (usage["prompt_tokens"]?.intValue ?? 0) - cached),
                output: usage["completion_tokens"]?.intValue ?? 0, cacheRead: cached))
    }
}
