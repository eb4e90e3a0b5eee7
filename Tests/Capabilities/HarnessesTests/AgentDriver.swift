import ChildProcess
import Fixtures
import Harnesses
import Linux
import Vocabulary

/// The built agent, started as a session starts it and driven by the machine that drives it there.
actor AgentDriver {
    /// Kept, or it would be gone before the agent is.
    private let folder: TemporaryFolder
    private let child: RunningChild
    private let lines: LineStream
    private let writer: LineWriter
    private var machine: any HarnessMachine
    private(set) var asked: [ToolCall] = []
    private(set) var events: [SessionEvent] = []

    init(
        in folder: TemporaryFolder, model: ScriptedModel, dialect: ModelDialect, schema: JSONValue? = nil,
        resume: String? = nil, hasUpstream: Bool = true
    ) throws {
        self.folder = folder
        let worktree = folder.path("worktree")
        try Files.makeDirectory(worktree, mode: 0o755)
        var surroundings = surroundings
        surroundings.worktree = worktree
        surroundings.gatewayURL = model.baseURL
        let program = HarnessProgram(
            kind: .builtIn, executable: try builtProduct(named: "graftwork-agent"), readOnlyPaths: [])
        var spec = specification(.builtIn, dialect: dialect, schema: schema, resume: resume)
        if !hasUpstream { spec.upstreams = [] }
        let launch = HarnessLauncher.launch(for: spec, program: program, in: surroundings)
        let environment = launch.environment.merging(["HOME": folder.path, "PATH": "/usr/bin:/bin"]) { $1 }
        child = try Child.spawn(
            ChildCommand(launch.argv, environment: environment, workingDirectory: worktree), stdin: .pipe,
            stdout: .pipe)
        guard let input = child.stdin, let output = child.stdout else {
            throw SystemError(code: 9, call: "pipe", subject: "graftwork-agent")
        }
        writer = LineWriter(writing: input)
        lines = LineStream(reading: output, lineBytesMax: 8 << 20)
        machine = HarnessLauncher.machine(for: spec, in: surroundings)
    }

    /// Runs the turn to its end, each call answered alike.
    func run(answering answer: ToolAnswer = .allow) async throws -> HarnessResult? {
        var result: HarnessResult?
        var waiting = machine.begin()[...]
        while result == nil {
            while let action = waiting.popFirst() {
                switch action {
                case .send(let line): try await writer.write(line)
                case .decide(let call):
                    asked.append(call)
                    waiting = machine.decided(call.id, answer) + waiting
                case .finish(let ended): result = ended
                case .emit(let event): events.append(event)
                case .heard, .turnEnded: break
                }
            }
            guard result == nil, let line = try await lines.next() else { break }
            waiting += machine.received(line.text)
        }
        child.stdin?.close()
        _ = await child.wait()
        return result
    }

    /// Interrupts the turn, in the middle of whatever it waits for.
    func interrupt() async throws {
        for case .send(let line) in machine.interrupted() { try await writer.write(line) }
    }

    var token: String? {
        for case .ready(let token, _) in events { return token }
        return nil
    }
    var finished: [String] {
        events.compactMap { event in
            guard case .toolFinished(let call, let succeeded, let summary) = event else { return nil }
            return "\(call) \(succeeded ? "ok" : "failed"): \(summary)"
        }
    }
}
