import Foundation
import HTTPClient
import Rehearsal
import Vocabulary

/// Speaks to a rehearsal as a harness of one dialect would.
struct Client {
    let address: RehearsalAddress
    let dialect: ModelDialect
    var tools: [JSONValue] = []
    var isStreamed = false

    /// A turn of a conversation as every dialect has it.
    enum Turn {
        case user(String)
        /// A call the model made and its result.
        case result
    }

    struct Answer: Equatable {
        var status = 200
        var text = ""
        var calls: [String] = []
        var input: Int64 = 0
        var output: Int64 = 0
        var model = ""
        var isWhole = true
        var raw = ""
    }

    static func function(
        _ name: String, _ properties: [String: JSONValue], required: [String] = [], dialect: ModelDialect
    ) -> JSONValue {
        let schema: JSONValue = [
            "type": "object", "properties": .object(properties),
            "required": .array(required.map { .string($0) }),
        ]
        switch dialect {
        case .anthropicMessages: return ["name": .string(name), "input_schema": schema]
        case .openaiResponses: return ["type": "function", "name": .string(name), "parameters": schema]
        case .openaiChat:
            return ["type": "function", "function": ["name": .string(name), "parameters": schema]]
        }
    }

    /// The tools of the built-in agent.
    static func builtInTools(_ dialect: ModelDialect) -> [JSONValue] {
        let text: JSONValue = ["type": "string"]
        return [
            function("shell", ["command": text], required: ["command"], dialect: dialect),
            function("write", ["path": text, "text": text], dialect: dialect),
            function("edit", ["path": text, "old": text, "new": text], dialect: dialect),
            function("read", ["path": text], dialect: dialect),
        ]
    }

    func ask(_ turns: Turn..., system: String = "") throws -> Answer {
        try ask(turns, system: system)
    }

    func ask(_ turns: [Turn], system: String = "") throws -> Answer {
        let path: String
        var body: [String: JSONValue] = [
            "model": "test-model", "stream": .bool(isStreamed), "tools": .array(tools),
        ]
        switch dialect {
        case .anthropicMessages:
            path = "/v1/messages?beta=true"
            body["system"] = [["type": "text", "text": .string(system)]]
            body["max_tokens"] = 100
            body["messages"] = .array(
                turns.map { turn in
                    switch turn {
                    case .user(let text):
                        ["role": "user", "content": [["type": "text", "text": .string(text)]]]
                    case .result:
                        [
                            "role": "user",
                            "content": [["type": "tool_result", "tool_use_id": "x", "content": "ok"]],
                        ]
                    }
                })
        case .openaiResponses:
            path = "/v1/responses"
            body["instructions"] = .string(system)
            body["input"] = .array(
                turns.map { turn in
                    switch turn {
                    case .user(let text):
                        [
                            "type": "message", "role": "user",
                            "content": [["type": "input_text", "text": .string(text)]],
                        ]
                    case .result: ["type": "function_call_output", "call_id": "x", "output": "ok"]
                    }
                })
        case .openaiChat:
            path = "/v1/chat/completions"
            if isStreamed { body["stream_options"] = ["include_usage": true] }
            body["messages"] = .array(
                [["role": "system", "content": .string(system)]]
                    + turns.map { turn in
                        switch turn {
                        case .user(let text): ["role": "user", "content": .string(text)]
                        case .result: ["role": "tool", "tool_call_id": "x", "content": "ok"]
                        }
                    })
        }
        let isUnix = address.baseURL.hasPrefix("unix:")
        let exchange = try HTTPConnector().start(
            HTTPClientRequest(
                method: "POST", url: (isUnix ? "http://localhost" : address.baseURL) + path,
                unixSocketPath: isUnix ? String(address.baseURL.dropFirst(5)) : nil,
                headers: [("Content-Type", "application/json"), ("Authorization", "Bearer key-1")],
                body: Array(try JSONEncoder().encode(JSONValue.object(body)))))
        var answer = Answer(status: exchange.status)
        var bytes: [UInt8] = []
        do {
            while let chunk = try exchange.readChunk() { bytes += chunk }
        } catch { answer.isWhole = false }
        answer.raw = String(decoding: bytes, as: UTF8.self)
        if exchange.status == 200, answer.isWhole || isStreamed { read(bytes, into: &answer) }
        return answer
    }

