import ControlProtocol
import Vocabulary

/// `worktree ls`, `worktree open` and `worktree rm`.
struct WorktreeCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    func perform() async throws(Problem) -> ExitCode {
        switch command.argument("ACTION") {
        case "open": try await open()
        case "rm": try await remove()
        // The table allows only three actions.
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
                RunTable.table(of: worktrees).lines(width: context.tableWidth, palette: console.palette))
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
        guard command.argument("TASK") != nil else {
            throw Problem.usage(
                "`graftwork worktree rm` needs a run and a task.", hint: "`graftwork worktree ls` lists them."
            )
        }
        let worktree = try await one()
        let exit = try await context.client.ask(.removeWorktree(run: worktree.run, task: worktree.task))
        if context.asJSON {
            await context.console.say(JSONOutput.document(worktree))
        } else {
            await context.console.say(
                "Removed \(SafeText.line(worktree.path)); its snapshots stay on "
                    + "\(SafeText.line(worktree.branch))."
            )
        }
        return exit
    }

    /// The worktree that the arguments name, or the only one there is.
    private func one() async throws(Problem) -> WorktreeView {
        let run = try await RunChoice(context: context, preference: .mostRecent).choose(
            command.argument("RUN"))
        let all = try await worktrees(run)
        let name = SafeText.line(run.rawValue, charactersMax: 40)
        guard let task = command.argument("TASK") else {
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
        guard let found = all.first(where: { $0.task.rawValue == task }) else {
            let nearest = Suggestion.nearest(to: task, among: all.map(\.task.rawValue))
            throw Problem(
                "Run \(name) has no worktree for task \(SafeText.line(task, charactersMax: 60)).",
                hint: nearest.map { "Did you mean `\($0)`?" }
                    ?? "`graftwork worktree ls \(name)` lists them.", blame: .user)
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
