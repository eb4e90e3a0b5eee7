import Agents
import Fixtures
import Glibc
import Harnesses
import Linux
import Sandbox
import Testing
import Vocabulary

/// A session with the built runner, the real sandbox and a shell script as its agent.
final class RealSession: Sendable {
    let folder: TemporaryFolder
    let host: RunnerHost
    let specification: SessionSpecification

    static let keys = ["anthropic": "sk-real-key-never-on-disk"]

    /// - Parameter script: the agent: the body of a shell script, which is shown inside but not writable
    ///   there. The
    ///   built-in agent takes no notice of it.
    /// - Parameter limits: by default none that a busy machine could reach.
    init(
        _ kind: HarnessKind = .command, _ script: String, role: SessionRole = .author,
        schema: JSONValue? = nil,
        upstreams: [Upstream] = [], policies: String? = nil,
        limits: SessionLimits = SessionLimits(silenceSeconds: 100_000, wallSeconds: 100_000)
    ) throws {
        folder = try TemporaryFolder(reachable: true)
        let agent = try folder.write("bin/agent", "#!/bin/sh\n\(script)\n", mode: 0o755)
        try folder.write("tree/README", "A tree.\n")
        var uid: UInt32?
        if Requirement.isRoot {
            // One of its own, so that what runs under it belongs to this test.
            let range = SessionUIDs.availableRange()
            let chosen = UInt32.random(in: range)
            try Files.changeOwner(tree: folder.path("tree"), uid: chosen, gid: chosen)
            uid = chosen
        }
        let executables = Files.parent(of: try builtProduct(named: "graftwork-runner"))
        host = RunnerHost(
            executables: executables, stateDirectory: folder.path("state"),
            programs: HarnessDetector.detect(searching: [], cache: nil, agentBeside: executables))
        specification = SessionSpecification(
            session: SessionID("s1"), run: RunID("r1"), task: TaskID("t1"), role: role,
            agent: AgentDefinition(
                name: AgentName("tester"), harness: kind, model: "claude-sonnet-4-5", upstream: "anthropic",
                command: [agent]),
            prompt: "Do it.", systemPrompt: "", outputSchema: schema, worktree: folder.path("tree"),
            privateGitDirectory: nil, gitPointerFile: nil, worktreeIsReadOnly: role != .author,
            directory: folder.path("s"), upstreams: upstreams,
            policies: policies.map { [PolicySource(level: .user, file: "policies.yaml", text: $0)] } ?? [],
            limits: limits,
            uid: uid, isRehearsed: true)
    }

    var files: SessionFiles { SessionFiles(directory: specification.directory) }

    func start() async throws -> RunnerHandle { try await host.start(specification, keys: Self.keys) }

    /// Runs the session to its end.
    func outcome() async throws -> SessionOutcome { try await start().outcome() }

    /// Whether any process still works for this session: its runner, its bwrap or anything inside.
    func processes() throws -> [String] {
        try Files.list("/proc").filter { name in
            guard Int(name) != nil else { return false }
            // Not a cause lost: a process that is gone is what we look for.
            let text = (try? Files.readText("/proc/\(name)/mountinfo", bytesMax: 4 << 20)) ?? ""
            return text.contains(folder.path("tree"))
        }
    }
    /// The processes of the uid that is this session's own; none known for an ordinary user.
    func processesOfItsUser() throws -> [String] {
        guard let uid = specification.uid else { return [] }
        return try Files.list("/proc").filter { name in
            // Not a cause lost: a process that is gone is what we look for.
            guard Int(name) != nil, let status = try? Files.status(of: "/proc/\(name)") else { return false }
            return status.st_uid == uid
        }
    }
}

extension RunnerHandle {
    func outcome() async throws -> SessionOutcome {
        for try await entry in events() {
            if case .ended(let outcome) = entry.event { return outcome }
        }
        throw AgentError.runnerLost(session: session)
    }
}

/// An agent of the Agent Client Protocol as a script; `body` runs once the prompt is there.
func acpScript(_ body: String) -> String {
    """
    read -r line
    echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":1,"agentCapabilities":{}}}'
    read -r line
    echo '{"jsonrpc":"2.0","id":2,"result":{"sessionId":"x"}}'
    read -r line
    say() { echo '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"x","update":'\\
    '{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"'"$1"'"}}}}'; }
    ask() { echo '{"jsonrpc":"2.0","id":'"$1"',"method":"session/request_permission",\
    "params":{"sessionId":"x",'\\
    '"toolCall":{"toolCallId":"c'"$1"'","kind":"execute","title":"'"$2"'","rawInput":{"command":"'"$2"'"}},'\\
    '"options":[{"optionId":"yes","name":"y","kind":"allow_once"},{"optionId":"no","name":"n",\
    "kind":"reject_once"}]}}'
    read -r answer; case "$answer" in *yes*) answer=yes;; *no*) answer=no;; esac; }
    end() { echo '{"jsonrpc":"2.0","id":4,"result":{"stopReason":"end_turn"}}'; }
    \(body)
    """
}
