package import ControlProtocol
import Vocabulary

/// One event as one line: `HH:MM:SS task text`.
package enum EventLine {
    package static func text(of event: EventView, secondsFromUTC: Int, palette: Palette) -> String {
        let time = Amounts.timeOfDay(event.at, secondsFromUTC: secondsFromUTC)
        let task = event.task.map { SafeText.line($0.rawValue, charactersMax: 60) } ?? "run"
        let tint: Palette.Tint? =
            switch event.tone {
            case .plain: nil
            case .good: .green
            case .bad: .red
            case .waiting: .yellow
            }
        return palette.paint(time, .dim) + " " + palette.paint(task, .bold) + " "
            + palette.paint(SafeText.line(event.text), tint)
    }

    /// A line of what an agent said or did: `HH:MM:SS task role kind text`.
    package static func text(of line: LogLine, secondsFromUTC: Int, palette: Palette) -> String {
        let time = Amounts.timeOfDay(line.at, secondsFromUTC: secondsFromUTC)
        let task = line.task.map { SafeText.line($0.rawValue, charactersMax: 60) } ?? "run"
        let tint: Palette.Tint? =
            switch line.kind {
            case "denied": .red
            case "asked": .yellow
            case "tool": .cyan
            case "model", "notice", "ended": .dim
            // A kind that a newer server invents is shown plainly.
            default: nil
            }
        let head = "\(task) \(line.role.rawValue) \(SafeText.line(line.kind, charactersMax: 20))"
        let lines = SafeText.block(line.text).split(separator: "\n", omittingEmptySubsequences: true)
        // Everything an agent says stays in its own column: a second line cannot pass for an event of its
        // own.
        let text = lines.map(String.init).joined(separator: "\n" + String(repeating: " ", count: 9) + "| ")
        return palette.paint(time, .dim) + " " + palette.paint(head, .bold) + " " + palette.paint(text, tint)
    }

    /// How a person answers an approval, for the stream without a live view.
    package static func text(of approval: ApprovalView) -> String {
        let about = approval.task.map { $0.rawValue + ": " } ?? ""
        let reasons = approval.reasons.map { " (" + $0 + ")" }.joined()
        return SafeText.line("waits for you: \(about)\(approval.text)\(reasons)") + ": graftwork approve "
            + SafeText.line(approval.id.rawValue, charactersMax: 40)
    }
}
