import Harnesses
import Testing
import Vocabulary

@Suite("Claude Code, driven by its control protocol") struct ClaudeMachineTests {
    private func playback(schema: JSONValue? = nil) -> Playback {
        var playback = Playback(ClaudeMachine(prompt: "go", schema: schema))
        _ = playback.take()
        return playback
    }
    private func hook(_ request: String, _ id: String, command: String) -> String {
        #"""
        {"type":"control_request","request_id":"\#(request)","request":{"subtype":"hook_callback",\#
        "callback_id":"policy","input":{"hook_event_name":"PreToolUse","tool_name":"Bash",\#
        "tool_input":{"command":"\#(command)"},"tool_use_id":"\#(id)"}}}
        """#
    }
    private func permission(_ request: String, _ id: String, command: String) -> String {
        #"""
        {"type":"control_request","request_id":"\#(request)","request":{"subtype":"can_use_tool",\#
        "tool_name":"Bash","input":{"command":"\#(command)"},"tool_use_id":"\#(id)"}}
        """#
    }

    @Test("registers a hook for every tool that blocks when it fails, then sends the prompt") func begins() {
        var playback = Playback(ClaudeMachine(prompt: "Add \"x\"", schema: nil))
        #expect(
            playback.take() == [
                #"""
                > {"request":{"hooks":{"PreToolUse":[{"hookCallbackIds":["policy"],"matcher":null,\#
                "onFailure":"block","timeout":604800}]},"subtype":"initialize"},"request_id":"initialize",\#
                "type":"control_request"}
                """#,
                #"""
                > {"message":{"content":"Add \"x\"","role":"user"},"parent_tool_use_id":null,\#
                "session_id":"","type":"user"}
                """#,
            ])
    }

    @Test("answers a permission with the input it was asked about") func permissionAllowed() throws {
        var playback = playback()
        playback.receive(try fixture("claude-permission-allowed"))
        #expect(
            playback.take() == [
                "ready id-1 claude-sonnet-4-5",
                "? toolu_2c609f37f25f4c97815f shell Bash: echo ran > touched.txt; echo TOUCHED",
                #"""
                > {"response":{"request_id":"id-2","response":{"behavior":"allow",\#
                "updatedInput":{"command":"echo ran > touched.txt; echo TOUCHED","description":"scripted"}},\#
                "subtype":"success"},"type":"control_response"}
                """#,
                "toolu_2c609f37f25f4c97815f succeeded: TOUCHED", "said: touched", "= completed: touched",
            ])
    }

    @Test("denies by the hook, and the turn goes on") func hookDenied() throws {
        var playback = playback()
        playback.receive(try fixture("claude-hook-denied"), answering: denied)
        #expect(
            playback.take() == [
                "ready id-1 claude-sonnet-4-5", "said: I will push.",
                "? toolu_81be5af3177143e1bd59 shell Bash: git push origin HEAD",
                #"""
                > {"response":{"request_id":"id-2",\#
                "response":{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny",\#
                "permissionDecisionReason":"policy: pushes need a human"}},"subtype":"success"},\#
                "type":"control_response"}
                """#,
                "toolu_81be5af3177143e1bd59 failed: PreToolUse:Bash hook error: hook policy says deny",
                "said: push attempted", "= completed: push attempted",
            ])
    }

    @Test("decides a call once, though Claude asks by both channels") func twoChannels() throws {
        var playback = playback()
        playback.receive(try fixture("claude-two-channels"), answering: denied)
        #expect(
            playback.take() == [
                "ready id-1 claude-sonnet-4-5", "said: I will push.",
                "? toolu_c5f1b83a87ed47c6be24 shell Bash: git push origin HEAD",
                #"""
                > {"response":{"request_id":"id-2",\#
                "response":{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny",\#
                "permissionDecisionReason":"policy: pushes need a human"}},"subtype":"success"},\#
                "type":"control_response"}
                """#,
                #"""
                > {"response":{"request_id":"id-3","response":{"behavior":"deny",\#
                "message":"policy: pushes need a human"},"subtype":"success"},"type":"control_response"}
                """#,
                "toolu_c5f1b83a87ed47c6be24 failed: policy: pushes need a human", "said: push attempted",
                "= completed: push attempted",
            ])
    }

    @Test("answers both channels when the one decision comes late") func lateDecision() {
        var playback = playback()
        playback.receive(
            [hook("r1", "t1", command: "ls"), permission("r2", "t1", command: "ls")], answering: open)
        #expect(playback.take() == ["? t1 shell Bash: ls"])
        playback.decide("t1", .deny(message: "no"))
        #expect(
            playback.take() == [
                #"""
                > {"response":{"request_id":"r1",\#
                "response":{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny",\#
                "permissionDecisionReason":"no"}},"subtype":"success"},"type":"control_response"}
                """#,
                #"""
                > {"response":{"request_id":"r2","response":{"behavior":"deny","message":"no"},\#
                "subtype":"success"},"type":"control_response"}
                """#,
            ])
    }

    @Test("does not let an allowed identifier be used for another command") func reusedIdentifier() {
        var playback = playback()
        playback.receive([hook("r1", "t1", command: "ls")])
        _ = playback.take()
        playback.receive([permission("r2", "t1", command: "git push")], answering: denied)
        #expect(
            playback.take() == [
                "? t1#2 shell Bash: git push",
                #"""
                > {"response":{"request_id":"r2","response":{"behavior":"deny",\#
                "message":"policy: pushes need a human"},"subtype":"success"},"type":"control_response"}
                """#,
            ])
    }

    @Test("does not let an answer be used again once the call has finished") func replayedIdentifier() {
        var playback = playback()
        playback.receive([
            hook("r1", "t1", command: "ls"),
            #"""
            {"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":"a"}]}}
            """#,
        ])
        _ = playback.take()
        playback.receive([permission("r2", "t1", command: "ls")], answering: open)
        #expect(playback.take() == ["? t1#2 shell Bash: ls"])
    }

    @Test("forgets a question that Claude takes back") func withdrawn() {
        var playback = playback()
        playback.receive([hook("r1", "t1", command: "ls")], answering: open)
        playback.receive([#"{"type":"control_cancel_request","request_id":"r1"}"#])
        playback.decide("t1", .allow)
        #expect(playback.take() == ["? t1 shell Bash: ls"])
    }

    @Test("decides two calls of one answer one after the other") func twoCalls() throws {
        var playback = playback()
        playback.receive(try fixture("claude-two-calls"), answering: denied)
        let deny = { (request: String) in
            #"""
            > {"response":{"request_id":"\#(request)",\#
            "response":{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny",\#
            "permissionDecisionReason":"policy: pushes need a human"}},"subtype":"success"},\#
            "type":"control_response"}
            """#
        }
        #expect(
            playback.take() == [
                "ready id-1 claude-sonnet-4-5", "? toolu_494e20d923e64a36b7a6 shell Bash: echo one > one.txt",
                deny("id-2"),
                "? toolu_0b37f54be35741499ca4 shell Bash: echo two > two.txt", deny("id-3"),
                "toolu_494e20d923e64a36b7a6 failed: PreToolUse:Bash hook error: hook policy says deny",
                "toolu_0b37f54be35741499ca4 failed: PreToolUse:Bash hook error: hook policy says deny",
                "said: two done",
                "= completed: two done",
            ])
    }

    @Test("takes the structured answer, and asks nobody about the tool that gives it") func structured()
        throws
    {
        var playback = playback(schema: ["type": "object"])
        playback.receive(try fixture("claude-structured"))
        #expect(
            playback.take() == [
                "ready id-1 claude-sonnet-4-5",
                #"= completed: {"verdict":"pass","score":7} {"score":7,"verdict":"pass"}"#,
            ])
    }

    @Test("fails when a document was asked for and prose came") func unstructured() {
        var playback = playback(schema: ["type": "object"])
        playback.receive([#"{"type":"result","subtype":"success","is_error":false,"result":"All good."}"#])
        #expect(
            playback.take() == ["= failed schema: The answer is not the JSON document asked for: All good."])
    }

    @Test("reads an API error out of a result that calls itself a success") func apiError() throws {
        var playback = playback()
        playback.receive(try fixture("claude-api-error"))
        #expect(
            playback.take() == [
                "ready id-1 claude-sonnet-4-5",
                """
                noticed: The model endpoint failed with authentication_failed (HTTP 401); Claude tries again.
                """,
                """
                noticed: The model endpoint failed with authentication_failed (HTTP 401); Claude tries again.
                """,
                "noticed: Failed to authenticate. API Error: 401 scripted 401",
                "= failed model: Failed to authenticate. API Error: 401 scripted 401",
            ])
    }

    @Test("fails when the model's answers keep being cut") func cut() throws {
        var playback = playback()
        playback.receive(try fixture("claude-cut"))
        #expect(
            playback.take().suffix(2) == [
                "noticed: API Error: Connection lost mid-response. The response above may be incomplete.",
                """
                = failed model: API Error: Connection lost mid-response. The response above may be incomplete.
                """,
            ])
    }

    @Test("waits past the first result for a background subagent, whose calls are asked about too")
    func background() throws {
        var playback = playback()
        playback.receive(try fixture("claude-background"))
        let script = playback.take()
        #expect(
            script.filter { $0.hasPrefix("?") || $0.hasPrefix("said") || $0.hasPrefix("=") } == [
                "? toolu_0e4a2c701cc144739dc5 other Agent: ", "said: sub done",
                "? toolu_0c8befb4d4b744399ee2 shell Bash: echo ran > touched.txt; echo TOUCHED",
                "said: touched",
                "said: sub done", "= completed: sub done",
            ])
    }

    @Test("stops at once when interrupted, and calls it stopped") func interrupted() throws {
        let lines = try fixture("claude-interrupted")
        let notice = try #require(lines.firstIndex { $0.contains("tool_result") })
        var playback = playback()
        playback.receive(Array(lines[..<notice]))
        _ = playback.take()
        playback.interrupt()
        playback.interrupt()
        playback.receive(Array(lines[notice...]))
        #expect(
            playback.take().filter { !$0.hasPrefix("toolu_") } == [
                #"> {"request":{"subtype":"interrupt"},"request_id":"interrupt","type":"control_request"}"#,
                "= failed stopped: The turn was stopped.",
            ])
    }

    @Test("ends the session when its hook is not in force") func hookNotApplied() {
        for answer in [#""hooks_applied":false"#, ""] {
            var playback = playback()
            playback.receive([
                #"""
                {"type":"control_response","response":{"subtype":"success","request_id":"initialize",\#
                "response":{\#(answer)}}}
                """#
            ])
            #expect(
                playback.take() == [
                    """
                    = failed garbage: Claude did not take the hook that asks the policy; \
                    this version is not known to work.
                    """
                ])
        }
    }

    @Test("ends the session when a tool ran that nobody was asked about") func unasked() {
        var playback = playback()
        playback.receive([
            #"""
            {"type":"assistant","message":{"content":[{"type":"tool_use","id":"t1","name":"Bash",\#
            "input":{"command":"ls"}}]}}
            """#,
            #"""
            {"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1",\#
            "content":"a.txt"}]}}
            """#,
        ])
        #expect(
            playback.take() == [
                "= failed garbage: Claude ran a tool (shell) without asking; its hook is off."
            ])
    }

    @Test("lets a call that failed before it was asked about be") func failedUnasked() {
        var playback = playback()
        playback.receive([
            #"""
            {"type":"assistant","message":{"content":[{"type":"tool_use","id":"t1","name":"Bash",\#
            "input":{}}]}}
            """#,
            #"""
            {"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":"no",\#
            "is_error":true}]}}
            """#,
        ])
        #expect(playback.take() == [])
    }

    @Test("refuses a command too long to be judged, without asking") func longCommand() {
        var playback = playback()
        playback.receive([hook("r1", "t1", command: String(repeating: "a", count: 70_000))])
        #expect(
            playback.take() == [
                """
                noticed: A call of Bash was refused: The command is longer than 65536 bytes; \
                put it in a file and run that.
                """,
                #"""
                > {"response":{"request_id":"r1",\#
                "response":{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny",\#
                "permissionDecisionReason":"The command is longer than 65536 bytes; \#
                put it in a file and run that."}},"subtype":"success"},"type":"control_response"}
                """#,
            ])
    }

    @Test("refuses what it does not serve and says so once") func unknownRequest() {
        var playback = playback()
        playback.receive([
            #"{"type":"control_request","request_id":"r1","request":{"subtype":"mcp_message"}}"#,
            #"{"type":"surprise"}"#, #"{"type":"surprise"}"#,
        ])
        #expect(
            playback.take() == [
                #"""
                > {"response":{"error":"Nobody here serves this kind of request.","request_id":"r1",\#
                "subtype":"error"},"type":"control_response"}
                """#,
                """
                noticed: It sent a message of an unknown kind, which was ignored: control_request mcp_message
                """,
                "noticed: It sent a message of an unknown kind, which was ignored: surprise",
            ])
    }

    @Test("says nothing more after the end") func afterTheEnd() {
        var playback = playback()
        playback.receive([#"{"type":"result","subtype":"success","is_error":false,"result":"done"}"#])
        _ = playback.take()
        playback.receive([
            hook("r1", "t1", command: "ls"), #"{"type":"result","subtype":"success","is_error":true}"#,
        ])
        playback.interrupt()
        playback.exit(1)
        #expect(playback.take() == [])
    }
}
