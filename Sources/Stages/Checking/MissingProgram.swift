internal import Configuration
internal import Vocabulary
internal import Workflows

/// Tells which programs a command could have missed that ended with 126 or 127.
package enum MissingProgram {
    /// What keeps a sandbox that shows these toolchains from starting a program; nil: nothing that is known.
    package typealias Obstacle = @Sendable (_ program: String, _ toolchains: [String]) -> String?

    private static let linesMax = 40
    private static let namesMax = 20

    /// The program the command begins with, and those that its output says were not found, as long as the
    /// command or we know them: the output is a stranger's.
    static func names(in output: String, of command: CheckDefinition.Command) -> [String] {
        var names = [NeededPrograms.first(of: command)].compactMap(\.self)
        let ownWords = Set(words(command.line))
        for line in output.split(separator: "\n").suffix(linesMax)
        where line.contains("not found") || line.contains("No such file") || line.contains("ermission denied")
        {
            for word in words(String(line)) where NeededPrograms.isName(word) && !names.contains(word) {
                guard names.count < namesMax else { return names }
                if ownWords.contains(word) || NeededPrograms.known.contains(word) { names.append(word) }
            }
        }
        return names
    }

    private static func words(_ text: String) -> [String] {
        text.split { " \t\n:;'\"`‘’“”()&|".contains($0) }.map(String.init)
    }
}
