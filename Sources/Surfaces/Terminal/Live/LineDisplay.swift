package import ControlProtocol
import Synchronization
import Vocabulary

/// One line per event, for pipes, files and `--plain`.
package final class LineDisplay: RunDisplay {
    private let console: Console
    /// Questions are answered elsewhere (`--yes`), so nobody needs to be told how.
    private let isAnswered: Bool
    private let known = Mutex<Set<ApprovalID>>([])

    package init(console: Console, isAnswered: Bool = false) {
        self.console = console
        self.isAnswered = isAnswered
    }

    package func show(_ event: EventView) async {
        await console.say(
            EventLine.text(of: event, secondsFromUTC: console.secondsFromUTC, palette: console.palette))
    }

    /// Says once of each question how it is answered.
    package func show(_ run: RunView) async {
        if isAnswered { return }
        let new = known.withLock { known in run.waiting.filter { known.insert($0.id).inserted } }
        for approval in new {
            let time = Amounts.timeOfDay(console.now(), secondsFromUTC: console.secondsFromUTC)
            let task = approval.task.map { SafeText.line($0.rawValue, charactersMax: 60) } ?? "run"
            await console.say(
                "\(time) \(task) " + console.palette.paint(EventLine.text(of: approval), .yellow))
        }
    }

    package func show(notice: String?) async {
        if let notice { await console.warn(notice) }
    }

    package func finish() async {}
}

/// One JSON document per line, for programs: `{"event":…}`, `{"run":…}`.
package struct JSONDisplay: RunDisplay {
    private let console: Console
    package init(console: Console) { self.console = console }

    package func show(_ event: EventView) async { await console.say(JSONOutput.line(["event": event])) }
    package func show(_ run: RunView) async { await console.say(JSONOutput.line(["run": run])) }
    package func show(notice: String?) async {
        if let notice { await console.warn(notice) }
    }
    package func finish() async {}
}
