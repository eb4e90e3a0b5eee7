import ControlProtocol
import Vocabulary

/// `logs`: what the agents said and did.
struct LogsCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    func perform() async throws(Problem) -> ExitCode {
        let run = try await RunChoice(context: context, preference: .mostRecent).choose(
            command.argument("RUN"))
        let task = command.argument("TASK").map { TaskID($0) }
        let (console, asJSON) = (context.console, context.asJSON)
        var isEmpty = true
        let exit = try await context.client.ask(.logs(run: run, task: task, follow: command.has("follow"))) {
            reply in
            guard case .logLine(let line) = reply else { return }
            isEmpty = false
            await console.say(
                asJSON
                    ? JSONOutput.line(line)
                    : EventLine.text(
                        of: line, secondsFromUTC: console.secondsFromUTC, palette: console.palette))
        }
        if isEmpty, !asJSON, exit == .done { await console.say("No agent has said anything yet.") }
        return exit
    }
}

/// `diff`: what a task made, or what a run landed.
struct DiffCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    private struct Document: Codable {
        var diff: String
        var wasTruncated: Bool
        /// As `git patch-id --stable` names each task's change, in the order of the diff.
        var patchIDs: [String]
    }

    func perform() async throws(Problem) -> ExitCode {
        let (run, task) = try await TaskChoice(context: context).choose(
            command.argument("RUN"), command.argument("TASK"))
        let turn = try command.number("turn")
        var document = Document(diff: "", wasTruncated: false, patchIDs: [])
        let exit = try await context.client.ask(.diff(run: run, task: task, turn: turn)) { reply in
            guard case .diff(let text, let wasTruncated, let patchIDs) = reply else { return }
            document.diff += text
            document.patchIDs += patchIDs
            document.wasTruncated = document.wasTruncated || wasTruncated
        }
        let console = context.console
        if context.asJSON {
            await console.say(JSONOutput.document(document))
        } else if document.diff.isEmpty {
            await console.warn(
                turn != nil
                    ? "That turn changed nothing."
                    : task == nil
                        ? "Nothing has landed in this run. `graftwork diff \(SafeText.line(run.rawValue)) "
                            + "TASK` shows what a task has made."
                        : "The task has changed nothing yet.")
        } else {
            // A patch in a file must be the bytes themselves; on a screen they must not act.
            await console.write(
                console.screen() == nil ? document.diff : DiffText.shown(document.diff, console.palette))
        }
        if document.wasTruncated {
            await console.warn("The diff was cut: it is longer than the server sends.")
        }
        return exit
    }
}

/// `cost`: what was spent, per session.
struct CostCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    private struct Document: Codable {
        var sessions: [CostView]
        var total: CostTotal
    }

    func perform() async throws(Problem) -> ExitCode {
        var costs: [CostView] = []
        let exit = try await context.client.ask(.cost(run: command.argument("RUN").map { RunID($0) })) {
            if case .cost(let rows) = $0 { costs += rows }
        }
        let console = context.console
        if context.asJSON {
            await console.say(JSONOutput.document(Document(sessions: costs, total: CostTotal(of: costs))))
        } else if costs.isEmpty {
            await console.say("Nothing has been spent yet.")
        } else {
            await console.say(
                RunTable.table(of: costs).lines(width: context.tableWidth, palette: console.palette))
        }
        return exit
    }
}

/// `audit`: the journal's events, as they stand there.
struct AuditCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    func perform() async throws(Problem) -> ExitCode {
        guard let after = Int64(command.value("after") ?? "0"), after >= 0 else {
            throw Problem.usage(
                "--after needs a sequence number.", hint: "It is the first column of `graftwork audit`.")
        }
        let console = context.console
        let asJSON = context.asJSON
        let run = command.argument("RUN").map { RunID($0) }
        var isEmpty = true
        let exit = try await context.client.ask(.audit(run: run, after: after)) { reply in
            guard case .audit(let entry) = reply else { return }
            isEmpty = false
            await console.say(
                asJSON ? JSONOutput.line(entry) : AuditLine.text(of: entry, palette: console.palette))
        }
        if isEmpty, !asJSON, exit == .done { await console.say("The journal has no such events.") }
        return exit
    }
}
