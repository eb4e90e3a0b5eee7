import Testing
import Vocabulary

@testable import Terminal

@Suite("The command line") struct ArgumentTests {
    private let parser = ArgumentParser(commands: CommandTable.commands)

    private func parsed(_ words: String...) throws -> ParsedCommand {
        guard case .command(let command) = try parser.parse(words) else { throw Problem("no command") }
        return command
    }

    private func problem(_ words: String...) -> Problem? {
        do {
            _ = try parser.parse(words)
            return nil
        } catch {
            return error
        }
    }

    @Test("takes options before, between and after arguments, in every form")
    func forms() throws {
        let command = try parsed(
            "-C", "/a", "run", "--into=topic", "do it", "-y", "--workflow", "review", "--detach")
        #expect(command.arguments == ["do it"])
        #expect(command.value("directory") == "/a")
        #expect(command.value("into") == "topic")
        #expect(command.value("workflow") == "review")
        #expect(command.has("yes") && command.has("detach") && !command.has("plain"))
        #expect(try parsed("logs", "-fC/b").value("directory") == "/b")
    }

    @Test("after -- everything is an argument")
    func doubleDash() throws {
        #expect(try parsed("run", "--", "--yes").argument("GOAL") == "--yes")
    }

    @Test("of an option and its opposite the last one counts, and neither is a third answer")
    func opposites() throws {
        func choice(_ words: String...) throws -> Bool? {
            guard case .command(let command) = try parser.parse(["run", "x"] + words) else { return nil }
            return command.choice("update-checkout", not: "no-update-checkout")
        }
        #expect(try choice() == nil)
        #expect(try choice("--update-checkout") == true)
        #expect(try choice("--update-checkout", "--no-update-checkout") == false)
    }

    @Test("an unknown option is a usage error that names the likely one")
    func unknownOption() {
        #expect(
            problem("run", "x", "--detatch")
                == Problem.usage(
                    "`graftwork run` has no option `--detatch`.", hint: "Did you mean `--detach`?"))
        #expect(
            problem("run", "x", "--zzzzzz")
                == Problem.usage(
                    "`graftwork run` has no option `--zzzzzz`.", hint: "`graftwork help run` lists them."))
        #expect(problem("run", "x", "--detatch")?.exitCode == .usage)
    }

    @Test("an unknown command names the likely one")
    func unknownCommand() {
        #expect(
            problem("statsu")
                == Problem.usage("There is no command `statsu`.", hint: "Did you mean `graftwork status`?"))
        #expect(
            problem("\u{1B}[31mx")
                == Problem.usage(
                    "There is no command `\\u{1b}[31mx`.", hint: "`graftwork help` lists the commands."))
    }

    @Test("a goal without quotes is a usage error that says to quote it")
    func unquotedGoal() {
        #expect(problem("run", "add", "pagination")?.hint == "Put the goal in quotes: graftwork run \"…\".")
    }

    @Test("a missing or empty argument, a missing value and a wrong word are usage errors")
    func wrongArguments() {
        #expect(problem("approve")?.description.hasPrefix("`graftwork approve` needs ID:") == true)
        #expect(problem("run", "")?.description == "GOAL is empty.")
        #expect(problem("run", "x", "--into")?.description.hasPrefix("`--into` needs a value") == true)
        #expect(problem("run", "x", "--yes=1")?.description == "`--yes` takes no value.")
        #expect(problem("worktree", "opne")?.hint == "Did you mean `open`?")
        #expect(problem("serve", "--json") != nil)
    }

    @Test("help and version need no server and win over everything after them")
    func helpAndVersion() throws {
        #expect(try parser.parse([]) == .help(nil))
        #expect(try parser.parse(["--help"]) == .help(nil))
        #expect(try parser.parse(["run", "--help"]) == .help(CommandTable.run))
        #expect(try parser.parse(["help", "run"]) == .help(CommandTable.run))
        #expect(try parser.parse(["--version"]) == .version(asJSON: false))
        #expect(try parser.parse(["version", "--json"]) == .version(asJSON: true))
    }

    @Test("suggestions know swapped, missing and wrong letters")
    func suggestions() {
        #expect(Suggestion.distance(Array("statsu"), Array("status")) == 1)
        #expect(Suggestion.distance(Array("kitten"), Array("sitting")) == 3)
        #expect(Suggestion.nearest(to: "x", among: ["run", "plan"]) == nil)
        #expect(Suggestion.nearest(to: "comp", among: ["completion"]) == "completion")
    }
}

@Suite("The pages of help") struct ManualPageTests {
    @Test(
        "every command has a page that fits 80 columns and has every section",
        arguments: CommandTable.commands)
    func pages(_ command: CommandSpecification) {
        let page = ManualPage.text(of: command, columns: 200, palette: Palette(isColoured: false))
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES"] {
            #expect(page.contains("\n\(section)\n") || page.hasPrefix("\(section)\n"))
        }
        let widest = page.split(separator: "\n").filter { !$0.hasPrefix("    graftwork ") }.map {
            DisplayWidth.of(String($0))
        }.max()
        #expect((widest ?? 0) <= 80)
        for option in command.options { #expect(page.contains("--\(option.name)")) }
    }

    @Test("everything that prints can print JSON, but what prints only words for people")
    func json() {
        let silent = CommandTable.commands.filter { command in !command.options.contains { $0.name == "json" }
        }
        #expect(silent.map(\.name) == ["serve", "completion", "help"])
    }

    @Test("a page reads like a manual page")
    func onePage() {
        let page = ManualPage.text(of: CommandTable.audit, columns: 80, palette: Palette(isColoured: false))
        #expect(
            page == """
                NAME
                    graftwork audit - every event of the journal, in order

                SYNOPSIS
                    graftwork audit [RUN] [OPTIONS]

                DESCRIPTION
                    Prints the journal's events with their sequence numbers and the hash that
                    chains each to the one before it.

                ARGUMENTS
                    RUN                   One run. Left out: the whole journal.

                OPTIONS
                    --after NUMBER        Only what follows this sequence number.
                    --json                Print one JSON document per line. Amounts of money are
                                          millionths of a US dollar, moments Unix seconds.
                    -C, --directory DIR   Work as if started in DIR.
                    -h, --help            Show this page.

                EXIT STATUS
                    0                     done
                    1                     failed
                    2                     the command line is wrong

                EXAMPLES
                    graftwork audit k3f9 --json
                        One run's events for a program, a line each.

                """)
    }

    @Test("completion offers every command in every shell", arguments: ["bash", "zsh", "fish"])
    func completion(_ shell: String) {
        let script = CompletionScript.text(shell: shell, CommandTable.commands)
        for command in CommandTable.commands { #expect(script.contains(command.name)) }
        #expect(script.contains("update-checkout"))
    }
}
