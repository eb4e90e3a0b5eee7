import Harnesses
import Testing
import Vocabulary

@Suite("A harness that misbehaves") struct HostileHarnessTests {
    private static let kinds: [HarnessKind] = [.claude, .codex, .acp, .builtIn]
    private func playback(_ kind: HarnessKind) -> Playback {
        var playback = Playback(HarnessLauncher.machine(for: specification(kind), in: surroundings))
        _ = playback.take()
        return playback
    }

    @Test("may print fifty stray lines, and is garbage at the next", arguments: kinds) func noise(
        kind: HarnessKind
    ) {
        var playback = playback(kind)
        playback.receive(Array(repeating: "Warning: \u{1B}[31mred", count: 50))
        let notices = playback.take()
        #expect(
            notices
                == Array(
                    repeating: #"noticed: It printed a line that is no message: Warning: \u{1b}[31mred"#,
                    count: 50))
        playback.receive(["[1,2]"])
        #expect(playback.take() == ["= failed garbage: It printed JSON that is no message: [1,2]"])
    }

    @Test("is survived whatever the shape of its messages", arguments: kinds) func shapes(kind: HarnessKind) {
        var playback = playback(kind)
        let oddities = ["null", "7", "\"x\"", "[]", "{}", "true", #"{"a":{"b":[null,{}]}}"#]
        let names = [
            "type", "method", "id", "params", "result", "error", "request", "response", "message", "subtype",
            "update",
            "sessionUpdate", "toolCall", "item", "turn",
        ]
        let values = [
            "control_request", "control_response", "assistant", "user", "system", "session/update",
            "session/request_permission", "item/started", "item/completed", "item/fileChange/requestApproval",
            "item/commandExecution/requestApproval", "tool_call", "agent_message_chunk",
        ]
        for name in names {
            for oddity in oddities { playback.receive([#"{"\#(name)":\#(oddity)}"#]) }
            for value in values {
                for oddity in oddities {
                    playback.receive([
                        #"""
                        {"\#(name)":"\#(value)","params":\#(oddity),"message":\#(oddity),\#
                        "request":\#(oddity),"id":\#(oddity)}
                        """#
                    ])
                }
            }
        }
        #expect(!playback.take().contains { $0.hasPrefix("= completed") || $0.hasPrefix("?") })
    }

    @Test("is ended when it opens more calls than anyone could answer") func floods() {
        var playback = playback(.claude)
        for number in 1...65 {
            playback.receive(
                [
                    #"""
                    {"type":"control_request","request_id":"r\#(number)",\#
                    "request":{"subtype":"can_use_tool","tool_name":"Bash","input":{"command":"ls"},\#
                    "tool_use_id":"t\#(number)"}}
                    """#
                ], answering: open)
        }
        #expect(playback.take().last == "= failed garbage: More than 64 tool calls are open.")
    }

    @Test("crashed, when it ends without a result", arguments: kinds) func crash(kind: HarnessKind) {
        var playback = playback(kind)
        playback.exit(-9, saying: "out of \u{7}memory\n")
        playback.exit(0)
        #expect(
            playback.take() == [
                #"""
                = failed crashed: The harness ended by signal 9 without a result. It said: out of \#
                \u{7}memory\n
                """#
            ])
    }

    @Test("is missing, when it could not be started", arguments: kinds) func missing(kind: HarnessKind) {
        var playback = playback(kind)
        playback.exit(127)
        #expect(playback.take() == ["= failed missing: The harness could not be started (exit status 127)."])
    }

    @Test("cannot move a reader's cursor or turn a line around with what it says") func escapes() {
        var playback = playback(.claude)
        playback.receive([
            #"""
            {"type":"assistant","message":{"content":[{"type":"text",\#
            "text":"a\u001b[2Jb\u202ec\r\nd\u0007"}]}}
            """#
        ])
        #expect(playback.take() == ["said: a\\u{1b}[2Jb\\u{202e}c\nd\\u{7}"])
    }

    @Test("is recorded in bounded pieces") func bounds() {
        var playback = playback(.claude)
        playback.receive([
            #"""
            {"type":"assistant","message":{"content":[{"type":"text",\#
            "text":"\#(String(repeating: "x", count: 40_000))"}]}}
            """#
        ])
        #expect(playback.take() == ["said: \(String(repeating: "x", count: 32_768))… (7232 bytes more)"])
    }
}

@Suite("A command as a harness") struct CommandMachineTests {
    @Test("answers with its output") func output() {
        var playback = Playback(CommandMachine(schema: nil))
        playback.receive(["two", "lines"])
        playback.exit(0)
        #expect(playback.take() == ["said: two\nlines", "= completed: two\nlines"])
    }

    @Test("crashed, when it exits with anything but zero") func failure() {
        var playback = Playback(CommandMachine(schema: nil))
        playback.receive(["half an ans"])
        playback.exit(3, saying: "no network")
        #expect(
            playback.take() == [
                "= failed crashed: The harness ended with exit status 3 without a result. It said: no network"
            ])
    }

    @Test("is ended when it prints without end") func flood() {
        var playback = Playback(CommandMachine(schema: nil))
        for _ in 0..<5 { playback.receive([String(repeating: "x", count: 1 << 20)]) }
        #expect(playback.take() == ["= failed garbage: The command printed more than 4194304 bytes."])
    }
}
