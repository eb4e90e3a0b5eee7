import Fixtures
import Harnesses
import Linux
import Testing
import Vocabulary

@Suite("The built-in agent, against a scripted model") struct BuiltInAgentTests {
    @Test("writes, runs and says what it did, in every dialect", arguments: ModelDialect.allCases)
    func works(dialect: ModelDialect) async throws {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([
            Reply.calls("write", ["path": "src/a.txt", "content": "one\n"], in: dialect),
            Reply.calls("shell", ["command": "cat src/a.txt; echo oops >&2; exit 3"], id: "m2", in: dialect),
            Reply.says("Wrote a.txt.", in: dialect),
        ])
        defer { model.close() }
        let agent = try AgentDriver(in: folder, model: model, dialect: dialect)
        let result = try await agent.run()
        #expect(result == .completed(text: "Wrote a.txt.", structured: nil))
        #expect(
            await agent.asked == [
                ToolCall(
                    id: ToolCallID("call-1"), kind: .edit, rawName: "write", paths: ["src/a.txt"],
                    input: ["path": "src/a.txt", "content": "one\n"]),
                ToolCall(
                    id: ToolCallID("call-2"), kind: .shell, rawName: "shell",
                    command: "cat src/a.txt; echo oops >&2; exit 3",
                    input: ["command": "cat src/a.txt; echo oops >&2; exit 3"]),
            ])
        #expect(
            await agent.finished == [
                "call-1 ok: Wrote 4 bytes to src/a.txt.",
                "call-2 failed: The command exited with code 3.\none\n\n[stderr]\noops\n",
            ])
        #expect(try folder.read("worktree/src/a.txt") == "one\n")
        #expect(model.asked.map(\.path) == Array(repeating: "/up" + Self.path(of: dialect), count: 3))
        #expect(Self.conversation(model.asked[2].body, dialect) == Self.expected(dialect))
        #expect(model.asked[0].headers.contains { $0 == Self.key(of: dialect) })
    }

    @Test("does nothing that was denied, and tells the model why") func denied() async throws {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([
            Reply.calls("shell", ["command": "echo ran > ran.txt"], in: .openaiChat),
            Reply.says("I could not.", in: .openaiChat),
        ])
        defer { model.close() }
        let agent = try AgentDriver(in: folder, model: model, dialect: .openaiChat)
        let result = try await agent.run(answering: .deny(message: "Pushes need a person."))
        #expect(result == .completed(text: "I could not.", structured: nil))
        #expect(!Files.exists(folder.path("worktree/ran.txt")))
        #expect(
            model.asked.last?.body["messages"]?.arrayValue?.last
                == [
                    "role": "tool", "tool_call_id": "m1",
                    "content": "This call was denied. Pushes need a person.",
                ])
    }

    @Test("asks about reading as well as about writing") func asksAboutEverything() async throws {
        let folder = try TemporaryFolder()
        try folder.write("worktree/a.txt", "alpha\nbeta\ngamma\n")
        let model = try ScriptedModel([
            Reply.calls("read", ["path": "a.txt", "offset": 2, "limit": 1], in: .openaiChat),
            Reply.calls("search", ["text": "mm"], in: .openaiChat),
            Reply.calls(
                "edit", ["path": "a.txt", "old_string": "beta", "new_string": "BETA"], in: .openaiChat),
            Reply.says("done", in: .openaiChat),
        ])
        defer { model.close() }
        let agent = try AgentDriver(in: folder, model: model, dialect: .openaiChat)
        _ = try await agent.run()
        #expect(await agent.asked.map(\.kind) == [.read, .read, .edit])
        #expect(
            await agent.finished == [
                "call-1 ok: beta", "call-2 ok: a.txt:3: gamma", "call-3 ok: Edited a.txt.",
            ])
        #expect(try folder.read("worktree/a.txt") == "alpha\nBETA\ngamma\n")
    }

    @Test("answers with the document asked for, after being told that prose is none") func structured()
        async throws
    {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([
            Reply.says("Looks fine to me.", in: .anthropicMessages),
            Reply.says(#"{"verdict":"pass"}"#, in: .anthropicMessages),
        ])
        defer { model.close() }
        let agent = try AgentDriver(
            in: folder, model: model, dialect: .anthropicMessages,
            schema: ["type": "object", "required": ["verdict"]])
        #expect(
            try await agent.run() == .completed(text: #"{"verdict":"pass"}"#, structured: ["verdict": "pass"])
        )
        #expect(
            model.asked[0].body["system"]?.arrayValue?.first?["text"]?.stringValue?.contains(
                #""required":["verdict"]"#) == true)
    }

    @Test("ends with the answer given to the finish tool") func finish() async throws {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([Reply.calls("finish", ["answer": ["ok": true]], in: .openaiResponses)])
        defer { model.close() }
        let agent = try AgentDriver(
            in: folder, model: model, dialect: .openaiResponses, schema: ["type": "object"])
        #expect(try await agent.run() == .completed(text: #"{"ok":true}"#, structured: ["ok": true]))
        #expect(model.asked[0].body["text"]?["format"]?["schema"] == ["type": "object"])
    }

    @Test("continues an earlier session from its file, in a new process") func resume() async throws {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([
            Reply.says("first", in: .openaiChat), Reply.says("second", in: .openaiChat),
        ])
        defer { model.close() }
        let first = try AgentDriver(in: folder, model: model, dialect: .openaiChat)
        _ = try await first.run()
        let token = try #require(await first.token)
        let second = try AgentDriver(in: folder, model: model, dialect: .openaiChat, resume: token)
        #expect(try await second.run() == .completed(text: "second", structured: nil))
        #expect(
            model.asked[1].body["messages"]?.arrayValue?.dropFirst().map { $0["content"] } == [
                "Add it.", "first", "Add it.",
            ])
    }

    @Test("knows no session that it did not make", arguments: ["0123456789ab", "../../etc/passwd", ""])
    func unknownSession(id: String) async throws {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([])
        defer { model.close() }
        let agent = try AgentDriver(in: folder, model: model, dialect: .openaiChat, resume: id)
        #expect(
            try await agent.run()
                == .failed(.crashed, message: "The agent refused the session: There is no session \(id)."))
    }

    @Test("tries again after failures that pass") func retries() async throws {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([
            .init(status: 429, body: ["error": ["message": "slow down"]], headers: ["Retry-After: 0"]),
            .init(status: 529, body: ["error": "overloaded"], headers: ["Retry-After: 0"]),
            Reply.says("at last", in: .anthropicMessages),
        ])
        defer { model.close() }
        let agent = try AgentDriver(in: folder, model: model, dialect: .anthropicMessages)
        #expect(try await agent.run() == .completed(text: "at last", structured: nil))
        #expect(model.asked.count == 3)
    }

    @Test("gives up at once after a failure that does not pass") func refused() async throws {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([.init(status: 401, body: ["error": ["message": "bad key"]])])
        defer { model.close() }
        let agent = try AgentDriver(in: folder, model: model, dialect: .anthropicMessages)
        #expect(
            try await agent.run()
                == .failed(.model, message: "The turn failed: The model endpoint answered HTTP 401: bad key"))
        #expect(model.asked.count == 1)
    }

    @Test("stops a command in the middle when it is cancelled, and leaves nothing running")
    func cancelCommand() async throws {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([
            Reply.calls("shell", ["command": "echo $$ > pid; mkfifo f; exec cat f"], in: .openaiChat)
        ])
        defer { model.close() }
        let agent = try AgentDriver(in: folder, model: model, dialect: .openaiChat)
        let pidFile = folder.path("worktree/pid")
        async let interruption: Void = {
            while !Files.exists(pidFile) { try await Task.sleep(for: .milliseconds(5)) }
            while try Files.readText(pidFile, bytesMax: 100).isEmpty {
                try await Task.sleep(for: .milliseconds(5))
            }
            try await agent.interrupt()
        }()
        let result = try await agent.run()
        try await interruption
        #expect(result == .failed(.stopped, message: "The turn was stopped."))
        let pid = try folder.read("worktree/pid").prefix { $0 != "\n" }
        #expect(!Files.exists("/proc/\(pid)"))
    }

    @Test("stops waiting for the model when it is cancelled") func cancelRequest() async throws {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([.init(isSilent: true)])
        defer { model.close() }
        let agent = try AgentDriver(in: folder, model: model, dialect: .openaiChat)
        async let interruption: Void = {
            while model.asked.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            try await agent.interrupt()
        }()
        let result = try await agent.run()
        try await interruption
        #expect(result == .failed(.stopped, message: "The turn was stopped."))
    }

    @Test("says what is missing when it is not told its endpoint") func unconfigured() async throws {
        let folder = try TemporaryFolder()
        let model = try ScriptedModel([])
        defer { model.close() }
        let agent = try AgentDriver(in: folder, model: model, dialect: .openaiChat, hasUpstream: false)
        #expect(
            try await agent.run()
                == .failed(
                    .model,
                    message: """
                        The turn failed: GRAFTWORK_AGENT_DIALECT is not anthropic-messages, \
                        openai-responses or openai-chat.
                        """
                ))
    }
}

