package import Vocabulary

/// Any command as a harness: the prompt on stdin, the answer on stdout, no tool calls to see.
package struct CommandMachine: HarnessMachine {
    package init(spec: SessionSpecification) {}
    package mutating func begin() -> [HarnessAction] { [] }
    package mutating func received(_ line: String) -> [HarnessAction] { [] }
    package mutating func decided(_ call: ToolCallID, _ answer: ToolAnswer) -> [HarnessAction] { [] }
    package mutating func interrupted() -> [HarnessAction] { [] }
    package mutating func exited(status: Int32, stderrTail: String) -> [HarnessAction] { [] }
}
