import Vocabulary

/// Anthropic's Messages API.
enum AnthropicMessages {
    static func read(_ body: JSONValue) -> Dialogue {
        var conversation = Dialogue()
        conversation.model = body["model"]?.stringValue ?? ""
        conversation.isStreamed = body["stream"]?.boolValue ?? false
        for tool in body["tools"]?.arrayValue ?? [] {
            guard let name = tool["name"]?.stringValue else { continue }
            conversation.tools.append(OfferedTool(name: name, kind: .function, schema: tool["input_schema"]))
        }
        for text in texts(body["system"]) { conversation.noteWorkingDirectory(in: text) }
        for message in body["messages"]?.arrayValue ?? [] where message["role"] == "user" {
            let results = (message["content"]?.arrayValue ?? []).count { $0["type"] == "tool_result" }
            conversation.addResults(results)
            // What stands beside a tool result was put there by the harness.
            if results == 0 { conversation.add(userText: texts(message["content"]).joined(separator: "\n")) }
        }
        return conversation
    }

    private static func texts(_ content: JSONValue?) -> [String] {
        if let text = content?.stringValue { return [text] }
        return (content?.arrayValue ?? []).compactMap { $0["type"] == "text" ? $0["text"]?.stringValue : nil }
    }

    static func document(_ answer: ScriptedAnswer) -> JSONValue {
        message(answer, content: blocks(answer), stop: stopReason(answer), outputTokens: answer.usage.output)
    }

    /// The parts of a streamed answer; the events and their order are those that Claude Code accepts.
    static func stream(_ answer: ScriptedAnswer) -> [[UInt8]] {
        var parts = [
            StreamPart.event(
                "message_start",
                [
                    "type": "message_start",
                    "message": message(answer, content: [], stop: .null, outputTokens: 1),
                ])
        ]
        for (index, block) in blocks(answer).enumerated() {
            let number = JSONValue.int(Int64(index))
            func delta(_ delta: JSONValue) -> [UInt8] {
                StreamPart.event(
                    "content_block_delta", ["type": "content_block_delta", "index": number, "delta": delta])
            }
            var start = block.objectValue ?? [:]
            if block["type"] == "text" { start["text"] = "" } else { start["input"] = [:] }
            parts.append(
                StreamPart.event(
                    "content_block_start",
                    ["type": "content_block_start", "index": number, "content_block": .object(start)]))
            if let text = block["text"]?.stringValue {
                parts += StreamPart.words(of: text).map {
                    delta(["type": "text_delta", "text": .string($0)])
                }
            } else {
                parts.append(
                    delta([
                        "type": "input_json_delta",
                        "partial_json": .string(JSONText.write(block["input"] ?? [:])),
                    ]))
            }
            if answer.isCut { return parts }
            parts.append(
                StreamPart.event("content_block_stop", ["type": "content_block_stop", "index": number]))
        }
        if answer.isCut { return parts }
        parts.append(
            StreamPart.event(
                "message_delta",
                [
                    "type": "message_delta",
                    "delta": ["stop_reason": stopReason(answer), "stop_sequence": .null],
                    "usage": ["output_tokens": .int(answer.usage.output)],
                ]))
        parts.append(StreamPart.event("message_stop", ["type": "message_stop"]))
        return parts
    }

    static func failure(_ status: Int, _ message: String) -> JSONValue {
        let type =
            switch status {
            case 401: "authentication_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 429: "rate_limit_error"
            case 529: "overloaded_error"
            case 400..<500: "invalid_request_error"
            default: "api_error"
            }
        return ["type": "error", "error": ["type": .string(type), "message": .string(message)]]
    }

    private static func stopReason(_ answer: ScriptedAnswer) -> JSONValue {
        answer.uses.isEmpty ? "end_turn" : "tool_use"
    }

    private static func blocks(_ answer: ScriptedAnswer) -> [JSONValue] {
        var blocks: [JSONValue] = answer.text.isEmpty ? [] : [["type": "text", "text": .string(answer.text)]]
        for use in answer.uses {
            let input: JSONValue =
                switch use.input {
                case .object(let object): object
                case .text(let text): ["input": .string(text)]
                }
            blocks.append([
                "type": "tool_use", "id": .string(StreamPart.identifier("toolu_")), "name": .string(use.name),
                "input": input,
            ])
        }
        return blocks
    }

    private static func message(
        _ answer: ScriptedAnswer, content: [JSONValue], stop: JSONValue, outputTokens: Int64
    ) -> JSONValue {
        [
            "id": .string(StreamPart.identifier("msg_")), "type": "message", "role": "assistant",
            "model": .string(answer.model),
            "content": .array(content), "stop_reason": stop, "stop_sequence": .null,
            "usage": [
                "input_tokens": .int(answer.usage.input),
                "cache_creation_input_tokens": .int(answer.usage.cacheWrite),
                "cache_read_input_tokens": .int(answer.usage.cacheRead), "output_tokens": .int(outputTokens),
                "service_tier": "standard",
            ],
        ]
    }
}
