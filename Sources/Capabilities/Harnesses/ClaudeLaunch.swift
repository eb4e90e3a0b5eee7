internal import Vocabulary

/// How Claude Code is started for one session.
enum ClaudeLaunch {
    private static let folder = "claude"
    private static let instructionsFile = "claude/graftwork-instructions.md"

    /// Tools that need a person at the terminal, leave the worktree, or wake the program up later.
    private static let unfit = [
        "AskUserQuestion", "EnterPlanMode", "ExitPlanMode", "EnterWorktree", "ExitWorktree", "CronCreate",
        "CronDelete",
        "CronList", "ScheduleWakeup",
    ]
    /// For roles that only read. A help to the model, not the boundary: that is the read-only mount.
    private static let writing = ["Write", "Edit", "MultiEdit", "NotebookEdit"]

    static func launch(
        for spec: SessionSpecification, program: HarnessProgram, in surroundings: HarnessSurroundings
    ) -> HarnessLaunch {
        // Never `--bare`: it turns off the hook that asks the policy and says that it did not.
        // `--setting-sources=` keeps the repository's own settings out, which may run commands and allow
        // tools.
        var argv = [
            program.executable, "-p", "--output-format", "stream-json", "--input-format", "stream-json",
            "--verbose",
            "--permission-mode", "default", "--permission-prompt-tool", "stdio", "--setting-sources=",
        ]
        if let model = spec.agent.model { argv += ["--model", model] }
        let readsOnly =
            switch spec.role {
            case .planner, .reviewer: true
            case .author: false
            }
        argv += ["--disallowedTools", (unfit + (readsOnly ? writing : [])).joined(separator: ",")]
        if let schema = spec.outputSchema { argv += ["--json-schema", JSONText.write(schema)] }
        if let token = spec.resumeToken { argv += ["--resume", token] }
        var files: [HarnessLaunch.HomeFile] = []
        let instructions = HarnessLauncher.instructions(of: spec)
        if !instructions.isEmpty {
            files.append(HarnessLaunch.HomeFile(path: instructionsFile, contents: instructions))
            argv += ["--append-system-prompt-file", "\(surroundings.home)/\(instructionsFile)"]
        }
        return HarnessLaunch(
            argv: argv,
            environment: [
                "CLAUDE_CONFIG_DIR": "\(surroundings.home)/\(folder)",
                "ANTHROPIC_BASE_URL": HarnessLauncher.gateway(surroundings),
                "ANTHROPIC_API_KEY": surroundings.placeholderKey,
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1",
                "DISABLE_TELEMETRY": "1",
                "DISABLE_ERROR_REPORTING": "1", "IS_SANDBOX": "1", "CLAUDE_CODE_MAX_RETRIES": "3",
            ], homeFiles: files, readOnlyPaths: program.readOnlyPaths)
    }
}