    private func read(_ bytes: [UInt8], into answer: inout Answer) {
        let text = String(decoding: bytes, as: UTF8.self)
        if !isStreamed {
            if let document = decode(text) { take(document, &answer) }
            return
        }
        for line in text.split(separator: "\n") where line.hasPrefix("data: {") {
            guard let event = decode(String(line.dropFirst(6))) else { continue }
            switch dialect {
            case .anthropicMessages:
                if let message = event["message"] { take(message, &answer) }
                answer.text += event["delta"]?["text"]?.stringValue ?? ""
                if event["content_block"]?["type"] == "tool_use" {
                    answer.calls.append(event["content_block"]?["name"]?.stringValue ?? "")
                }
                if let json = event["delta"]?["partial_json"]?.stringValue {
                    answer.calls[answer.calls.count - 1] += json
                }
                if let output = event["usage"]?["output_tokens"]?.intValue { answer.output = output }
            case .openaiResponses:
                if event["type"] == "response.completed", let response = event["response"] {
                    take(response, &answer)
                }
            case .openaiChat:
                let delta = event["choices"]?.arrayValue?.first?["delta"]
                answer.text += delta?["content"]?.stringValue ?? ""
                for call in delta?["tool_calls"]?.arrayValue ?? [] {
                    answer.calls.append(
                        (call["function"]?["name"]?.stringValue ?? "")
                            + (call["function"]?["arguments"]?.stringValue ?? ""))
                }
                if event["usage"] != nil { take(event, &answer) }
            }
        }
    }

    private func take(_ document: JSONValue, _ answer: inout Answer) {
        answer.model = document["model"]?.stringValue ?? ""
        let usage = document["usage"]
        answer.input = usage?["input_tokens"]?.intValue ?? usage?["prompt_tokens"]?.intValue ?? 0
        answer.output = usage?["output_tokens"]?.intValue ?? usage?["completion_tokens"]?.intValue ?? 0
        for block in document["content"]?.arrayValue ?? [] {
            answer.text += block["text"]?.stringValue ?? ""
            if let name = block["name"]?.stringValue {
                answer.calls.append(name + encode(block["input"] ?? .null))
            }
        }
        for item in document["output"]?.arrayValue ?? [] {
            answer.text += item["content"]?.arrayValue?.first?["text"]?.stringValue ?? ""
            if let name = item["name"]?.stringValue {
                answer.calls.append(
                    name + (item["arguments"]?.stringValue ?? item["input"]?.stringValue ?? ""))
            }
        }
        if let message = document["choices"]?.arrayValue?.first?["message"] {
            answer.text += message["content"]?.stringValue ?? ""
            for call in message["tool_calls"]?.arrayValue ?? [] {
                answer.calls.append(
                    (call["function"]?["name"]?.stringValue ?? "")
                        + (call["function"]?["arguments"]?.stringValue ?? ""))
            }
        }
    }

    private func decode(_ text: String) -> JSONValue? {
        try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    private func encode(_ value: JSONValue) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// Every dialect, streamed and not.
let everyWay: [(ModelDialect, Bool)] = ModelDialect.allCases.flatMap { [($0, false), ($0, true)] }

/// Starts a rehearsal of these scenes; whoever starts it stops it.
func play(_ scenes: [RehearsalScene]) throws -> (server: RehearsalServer, address: RehearsalAddress) {
    let server = RehearsalServer(script: RehearsalScript(scenes: scenes))
    return (server, try server.start(on: .loopback(port: 0)))
}
