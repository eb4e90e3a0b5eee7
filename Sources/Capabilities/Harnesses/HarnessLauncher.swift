package import Vocabulary

/// Turns a session's specification into the program to start and the machine that talks to it.
package enum HarnessLauncher {
    /// What to start inside the sandbox.
    ///
    /// For `acp` and `command` the specification names the command; `program` says where it was found when
    /// its first word is no absolute path (``HarnessDetector/program(for:searching:)``).
    package static func launch(
        for spec: SessionSpecification, program: HarnessProgram, in surroundings: HarnessSurroundings
    ) -> HarnessLaunch {
        switch spec.agent.harness {
        case .claude: ClaudeLaunch.launch(for: spec, program: program, in: surroundings)
        case .codex: CodexLaunch.launch(for: spec, program: program, in: surroundings)
        case .builtIn: builtIn(spec, program, surroundings)
        case .acp, .command: command(spec, program, surroundings)
        }
    }

    /// The machine that speaks the harness's protocol.
    package static func machine(
        for spec: SessionSpecification, in surroundings: HarnessSurroundings
    ) -> any HarnessMachine {
        switch spec.agent.harness {
        case .claude: ClaudeMachine(prompt: spec.prompt, schema: spec.outputSchema)
        case .codex:
            CodexMachine(
                prompt: spec.prompt, instructions: instructions(of: spec), schema: spec.outputSchema,
                worktree: surroundings.worktree, resumeToken: spec.resumeToken)
        case .builtIn: ACPMachine(acp(spec, surroundings, isBuiltIn: true))
        case .acp: ACPMachine(acp(spec, surroundings, isBuiltIn: false))
        case .command: CommandMachine(schema: spec.outputSchema)
        }
    }

    /// What the session adds to the harness's system prompt: the session's own text, then the agent's.
    static func instructions(of spec: SessionSpecification) -> String {
        [spec.systemPrompt, spec.agent.instructions ?? ""].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    /// The gateway without a slash at its end, so that every path is joined the same way.
    static func gateway(_ surroundings: HarnessSurroundings) -> String {
        surroundings.gatewayURL.hasSuffix("/")
            ? String(surroundings.gatewayURL.dropLast()) : surroundings.gatewayURL
    }

    private static func acp(
        _ spec: SessionSpecification, _ surroundings: HarnessSurroundings, isBuiltIn: Bool
    ) -> ACPMachine.Specification {
        ACPMachine.Specification(
            prompt: spec.prompt, instructions: instructions(of: spec), schema: spec.outputSchema,
            worktree: surroundings.worktree, resumeToken: spec.resumeToken, isBuiltIn: isBuiltIn)
    }

    private static func dialect(of spec: SessionSpecification) -> ModelDialect? {
        spec.upstreams.first { $0.name == spec.agent.upstream }?.dialect
    }

    private static func builtIn(
        _ spec: SessionSpecification, _ program: HarnessProgram, _ surroundings: HarnessSurroundings
    ) -> HarnessLaunch {
        var environment = [
            "GRAFTWORK_AGENT_BASE_URL": gateway(surroundings),
            "GRAFTWORK_AGENT_DIALECT": dialect(of: spec)?.rawValue ?? "",
            "GRAFTWORK_AGENT_KEY": surroundings.placeholderKey,
        ]
        environment["GRAFTWORK_AGENT_MODEL"] = spec.agent.model
        return HarnessLaunch(
            argv: [program.executable], environment: environment, readOnlyPaths: program.readOnlyPaths)
    }

    /// Any other program gets the variables that programs of its upstream's dialect look for.
    private static func command(
        _ spec: SessionSpecification, _ program: HarnessProgram, _ surroundings: HarnessSurroundings
    ) -> HarnessLaunch {
        let base = gateway(surroundings)
        var environment: [String: String] =
            switch dialect(of: spec) {
            case .anthropicMessages:
                ["ANTHROPIC_BASE_URL": base, "ANTHROPIC_API_KEY": surroundings.placeholderKey]
            case .openaiResponses, .openaiChat:
                [
                    "OPENAI_BASE_URL": "\(base)/v1", "OPENAI_API_BASE": "\(base)/v1",
                    "OPENAI_API_KEY": surroundings.placeholderKey,
                ]
            case nil: [:]
            }
        environment["GRAFTWORK_MODEL"] = spec.agent.model
        let first = spec.agent.command.first ?? ""
        let argv = [first.hasPrefix("/") ? first : program.executable] + spec.agent.command.dropFirst()
        var input: String?
        if spec.agent.harness == .command {
            let instructions = instructions(of: spec)
            input =
                (instructions.isEmpty ? "" : "\(instructions)\n\n") + spec.prompt
                + (spec.outputSchema.map { FinalAnswer.request(for: $0) } ?? "")
        }
        return HarnessLaunch(
            argv: argv, environment: environment, readOnlyPaths: program.readOnlyPaths, standardInput: input)
    }
}
