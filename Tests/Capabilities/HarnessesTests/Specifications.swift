import Harnesses
import Vocabulary

let surroundings = HarnessSurroundings(
    home: "/home/agent", worktree: "/w", gatewayURL: "http://127.0.0.1:8080/up", placeholderKey: "placeholder"
)

func specification(
    _ kind: HarnessKind, role: SessionRole = .author, dialect: ModelDialect = .anthropicMessages,
    model: String? = "m1",
    command: [String] = [], schema: JSONValue? = nil, resume: String? = nil
) -> SessionSpecification {
    SessionSpecification(
        session: SessionID("s"), run: RunID("r"), task: nil, role: role,
        agent: AgentDefinition(
            name: AgentName("a"), harness: kind, model: model, upstream: "up", command: command,
            instructions: "Be brief."),
        prompt: "Add it.", systemPrompt: "You are one of many.", outputSchema: schema, worktree: "/w",
        privateGitDirectory: nil, gitPointerFile: nil, worktreeIsReadOnly: false, directory: "/s",
        resumeToken: resume,
        upstreams: [
            Upstream(
                name: "up", dialect: dialect, baseURL: "https://api.example",
                vendor: .fixed(vendor: .anthropic),
                credential: .none)
        ], policies: [], limits: SessionLimits(), uid: nil, isRehearsed: false)
}

func program(_ kind: HarnessKind) -> HarnessProgram {
    HarnessProgram(kind: kind, executable: "/opt/x/bin/\(kind.rawValue)", readOnlyPaths: ["/opt/x"])
}
