package import ControlProtocol
import Vocabulary

/// What waits for a person, with everything needed to decide.
package enum ApprovalText {
    package static func lines(of approval: ApprovalView, now: Double, columns: Int, palette: Palette)
        -> [String]
    {
        let id = SafeText.line(approval.id.rawValue, charactersMax: 40)
        let run = SafeText.line(approval.run.rawValue, charactersMax: 40)
        let task = approval.task.map { " " + SafeText.line($0.rawValue, charactersMax: 60) } ?? ""
        let age = Amounts.elapsed(now - approval.askedAt)
        let subject = SafeText.line(approval.subject, charactersMax: 40)
        let room = max(20, min(columns, RunSummary.columnsMax) - 4)
        var lines = [
            palette.paint(id, .bold) + "  \(subject)  \(run)\(task)  "
                + palette.paint("waits for \(age)", .dim)
        ]
        lines += DisplayWidth.wrap(SafeText.line(approval.text), to: room).map { "    " + $0 }
        for reason in approval.reasons {
            lines += DisplayWidth.wrap("because " + SafeText.line(reason), to: room).map {
                palette.paint("    " + $0, .yellow)
            }
        }
        if !approval.boundTo.isEmpty {
            lines.append(
                palette.paint("    bound to " + SafeText.line(approval.boundTo, charactersMax: 200), .dim))
        }
        lines.append(
            "    graftwork approve \(id)   graftwork deny \(id)"
                + (task.isEmpty ? "" : "   graftwork diff \(run)\(task)"))
        return lines
    }
}
