package import Vocabulary

/// Reads a command line by the table of commands.
package struct ArgumentParser: Sendable {
    package enum Outcome: Hashable, Sendable {
        case command(ParsedCommand)
        /// A page of help: of one command, or the overview.
        case help(CommandSpecification?)
        case version(asJSON: Bool)
    }
    package var commands: [CommandSpecification]
    package init(commands: [CommandSpecification]) { self.commands = commands }

    /// The arguments after the program's name.
    package func parse(_ arguments: [String]) throws(Problem) -> Outcome {
        var reader = Reader(words: arguments)
        var before: [ParsedCommand.Given] = []
        let shared = CommandSpecification.everywhere + [.init("json", ""), .init("version", "")]
        while let word = reader.peek, word.hasPrefix("-"), word != "-" {
            before += try reader.option(among: shared, of: nil)
        }
        let isHelp = before.contains { $0.option == "help" }
        if before.contains(where: { $0.option == "version" }) {
            return .version(
                asJSON: (before.map(\.option) + arguments).contains { $0 == "json" || $0 == "--json" })
        }
        guard let name = reader.next() else { return .help(nil) }
        guard let specification = commands.first(where: { $0.name == name }) else { throw unknown(name) }
        let parsed = try parse(specification, &reader, before)
        if isHelp || parsed.has("help") { return .help(specification) }
        if name == "help" { return .help(try parsed.argument("COMMAND").map(command)) }
        if name == "version" { return .version(asJSON: parsed.has("json")) }
        try validate(parsed)
        return .command(parsed)
    }

    private func command(_ name: String) throws(Problem) -> CommandSpecification {
        guard let found = commands.first(where: { $0.name == name }) else { throw unknown(name) }
        return found
    }

    private func unknown(_ name: String) -> Problem {
        let nearest = Suggestion.nearest(to: name, among: commands.map(\.name))
        return Problem.usage(
            "There is no command \(Self.quoted(name)).",
            hint: nearest.map { "Did you mean `graftwork \($0)`?" } ?? "`graftwork help` lists the commands.")
    }

    private func parse(
        _ specification: CommandSpecification, _ reader: inout Reader, _ before: [ParsedCommand.Given]
    ) throws(Problem) -> ParsedCommand {
        var parsed = ParsedCommand(specification: specification, arguments: [], options: before)
        var isOnlyArguments = false
        while let word = reader.peek {
            if !isOnlyArguments, word == "--" {
                isOnlyArguments = true
                _ = reader.next()
            } else if !isOnlyArguments, word.hasPrefix("-"), word != "-" {
                parsed.options += try reader.option(among: specification.options, of: specification.name)
            } else {
                parsed.arguments.append(word)
                _ = reader.next()
                let position = parsed.arguments.count
                if position == specification.arguments.count, specification.arguments.last?.takesRest == true
                {
                    isOnlyArguments = true
                }
            }
        }
        return parsed
    }

    private func validate(_ parsed: ParsedCommand) throws(Problem) {
        let specification = parsed.specification
        let help = "`graftwork help \(specification.name)` shows how it is used."
        if parsed.has("json"), specification.output == .none {
            throw Problem.usage(
                "`graftwork \(specification.name)` prints nothing that could be JSON.", hint: help)
        }
        if parsed.arguments.count > specification.arguments.count,
            specification.arguments.last?.takesRest != true
        {
            let extra = parsed.arguments[specification.arguments.count]
            let isText = specification.arguments.last?.name == "GOAL"
            throw Problem.usage(
                "`graftwork \(specification.name)` does not know what to do with \(Self.quoted(extra)).",
                hint: isText ? "Put the goal in quotes: graftwork \(specification.name) \"…\"." : help)
        }
        for (index, argument) in specification.arguments.enumerated() {
            guard index < parsed.arguments.count else {
                if argument.isRequired {
                    throw Problem.usage(
                        "`graftwork \(specification.name)` needs \(argument.name): \(argument.summary)",
                        hint: help)
                }
                return
            }
            let given = parsed.arguments[index]
            if given.isEmpty { throw Problem.usage("\(argument.name) is empty.", hint: help) }
            if !argument.choices.isEmpty, !argument.choices.contains(given) {
                let nearest = Suggestion.nearest(to: given, among: argument.choices)
                throw Problem.usage(
                    "\(Self.quoted(given)) is not one of \(argument.choices.joined(separator: ", ")).",
                    hint: nearest.map { "Did you mean `\($0)`?" } ?? help)
            }
        }
    }

    fileprivate static func quoted(_ text: String) -> String {
        "`" + SafeText.line(text, charactersMax: 80) + "`"
    }

    /// Takes words from the front.
    private struct Reader {
        var words: [String]
        var index = 0
        var peek: String? { index < words.count ? words[index] : nil }
        mutating func next() -> String? {
            guard index < words.count else { return nil }
            index += 1
            return words[index - 1]
        }

        /// One option with its value: `--name`, `--name value`, `--name=value`, `-n`, `-n value`, `-nvalue`.
        mutating func option(
            among known: [CommandSpecification.Option], of command: String?
        ) throws(Problem) -> [ParsedCommand.Given] {
            guard let word = next() else { return [] }
            let isLong = word.hasPrefix("--")
            let body = word.dropFirst(isLong ? 2 : 1)
            let name = isLong ? String(body.prefix { $0 != "=" }) : String(body.prefix(1))
            guard let option = known.first(where: { isLong ? $0.name == name : $0.short == name }) else {
                throw unknown(isLong ? "--" + name : "-" + name, isLong ? name : nil, known, command)
            }
            var inline: String? = body.count > name.count ? String(body.dropFirst(name.count)) : nil
            if isLong { inline = inline.map { String($0.dropFirst()) } }
            guard option.value != nil else {
                if inline == nil { return [.init(option: option.name, value: nil)] }
                if isLong { throw Problem.usage("`--\(name)` takes no value.", hint: nil) }
                // `-fC dir`: the rest is further short options.
                words.insert("-" + body.dropFirst(), at: index)
                return [.init(option: option.name, value: nil)]
            }
            guard let value = inline ?? next() else {
                throw Problem.usage(
                    "`\(isLong ? "--" : "-")\(name)` needs a value: \(option.summary)", hint: nil)
            }
            return [.init(option: option.name, value: value)]
        }

        private func unknown(
            _ shown: String, _ name: String?, _ known: [CommandSpecification.Option], _ command: String?
        ) -> Problem {
            let nearest = name.flatMap { Suggestion.nearest(to: $0, among: known.map(\.name)) }
            let whose = command.map { "`graftwork \($0)`" } ?? "`graftwork`"
            return Problem.usage(
                "\(whose) has no option \(ArgumentParser.quoted(shown)).",
                hint: nearest.map { "Did you mean `--\($0)`?" }
                    ?? "`graftwork help\(command.map { " " + $0 } ?? "")` lists them.")
        }
    }
}

extension Problem {
    /// The command line itself is wrong: exit code 2.
    static func usage(_ description: String, hint: String?) -> Problem {
        Problem(description, hint: hint, blame: .user, exitCode: .usage)
    }
}
