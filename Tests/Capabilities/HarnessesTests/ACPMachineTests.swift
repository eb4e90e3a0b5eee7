import Harnesses
import Testing
import Vocabulary

@Suite("Any agent that speaks the Agent Client Protocol") struct ACPMachineTests {
    private func machine(
        schema: JSONValue? = nil, resume: String? = nil, isBuiltIn: Bool = false, instructions: String = ""
    ) -> ACPMachine {
        ACPMachine(
            ACPMachine.Specification(
                prompt: "go", instructions: instructions, schema: schema, worktree: "/w", resumeToken: resume,
                isBuiltIn: isBuiltIn))
    }
    private let initialize = #"""
        > {"id":1,"jsonrpc":"2.0","method":"initialize",\#
        "params":{"clientCapabilities":{"fs":{"readTextFile":false,"writeTextFile":false},"terminal":false},\#
        "clientInfo":{"name":"graftwork","version":"1"},"protocolVersion":1}}
        """#
    private let new =
        #"> {"id":2,"jsonrpc":"2.0","method":"session/new","params":{"cwd":"/w","mcpServers":[]}}"#
    private let greeting = [
        #"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":1,"agentCapabilities":{"loadSession":true}}}"#,
        #"{"jsonrpc":"2.0","id":2,"result":{"sessionId":"s1"}}"#,
    ]
    private func update(_ members: String) -> String {
        #"{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s1","update":{\#(members)}}}"#
    }
    private func chunk(_ text: String) -> String {
        update(
            #"""
            "sessionUpdate":"agent_message_chunk","content":{"type":"text",\#
            "text":\#(JSONText.write(.string(text)))}
            """#
        )
    }
    private func ended(_ reason: String) -> String {
        #"{"jsonrpc":"2.0","id":4,"result":{"stopReason":"\#(reason)"}}"#
    }
    /// A machine whose prompt has been sent.
    private func prompted(_ machine: ACPMachine) -> Playback {
        var playback = Playback(machine)
        playback.receive(greeting)
        _ = playback.take()
        return playback
    }

    @Test("puts Vibe into the mode that asks about edits, and rejects one") func vibe() throws {
        var playback = Playback(machine())
        playback.receive(try fixture("acp-vibe-denied"), answering: denied)
        #expect(
            playback.take() == [
                initialize, new, "ready id-1 -",
                #"""
                > {"id":3,"jsonrpc":"2.0","method":"session/set_mode","params":{"modeId":"ask",\#
                "sessionId":"id-1"}}
                """#,
                #"""
                > {"id":4,"jsonrpc":"2.0","method":"session/prompt","params":{"prompt":[{"text":"go",\#
                "type":"text"}],"sessionId":"id-1"}}
                """#,
                "? effect-id-3 edit write_file: out.txt /w/out.txt",
                #"""
                > {"id":0,"jsonrpc":"2.0","result":{"outcome":{"optionId":"reject_once",\#
                "outcome":"selected"}}}
                """#,
                "effect-id-3 failed: Tool execution denied by approval callback", "said: wrote out.txt",
                "= completed: wrote out.txt",
            ])
    }

    @Test("finds the call behind OpenHands' permission, and picks the option that allows only this once")
    func openHands()
        throws
    {
        var playback = Playback(machine())
        playback.receive(
            try fixture("acp-openhands-allowed").map {
                $0.replacing(#""id":3,"result""#, with: #""id":4,"result""#)
            })
        let script = playback.take()
        #expect(
            script.filter { $0.hasPrefix("?") || $0.contains("outcome") || $0.hasPrefix("=") } == [
                """
                ? call_51a3fd3fe shell terminal: {"command": "echo ran > touched.txt; \
                echo TOUCHED"}: $ echo ran > touched.txt; echo TOUCHED: echo ran > touched.txt; echo TOUCHED
                """,
                #"""
                > {"id":0,"jsonrpc":"2.0","result":{"outcome":{"optionId":"accept","outcome":"selected"}}}
                """#,
                "= completed: touched",
            ])
    }

    @Test("cancels the turn, and the permissions that wait with it") func cancel() throws {
        var playback = prompted(machine())
        playback.receive(
            [
                update(
                    #"""
                    "sessionUpdate":"tool_call","toolCallId":"c1","kind":"execute",\#
                    "rawInput":{"command":"sleep 60"}
                    """#
                ),
                #"""
                {"jsonrpc":"2.0","id":7,"method":"session/request_permission",\#
                "params":{"toolCall":{"toolCallId":"c1"},"options":[{"optionId":"y","kind":"allow_once"}]}}
                """#,
            ], answering: open)
        _ = playback.take()
        playback.interrupt()
        playback.decide("c1", .allow)
        playback.receive([ended("cancelled")])
        #expect(
            playback.take() == [
                #"> {"jsonrpc":"2.0","method":"session/cancel","params":{"sessionId":"s1"}}"#,
                #"> {"id":7,"jsonrpc":"2.0","result":{"outcome":{"outcome":"cancelled"}}}"#,
                "= failed stopped: The turn was stopped.",
            ])
    }

    @Test("asks for the document in the prompt, and takes a fenced one") func structured() {
        var playback = Playback(machine(schema: ["type": "object"], instructions: "Be brief."))
        playback.receive(greeting)
        #expect(
            playback.take().last
                == #"""
                > {"id":4,"jsonrpc":"2.0","method":"session/prompt",\#
                "params":{"prompt":[{"text":"Be brief.\n\ngo\n\nEnd with your answer as one JSON \#
                document and nothing else in that message: no prose before or after it. It must follow \#
                this JSON Schema:\n{\"type\":\"object\"}","type":"text"}],"sessionId":"s1"}}
                """#
        )
        playback.receive([chunk("Here it is:\n```json\n"), chunk("{\"ok\": true}\n```\n"), ended("end_turn")])
        #expect(
            playback.take().last == "= completed: Here it is:\n```json\n{\"ok\": true}\n```\n {\"ok\":true}")
    }

    @Test(
        "fails when the document asked for is not there, or not the only one",
        arguments: [
            "It is fine.", "7", "```\n{}\n```\n```\n{}\n```", "{\"a\": 1} {\"b\": 2}",
            "The answer is {\"a\": 1}.", "",
        ])
    func unstructured(text: String) {
        var playback = prompted(machine(schema: ["type": "object"]))
        playback.receive([chunk(text), ended("end_turn")])
        #expect(
            playback.take().last
                == """
                = failed schema: The answer is not the JSON document asked for: \
                \(VisibleText.oneLine(text, limit: 300))
                """
        )
    }

    @Test("gives the built-in agent instructions, schema and reasons beside the prompt") func builtIn() {
        var playback = Playback(
            machine(schema: ["type": "object"], isBuiltIn: true, instructions: "Be brief."))
        playback.receive(greeting)
        #expect(
            playback.take().last
                == #"""
                > {"id":4,"jsonrpc":"2.0","method":"session/prompt",\#
                "params":{"_meta":{"graftwork":{"instructions":"Be brief.",\#
                "outputSchema":{"type":"object"}}},"prompt":[{"text":"go","type":"text"}],\#
                "sessionId":"s1"}}
                """#
        )
        playback.receive(
            [
                #"""
                {"jsonrpc":"2.0","id":9,"method":"session/request_permission",\#
                "params":{"toolCall":{"toolCallId":"call-1","kind":"execute",\#
                "rawInput":{"command":"git push"},"_meta":{"tool_name":"shell"}},\#
                "options":[{"optionId":"allow","kind":"allow_once"},{"optionId":"reject",\#
                "kind":"reject_once"}]}}
                """#
            ], answering: denied)
        #expect(
            playback.take() == [
                "? call-1 shell shell: git push",
                #"""
                > {"id":9,"jsonrpc":"2.0","result":{"_meta":{"graftwork":{"message":"policy: pushes need a \#
                human"}},"outcome":{"optionId":"reject","outcome":"selected"}}}
                """#,
            ])
    }

    @Test("never picks an option that would answer later calls too") func alwaysOptions() {
        var playback = prompted(machine())
        playback.receive([
            #"""
            {"jsonrpc":"2.0","id":9,"method":"session/request_permission",\#
            "params":{"toolCall":{"toolCallId":"c","kind":"read"},"options":[{"optionId":"always",\#
            "kind":"allow_always"}]}}
            """#
        ])
        #expect(
            playback.take() == [
                "? c read : ", #"> {"id":9,"jsonrpc":"2.0","result":{"outcome":{"outcome":"cancelled"}}}"#,
            ])
    }

    @Test("notices what an agent did unasked, and ends the built-in one for it") func unasked() {
        let done = update(
            #"""
            "sessionUpdate":"tool_call","toolCallId":"c1","kind":"edit","title":"Write a","status":"completed"
            """#
        )
        var foreign = prompted(machine())
        foreign.receive([done])
        #expect(foreign.take() == ["noticed: The agent did something without asking: Write a"])
        var own = prompted(machine(isBuiltIn: true))
        own.receive([done])
        #expect(own.take() == ["= failed garbage: The built-in agent did something without asking: Write a"])
    }

    @Test("ignores the past that a loaded session tells") func load() {
        var playback = Playback(machine(resume: "s1"))
        playback.receive([
            greeting[0], chunk("said long ago"),
            update(#""sessionUpdate":"tool_call","toolCallId":"c1","kind":"edit","status":"completed""#),
            #"{"jsonrpc":"2.0","id":2,"result":null}"#,
        ])
        #expect(
            playback.take() == [
                initialize,
                #"""
                > {"id":2,"jsonrpc":"2.0","method":"session/load","params":{"cwd":"/w","mcpServers":[],\#
                "sessionId":"s1"}}
                """#,
                "ready s1 -",
                #"""
                > {"id":4,"jsonrpc":"2.0","method":"session/prompt","params":{"prompt":[{"text":"go",\#
                "type":"text"}],"sessionId":"s1"}}
                """#,
            ])
    }

    @Test(
        "names every other way a turn can end",
        arguments: [
            ("refusal", "= failed model: The model refused: "),
            ("max_tokens", "= failed model: The answer was longer than the model may write."),
            ("max_turn_requests", "= failed tooLong: The turn took more requests than the agent allows."),
            ("whim", "= failed garbage: The turn ended for an unknown reason: whim"),
        ])
    func stopReasons(reason: String, end: String) {
        var playback = prompted(machine())
        playback.receive([ended(reason)])
        #expect(playback.take() == [end])
    }

    @Test("takes an error of the prompt for the model's, any earlier one for the agent's") func errors() {
        var early = Playback(machine())
        early.receive([#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"Authentication required"}}"#])
        #expect(early.take().last == "= failed crashed: The agent refused to start: Authentication required")
        var late = prompted(machine())
        late.receive([
            #"{"jsonrpc":"2.0","id":4,"error":{"code":1,"message":"HTTP 401","data":{"details":"bad key"}}}"#
        ])
        #expect(late.take().last == "= failed model: The turn failed: HTTP 401: bad key")
    }

    @Test("refuses an agent of another protocol version") func version() {
        var playback = Playback(machine())
        playback.receive([#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":2}}"#])
        #expect(
            playback.take().last
                == "= failed garbage: The agent speaks another version of the Agent Client Protocol than 1.")
    }
}
