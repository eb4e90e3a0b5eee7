import Harnesses
import Linux
import Vocabulary

/// Feeds a machine what a real harness printed and writes down, in words, everything the machine wants done.
struct Playback {
    private var machine: any HarnessMachine
    private(set) var script: [String] = []

    init(_ machine: any HarnessMachine) {
        self.machine = machine
        note(self.machine.begin(), answeredBy: { _ in nil })
    }

    /// `answer` nil leaves the call open.
    mutating func receive(_ lines: [String], answering answer: (ToolCall) -> ToolAnswer? = { _ in .allow }) {
        for line in lines { note(machine.received(line), answeredBy: answer) }
    }

    mutating func decide(_ call: String, _ answer: ToolAnswer) {
        note(machine.decided(ToolCallID(call), answer), answeredBy: { _ in nil })
    }
    mutating func interrupt() { note(machine.interrupted(), answeredBy: { _ in nil }) }
    mutating func tell(_ number: Int, _ text: String) {
        let id = String(repeating: "0", count: 31) + "\(number)"
        note(
            machine.told(ToldMessage(number: number, id: id, text: text, files: [], by: "ada")),
            answeredBy: { _ in nil })
    }
    mutating func exit(_ status: Int32, saying stderr: String = "") {
        note(machine.exited(status: status, stderrTail: stderr), answeredBy: { _ in nil })
    }

    /// What was written down since the last look.
    mutating func take() -> [String] {
        defer { script = [] }
        return script
    }

    private mutating func note(_ actions: [HarnessAction], answeredBy answer: (ToolCall) -> ToolAnswer?) {
        for action in actions {
            script.append(Self.words(for: action))
            if case .decide(let call) = action, let given = answer(call) {
                note(machine.decided(call.id, given), answeredBy: answer)
            }
        }
    }

    private static func words(for action: HarnessAction) -> String {
        switch action {
        case .send(let line): "> \(line)"
        case .decide(let call):
            """
            ? \(call.id) \(call.kind.rawValue) \(call.rawName): \
            \(call.command ?? call.paths.joined(separator: " "))
            """
        case .finish(.completed(let text, let structured)):
            "= completed: \(text)" + (structured.map { " \(JSONText.write($0))" } ?? "")
        case .finish(.failed(let failure, let message)): "= failed \(failure.rawValue): \(message)"
        case .heard(let number): "heard \(number)"
        case .turnEnded: "turn ended"
        case .emit(.ready(let token, let model)): "ready \(token ?? "-") \(model ?? "-")"
        case .emit(.said(let text)): "said: \(text)"
        case .emit(.noticed(let text)): "noticed: \(text)"
        case .emit(.toolFinished(let call, let succeeded, let summary)):
            "\(call) \(succeeded ? "succeeded" : "failed"): \(summary)"
        case .emit(let other): "\(other)"
        }
    }
}

/// The lines of a capture, without its machine's paths and its long lists.
func fixture(_ name: String) throws -> [String] {
    let folder = Files.parent(of: #filePath)
    return try Files.readText("\(folder)/Fixtures/\(name).jsonl", bytesMax: 1 << 20).split(separator: "\n")
        .map { String($0) }
}

func denied(_ call: ToolCall) -> ToolAnswer? { .deny(message: "policy: pushes need a human") }
func open(_ call: ToolCall) -> ToolAnswer? { nil }
