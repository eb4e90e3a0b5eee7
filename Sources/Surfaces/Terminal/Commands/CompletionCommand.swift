import Vocabulary

/// `completion`: scripts made from the table of commands.
enum CompletionCommand {
    static func perform(_ command: ParsedCommand, _ context: CommandContext) async -> ExitCode {
        await context.console.write(
            CompletionScript.text(shell: command.argument("SHELL") ?? "bash", CommandTable.commands))
        return .done
    }
}

/// Completion of commands, options and fixed words, for the three common shells.
package enum CompletionScript {
    package static func text(shell: String, _ commands: [CommandSpecification]) -> String {
        switch shell {
        case "zsh": "#compdef graftwork\nautoload -U +X bashcompinit && bashcompinit\n" + bash(commands)
        case "fish": fish(commands)
        // The table allows only three shells.
        default: bash(commands)
        }
    }

    private static func words(_ command: CommandSpecification) -> [String] {
        command.arguments.flatMap(\.choices)
            + command.options.flatMap { option in
                ["--" + option.name] + (option.short.map { ["-" + $0] } ?? [])
            }
    }

    private static func bash(_ commands: [CommandSpecification]) -> String {
        let cases = commands.map { "        \($0.name)) words=\"\(words($0).joined(separator: " "))\" ;;" }
        return """
            _graftwork() {
                local current="${COMP_WORDS[COMP_CWORD]}" words=""
                case "${COMP_WORDS[1]}" in
            \(cases.joined(separator: "\n"))
                esac
                if [ "$COMP_CWORD" -eq 1 ]; then words="\(commands.map(\.name).joined(separator: " "))"; fi
                COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -o default -F _graftwork graftwork

            """
    }

    private static func fish(_ commands: [CommandSpecification]) -> String {
        func quoted(_ text: String) -> String {
            "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
        }
        var lines = ["complete -c graftwork -f"]
        for command in commands {
            lines.append(
                "complete -c graftwork -n __fish_use_subcommand -a \(command.name) -d "
                    + "\(quoted(command.summary))"
            )
            let condition = "-n '__fish_seen_subcommand_from \(command.name)'"
            for choice in command.arguments.flatMap(\.choices) {
                lines.append("complete -c graftwork \(condition) -a \(choice)")
            }
            for option in command.options {
                let short = option.short.map { " -s \($0)" } ?? ""
                let value = option.value == nil ? "" : " -r"
                lines.append(
                    "complete -c graftwork \(condition) -l \(option.name)\(short)\(value) -d "
                        + "\(quoted(option.summary))"
                )
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
