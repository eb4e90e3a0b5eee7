import ControlProtocol
import Vocabulary

/// `status`: the runs in a table, or one run as it stands.
struct StatusCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    func perform() async throws(Problem) -> ExitCode {
        let console = context.console
        let named = command.argument("RUN").map { RunID($0) }
        let runs = try await RunChoice.runs(context, named)
        if context.asJSON {
            if named != nil, let run = runs.first {
                await console.say(JSONOutput.document(run))
            } else {
                await console.say(JSONOutput.document(runs))
            }
        } else if named != nil, let run = runs.first {
            await console.say(
                Self.lines(of: run, now: console.now(), columns: console.columns, palette: console.palette))
        } else if runs.isEmpty {
            await console.say(
                "No runs yet. Start one with `graftwork run \"GOAL\"`, or see `graftwork demo`.")
        } else {
            await console.say(
                RunTable.table(of: runs, now: console.now()).lines(
                    width: context.tableWidth, palette: console.palette))
            let collisions = CollisionLines.text(of: runs, in: nil).map {
                DisplayWidth.cut($0, to: console.screen()?.columns ?? .max)
            }
            if !collisions.isEmpty { await console.say(collisions) }
            let waiting = runs.reduce(0) { $0 + $1.waiting.count }
            if waiting > 0 {
                await console.say("\(Amounts.count(waiting, "question")) for you: graftwork inbox")
            }
        }
        return .done
    }

    /// The frame of the live view and, for a settled run, its summary.
    static func lines(of run: RunView, now: Double, columns: Int, palette: Palette) -> [String] {
        let frame = RunFrame(run: run, now: now, columns: columns, rows: .max, palette: palette)
        return frame.lines + RunSummary.lines(of: run, columns: columns, palette: palette)
    }
}
