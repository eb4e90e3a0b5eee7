import ControlProtocol
import Vocabulary

/// `worktree ls`, `open`, `restore`, `rm`, `prune` and `import`.
struct WorktreeCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    func perform() async throws(Problem) -> ExitCode {
        switch command.argument("ACTION") {
        case "open": try await open()
        case "restore": try await restore()
        case "rm": try await remove()
        case "prune": try await prune()
        case "import": try await WorktreeImportCommand(command: command, context: context).perform()
        // The table allows only these actions.
        default: try await list()
        }
    }

    private func list() async throws(Problem) -> ExitCode {
        let worktrees = try await worktrees(command.argument("RUN").map { RunID($0) }, measuresDisk: true)
        let console = context.console
        if context.asJSON {
            await console.say(JSONOutput.document(worktrees))
        } else if worktrees.isEmpty {
            await console.tell("There are no worktrees. A run makes one for each task.")
        } else {
            await console.say(
                WorktreeTable.table(of: worktrees).lines(
                    width: context.tableWidth, palette: console.palette))
            let remarks = WorktreeTable.remarks(on: worktrees)
            for remark in remarks { await console.tell(remark) }
        }
        return .done
    }

    private static let noticeCharactersMax = 1000

    private func open() async throws(Problem) -> ExitCode {
        let worktree = try await one()
        var opened: (path: String, snapshot: Int?, wasOverlay: Bool, isAtWork: Bool, notices: [String])?
        let exit = try await context.client.ask(.openWorktree(run: worktree.run, task: worktree.task)) {
            if case .opened(let path, let snapshot, let wasOverlay, let isAtWork, let notices) = $0 {
                opened = (path, snapshot, wasOverlay, isAtWork, notices)
            }
        }
        guard let opened else { return exit }
        let name = SafeText.line(worktree.name, charactersMax: 120)
        if opened.wasOverlay { await context.console.warn("\(name) was an overlay and is a checkout now.") }
        if opened.isAtWork {
            await context.console.warn("An agent is at work in \(name): look, but change nothing.")
        }
        if let snapshot = opened.snapshot {
            await context.console.warn("Snapshot \(snapshot) holds \(name) as it is now.")
        }
        for notice in opened.notices {
            await context.console.warn(SafeText.line(notice, charactersMax: Self.noticeCharactersMax))
        }
        if context.asJSON {
            var view = worktree
            (view.path, view.isOverlay) = (opened.path, view.isOverlay && !opened.wasOverlay)
            await context.console.say(JSONOutput.document(view))
        } else {
            // Exactly the path, for `cd "$(…)"`; the path is the server's own.
            await context.console.say(opened.path)
        }
        return exit
    }

    private struct Restored: Codable {
        var path: String
        var snapshot: Int
        var saved: Int?
    }

    private func restore() async throws(Problem) -> ExitCode {
        let (snapshot, turn) = (try command.number("snapshot"), try command.number("turn"))
        guard snapshot == nil || turn == nil else {
            throw Problem.usage(
                "--snapshot and --turn name two different things.", hint: "Give one of them, or neither.")
        }
        let (run, task) = try await named("restore")
        var restored: Restored?
        let exit = try await context.client.ask(
            .restoreWorktree(run: run, task: task, snapshot: snapshot, turn: turn)
        ) {
            if case .restored(let path, let snapshot, let saved) = $0 {
                restored = Restored(path: path, snapshot: snapshot, saved: saved)
            }
        }
        guard let restored else { return exit }
        let name = SafeText.line("\(run)/\(task)", charactersMax: 120)
        if context.asJSON {
            await context.console.say(JSONOutput.document(restored))
        } else {
            if let saved = restored.saved {
                await context.console.tell("Snapshot \(saved) holds \(name) as it was.")
            }
            await context.console.tell("\(name) holds the files of snapshot \(restored.snapshot) now:")
            await context.console.say(SafeText.line(restored.path))
        }
        return exit
    }

    private func prune() async throws(Problem) -> ExitCode {
        let isDryRun = command.has("dry-run")
        var items: [PrunedItem]?
        let answer: Result<ExitCode, Problem>
        do throws(Problem) {
            answer = .success(
                try await context.client.ask(.pruneWorktrees(isDryRun: isDryRun)) {
                    if case .pruned(let some) = $0 { items = some }
                })
        } catch {
            answer = .failure(error)
        }
        // What went is said first; then why not all of it could.
        if let items {
            if context.asJSON {
                await context.console.say(JSONOutput.document(items))
            } else if !items.isEmpty {
                await context.console.say(PrunedLines.text(of: items, isDryRun: isDryRun))
            } else if case .success = answer {
                await context.console.say("There is nothing to prune.")
            }
        }
        return try answer.get()
    }

    /// The run and the task that the arguments name, whether there is a worktree or not.
    private func named(_ action: String) async throws(Problem) -> (run: RunID, task: TaskID) {
        guard command.argument("RUN") != nil else { throw Self.needsBoth(action) }
        let (run, task) = try await TaskChoice(context: context).choose(
            command.argument("RUN"), command.argument("TASK"))
        if let task { return (run, task) }
        let all = try await worktrees(nil).filter { $0.run == run }
        guard let only = all.first, all.count == 1 else { throw Self.needsBoth(action) }
        return (run, only.task)
    }

    private static func needsBoth(_ action: String) -> Problem {
        Problem.usage(
            "`graftwork worktree \(action)` needs a run and a task.",
            hint: "`graftwork worktree ls` lists them.")
    }

    private func remove() async throws(Problem) -> ExitCode {
        guard command.argument("RUN") != nil else {
            throw Self.needsBoth("rm")
        }
        let worktree = try await one(mustNameTask: true)
        let exit = try await context.client.ask(
            .removeWorktree(
                run: worktree.run, task: worktree.task, discardsUnsaved: command.has("discard-unsaved")))
        if context.asJSON {
            await context.console.say(JSONOutput.document(worktree))
        } else {
            await context.console.tell(
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
                throw Self.needsBoth("rm")
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

    private func worktrees(
        _ run: RunID?, measuresDisk: Bool = false
    ) async throws(Problem) -> [WorktreeView] {
        var worktrees: [WorktreeView] = []
        _ = try await context.client.ask(.worktrees(run: run, measuresDisk: measuresDisk)) {
            if case .worktrees(let some) = $0 { worktrees += some }
        }
        return worktrees
    }
}
