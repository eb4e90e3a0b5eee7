import Vocabulary

/// Whether a turn was told to stop and whether it has ended: every machine ends once, whoever says so first.
struct TurnEnd: Sendable {
    private(set) var isFinished = false
    private(set) var wasInterrupted = false

    /// False when there is nothing left to interrupt.
    mutating func interrupt() -> Bool {
        guard !isFinished, !wasInterrupted else { return false }
        wasInterrupted = true
        return true
    }

    mutating func finish(_ action: HarnessAction) -> [HarnessAction] {
        isFinished = true
        return [action]
    }

    /// The program ended; without a result, its exit is one.
    mutating func exited(status: Int32, stderrTail: String) -> [HarnessAction] {
        guard !isFinished else { return [] }
        return finish(.finish(reading(status: status, stderrTail: stderrTail)))
    }

    private func reading(status: Int32, stderrTail: String) -> HarnessResult {
        if wasInterrupted { return .failed(.stopped, message: "The turn was stopped.") }
        let tail = VisibleText.oneLine(stderrTail, limit: 600)
        let said = tail.isEmpty ? "" : " It said: \(tail)"
        if status == 126 || status == 127 {
            return .failed(
                .missing, message: "The harness could not be started (exit status \(status)).\(said)")
        }
        let how = status < 0 ? "by signal \(-Int64(status))" : "with exit status \(status)"
        return .failed(.crashed, message: "The harness ended \(how) without a result.\(said)")
    }
}
