import Vocabulary

/// The values of a prompt's placeholders in words.
enum PromptWords {
    static func task(_ task: PlannedTask, goal: String) -> [String: String] {
        [
            "goal": goal, "task.id": task.id.rawValue, "task.title": QuotedData.line(task.title),
            "task.instructions": task.instructions,
            "task.scope": bullets(
                task.scope, none: "The plan names no paths; change as little as the task needs."),
            "task.acceptance": bullets(
                task.acceptance, none: "The instructions above are the whole contract."),
        ]
    }

    static func bullets(_ texts: [String], none: String) -> String {
        texts.isEmpty
            ? none : texts.map { "- " + QuotedData.line($0, lengthMax: 2_000) }.joined(separator: "\n")
    }

    static func others(_ tasks: [PlannedTask]) -> String {
        let lines = tasks.map { task in
            task.title + (task.scope.isEmpty ? "" : " (\(task.scope.joined(separator: ", ")))")
        }
        return bullets(lines, none: "There are none; this task is the whole plan.")
    }

    /// Nothing where nobody collides.
    static func collisions(_ collisions: [Collision], in run: RunID) -> String {
        guard !collisions.isEmpty else { return "" }
        let lines = collisions.prefix(collisionsMax).map { other in
            let name = other.run == run ? "task \(other.task)" : "task \(other.task) of another run"
            let rest = other.pathCount - min(other.paths.count, collidingPathsMax)
            return "\(name): \(other.paths.prefix(collidingPathsMax).joined(separator: ", "))"
                + (rest > 0 ? " and \(rest) more" : "")
        }
        return """


            What you have changed so far conflicts with what others are changing at this moment, in these \
            files. Whoever lands second has to merge. Keep your change there as small as the task allows, \
            and leave lines alone that are not yours:

            """
                + bullets(lines, none: "")
    }
    private static let collisionsMax = 10
    private static let collidingPathsMax = 20

    static func commands(_ checks: [CheckDefinition]) -> String {
        let lines = checks.map { check in
            switch check.command {
            case .argv(let argv): "\(check.name): \(argv.joined(separator: " "))"
            case .script(let script): "\(check.name): \(script)"
            }
        }
        return bullets(lines, none: "None are configured.")
    }

    static func results(_ checks: [CheckResult]) -> String {
        bullets(checks.map { "\($0.name) \(outcome($0))" }, none: "None ran.")
    }

    static func outcome(_ result: CheckResult) -> String {
        let tests = result.testsRun.map { " (\($0) tests ran)" } ?? ""
        return switch result.outcome {
        case .passed: "passed" + tests
        case .failed: "failed" + tests
        case .timedOut: "ran out of time"
        case .didNotRun: "did not run" + (result.reason.map { ": " + QuotedData.line($0) } ?? "")
        }
    }
}
