import Harnesses
import Testing
import Vocabulary

/// What the machines do with a message that a person sends in the middle of a turn. Fixtures are captures of
/// the real programs.
@Suite("A harness that is told something at work") struct TellingTests {
    private static let uuid = "00000000-0000-0000-0000-000000000001"
    private static let claudeMessage = #"""
        > {"message":{"content":"Use tabs.","role":"user"},"parent_tool_use_id":null,"session_id":"",\#
        "type":"user","uuid":"\#(uuid)"}
        """#

    // MARK: Claude

    private func claude() -> Playback {
        var playback = Playback(ClaudeMachine(prompt: "go", schema: nil))
        _ = playback.take()
        return playback
    }

    @Test("Claude gets it at once, has it when it says so, and ends with the one answer that follows")
    func claudeAtWork() throws {
        let lines = try fixture("claude-told-at-work")
        let queued = try #require(lines.firstIndex { $0.contains("\"queued\"") })
        var playback = claude()
        playback.receive(Array(lines[..<queued]))
        _ = playback.take()
        playback.tell(1, "Use tabs.")
        #expect(playback.take() == [Self.claudeMessage])
        playback.receive(Array(lines[queued...]))
        let script = playback.take()
        #expect(
            script.filter { !$0.hasPrefix("toolu_") } == [
                "heard 1", "said: nap done", "= completed: nap done",
            ])
    }

    @Test("Claude goes on after an answer that came before it had the message")
    func claudeLate() throws {
        let lines = try fixture("claude-told-late")
        let queued = try #require(lines.firstIndex { $0.contains("\"queued\"") })
        var playback = claude()
        playback.receive(Array(lines[..<queued]))
        playback.tell(1, "Use tabs.")
        _ = playback.take()
        playback.receive(Array(lines[queued...]))
        #expect(
            playback.take() == [
                "said: slow answer", "turn ended", "heard 1", "said: told done", "= completed: told done",
            ])
    }

    @Test("Claude gets what was said before it began when it has begun") func claudeEarly() throws {
        let lines = try fixture("claude-told-at-work")
        var playback = claude()
        playback.tell(1, "Use tabs.")
        #expect(playback.take() == [])
        playback.receive(Array(lines[..<2]))
        #expect(playback.take() == ["ready id-1 claude-sonnet-4-5", Self.claudeMessage])
    }

    @Test("a Claude that does not say when it has a message gets it between two turns") func claudeOld() {
        let result = #"{"type":"result","subtype":"success","is_error":false,"result":"done"}"#
        var playback = claude()
        playback.receive([#"{"type":"system","subtype":"init","session_id":"x","capabilities":[]}"#])
        playback.tell(1, "Use tabs.")
        #expect(playback.take() == ["ready x -"])
        playback.receive([result])
        #expect(playback.take() == ["turn ended", Self.claudeMessage, "heard 1"])
        playback.receive([result])
        #expect(playback.take() == ["= completed: done"])
    }

    @Test("a message that Claude gave up neither holds the turn nor counts as taken in") func claudeGaveUp()
        throws
    {
        let lines = try fixture("claude-told-at-work")
        var playback = claude()
        playback.receive(Array(lines[..<2]))
        playback.tell(1, "Use tabs.")
        _ = playback.take()
        playback.receive([
            #"{"type":"command_lifecycle","command_uuid":"\#(Self.uuid)","state":"cancelled"}"#,
            #"{"type":"command_lifecycle","command_uuid":"somebody else's","state":"started"}"#,
            #"{"type":"result","subtype":"success","is_error":false,"result":"done"}"#,
        ])
        #expect(
            playback.take() == [
                "noticed: Claude did not take a message in: it is cancelled.", "= completed: done",
            ])
    }

    @Test("an interrupt ends Claude's turn, whatever it was told") func claudeInterrupted() throws {
        let lines = try fixture("claude-told-late")
        var playback = claude()
        playback.receive(Array(lines[..<2]))
        playback.tell(1, "Use tabs.")
        playback.interrupt()
        _ = playback.take()
        playback.tell(2, "And spaces.")
        playback.receive([
            #"{"type":"result","subtype":"error_during_execution","is_error":true,"result":""}"#
        ])
        #expect(playback.take() == ["= failed stopped: The turn was stopped."])
    }

    // MARK: Codex

    private func codex() -> Playback {
        Playback(
            CodexMachine(
                prompt: "go", instructions: "", schema: ["type": "object"], worktree: "/w", resumeToken: nil))
    }
    private static let id = "00000000000000000000000000000001"
    private static let steering = #"""
        > {"id":1001,"method":"turn/steer","params":{"clientUserMessageId":"\#(id)",\#
        "expectedTurnId":"id-2","input":[{"text":"Use tabs.","type":"text"}],"threadId":"id-1"}}
        """#
    private static let nextTurn = #"""
        > {"id":3,"method":"turn/start","params":{"clientUserMessageId":"\#(id)",\#
        "input":[{"text":"Use tabs.","type":"text"}],"outputSchema":{"type":"object"},"threadId":"id-1"}}
        """#
    private static let noTurn = #"{"id":1001,"error":{"code":-32600,"message":"no active turn to steer"}}"#
    private static let completed = #"""
        {"method":"turn/completed","params":{"threadId":"id-1","turn":{"id":"id-2","status":"completed"}}}
        """#
    private static let turn = #"{"id":3,"result":{"turn":{"id":"id-9"}}}"#

    /// Codex at work in its first turn.
    private func codexInItsTurn() throws -> Playback {
        var playback = codex()
        playback.receive(Array(try fixture("codex-told-at-work")[..<3]))
        _ = playback.take()
        return playback
    }

    @Test("Codex is steered in its turn, and has the message when its item begins") func codexAtWork() throws
    {
        let lines = try fixture("codex-told-at-work")
        let replied = try #require(lines.firstIndex { $0.contains("\"id\":1001") })
        var playback = codex()
        playback.receive(Array(lines[..<replied]))
        _ = playback.take()
        playback.tell(1, "Use tabs.")
        #expect(playback.take() == [Self.steering])
        playback.receive(Array(lines[replied...]))
        #expect(
            playback.take().filter { !$0.hasPrefix("call_") } == [
                "heard 1", "said: told done", "= failed schema: \(Self.noDocument)told done",
            ])
    }

    @Test("Codex gets in another turn what came too late for the first, whichever word was first")
    func codexLate() throws {
        for lines in [[Self.noTurn, Self.completed], [Self.completed, Self.noTurn]] {
            var playback = try codexInItsTurn()
            playback.tell(1, "Use tabs.")
            _ = playback.take()
            playback.receive(lines)
            #expect(playback.take() == ["turn ended", Self.nextTurn])
            playback.receive([Self.turn, Self.completed])
            #expect(playback.take() == ["heard 1", "= failed schema: \(Self.noDocument)"])
        }
    }
    private static let noDocument = "The answer is not the JSON document asked for: "

    @Test("Codex is told again what it promised to take in and did not, and only once more")
    func codexForgot() throws {
        var playback = try codexInItsTurn()
        playback.tell(1, "Use tabs.")
        _ = playback.take()
        playback.receive([#"{"id":1001,"result":{"turnId":"id-2"}}"#, Self.completed])
        #expect(playback.take() == ["turn ended", Self.nextTurn])
        playback.receive([Self.turn, Self.completed])
        #expect(playback.take().first == "heard 1")
    }

    @Test("Codex is steered when its turn has a name, and stopped between two turns") func codexEdges() throws
    {
        let lines = try fixture("codex-told-at-work")
        var playback = codex()
        playback.receive(Array(lines[..<2]))
        playback.tell(1, "Use tabs.")
        _ = playback.take()
        playback.receive([lines[2]])
        #expect(playback.take() == [Self.steering])
        playback.receive([Self.completed])
        playback.interrupt()
        playback.receive([Self.noTurn])
        #expect(playback.take() == ["turn ended", "= failed stopped: The turn was stopped."])
    }

    // MARK: the Agent Client Protocol

    private func acp(isBuiltIn: Bool = false) -> Playback {
        var playback = Playback(
            ACPMachine(
                ACPMachine.Specification(
                    prompt: "go", instructions: "Be brief.", schema: nil, worktree: "/w", resumeToken: nil,
                    isBuiltIn: isBuiltIn)))
        playback.receive([
            #"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":1}}"#,
            #"{"jsonrpc":"2.0","id":2,"result":{"sessionId":"s1"}}"#,
        ])
        _ = playback.take()
        return playback
    }
    private static let ended = #"{"jsonrpc":"2.0","id":4,"result":{"stopReason":"end_turn"}}"#
    private static func chunk(_ text: String) -> String {
        #"""
        {"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s1",\#
        "update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"\#(text)"}}}}
        """#
    }

    @Test("any other agent gets all of it as its next prompt, and has it when it says something")
    func acpAtWork() {
        var playback = acp()
        playback.tell(1, "Use tabs.")
        playback.tell(2, "And spaces.")
        #expect(playback.take() == [])
        playback.receive([Self.chunk("one"), Self.ended])
        #expect(
            playback.take() == [
                "said: one", "turn ended",
                #"""
                > {"id":4,"jsonrpc":"2.0","method":"session/prompt","params":{"prompt":[{"text":"Use tabs.",\#
                "type":"text"},{"text":"And spaces.","type":"text"}],"sessionId":"s1"}}
                """#,
            ])
        playback.receive([Self.chunk("two"), Self.ended])
        #expect(playback.take() == ["heard 1", "heard 2", "said: two", "= completed: two"])
    }

    @Test("the built-in agent keeps its instructions in the next prompt") func builtIn() {
        var playback = acp(isBuiltIn: true)
        playback.tell(1, "Use tabs.")
        playback.receive([Self.ended])
        #expect(
            playback.take() == [
                "turn ended",
                #"""
                > {"id":4,"jsonrpc":"2.0","method":"session/prompt",\#
                "params":{"_meta":{"graftwork":{"instructions":"Be brief."}},\#
                "prompt":[{"text":"Use tabs.","type":"text"}],"sessionId":"s1"}}
                """#,
            ])
    }

    @Test("an agent whose turn was cancelled gets no further prompt") func acpInterrupted() {
        var playback = acp()
        playback.tell(1, "Use tabs.")
        playback.interrupt()
        _ = playback.take()
        playback.receive([Self.ended])
        #expect(playback.take() == ["= completed: "])
    }

    // MARK: a command

    @Test("a command cannot be told anything, and every other harness can") func refusals() {
        for kind in HarnessKind.allCases {
            let machine = HarnessLauncher.machine(for: specification(kind), in: surroundings)
            #expect((machine.tellingRefusal != nil) == (kind == .command), "\(kind)")
        }
    }

    @Test("a message names the files that came with it") func files() {
        let message = ToldMessage(
            number: 1, id: "x", text: "Look.", files: [.init(path: "/home/agent/inbox/a", bytes: 3)],
            by: "ada")
        #expect(
            message.prompt
                == "Look.\n\nFiles that came with this message:\n- /home/agent/inbox/a (3 bytes)")
    }
}
