/// Renders a command's table as a page of the manual.
package enum ManualPage {
    static let columnsMax = 80

    package static func text(of command: CommandSpecification, columns: Int, palette: Palette) -> String {
        let width = max(40, min(columns, columnsMax))
        var lines: [String] = []
        func section(_ title: String) { lines += (lines.isEmpty ? [] : [""]) + [palette.paint(title, .bold)] }
        func paragraph(_ text: String, indent: Int) {
            lines += DisplayWidth.wrap(text, to: width - indent).map {
                String(repeating: " ", count: indent) + $0
            }
        }
        func entry(_ head: String, _ text: String) {
            let wrapped = DisplayWidth.wrap(text, to: width - 26)
            if DisplayWidth.of(head) > 20 {
                lines.append("    " + palette.paint(head, .bold))
                lines += wrapped.map { String(repeating: " ", count: 26) + $0 }
            } else {
                let first =
                    "    " + palette.paint(head, .bold)
                    + String(repeating: " ", count: 22 - DisplayWidth.of(head))
                lines.append(first + (wrapped.first ?? ""))
                lines += wrapped.dropFirst().map { String(repeating: " ", count: 26) + $0 }
            }
        }

        section("NAME")
        paragraph("graftwork \(command.name) - \(command.summary)", indent: 4)
        section("SYNOPSIS")
        paragraph(synopsis(command), indent: 4)
        section("DESCRIPTION")
        for (index, text) in command.description.enumerated() {
            if index > 0 { lines.append("") }
            paragraph(text, indent: 4)
        }
        if !command.arguments.isEmpty {
            section("ARGUMENTS")
            for argument in command.arguments {
                let choices =
                    argument.choices.isEmpty
                    ? "" : " One of " + argument.choices.joined(separator: ", ") + "."
                entry(argument.name, argument.summary + choices)
            }
        }
        section("OPTIONS")
        for option in command.options { entry(head(of: option), option.summary) }
        section("EXIT STATUS")
        entry("0", "done")
        entry("1", "failed")
        entry("2", "the command line is wrong")
        for exit in command.exits { entry(String(exit.code), exit.meaning) }
        section("EXAMPLES")
        for example in command.examples {
            lines.append("    " + palette.paint(example.command, .bold))
            paragraph(example.what, indent: 8)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// All commands on one screen.
    package static func overview(of commands: [CommandSpecification], version: String, palette: Palette)
        -> String
    {
        let widest = commands.reduce(0) { max($0, $1.name.count) }
        let rows = commands.map { command in
            "    " + palette.paint(DisplayWidth.fit(command.name, to: widest), .bold) + "  " + command.summary
        }
        return """
            graftwork \(version): fan a feature out to coding agents, each in its own sandboxed
            worktree; have every diff reviewed by another vendor's model; land only what your
            policies allow.

            \(palette.paint("USAGE", .bold))
                graftwork COMMAND [ARGUMENTS] [OPTIONS]

            \(palette.paint("COMMANDS", .bold))
            \(rows.joined(separator: "\n"))

            \(palette.paint("START HERE", .bold))
                graftwork demo          no key and no harness needed
                graftwork doctor        what works on this machine
                graftwork run "GOAL"    in a repository of yours

            `graftwork help COMMAND` explains one command. Exit codes: 0 done, 1 failed,
            2 usage, 3 held for a person, 4 denied, 5 conflict, 6 budget.

            """
    }

    static func synopsis(_ command: CommandSpecification) -> String {
        let arguments = command.arguments.map { argument in
            let name = argument.choices.isEmpty ? argument.name : argument.choices.joined(separator: "|")
            let shown = argument.takesRest ? "[--] \(name)…" : name
            return argument.isRequired ? shown : "[\(shown)]"
        }
        return (["graftwork", command.name] + arguments + ["[OPTIONS]"]).joined(separator: " ")
    }

    private static func head(of option: CommandSpecification.Option) -> String {
        // `-C DIR` is how it is known; the long name is there for scripts.
        let long = "--" + option.name
        let names = option.short.map { "-\($0), \(long)" } ?? long
        return option.value.map { names + " " + $0 } ?? names
    }
}
