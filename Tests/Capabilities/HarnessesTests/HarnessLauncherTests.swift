import Harnesses
import Testing
import Vocabulary

@Suite("Launching a harness") struct HarnessLauncherTests {
    private func launch(_ spec: SessionSpecification) -> HarnessLaunch {
        HarnessLauncher.launch(for: spec, program: program(spec.agent.harness), in: surroundings)
    }

    @Test("starts Claude with the hook alive, the repository's settings out, and everything at the gateway")
    func claude() {
        #expect(
            launch(specification(.claude, schema: ["type": "object"], resume: "id-1"))
                == HarnessLaunch(
                    argv: [
                        "/opt/x/bin/claude", "-p", "--output-format", "stream-json", "--input-format",
                        "stream-json",
                        "--verbose", "--permission-mode", "default", "--permission-prompt-tool", "stdio",
                        "--setting-sources=", "--model", "m1", "--disallowedTools",
                        """
                        AskUserQuestion,EnterPlanMode,ExitPlanMode,EnterWorktree,ExitWorktree,CronCreate,\
                        CronDelete,CronList,ScheduleWakeup
                        """,
                        "--json-schema", #"{"type":"object"}"#, "--resume", "id-1",
                        "--append-system-prompt-file",
                        "/home/agent/claude/graftwork-instructions.md",
                    ],
                    environment: [
                        "CLAUDE_CONFIG_DIR": "/home/agent/claude",
                        "ANTHROPIC_BASE_URL": "http://127.0.0.1:8080/up",
                        "ANTHROPIC_API_KEY": "placeholder", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                        "DISABLE_AUTOUPDATER": "1", "DISABLE_TELEMETRY": "1", "DISABLE_ERROR_REPORTING": "1",
                        "IS_SANDBOX": "1", "CLAUDE_CODE_MAX_RETRIES": "3",
                    ],
                    homeFiles: [
                        HarnessLaunch.HomeFile(
                            path: "claude/graftwork-instructions.md",
                            contents: "You are one of many.\n\nBe brief.")
                    ], readOnlyPaths: ["/opt/x"]))
    }

    @Test("offers Claude no writing tools where it only reads", arguments: [SessionRole.planner, .reviewer])
    func readers(role: SessionRole) {
        let tools =
            launch(specification(.claude, role: role)).argv.first { $0.contains("AskUserQuestion") } ?? ""
        #expect(tools.hasSuffix(",Write,Edit,MultiEdit,NotebookEdit"))
    }

    @Test("writes Codex a config that trusts nothing in the worktree and calls nobody but the gateway")
    func codex() throws {
        let launch = launch(specification(.codex, dialect: .openaiResponses))
        #expect(launch.argv == ["/opt/x/bin/codex", "app-server"])
        #expect(
            launch.environment == [
                "CODEX_HOME": "/home/agent/codex", "GRAFTWORK_GATEWAY_KEY": "placeholder",
                "RUST_LOG": "error",
            ])
        let file = try #require(launch.homeFiles.first)
        #expect(file.path == "codex/config.toml")
        let lines = file.contents.split(separator: "\n")
        for line in [
            #"model = "m1""#, #"base_url = "http://127.0.0.1:8080/up/v1""#,
            #"env_key = "GRAFTWORK_GATEWAY_KEY""#,
            #"[projects."/w"]"#, #"trust_level = "untrusted""#, "hooks = false",
            "unbounded_connection_retries = false",
            "plugins = false",
        ] { #expect(lines.contains { $0 == line }, "\(line)") }
    }

    @Test("cannot be made to write other settings into Codex's config by a path or a model name")
    func injection() throws {
        var odd = surroundings
        odd.worktree = "/w\"]\ntrust_level = \"trusted\"\n[x.\"\\"
        let launch = HarnessLauncher.launch(
            for: specification(.codex, model: "m\"\nsandbox_mode = \"off"), program: program(.codex), in: odd)
        let contents = try #require(launch.homeFiles.first).contents
        #expect(contents.hasPrefix(#"model = "m\"\u000asandbox_mode = \"off""#))
        #expect(contents.contains(#"[projects."/w\"]\u000atrust_level = \"trusted\"\u000a[x.\"\\"]"#))
        #expect(
            contents.split(separator: "\n").filter { $0.hasPrefix("trust_level") } == [
                "trust_level = \"untrusted\""
            ])
    }

    @Test("tells the built-in agent its endpoint and dialect", arguments: ModelDialect.allCases)
    func builtIn(dialect: ModelDialect) {
        #expect(
            launch(specification(.builtIn, dialect: dialect))
                == HarnessLaunch(
                    argv: ["/opt/x/bin/graftwork"],
                    environment: [
                        "GRAFTWORK_AGENT_BASE_URL": "http://127.0.0.1:8080/up",
                        "GRAFTWORK_AGENT_DIALECT": dialect.rawValue,
                        "GRAFTWORK_AGENT_MODEL": "m1", "GRAFTWORK_AGENT_KEY": "placeholder",
                    ], readOnlyPaths: ["/opt/x"]))
    }

    @Test("gives a command its prompt on stdin, and the schema with it") func command() {
        let launch = launch(
            specification(
                .command, dialect: .openaiChat, command: ["tool", "--go"], schema: ["type": "object"]))
        #expect(
            launch
                == HarnessLaunch(
                    argv: ["/opt/x/bin/command", "--go"],
                    environment: [
                        "OPENAI_BASE_URL": "http://127.0.0.1:8080/up/v1",
                        "OPENAI_API_BASE": "http://127.0.0.1:8080/up/v1",
                        "OPENAI_API_KEY": "placeholder", "GRAFTWORK_MODEL": "m1",
                    ], readOnlyPaths: ["/opt/x"],
                    standardInput: """
                        You are one of many.

                        Be brief.

                        Add it.

                        End with your answer as one JSON document and nothing else in that message: no \
                        prose before or \
                        after it. It must follow this JSON Schema:
                        {"type":"object"}
                        """))
    }

    @Test("starts an ACP agent by the command its definition names") func acp() {
        let launch = launch(specification(.acp, command: ["/usr/bin/vibe-acp", "-x"]))
        #expect(launch.argv == ["/usr/bin/vibe-acp", "-x"])
        #expect(launch.standardInput == nil)
    }
}
