package import Vocabulary

/// Any command as a harness: the prompt on stdin, the answer on stdout, no tool calls to see.
package struct CommandMachine: HarnessMachine {
    private let schema: JSONValue?
    private var lines: [String] = []
    private var bytes = 0
    private var isFinished = false

    package init(schema: JSONValue?) { self.schema = schema }

    /// Nothing: the prompt is the launch's standard input.
    package mutating func begin() -> [HarnessAction] { [] }

    package mutating func received(_ line: String) -> [HarnessAction] {
        guard !isFinished else { return [] }
        bytes += line.utf8.count + 1
        guard bytes <= HarnessBounds.outputBytes else {
            isFinished = true
            return [.fail(.garbage, "The command printed more than \(HarnessBounds.outputBytes) bytes.")]
        }
        lines.append(line)
        return []
    }

    /// Nothing is ever asked.
    package mutating func decided(_ call: ToolCallID, _ answer: ToolAnswer) -> [HarnessAction] { [] }

    /// A command cannot be told to stop its turn; ending it is all there is.
    package mutating func interrupted() -> [HarnessAction] {
        guard !isFinished else { return [] }
        isFinished = true
        return [.fail(.stopped, "The turn was stopped.")]
    }

    package mutating func exited(status: Int32, stderrTail: String) -> [HarnessAction] {
        guard !isFinished else { return [] }
        isFinished = true
        guard status == 0 else {
            return [
                .finish(HarnessExit.result(status: status, stderrTail: stderrTail, wasInterrupted: false))
            ]
        }
        let text = lines.joined(separator: "\n")
        return HarnessAction.said(text) + [.finish(FinalAnswer.result(text: text, schema: schema))]
    }
}
