package import ControlProtocol
import Vocabulary

/// What is said when a run is settled: what landed, what did not and why, what it cost, how to look closer.
package enum RunSummary {
    /// Long explanations are wrapped at this width at most, however wide the terminal.
    static let columnsMax = 100

    package static func lines(of run: RunView, columns: Int, palette: Palette) -> [String] {
        let width = min(columns, columnsMax)
        var lines: [String] = [headline(run, palette)]
        for task in run.tasks { lines += taskLines(task, in: run, width: width, palette: palette) }
        if let problem = run.problem {
            lines += self.lines(of: problem, indent: "  ", width: width, palette: palette)
        }
        lines += waitingLines(run, width: width, palette: palette)
        lines.append(cost(run))
        lines += nextSteps(run, palette)
        return lines
    }

    private static func headline(_ run: RunView, _ palette: Palette) -> String {
        let look = StateLook.of(run)
        let count = run.tasks.filter { $0.state == .landed }.count
        let target = SafeText.line(run.target, charactersMax: 80)
        let text =
            switch run.state {
            case .landed: "\(Amounts.count(count, "change")) landed on \(target)."
            case .planned: "The plan is made; nothing was built."
            case .held where count > 0:
                "\(Amounts.count(count, "change")) landed on \(target); the rest is held."
            case .held: "The run is held; nothing is lost."
            case .failed where count > 0:
                "\(Amounts.count(count, "change")) landed on \(target); the rest failed."
            case .failed: "The run failed; \(target) was not touched."
            case .stopped: "The run is stopped; nothing is lost."
            case .proving, .planning, .awaitingApproval, .building: unsettled(run, count, target)
            }
        return palette.paint("\(look.glyph) \(text)", look.tint)
    }

    private static func unsettled(_ run: RunView, _ count: Int, _ target: String) -> String {
        if let person = run.pausedBy {
            return "The run is paused by \(SafeText.line(person, charactersMax: 40)); nothing is lost."
        }
        if run.waiting.isEmpty { return "The run goes on." }
        if count == 0 { return "The run waits for you." }
        return "\(Amounts.count(count, "change")) landed on \(target); the rest waits for you."
    }

    private static func taskLines(_ task: TaskView, in run: RunView, width: Int, palette: Palette) -> [String]
    {
        let look = StateLook.of(task)
        let name = SafeText.line(task.id.rawValue, charactersMax: 60)
        let title = SafeText.line(task.title, charactersMax: 200)
        var head = "  " + palette.paint(DisplayWidth.fit(look.word, to: StateLook.wordWidth), look.tint) + " "
        if let commit = task.landedCommit { head += SafeText.line(commit.short) + " " }
        head += DisplayWidth.cut("\(name): \(title)", to: max(20, width - DisplayWidth.of(look.word) - 16))
        let problem =
            task.problem.map { lines(of: $0, indent: "      ", width: width, palette: palette) } ?? []
        return [head] + problem
    }

    private static func waitingLines(_ run: RunView, width: Int, palette: Palette) -> [String] {
        run.waiting.map { approval in
            let about = approval.task.map { $0.rawValue + ": " } ?? ""
            return "  " + palette.paint("?", .yellow) + " "
                + DisplayWidth.cut(SafeText.line(about + approval.text), to: max(20, width - 4))
                + "\n      graftwork approve " + SafeText.line(approval.id.rawValue, charactersMax: 40)
        }
    }

    /// A problem in words, wrapped, with its next step on a line of its own.
    static func lines(of problem: Problem, indent: String, width: Int, palette: Palette) -> [String] {
        let room = max(20, width - indent.count)
        var lines = Self.paragraphs(problem.description, room).map { indent + $0 }
        if let hint = problem.hint {
            lines += Self.paragraphs("Next: " + hint, room).map { palette.paint(indent + $0, .bold) }
        }
        if problem.blame == .us, problem.hint?.contains("report") != true {
            lines.append(indent + "This is a fault in graftwork; please report it.")
        }
        return lines
    }

    /// Each line of a text wrapped by itself: what a program last said is several lines, and stays so.
    private static func paragraphs(_ text: String, _ room: Int) -> [String] {
        Prose.lines(SafeText.block(text, charactersMax: problemCharactersMax), columns: room).filter {
            !$0.isEmpty
        }
    }

    private static let problemCharactersMax = 2000

    /// `rehearsed: $0.0123 on paper` says that nothing was spent; a lower bound says that it is one.
    static func cost(_ run: RunView) -> String {
        let amount = Amounts.money(run.spend)
        if run.isRehearsed { return "  rehearsed: \(amount) on paper, nothing was spent" }
        return run.spendIsPartial
            ? "  cost: at least \(amount) (the price of a model is not known)" : "  cost: \(amount)"
    }

    private static func nextSteps(_ run: RunView, _ palette: Palette) -> [String] {
        let id = SafeText.line(run.id.rawValue, charactersMax: 40)
        var steps: [(command: String, what: String)] = []
        if run.tasks.contains(where: { $0.state == .landed }) {
            steps.append(("graftwork diff \(id)", "what landed, line by line"))
        } else if run.tasks.contains(where: { $0.worktree != nil }) {
            steps.append(("graftwork diff \(id) TASK", "what a task has made so far"))
        }
        if !run.state.isSettled {
            if run.pausedBy != nil {
                steps.append(("graftwork resume \(id)", "end the pause"))
            } else if let task = run.tasks.first(where: { $0.pausedBy != nil }) {
                let name = SafeText.line("\(id)/\(task.id)", charactersMax: 120)
                steps.append(("graftwork resume \(name)", "end the pause of this task"))
            }
        }
        switch run.state {
        case .held: steps.append(("graftwork resume \(id)", "try again what is held"))
        case .stopped: steps.append(("graftwork resume \(id)", "go on where it stopped"))
        case .failed:
            // Tasks that failed are over; a run that failed as a whole can be tried again from where it
            // stood.
            if run.problem != nil { steps.append(("graftwork resume \(id)", "go on where it stopped")) }
        case .proving, .planning, .awaitingApproval, .building:
            steps.append(("graftwork watch \(id)", "come back to it"))
        case .landed, .planned: break
        }
        steps.append(("graftwork logs \(id)", "what the agents said and did"))
        steps.append(("graftwork cost \(id)", "what each session spent"))
        steps.append(("graftwork audit \(id)", "every event, with the rule that led to it"))
        let widest = steps.reduce(0) { max($0, DisplayWidth.of($1.command)) }
        return ["Look closer:"]
            + steps.map {
                "  " + DisplayWidth.fit($0.command, to: widest) + "  " + palette.paint($0.what, .dim)
            }
    }
}
