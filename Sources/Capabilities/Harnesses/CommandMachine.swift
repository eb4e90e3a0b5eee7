package import Vocabulary

/// Any command as a harness: the prompt on stdin, the answer on stdout, no tool calls to see.
package struct CommandMachine: HarnessMachine {
    private let schema: JSONValue?
    private var lines: [String] = []
    private var bytes = 0
    private var end = TurnEnd()

    package init(schema: JSONValue?) { self.schema = schema }

    /// Nothing: the prompt is the launch's standard input.
    package mutating func begin() -> [HarnessAction] { [] }

    package mutating func received(_ line: String) -> [HarnessAction] {
        guard !end.isFinished else { return [] }
        bytes += line.utf8.count + 1
        guard bytes <= HarnessBounds.outputBytes else {
            return end.finish(
                .fail(.garbage, "The command printed more than \(HarnessBounds.outputBytes) bytes."))
        }
        lines.append(line)
        return []
    }

    /// Nothing is ever asked.
    package mutating func decided(_ call: ToolCallID, _ answer: ToolAnswer) -> [HarnessAction] { [] }

    /// A command cannot be told to stop its turn; ending it is all there is.
    package mutating func interrupted() -> [HarnessAction] {
        guard end.interrupt() else { return [] }
        return end.finish(.fail(.stopped, "The turn was stopped."))
    }

    package var tellingRefusal: String? {
        "a harness of the kind 'command' reads its prompt once and nothing after it; state it in the next "
            + "run, or use an agent of another harness"
    }

    /// Nothing: it is refused before it gets here.
    package mutating func told(_ message: ToldMessage) -> [HarnessAction] { [] }

    package mutating func exited(status: Int32, stderrTail: String) -> [HarnessAction] {
        guard status == 0, !end.isFinished else { return end.exited(status: status, stderrTail: stderrTail) }
        let text = lines.joined(separator: "\n")
        return HarnessAction.said(text)
            + end.finish(.finish(FinalAnswer.result(text: text, schema: schema)))
    }
}
