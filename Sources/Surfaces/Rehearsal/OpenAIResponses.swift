import Vocabulary

/// OpenAI's Responses API.
enum OpenAIResponses {
    static func read(_ body: JSONValue) -> Dialogue {
        var conversation = Dialogue()
        conversation.model = body["model"]?.stringValue ?? ""
        conversation.isStreamed = body["stream"]?.boolValue ?? false
        add(body["tools"]?.arrayValue ?? [], to: &conversation)
        conversation.noteWorkingDirectory(in: body["instructions"]?.stringValue ?? "")
        if let text = body["input"]?.stringValue { conversation.add(userText: text) }
        for item in body["input"]?.arrayValue ?? [] {
            // Tools can also be offered in the middle of a conversation.
            add(item["tools"]?.arrayValue ?? [], to: &conversation)
            switch item["type"]?.stringValue ?? "message" {
            case "message" where item["role"] == "user": conversation.add(userText: text(item["content"]))
            case "function_call_output", "custom_tool_call_output", "local_shell_call_output":
                conversation.addResults(1)
            default: break
            }
        }
        return conversation
    }

    private static func add(_ tools: [JSONValue], to conversation: inout Dialogue) {
        for tool in tools {
            guard let name = tool["name"]?.stringValue else { continue }
            switch tool["type"]?.stringValue {
            case "function":
                conversation.tools.append(
                    OfferedTool(name: name, kind: .function, schema: tool["parameters"]))
            case "custom": conversation.tools.append(OfferedTool(name: name, kind: .custom, schema: nil))
            case "namespace" where name == "functions":
                add(tool["tools"]?.arrayValue ?? [], to: &conversation)
            default: break
            }
        }
    }

    private static func text(_ content: JSONValue?) -> String {
        if let text = content?.stringValue { return text }
        return (content?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined(separator: "\n")
    }

    static func document(_ answer: ScriptedAnswer) -> JSONValue {
        response(answer, id: StreamPart.identifier("resp_"), items: items(answer), isDone: true)
    }

    /// The parts of a streamed answer; the events and their order are those that Codex accepts.
    static func stream(_ answer: ScriptedAnswer) -> [[UInt8]] {
        let id = StreamPart.identifier("resp_")
        let items = items(answer)
        func event(_ type: String, _ members: [String: JSONValue]) -> [UInt8] {
            var all = members
            all["type"] = .string(type)
            return StreamPart.event(type, .object(all))
        }
        var parts = [
            event("response.created", ["response": response(answer, id: id, items: [], isDone: false)])
        ]
        for (index, item) in items.enumerated() {
            let place: [String: JSONValue] = [
                "output_index": .int(Int64(index)), "item_id": item["id"] ?? .null,
            ]
            func part(_ type: String, _ members: [String: JSONValue]) -> [UInt8] {
                event(type, place.merging(members) { $1 })
            }
            var opening = item.objectValue ?? [:]
            if item["type"] == "message" { opening["content"] = [] }
            parts.append(part("response.output_item.added", ["item": .object(opening)]))
            if item["type"] == "message" {
                parts += StreamPart.words(of: answer.text).map {
                    part("response.output_text.delta", ["content_index": 0, "delta": .string($0)])
                }
                if answer.isCut { return parts }
                parts.append(
                    part("response.output_text.done", ["content_index": 0, "text": .string(answer.text)]))
            } else if let arguments = item["arguments"] {
                parts.append(part("response.function_call_arguments.delta", ["delta": arguments]))
                if answer.isCut { return parts }
                parts.append(
                    part(
                        "response.function_call_arguments.done",
                        ["name": item["name"] ?? .null, "arguments": arguments]))
            }
            if answer.isCut { return parts }
            parts.append(part("response.output_item.done", ["item": item]))
        }
        if answer.isCut { return parts }
        parts.append(
            event("response.completed", ["response": response(answer, id: id, items: items, isDone: true)]))
        return parts
    }

    private static func items(_ answer: ScriptedAnswer) -> [JSONValue] {
        var items: [JSONValue] = []
        if !answer.text.isEmpty {
            items.append([
                "type": "message", "id": .string(StreamPart.identifier("msg_")), "role": "assistant",
                "status": "completed",
                "content": [["type": "output_text", "text": .string(answer.text), "annotations": []]],
            ])
        }
        for use in answer.uses {
            let call = StreamPart.identifier("call_")
            var item: [String: JSONValue] = [
                "call_id": .string(call), "name": .string(use.name), "status": "completed",
            ]
            switch use.input {
            case .object(let object):
                item["type"] = "function_call"
                item["id"] = .string("fc_" + call)
                item["arguments"] = .string(JSONText.write(object))
            case .text(let text):
                item["type"] = "custom_tool_call"
                item["id"] = .string("ctc_" + call)
                item["input"] = .string(text)
            }
            items.append(.object(item))
        }
        return items
    }

    private static func response(_ answer: ScriptedAnswer, id: String, items: [JSONValue], isDone: Bool)
        -> JSONValue
    {
        let all = answer.usage.input + answer.usage.cacheRead + answer.usage.cacheWrite
        let usage: JSONValue = [
            "input_tokens": .int(all),
            "input_tokens_details": [
                "cached_tokens": .int(answer.usage.cacheRead),
                "cache_write_tokens": .int(answer.usage.cacheWrite),
            ],
            "output_tokens": .int(answer.usage.output), "output_tokens_details": ["reasoning_tokens": 0],
            "total_tokens": .int(all + answer.usage.output),
        ]
        return [
            "id": .string(id), "object": "response", "created_at": 1_700_000_000,
            "status": isDone ? "completed" : "in_progress",
            "model": .string(answer.model), "output": .array(items), "usage": isDone ? usage : .null,
            "parallel_tool_calls": true, "tool_choice": "auto", "tools": [],
        ]
    }
}
