/// What a command takes, does and answers: parsing, help and shell completion all read this one table.
package struct CommandSpecification: Hashable, Sendable {
    /// What `--json` prints.
    package enum Output: Hashable, Sendable {
        /// Nothing that a program would read.
        case none
        /// One JSON document.
        case document
        /// One JSON document per line.
        case stream
    }
    package struct Argument: Hashable, Sendable {
        package var name: String
        package var isRequired: Bool
        package var summary: String
        /// The only words it may be; empty: any.
        package var choices: [String]
        /// The last argument: it takes all words that are left, and what comes after it are no options.
        package var takesRest: Bool
        package init(
            _ name: String, isRequired: Bool = false, choices: [String] = [], takesRest: Bool = false,
            _ summary: String
        ) {
            self.name = name
            self.isRequired = isRequired
            self.choices = choices
            self.takesRest = takesRest
            self.summary = summary
        }
    }
    package struct Option: Hashable, Sendable {
        /// The long name without its dashes.
        package var name: String
        /// A single letter without its dash.
        package var short: String?
        /// The word that stands for its value in help; nil: it takes none.
        package var value: String?
        package var summary: String
        package init(_ name: String, short: String? = nil, value: String? = nil, _ summary: String) {
            self.name = name
            self.short = short
            self.value = value
            self.summary = summary
        }
    }
    package struct Example: Hashable, Sendable {
        package var command: String
        package var what: String
        package init(_ command: String, _ what: String) {
            self.command = command
            self.what = what
        }
    }

    package var name: String
    /// One line, lower case, without a full stop.
    package var summary: String
    /// Paragraphs.
    package var description: [String]
    package var arguments: [Argument]
    package var options: [Option]
    package var output: Output
    /// The exit codes that mean something special here, beside 0, 1 and 2.
    package var exits: [(code: Int32, meaning: String)] { exitMeanings.map { ($0.code, $0.meaning) } }
    package var examples: [Example]
    private var exitMeanings: [ExitMeaning]

    private struct ExitMeaning: Hashable, Sendable {
        var code: Int32
        var meaning: String
    }

    package init(
        _ name: String, _ summary: String, description: [String], arguments: [Argument] = [],
        options: [Option] = [],
        output: Output, exits: KeyValuePairs<Int32, String> = [:], examples: [Example]
    ) {
        self.name = name
        self.summary = summary
        self.description = description
        self.arguments = arguments
        self.output = output
        self.options = options + (output == .none ? [] : [Self.json(output)]) + Self.everywhere
        self.exitMeanings = exits.map { ExitMeaning(code: $0.key, meaning: $0.value) }
        self.examples = examples
    }

    /// What every command understands, before or after its name.
    static let everywhere: [Option] = [
        Option("directory", short: "C", value: "DIR", "Work as if started in DIR."),
        Option("help", short: "h", "Show this page."),
    ]

    private static func json(_ output: Output) -> Option {
        let what = output == .stream ? "Print one JSON document per line" : "Print one JSON document"
        return Option(
            "json", what + ". Amounts of money are millionths of a US dollar, moments Unix seconds.")
    }
}
