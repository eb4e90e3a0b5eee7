import Configuration
import Testing
import Vocabulary
import Workflows

@Suite("The agents of a run") struct AgentResolverTests {
    private func configuration(_ agents: String, rest: String = "") throws -> GraftworkConfiguration {
        try ConfigurationLoader.configuration(
            user: ("version: 1\nagents:\n\(agents)\n\(rest)\n", "config.yaml"), repository: nil)
    }
    private func workflow(_ agents: String = "", authors: String = "builder, second") throws -> Workflow {
        let shipped = try #require(try ShippedFiles.workflows.read("feature.yaml"))
        var edited = text(shipped, replacing: "[builder, second]", with: "[\(authors)]")
        if !agents.isEmpty {
            edited = text(
                edited,
                replacing: "  planner: {}\n  builder: {}\n  second: {}\n  reviewer: { vendor: other }",
                with: agents)
        }
        return try WorkflowReader.workflow(text: edited, file: "w.yaml")
    }
    private let two = "  claude: { harness: claude }\n  codex: { harness: codex, model: gpt-5 }"
    private let claude = AgentDefinition(name: AgentName("claude"), harness: .claude, upstream: "anthropic")
    private let codex = AgentDefinition(
        name: AgentName("codex"), harness: .codex, model: "gpt-5", upstream: "openai")

    private func named(_ name: String, _ agent: AgentDefinition, model: String? = nil) -> AgentDefinition {
        var agent = agent
        agent.name = AgentName(name)
        if let model { agent.model = model }
        return agent
    }

    @Test("fill open slots with the configured agents in turn, so that tasks go to two vendors")
    func inTurn() throws {
        let configuration = try configuration(two)
        let agents = try AgentResolver.resolve(workflow(), configuration)
        #expect(
            agents
                == ResolvedAgents(
                    planner: named("planner", claude),
                    authors: [named("builder", claude), named("second", codex)],
                    reviewers: [
                        ReviewerCandidate(agent: claude, expectedVendor: .anthropic),
                        ReviewerCandidate(agent: codex, expectedVendor: .openai),
                    ], upstreams: configuration.upstreams.filter { $0.name != "mistral" },
                    permitsSameVendor: false))
        #expect(try agents.reviewer(for: [.anthropic]).agent == codex)
        #expect(try agents.reviewer(for: [.openai]).agent == claude)
        #expect(throws: ReviewerError.self) { try agents.reviewer(for: [.openai, .anthropic]) }
    }

    @Test("take the agent of the slot's own name, the harness it asks for, or the vendor")
    func wishes() throws {
        let configuration = try configuration(two + "\n  second: { harness: graftwork, upstream: mistral }")
        let agents = try AgentResolver.resolve(
            workflow(
                """
                  planner: { vendor: openai }
                  builder: { harness: codex, model: gpt-5-mini }
                  second: {}
                  reviewer: { vendor: other }
                """), configuration)
        #expect(agents.planner == named("planner", codex))
        #expect(agents.authors[0] == named("builder", codex, model: "gpt-5-mini"))
        #expect(
            agents.authors[1]
                == AgentDefinition(name: AgentName("second"), harness: .builtIn, upstream: "mistral"))
    }

    @Test("give a name that stands twice two turns of one agent")
    func twice() throws {
        let agents = try AgentResolver.resolve(workflow(authors: "builder, builder"), configuration(two))
        #expect(agents.authors == [named("builder", claude), named("builder", claude)])
    }

    @Test("are refused before anything is spent when nobody could review")
    func noSecondVendor() throws {
        let one = "  a: { harness: claude }\n  b: { harness: claude, model: haiku }"
        let message = words { _ = try AgentResolver.resolve(workflow(), configuration(one)) }
        #expect(
            message
                == """
                The change was written by anthropic, and no configured agent is of another vendor \
                (configured: anthropic). Add an agent of a second vendor with its key to config.yaml, or set \
                `review: { same-vendor: allow }` there to have a second model of the same vendor review, \
                marked as such.
                """)
        let allowed = try AgentResolver.resolve(
            workflow(), configuration(one, rest: "review: { same-vendor: allow }"))
        let choice = try allowed.reviewer(for: [.anthropic], authorModels: ["opus"])
        #expect(choice.agent.model == "haiku")
        #expect(choice.isSameVendor)
    }

    @Test("are refused when one author's vendor is the only one left to review it")
    func pinnedReviewer() throws {
        let pinned = """
              planner: {}
              builder: { harness: claude }
              second: { harness: codex }
              reviewer: { harness: codex }
            """
        #expect(
            words { _ = try AgentResolver.resolve(workflow(pinned), configuration(two)) }?
                .hasPrefix("The change was written by openai, and no configured agent is of another vendor")
                == true)
    }

    @Test("are refused when a slot asks for what nobody has")
    func nobody() throws {
        let wished = """
              planner: {}
              builder: { harness: acp }
              second: {}
              reviewer: { vendor: other }
            """
        #expect(
            words { _ = try AgentResolver.resolve(workflow(wished), configuration(two)) }
                == """
                No configured agent can be builder of the workflow, which asks for harness acp. \
                Configured are: claude (claude), codex (codex).
                """
        )
        #expect(
            words { _ = try AgentResolver.resolve(workflow(), GraftworkConfiguration()) }
                == """
                No agent is configured. Run `graftwork doctor` to see what is installed and get a \
                configuration proposed.
                """
        )
    }

    @Test("may be of unknown vendor: what answers decides, and nobody unknown reviews")
    func unknownVendor() throws {
        let configuration = try configuration(
            "  x: { harness: graftwork, upstream: gate, model: llama-4 }",
            rest:
                """
                upstreams: { gate: { dialect: openai-chat, base-url: https://g.example, \
                vendor-by-model: { gpt: openai } } }
                """
        )
        let agents = try AgentResolver.resolve(workflow(), configuration)
        #expect(agents.reviewers.map(\.expectedVendor) == [nil])
        #expect(throws: ReviewerError.self) { try agents.reviewer(for: [.anthropic]) }
    }
}

