import Harnesses
import Testing
import Vocabulary

@Suite("Codex, driven by its app server") struct CodexMachineTests {
    private func machine(schema: JSONValue? = nil, resume: String? = nil) -> CodexMachine {
        CodexMachine(
            prompt: "go", instructions: "Be brief.", schema: schema, worktree: "/w", resumeToken: resume)
    }
    private let opening = [
        #"""
        > {"id":1,"method":"initialize","params":{"capabilities":{"experimentalApi":true},\#
        "clientInfo":{"name":"graftwork","title":"Graftwork","version":"1"}}}
        """#,
        #"> {"method":"initialized"}"#,
        #"""
        > {"id":2,"method":"thread/start","params":{"approvalPolicy":"untrusted","cwd":"/w",\#
        "developerInstructions":"Be brief.","sandbox":"danger-full-access"}}
        """#,
        "ready id-1 gpt-5.5",
        #"""
        > {"id":3,"method":"turn/start","params":{"input":[{"text":"go","type":"text"}],"threadId":"id-1"}}
        """#,
    ]

    @Test("opens a session that asks for everything, and accepts a command") func accepted() throws {
        var playback = Playback(machine())
        playback.receive(try fixture("codex-accepted"))
        #expect(
            playback.take() == opening + [
                "? call_798fb04f2069 shell commandExecution: echo ran > touched.txt; echo TOUCHED",
                #"> {"id":0,"result":{"decision":"accept"}}"#,
                "call_798fb04f2069 succeeded: exit status 0\nTOUCHED\n", "said: touched",
                "= completed: touched",
            ])
    }

    @Test("declines a command, and the turn goes on") func declined() throws {
        var playback = Playback(machine())
        playback.receive(try fixture("codex-declined"), answering: denied)
        #expect(
            playback.take() == opening + [
                "? call_dfafe43159c0 shell commandExecution: echo ran > touched.txt; echo TOUCHED",
                #"> {"id":0,"result":{"decision":"decline"}}"#, "call_dfafe43159c0 failed: declined",
                "said: touched",
                "= completed: touched",
            ])
    }

    @Test("finds what a patch would change in the item that was started before") func fileChange() throws {
        var playback = Playback(machine())
        // The capture's second turn, as if it were the first.
        let lines = try fixture("codex-accepted")
        let first = try #require(lines.firstIndex { $0.contains("turn/completed") })
        playback.receive(Array(lines[..<2]))
        _ = playback.take()
        playback.receive(Array(lines[(first + 1)...]))
        #expect(
            playback.take().prefix(3) == [
                "? call_156d0834c413 edit fileChange: /w/out.txt",
                #"> {"id":1,"result":{"decision":"accept"}}"#,
                "call_156d0834c413 succeeded: completed",
            ])
    }

    @Test("refuses a patch that names no item it was told about") func blindPatch() throws {
        var playback = Playback(machine())
        playback.receive(Array(try fixture("codex-accepted")[..<2]))
        _ = playback.take()
        playback.receive([
            #"{"method":"item/fileChange/requestApproval","id":7,"params":{"itemId":"nothing"}}"#
        ])
        #expect(
            playback.take() == [
                "noticed: Codex asked to act without saying what it would do, and was refused.",
                #"> {"id":7,"result":{"decision":"decline"}}"#,
            ])
    }

    @Test("keeps two approvals open at once and answers each by itself") func twoCalls() throws {
        var playback = Playback(machine())
        let lines = try fixture("codex-two-calls")
        let asked = try #require(lines.lastIndex { $0.contains("requestApproval") })
        playback.receive(Array(lines[...asked]), answering: open)
        #expect(
            playback.take() == opening + [
                "? call_9681d8e74d47 shell commandExecution: echo one > one.txt",
                "? call_121be8541443 shell commandExecution: echo two > two.txt",
            ])
        playback.decide("call_121be8541443", .deny(message: "no"))
        playback.decide("call_9681d8e74d47", .allow)
        playback.decide("call_9681d8e74d47", .allow)
        #expect(
            playback.take() == [
                #"> {"id":1,"result":{"decision":"decline"}}"#, #"> {"id":0,"result":{"decision":"accept"}}"#,
            ])
    }

    @Test("takes the structured answer out of the last message") func structured() throws {
        var playback = Playback(machine(schema: ["type": "object"]))
        playback.receive(try fixture("codex-structured"))
        #expect(
            playback.take().suffix(3) == [
                #"""
                > {"id":3,"method":"turn/start","params":{"input":[{"text":"go","type":"text"}],\#
                "outputSchema":{"type":"object"},"threadId":"id-1"}}
                """#,
                #"said: {"verdict": "pass", "score": 7}"#,
                #"= completed: {"verdict": "pass", "score": 7} {"score":7,"verdict":"pass"}"#,
            ])
    }

    @Test("interrupts the turn by its name") func interrupted() throws {
        var playback = Playback(machine())
        let lines = try fixture("codex-interrupted")
        let answer = try #require(lines.firstIndex { $0.hasPrefix(#"{"id":4"#) })
        playback.receive(Array(lines[..<answer]))
        _ = playback.take()
        playback.interrupt()
        playback.receive(Array(lines[answer...]))
        #expect(
            playback.take() == [
                #"> {"id":4,"method":"turn/interrupt","params":{"threadId":"id-1","turnId":"id-2"}}"#,
                "= failed stopped: The turn was stopped.",
            ])
    }

    @Test("interrupts a turn that has no name yet as soon as it has one") func interruptedEarly() throws {
        var playback = Playback(machine())
        let lines = try fixture("codex-interrupted")
        playback.receive(Array(lines[..<2]))
        _ = playback.take()
        playback.interrupt()
        #expect(playback.take() == [])
        playback.receive([lines[2]])
        #expect(
            playback.take() == [
                #"> {"id":4,"method":"turn/interrupt","params":{"threadId":"id-1","turnId":"id-2"}}"#
            ])
    }

    @Test("reports the endpoint's error, retries included") func apiError() throws {
        var playback = Playback(machine())
        playback.receive(try fixture("codex-api-error"))
        #expect(
            playback.take() == opening + [
                """
                noticed: Codex: Reconnecting... 1/1 (unexpected status 401 Unauthorized: scripted 401, \
                url: http://127.0.0.1:27311/v1/responses)
                """,
                """
                noticed: Codex: unexpected status 401 Unauthorized: scripted 401, \
                url: http://127.0.0.1:27311/v1/responses
                """,
                """
                = failed model: unexpected status 401 Unauthorized: scripted 401, \
                url: http://127.0.0.1:27311/v1/responses
                """,
            ])
    }

    @Test("ends the session when Codex says that it will not ask") func neverAsks() throws {
        var playback = Playback(machine())
        playback.receive(try fixture("codex-never-asks"))
        #expect(
            playback.take().last
                == "= failed garbage: Codex does not ask before it acts; this version is not known to work.")
    }

    @Test("ends the session when a command ran that nobody was asked about") func unasked() throws {
        var playback = Playback(machine())
        playback.receive(Array(try fixture("codex-accepted")[..<3]))
        _ = playback.take()
        playback.receive([
            #"""
            {"method":"item/completed","params":{"threadId":"id-1","item":{"type":"commandExecution",\#
            "id":"c","command":"ls","status":"completed","exitCode":0}}}
            """#
        ])
        #expect(
            playback.take() == [
                """
                = failed garbage: Codex did something (commandExecution) without asking; \
                its approvals are off.
                """
            ])
    }

    @Test("does not end with a subagent's turn") func otherThread() throws {
        var playback = Playback(machine())
        playback.receive(Array(try fixture("codex-accepted")[..<3]))
        _ = playback.take()
        playback.receive([
            #"""
            {"method":"turn/completed","params":{"threadId":"other","turn":{"id":"t","status":"completed"}}}
            """#
        ])
        #expect(playback.take() == [])
    }

    @Test("continues an earlier session, and says when there is none") func resume() throws {
        var playback = Playback(machine(resume: "abc"))
        playback.receive([try fixture("codex-accepted")[0]])
        #expect(
            playback.take().last
                == #"""
                > {"id":2,"method":"thread/resume","params":{"approvalPolicy":"untrusted","cwd":"/w",\#
                "developerInstructions":"Be brief.","excludeTurns":true,"sandbox":"danger-full-access",\#
                "threadId":"abc"}}
                """#
        )
        playback.receive([#"{"id":2,"error":{"code":-32600,"message":"no rollout found for thread id abc"}}"#]
        )
        #expect(
            playback.take() == [
                "= failed crashed: Codex refused the session: no rollout found for thread id abc"
            ])
    }

    @Test("gives no more rights and no answers in a person's name") func otherRequests() {
        var playback = Playback(machine())
        _ = playback.take()
        playback.receive([
            #"{"method":"item/permissions/requestApproval","id":1,"params":{}}"#,
            #"{"method":"item/tool/requestUserInput","id":2,"params":{}}"#,
            #"{"method":"mcpServer/elicitation/request","id":3,"params":{}}"#,
            #"{"method":"execCommandApproval","id":4,"params":{}}"#,
            #"{"method":"attestation/generate","id":5,"params":{}}"#,
        ])
        #expect(
            playback.take() == [
                #"> {"id":1,"result":{"permissions":{}}}"#, #"> {"id":2,"result":{"answers":{}}}"#,
                #"> {"id":3,"result":{"action":"decline"}}"#, #"> {"id":4,"result":{"decision":"denied"}}"#,
                "noticed: It sent a message of an unknown kind, which was ignored: execCommandApproval",
                #"> {"error":{"code":-32601,"message":"Nobody here serves this method."},"id":5}"#,
                "noticed: It sent a message of an unknown kind, which was ignored: attestation/generate",
            ])
    }

    @Test(
        "shows a policy the script that a shell would run, not the shell",
        arguments: [
            ("/bin/bash -lc 'git push'", "git push"),
            ("/bin/bash -lc \"echo \\\"a b\\\" \\$x\"", #"echo "a b" $x"#),
            ("bash -c ls", "ls"), ("git push origin", "git push origin"),
            ("/bin/bash -lc 'a' b", "/bin/bash -lc 'a' b"),
            ("/bin/bash -lc 'unended", "/bin/bash -lc 'unended"),
            ("python3 -c 'print(1)'", "python3 -c 'print(1)'"),
            ("/bin/bash -lc 'it'\"'\"'s'", "it's"),
        ])
    func scripts(line: String, script: String) throws {
        var playback = Playback(machine())
        playback.receive(Array(try fixture("codex-accepted")[..<2]))
        _ = playback.take()
        let command = JSONText.write(.string(line))
        playback.receive(
            [
                #"""
                {"method":"item/commandExecution/requestApproval","id":0,"params":{"itemId":"i",\#
                "command":\#(command)}}
                """#
            ],
            answering: open)
        #expect(playback.take() == ["? i shell commandExecution: \(script)"])
    }
}
