import ControlProtocol
import Vocabulary

/// Decides which task a command means: `RUN TASK`, `RUN/TASK`, or `TASK` alone where only one run has it.
struct TaskChoice: Sendable {
    let context: CommandContext

    /// The run and, where one was named, the task.
    func choose(_ first: String?, _ second: String?) async throws(Problem) -> (run: RunID, task: TaskID?) {
        let choice = RunChoice(context: context, preference: .mostRecent)
        guard let first else { return (try await choice.choose(nil), nil) }
        if let second { return (RunID(first), TaskID(second)) }
        if let named = Self.parts(first) { return named }
        let runs = try await RunChoice.runs(context)
        if runs.contains(where: { $0.id.rawValue == first }) { return (RunID(first), nil) }
        let owners = runs.filter { run in run.tasks.contains { $0.id.rawValue == first } }
        let here = owners.filter {
            context.directory == $0.repository || context.directory.hasPrefix($0.repository + "/")
        }
        let found = here.isEmpty ? owners : here
        guard let only = found.first else { return (RunID(first), nil) }
        guard found.count == 1 else {
            let names = found.prefix(Self.shownMax).map {
                SafeText.line("\($0.id)/\(first)", charactersMax: 120)
            }.joined(separator: ", ")
            throw Problem.usage(
                "More than one run has a task \(SafeText.line(first, charactersMax: 60)).",
                hint: "Name it with its run: \(names).")
        }
        return (only.id, TaskID(first))
    }
    private static let shownMax = 5

    /// The two parts of `RUN/TASK`; nil when it is none.
    static func parts(_ word: String) -> (run: RunID, task: TaskID?)? {
        let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return (RunID(parts[0]), TaskID(parts[1]))
    }
}