@Suite("A proposed configuration") struct ConfigurationProposalTests {
    private func agents(_ proposal: ConfigurationProposal) throws -> [AgentDefinition] {
        try ConfigurationLoader.configuration(user: (proposal.text, "config.yaml"), repository: nil).agents
    }

    @Test("uses the vendors' own harnesses where they are installed and have a key")
    func both() throws {
        let proposal = ConfigurationProposal.make(
            harnesses: [.claude, .codex], variables: ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "HOME"],
            loggedIn: [])
        #expect(
            try agents(proposal) == [
                AgentDefinition(name: AgentName("claude"), harness: .claude, upstream: "anthropic"),
                AgentDefinition(name: AgentName("codex"), harness: .codex, upstream: "openai"),
            ])
        #expect(proposal.vendors == [.anthropic, .openai])
        #expect(
            proposal.explanation == [
                "Claude Code is installed and ANTHROPIC_API_KEY is set.",
                "Codex is installed and OPENAI_API_KEY is set.",
                "2 vendors have keys here, so each reviews what another wrote.",
            ])
    }

    @Test("uses the built-in agent where there is only a key")
    func builtIn() throws {
        let proposal = ConfigurationProposal.make(
            harnesses: [], variables: ["MISTRAL_API_KEY", "ANTHROPIC_API_KEY"], loggedIn: [])
        #expect(
            try agents(proposal) == [
                AgentDefinition(name: AgentName("anthropic"), harness: .builtIn, upstream: "anthropic"),
                AgentDefinition(name: AgentName("mistral"), harness: .builtIn, upstream: "mistral"),
            ])
    }

    @Test("says that a second vendor is missing, and what to do")
    func oneVendor() throws {
        let proposal = ConfigurationProposal.make(
            harnesses: [.claude, .codex], variables: ["ANTHROPIC_API_KEY"], loggedIn: [.codex])
        #expect(try agents(proposal).map(\.name.rawValue) == ["claude"])
        #expect(
            proposal.explanation == [
                "Claude Code is installed and ANTHROPIC_API_KEY is set.",
                "Codex is logged in; its log-in cannot be used yet: set OPENAI_API_KEY.",
                """
                Only anthropic has a key here, and a review needs a second vendor: set another \
                vendor's key, or choose `review: { same-vendor: allow }`.
                """,
            ])
        #expect(proposal.text.contains("# review: { same-vendor: allow }"))
    }

    @Test("is still a configuration when nothing was found, and says what is needed")
    func nothing() throws {
        let proposal = ConfigurationProposal.make(harnesses: [.claude], variables: [], loggedIn: [])
        #expect(try agents(proposal) == [])
        #expect(
            proposal.explanation == [
                "Claude Code is installed, but there is no key: set ANTHROPIC_API_KEY to use it.",
                """
                No key was found, so no agent can work: set ANTHROPIC_API_KEY and OPENAI_API_KEY (two \
                vendors, one reviews the other).
                """,
            ])
    }
}
