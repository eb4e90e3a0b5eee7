import Vocabulary

/// OpenAI's Chat Completions API, which most other servers speak too.
enum OpenAIChat {
    static func read(_ body: JSONValue) -> Dialogue {
        var conversation = Dialogue()
        conversation.model = body["model"]?.stringValue ?? ""
        conversation.isStreamed = body["stream"]?.boolValue ?? false
        for tool in body["tools"]?.arrayValue ?? [] {
            guard tool["type"] == "function", let function = tool["function"],
                let name = function["name"]?.stringValue
            else { continue }
            conversation.tools.append(
                OfferedTool(name: name, kind: .function, schema: function["parameters"]))
        }
        for message in body["messages"]?.arrayValue ?? [] {
            switch message["role"]?.stringValue {
            case "tool": conversation.addResults(1)
            case "user": conversation.add(userText: text(message["content"]))
            case "system", "developer": conversation.noteWorkingDirectory(in: text(message["content"]))
            default: break
            }
        }
        return conversation
    }

    private static func text(_ content: JSONValue?) -> String {
        if let text = content?.stringValue { return text }
        return (content?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined(separator: "\n")
    }

    static func document(_ answer: ScriptedAnswer) -> JSONValue {
        var message: [String: JSONValue] = [
            "role": "assistant", "content": answer.text.isEmpty ? .null : .string(answer.text),
        ]
        let calls = calls(answer)
        if !calls.isEmpty { message["tool_calls"] = .array(calls.map { .object($0) }) }
        return [
            "id": .string(StreamPart.identifier("chatcmpl-")), "object": "chat.completion",
            "created": 1_700_000_000,
            "model": .string(answer.model), "usage": usage(answer),
            "choices": [["index": 0, "message": .object(message), "finish_reason": finish(answer)]],
        ]
    }

    /// `includesUsage`: the request asked for a last chunk with the figures.
    static func stream(_ answer: ScriptedAnswer, includesUsage: Bool) -> [[UInt8]] {
        let id = StreamPart.identifier("chatcmpl-")
        func chunk(_ choices: [JSONValue], usage: JSONValue? = nil) -> [UInt8] {
            var members: [String: JSONValue] = [
                "id": .string(id), "object": "chat.completion.chunk", "created": 1_700_000_000,
                "model": .string(answer.model),
                "choices": .array(choices),
            ]
            if let usage { members["usage"] = usage }
            return StreamPart.event(nil, .object(members))
        }
        func delta(_ delta: JSONValue, finish: JSONValue = .null) -> [UInt8] {
            chunk([["index": 0, "delta": delta, "finish_reason": finish]])
        }
        var parts = [delta(["role": "assistant", "content": ""])]
        parts += StreamPart.words(of: answer.text).map { delta(["content": .string($0)]) }
        if answer.isCut { return parts }
        for (index, call) in calls(answer).enumerated() {
            parts.append(delta(["tool_calls": [.object(call.merging(["index": .int(Int64(index))]) { $1 })]]))
        }
        parts.append(delta([:], finish: finish(answer)))
        if includesUsage { parts.append(chunk([], usage: usage(answer))) }
        parts.append(Array("data: [DONE]\n\n".utf8))
        return parts
    }

    private static func finish(_ answer: ScriptedAnswer) -> JSONValue {
        answer.uses.isEmpty ? "stop" : "tool_calls"
    }

    private static func calls(_ answer: ScriptedAnswer) -> [[String: JSONValue]] {
        answer.uses.map { use in
            let arguments: JSONValue =
                switch use.input {
                case .object(let object): object
                case .text(let text): ["input": .string(text)]
                }
            return [
                "id": .string(StreamPart.identifier("call_")), "type": "function",
                "function": ["name": .string(use.name), "arguments": .string(JSONText.write(arguments))],
            ]
        }
    }

    private static func usage(_ answer: ScriptedAnswer) -> JSONValue {
        let all = answer.usage.input + answer.usage.cacheRead + answer.usage.cacheWrite
        return [
            "prompt_tokens": .int(all), "completion_tokens": .int(answer.usage.output),
            "total_tokens": .int(all + answer.usage.output),
            "prompt_tokens_details": ["cached_tokens": .int(answer.usage.cacheRead)],
        ]
    }

    static func failure(_ status: Int, _ message: String) -> JSONValue {
        let type =
            status == 401
            ? "authentication_error"
            : status == 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error"
        return [
            "error": [
                "message": .string(message), "type": .string(type), "param": .null,
                "code": .string("rehearsed_\(status)"),
            ]
        ]
    }
}
