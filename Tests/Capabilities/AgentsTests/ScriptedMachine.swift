import Harnesses
import Vocabulary

/// A harness protocol made for tests: `call ID COMMAND`, `say TEXT`, `end TEXT`, `fail TEXT`; everything else
/// is garbage.
struct ScriptedMachine: HarnessMachine {
    private var isFinished = false

    mutating func begin() -> [HarnessAction] { [.send("begin")] }

    mutating func received(_ line: String) -> [HarnessAction] {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        let rest = line.split(separator: " ", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
        switch words.first {
        case "call": return [.decide(.shell(words[1], words[2]))]
        case "finished":
            return [.emit(.toolFinished(call: ToolCallID(words[1]), succeeded: true, summary: ""))]
        case "ready": return [.emit(.ready(resumeToken: rest, model: nil))]
        case "say": return [.emit(.said(text: rest))]
        case "forge":
            return [.emit(.ended(outcome: SessionOutcome(result: .completed(text: rest, structured: nil))))]
        case "end": return finish(.completed(text: rest, structured: nil))
        case "fail": return finish(.failed(.crashed, message: rest))
        case "idle": return []
        case "heard": return Int(rest).map { [.heard($0)] } ?? []
        case "turn": return [.turnEnded]
        default: return finish(.failed(.garbage, message: "'\(line.prefix(20))' is nothing it may say."))
        }
    }

    mutating func decided(_ call: ToolCallID, _ answer: ToolAnswer) -> [HarnessAction] {
        switch answer {
        case .allow: [.send("allowed \(call)")]
        case .deny(let message): [.send("denied \(call) \(message)")]
        }
    }

    mutating func interrupted() -> [HarnessAction] { [.send("interrupt")] }

    var tellingRefusal: String? { nil }
    mutating func told(_ message: ToldMessage) -> [HarnessAction] {
        [.send("told \(message.number) \(message.prompt)")]
    }

    mutating func exited(status: Int32, stderrTail: String) -> [HarnessAction] {
        finish(.failed(.crashed, message: "It ended with status \(status)."))
    }

    private mutating func finish(_ result: HarnessResult) -> [HarnessAction] {
        defer { isFinished = true }
        return isFinished ? [] : [.finish(result)]
    }
}

extension ToolCall {
    static func shell(_ id: String, _ command: String) -> ToolCall {
        ToolCall(
            id: ToolCallID(id), kind: .shell, rawName: "sh", command: command,
            input: ["command": .string(command)])
    }
}

extension SessionSpecification {
    static func test(
        directory: String = "/nowhere", worktree: String = "/nowhere/tree", schema: JSONValue? = nil,
        limits: SessionLimits = SessionLimits(silenceSeconds: 60, wallSeconds: 600)
    ) -> SessionSpecification {
        SessionSpecification(
            session: SessionID("s1"), run: RunID("r1"), task: TaskID("t1"), role: .author,
            agent: AgentDefinition(name: AgentName("tester"), harness: .command, upstream: "anthropic"),
            prompt: "Do it.",
            systemPrompt: "", outputSchema: schema, worktree: worktree, privateGitDirectory: nil,
            gitPointerFile: nil,
            worktreeIsReadOnly: false, directory: directory, upstreams: [], policies: [], limits: limits,
            uid: nil,
            isRehearsed: true)
    }
}