// MARK: what the model is sent

extension BuiltInAgentTests {
    private static func path(of dialect: ModelDialect) -> String {
        switch dialect {
        case .anthropicMessages: "/v1/messages"
        case .openaiResponses: "/v1/responses"
        case .openaiChat: "/v1/chat/completions"
        }
    }

    private static func key(of dialect: ModelDialect) -> String {
        switch dialect {
        case .anthropicMessages: "x-api-key: placeholder"
        case .openaiResponses, .openaiChat: "Authorization: Bearer placeholder"
        }
    }

    private static func conversation(_ body: JSONValue, _ dialect: ModelDialect) -> [JSONValue] {
        switch dialect {
        case .anthropicMessages: body["messages"]?.arrayValue ?? []
        case .openaiResponses: body["input"]?.arrayValue ?? []
        case .openaiChat: Array((body["messages"]?.arrayValue ?? []).dropFirst())
        }
    }

    private static func expected(_ dialect: ModelDialect) -> [JSONValue] {
        let write: JSONValue = ["path": "src/a.txt", "content": "one\n"]
        let run: JSONValue = ["command": "cat src/a.txt; echo oops >&2; exit 3"]
        let wrote: JSONValue = "Wrote 4 bytes to src/a.txt."
        let ran: JSONValue = "The command exited with code 3.\none\n\n[stderr]\noops\n"
        let inText = { (input: JSONValue) in JSONValue.string(JSONText.write(input)) }
        switch dialect {
        case .anthropicMessages:
            return [
                ["role": "user", "content": [["type": "text", "text": "Add it."]]],
                [
                    "role": "assistant",
                    "content": [["type": "tool_use", "id": "m1", "name": "write", "input": write]],
                ],
                [
                    "role": "user",
                    "content": [
                        ["type": "tool_result", "tool_use_id": "m1", "content": wrote, "is_error": false]
                    ],
                ],
                [
                    "role": "assistant",
                    "content": [["type": "tool_use", "id": "m2", "name": "shell", "input": run]],
                ],
                [
                    "role": "user",
                    "content": [
                        [
                            "type": "tool_result", "tool_use_id": "m2", "content": ran, "is_error": true,
                            "cache_control": ["type": "ephemeral"],
                        ]
                    ],
                ],
            ]
        case .openaiResponses:
            return [
                ["type": "message", "role": "user", "content": [["type": "input_text", "text": "Add it."]]],
                ["type": "function_call", "call_id": "m1", "name": "write", "arguments": inText(write)],
                ["type": "function_call_output", "call_id": "m1", "output": wrote],
                ["type": "function_call", "call_id": "m2", "name": "shell", "arguments": inText(run)],
                ["type": "function_call_output", "call_id": "m2", "output": ran],
            ]
        case .openaiChat:
            let call = { (id: JSONValue, name: JSONValue, input: JSONValue) -> JSONValue in
                [
                    "role": "assistant", "content": "",
                    "tool_calls": [
                        [
                            "id": id, "type": "function",
                            "function": ["name": name, "arguments": inText(input)],
                        ]
                    ],
                ]
            }
            return [
                ["role": "user", "content": "Add it."], call("m1", "write", write),
                ["role": "tool", "tool_call_id": "m1", "content": wrote], call("m2", "shell", run),
                ["role": "tool", "tool_call_id": "m2", "content": ran],
            ]
        }
    }
}
