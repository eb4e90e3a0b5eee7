package import ControlProtocol
import Vocabulary

/// What is about to happen, shown before anything happens.
package enum PreparationText {
    package static func lines(
        of preparation: RunPreparation, goal: String, into: String?, columns: Int, palette: Palette
    ) -> [String] {
        var rows: [(label: String, text: String)] = [
            ("goal", goal),
            ("repository", preparation.repository),
            ("base", "\(preparation.base.short) of \(preparation.target)"),
            ("lands on", target(preparation)),
        ]
        if preparation.checks.isEmpty {
            rows.append(
                (
                    "checks",
                    "none found: without a check nothing lands. Add `checks:` to .graftwork/config.yaml."
                ))
        }
        for (index, check) in preparation.checks.enumerated() {
            rows.append(
                (index == 0 ? "checks" : "", "\(check.name): \(command(check.command)) (\(check.origin))"))
        }
        for (index, agent) in preparation.agents.enumerated() {
            rows.append((index == 0 ? "agents" : "", agent))
        }
        for (index, note) in preparation.notes.enumerated() { rows.append((index == 0 ? "note" : "", note)) }
        let room = max(20, min(columns, RunSummary.columnsMax) - 14)
        return rows.flatMap { row -> [String] in
            let wrapped = DisplayWidth.wrap(SafeText.line(row.text), to: room)
            return wrapped.enumerated().map { index, text in
                palette.paint(DisplayWidth.fit(index == 0 ? "  " + row.label : "", to: 14), .dim) + text
            }
        }
    }

    private static func target(_ preparation: RunPreparation) -> String {
        guard let path = preparation.checkedOutAt else {
            return "\(preparation.target), which is checked out nowhere"
        }
        return
            "\(preparation.target), checked out at \(path), "
            + "\(preparation.checkoutIsClean ? "clean" : "not clean")"
    }

    /// An argument vector as a person would type it.
    static func command(_ command: CheckDefinition.Command) -> String {
        switch command {
        case .argv(let arguments): arguments.map(quoted).joined(separator: " ")
        case .script(let text): "sh: " + text
        }
    }

    static func quoted(_ argument: String) -> String {
        let plain = argument.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "-_./=:,+@%".unicodeScalars.contains($0)
        }
        return plain && !argument.isEmpty ? argument : ShellWord.quoted(argument)
    }
}
