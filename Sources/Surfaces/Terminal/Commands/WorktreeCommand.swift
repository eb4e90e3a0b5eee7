import ControlProtocol
import Vocabulary

/// `worktree ls`, `worktree open`, `worktree rm` and `worktree import`.
struct WorktreeCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    func perform() async throws(Problem) -> ExitCode {
        switch command.argument("ACTION") {
        case "open": try await open()
        case "rm": try await remove()
        case "import": try await WorktreeImportCommand(command: command, context: context).perform()
        // The table allows only these actions.
        default: try await list()
        }
    }

    private func list() async throws(Problem) -> ExitCode {
        let worktrees = try await worktrees(command.argument("RUN").map { RunID($0) })
        let console = context.console
        if context.asJSON {
            await console.say(JSONOutput.document(worktrees))
        } else if worktrees.isEmpty {
            await console.say("There are no worktrees. A run makes one for each task.")
        } else {
            await console.say(
                WorktreeTable.table(of: worktrees).lines(
                    width: context.tableWidth, palette: console.palette))
            let remarks = WorktreeTable.remarks(on: worktrees)
            if !remarks.isEmpty { await console.say(remarks) }
        }
        return .done
    }

    private func open() async throws(Problem) -> ExitCode {
        let worktree = try await one()
        if context.asJSON {
            await context.console.say(JSONOutput.document(worktree))
        } else {
            // Exactly the path, for `cd "$(…)"`; the path is the server's own.
            await context.console.say(worktree.path)
        }
        return .done
    }

    private func remove() async throws(Problem) -> ExitCode {
        guard command.argument("RUN") != nil else {
            throw Problem.usage(
                "`graftwork worktree rm` needs a run and a task.", hint: "`graftwork worktree ls` lists them."
            )
        }
        let worktree = try await one(mustNameTask: true)
        let exit = try await context.client.ask(.removeWorktree(run: worktree.run, task: worktree.task))
        if context.asJSON {
            await context.console.say(JSONOutput.document(worktree))
        } else {
            await context.console.say(
                "Removed \(SafeText.line(worktree.name)); its snapshots stay below "
                    + "refs/graftwork/snapshots/\(SafeText.line(worktree.name))."
            )
        }
        return exit
    }

    /// The worktree that the arguments name, or the only one there is.
    private func one(mustNameTask: Bool = false) async throws(Problem) -> WorktreeView {
        let (run, task) = try await TaskChoice(context: context).choose(
            command.argument("RUN"), command.argument("TASK"))
        let all = try await worktrees(nil).filter { $0.run == run }
        let name = SafeText.line(run.rawValue, charactersMax: 40)
        guard let task else {
            guard !mustNameTask else {
                throw Problem.usage(
                    "`graftwork worktree rm` needs a run and a task.",
                    hint: "`graftwork worktree ls` lists them.")
            }
            guard let only = all.first, all.count == 1 else {
                let tasks = all.map { SafeText.line($0.task.rawValue, charactersMax: 60) }.joined(
                    separator: ", ")
                throw Problem.usage(
                    all.isEmpty
                        ? "Run \(name) has no worktrees."
                        : "Run \(name) has more than one worktree: \(tasks).",
                    hint: all.isEmpty ? "`graftwork worktree ls` lists those there are." : "Name the task.")
            }
            return only
        }
        guard let found = all.first(where: { $0.task == task }) else {
            let nearest = Suggestion.nearest(to: task.rawValue, among: all.map(\.task.rawValue))
            throw Problem(
                "Run \(name) has no worktree for task \(SafeText.line(task.rawValue, charactersMax: 60)).",
                hint: nearest.map { "Did you mean `\($0)`?" }
                    ?? "`graftwork worktree ls` lists them.", blame: .user)
        }
        return found
    }

    private func worktrees(_ run: RunID?) async throws(Problem) -> [WorktreeView] {
        var worktrees: [WorktreeView] = []
        _ = try await context.client.ask(.worktrees(run: run)) {
            if case .worktrees(let some) = $0 { worktrees += some }
        }
        return worktrees
    }
}
