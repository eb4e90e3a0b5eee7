package import Vocabulary

// Every prompt begins with header lines that say what it is for. They are written here and not by the
// templates, so that no template can leave them out or change them.

/// What the planner is asked.
package struct PlanPrompt: Hashable, Sendable {
    /// The most paths of the repository that are listed.
    package static let filesMax = 1_500

    package var run: RunID
    package var goal: String
    /// The paths of the base tree.
    package var files: [String]
    package var maxTasks: Int
    package var checks: [CheckDefinition]
    package init(run: RunID, goal: String, files: [String], maxTasks: Int, checks: [CheckDefinition]) {
        self.run = run
        self.goal = goal
        self.files = files
        self.maxTasks = maxTasks
        self.checks = checks
    }

    package func text(_ template: PromptTemplate) -> String {
        var listed = files.sorted().prefix(Self.filesMax).map { QuotedData.line($0, lengthMax: 200) }
        if files.count > Self.filesMax { listed.append("(and \(files.count - Self.filesMax) more files)") }
        return PromptHeader(role: .planner, run: run).text
            + template.render([
                "goal": goal, "files": QuotedData.block("files", listed.joined(separator: "\n")),
                "max-tasks": String(maxTasks), "checks": PromptWords.commands(checks),
                "schema": JSONText.write(Plan.schema),
            ])
    }
}

/// What an author is asked, first or again.
package struct AuthorPrompt: Hashable, Sendable {
    package var run: RunID
    package var goal: String
    package var task: PlannedTask
    /// From 1.
    package var attempt: Int
    /// The other tasks of the plan, so that the author leaves their work to them.
    package var others: [PlannedTask]
    package var checks: [CheckDefinition]
    /// What was wrong with the last attempt; empty for the first.
    package var problems: [AuthorProblem]
    /// The worktrees of others whose files conflict with this one's just now.
    package var collisions: [Collision]
    /// Folders of the base cannot be renamed in place, only copied.
    package var isOverlay: Bool
    package init(
        run: RunID, goal: String, task: PlannedTask, attempt: Int, others: [PlannedTask],
        checks: [CheckDefinition],
        problems: [AuthorProblem] = [], isOverlay: Bool = false, collisions: [Collision] = []
    ) {
        self.run = run
        self.goal = goal
        self.task = task
        self.attempt = attempt
        self.others = others
        self.checks = checks
        self.problems = problems
        self.collisions = collisions
        self.isOverlay = isOverlay
    }

    private static let overlayNote = """


        Your worktree is an overlay: renaming a folder that was there at the beginning fails with "Invalid \
        cross-device link" (`git mv FOLDER`, `os.rename`, `fs.rename`). Use `mv FOLDER NEW && git add -A` \
        instead; `mv` copies. Files are renamed as usual.

        """

    /// `implement` for a first attempt, `revise` where there are problems.
    package func text(_ library: PromptLibrary) -> String {
        let template = problems.isEmpty ? library.implement : library.revise
        var values = PromptWords.task(task, goal: goal)
        values["others"] = PromptWords.others(others) + PromptWords.collisions(collisions, in: run)
        values["checks"] = PromptWords.commands(checks)
        values["problems"] = problems.map(\.text).joined(separator: "\n\n")
        return PromptHeader(role: .author, run: run, task: task.id, round: attempt).text
            + template.render(values) + (isOverlay ? Self.overlayNote : "")
    }
}

/// One thing that sends a task back to its author.
package enum AuthorProblem: Hashable, Sendable, Codable {
    case check(CheckResult)
    case finding(Finding)
    /// The merge with the target branch conflicts in these paths.
    case conflict(paths: [String])
    /// A policy or a person refused the candidate.
    case refused(reason: String)
}

/// What a reviewer is asked about one piece of a change.
package struct ReviewPrompt: Hashable, Sendable {
    package var run: RunID
    package var goal: String
    package var task: PlannedTask
    /// From 1.
    package var round: Int
    /// What the checks found on the very tree under review.
    package var checks: [CheckResult]
    package var decisions: [String]
    /// From 1 to `pieceCount`.
    package var piece: Int
    package var pieceCount: Int
    /// A unified diff.
    package var diff: String
    package init(
        run: RunID, goal: String, task: PlannedTask, round: Int, checks: [CheckResult],
        decisions: [String] = [],
        piece: Int = 1, pieceCount: Int = 1, diff: String
    ) {
        self.run = run
        self.goal = goal
        self.task = task
        self.round = round
        self.checks = checks
        self.decisions = decisions
        self.piece = piece
        self.pieceCount = pieceCount
        self.diff = diff
    }

    package func text(_ template: PromptTemplate) -> String {
        var values = PromptWords.task(task, goal: goal)
        values["checks"] = PromptWords.results(checks)
        values["decisions"] = PromptWords.bullets(decisions, none: "None are recorded.")
        values["piece"] =
            pieceCount == 1
            ? "The diff below is the whole change."
            : "The diff below is piece \(piece) of \(pieceCount) of the change. Judge only what it shows."
        values["diff"] = QuotedData.block("diff", diff)
        values["schema"] = JSONText.write(Verdict.schema)
        return PromptHeader(role: .reviewer, run: run, task: task.id, round: round).text
            + template.render(values)
    }
}

/// The lines every prompt begins with.
private struct PromptHeader {
    var role: SessionRole
    var run: RunID
    var task: TaskID?
    var round: Int?

    var text: String {
        var lines = ["graftwork-role: \(role.rawValue)", "graftwork-run: \(run)"]
        if let task { lines.append("graftwork-task: \(task)") }
        if let round { lines.append("graftwork-round: \(round)") }
        return lines.joined(separator: "\n") + "\n\n"
    }
}

extension AuthorProblem {
    fileprivate var text: String {
        switch self {
        case .check(let result):
            """
            Check \(QuotedData.line(result.name)) \(PromptWords.outcome(result)). The end of its output:
            \(QuotedData.block("output", result.outputTail))
            """
        case .finding(let finding):
            "The reviewer found (\(finding.severity.rawValue)):\n"
                + QuotedData.block("finding", finding.lines)
        case .conflict(let paths):
            """
            The target branch moved, and your change conflicts with it in:
            \(QuotedData.block("paths", paths.sorted().map { QuotedData.line($0) }.joined(separator: "\n")))
            """
        case .refused(let reason): "The change was refused:\n" + QuotedData.block("reason", reason)
        }
    }
}

extension Finding {
    fileprivate var lines: String {
        var lines = ["where: \(file)" + (line.map { ":\($0)" } ?? ""), "claim: \(claim)", "why: \(why)"]
        if let suggestion { lines.append("suggestion: \(suggestion)") }
        return lines.joined(separator: "\n")
    }
}
