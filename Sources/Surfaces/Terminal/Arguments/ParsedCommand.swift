import Vocabulary

/// A command line that follows its command's table.
package struct ParsedCommand: Hashable, Sendable {
    package struct Given: Hashable, Sendable {
        var option: String
        var value: String?
    }
    package var specification: CommandSpecification
    package var arguments: [String]
    /// In the order they were given.
    package var options: [Given]

    package func has(_ option: String) -> Bool { options.contains { $0.option == option } }

    /// The value given last.
    package func value(_ option: String) -> String? { options.last { $0.option == option }?.value }

    /// All its values, in the order they were given.
    package func values(_ option: String) -> [String] {
        options.filter { $0.option == option }.compactMap(\.value)
    }

    /// The words that the last argument took.
    package var rest: [String] { Array(arguments.dropFirst(specification.arguments.count - 1)) }

    /// The positive number given last; nil: none was given.
    func number(_ option: String) throws(Problem) -> Int? {
        guard let text = value(option) else { return nil }
        guard let number = Int(text), number > 0 else {
            throw Problem.usage(
                "--\(option) needs a number from 1 on, not \(SafeText.line(text, charactersMax: 40)).",
                hint: "`graftwork help \(specification.name)` shows how it is used.")
        }
        return number
    }

    /// Which of an option and its opposite was given last; nil: neither.
    package func choice(_ option: String, not opposite: String) -> Bool? {
        options.last { $0.option == option || $0.option == opposite }.map { $0.option == option }
    }

    /// The argument at the position that the table gives this name.
    package func argument(_ name: String) -> String? {
        guard let index = specification.arguments.firstIndex(where: { $0.name == name }),
            index < arguments.count
        else {
            return nil
        }
        return arguments[index]
    }
}
