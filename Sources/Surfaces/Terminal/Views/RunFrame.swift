package import ControlProtocol
package import Vocabulary

/// One picture of a run, as the live view draws it: a function of the run, the clock and the terminal's size.
package struct RunFrame: Hashable, Sendable {
    package var run: RunView
    /// Unix seconds.
    package var now: Double
    package var columns: Int
    package var rows: Int
    package var palette: Palette
    /// The approval that the keys y and n answer at this moment.
    package var asking: ApprovalID?
    /// A line about the view itself, e.g. that the connection is being made again.
    package var notice: String?

    /// With less room than this, a line is cut rather than laid out again.
    static let goalWidthMin = 8
    static let actionWidthMin = 8
    static let nameWidthMax = 20
    /// Who writes and who reviews is shown where there is room for it.
    static let participantsFromColumns = 110
    /// Reasons shown for the approval that is asked about.
    static let reasonsMax = 4

    package init(
        run: RunView, now: Double, columns: Int, rows: Int, palette: Palette, asking: ApprovalID? = nil,
        notice: String? = nil
    ) {
        self.run = run
        self.now = now
        self.columns = columns
        self.rows = rows
        self.palette = palette
        self.asking = asking
        self.notice = notice
    }

    /// Every line fits the columns, and all of them the rows but one, where the cursor rests.
    package var lines: [String] {
        let foot = collisionLines + questionLines + noticeLines
        let tasks = taskLines
        let room = max(1, rows - 1 - headLines.count - foot.count)
        guard tasks.count > room else { return headLines + tasks + foot }
        // The busy ones are worth more than the settled ones, but the order on screen never changes.
        let kept = mostInteresting(max(0, room - 1))
        let rest = Amounts.count(run.tasks.count - kept.count, "more task")
        return headLines + kept.map { tasks[$0] } + [palette.paint(cut("  … and " + rest), .dim)] + foot
    }

    private var headLines: [String] {
        let look = StateLook.of(run)
        let elapsed = Amounts.elapsed((run.endedAt ?? now) - run.startedAt)
        let spend =
            Amounts.money(run.spend, isPartial: run.spendIsPartial) + (run.isRehearsed ? " on paper" : "")
        let right = "\(look.word)  \(elapsed)  \(spend)"
        let id = SafeText.line(run.id.rawValue, charactersMax: 24)
        let room = columns - DisplayWidth.of(id) - DisplayWidth.of(right) - 4
        guard room >= Self.goalWidthMin else { return [palette.paint(cut("\(id)  \(right)"), .bold)] }
        let goal = DisplayWidth.fit(SafeText.line(run.goal), to: room)
        var head = [
            palette.paint(id, .bold) + "  " + goal + "  " + palette.paint(look.word, look.tint)
                + "  \(elapsed)  \(spend)"
        ]
        let activity = SafeText.line(run.activity)
        if !activity.isEmpty, !run.state.isSettled {
            head.append(palette.paint(cut("  " + activity), .dim))
        }
        return head
    }

    private var taskLines: [String] {
        let widest = run.tasks.reduce(8) {
            max($0, DisplayWidth.of(SafeText.line($1.id.rawValue, charactersMax: 60)))
        }
        return run.tasks.map { taskLine($0, nameWidth: min(widest, Self.nameWidthMax)) }
    }

    private func taskLine(_ task: TaskView, nameWidth: Int) -> String {
        let look = StateLook.of(task)
        let name = DisplayWidth.fit(SafeText.line(task.id.rawValue), to: nameWidth)
        let word = DisplayWidth.fit(look.word, to: StateLook.wordWidth)
        let elapsed = task.startedAt.map { Amounts.elapsed((task.endedAt ?? now) - $0) } ?? "-"
        let spend = task.spend == .zero && task.startedAt == nil ? "-" : Amounts.money(task.spend)
        let right = DisplayWidth.fitRight(elapsed, to: 7) + " " + DisplayWidth.fitRight(spend, to: 8)
        let who =
            columns >= Self.participantsFromColumns ? DisplayWidth.fit(participants(task), to: 28) + "  " : ""
        let room =
            columns - 2 - nameWidth - 1 - StateLook.wordWidth - 1 - DisplayWidth.of(who) - 1
            - DisplayWidth.of(right)
        guard room >= Self.actionWidthMin else { return cut("\(look.glyph) \(name) \(word)") }
        let action = DisplayWidth.fit(SafeText.line(task.lastAction), to: room)
        return palette.paint(look.glyph, look.tint) + " " + name + " " + palette.paint(word, look.tint) + " "
            + palette.paint(who, .dim) + action + " " + right
    }

    /// `builder (openai → anthropic)`: who writes, and which vendors answered for author and reviewer.
    private func participants(_ task: TaskView) -> String {
        let agent = SafeText.line(task.agent, charactersMax: 40)
        let authors = task.authorVendors.map(\.rawValue).joined(separator: "+")
        guard !authors.isEmpty else { return agent }
        let reviewers = task.reviewerVendors.map(\.rawValue).joined(separator: "+")
        return SafeText.line(agent + " " + authors + (reviewers.isEmpty ? "" : " ⇄ " + reviewers))
    }

    private var collisionLines: [String] {
        guard !run.state.isSettled || run.state == .held || run.state == .stopped else { return [] }
        return CollisionLines.text(of: [run], in: run.id).map { palette.paint(cut($0), .yellow) }
    }

    private var questionLines: [String] {
        run.waiting.flatMap { approval -> [String] in
            let about = approval.task.map { $0.rawValue + ": " } ?? ""
            let text = SafeText.line(about + approval.text)
            guard approval.id == asking else {
                let command = "graftwork approve " + SafeText.line(approval.id.rawValue, charactersMax: 40)
                let room = columns - DisplayWidth.of(command) - 4
                // The command is worth more than the words: without it nobody can answer.
                guard room >= Self.goalWidthMin else { return [palette.paint(cut("? " + command), .bold)] }
                return [
                    palette.paint("? ", .yellow) + DisplayWidth.fit(text, to: room) + "  "
                        + palette.paint(command, .bold)
                ]
            }
            let reasons = approval.reasons.prefix(Self.reasonsMax).map {
                cut("  because " + SafeText.line($0))
            }
            return [
                palette.paint("? ", .yellow) + palette.paint(DisplayWidth.cut(text, to: columns - 2), .bold)
            ]
                + reasons + [palette.paint(cut("  Allow it? [y/n]"), .bold)]
        }
    }

    private var noticeLines: [String] {
        notice.map { [palette.paint(cut($0), .yellow)] } ?? []
    }

    /// The indices of the tasks worth showing when not all fit, in their order.
    private func mostInteresting(_ room: Int) -> [Int] {
        let busy = run.tasks.indices.filter {
            !run.tasks[$0].state.isSettled && run.tasks[$0].state != .planned
        }
        let settled = run.tasks.indices.filter { run.tasks[$0].state.isSettled }
        let planned = run.tasks.indices.filter { run.tasks[$0].state == .planned }
        return (busy + planned + settled).prefix(room).sorted()
    }

    private func cut(_ text: String) -> String { DisplayWidth.cut(text, to: columns) }
}
