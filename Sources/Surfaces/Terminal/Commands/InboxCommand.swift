import ControlProtocol
import Vocabulary

/// `inbox`, `approve` and `deny`.
struct InboxCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    private struct Answered: Codable {
        var approval: ApprovalID
        var allowed: Bool
    }

    func perform() async throws(Problem) -> ExitCode {
        guard let id = command.argument("ID") else { return try await list() }
        return try await answer(ApprovalID(id), isAllowed: command.specification.name == "approve")
    }

    private func list() async throws(Problem) -> ExitCode {
        let approvals = try await waiting()
        let console = context.console
        if context.asJSON {
            await console.say(JSONOutput.document(approvals))
        } else if approvals.isEmpty {
            await console.say("Nothing waits for you. `graftwork status` shows where the runs stand.")
        } else {
            for approval in approvals {
                await console.say(
                    ApprovalText.lines(
                        of: approval, now: console.now(), columns: console.columns, palette: console.palette))
            }
        }
        return .done
    }

    /// Shows again what the answer is about: the id alone says nothing.
    private func answer(_ id: ApprovalID, isAllowed: Bool) async throws(Problem) -> ExitCode {
        let about = try await waiting().first { $0.id == id }
        let exit = try await context.client.ask(
            .answer(approval: id, allowed: isAllowed, by: context.person, note: command.value("note")))
        if context.asJSON {
            await context.console.say(JSONOutput.document(Answered(approval: id, allowed: isAllowed)))
        } else {
            let what =
                about.map { ": " + SafeText.line(($0.task.map { $0.rawValue + ": " } ?? "") + $0.text) }
                ?? "."
            await context.console.say((isAllowed ? "Approved" : "Denied") + what)
        }
        return exit
    }

    private func waiting() async throws(Problem) -> [ApprovalView] {
        var approvals: [ApprovalView] = []
        _ = try await context.client.ask(.inbox) { if case .inbox(let waiting) = $0 { approvals += waiting } }
        return approvals
    }
}
