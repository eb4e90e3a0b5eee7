package import Vocabulary

/// Why a tree could not be made ready to work in.
package enum SetupError: ExplainedError, Hashable {
    /// A command ended with another code than 0, or by a signal.
    case commandFailed(command: String, ending: String, lastLines: [String])
    case commandTookTooLong(command: String, minutes: Int, lastLines: [String])
    case shareMissing(path: String)

    package var description: String {
        switch self {
        case .commandFailed(let command, let ending, let lines):
            "The set-up command `\(Self.short(command))` \(ending).\(Self.told(lines))"
        case .commandTookTooLong(let command, let minutes, let lines):
            """
            The set-up command `\(Self.short(command))` took longer than \(minutes) minutes.\
            \(Self.told(lines))
            """
        case .shareMissing(let path):
            "The shared path \(path) does not exist."
        }
    }

    package var hint: String? {
        switch self {
        case .commandFailed, .commandTookTooLong:
            """
            Mend it under `worktree: setup:`, and try it again with `graftwork resume`. Set-up has no \
            network: show it a cache with `share:`, or copy what it needs with `copy:`.
            """
        case .shareMissing: "Correct `worktree: share:` in your configuration."
        }
    }

    package var blame: Blame { .configuration }
    package var exitCode: ExitCode { .held }

    private static func short(_ command: String) -> String { VisibleText.oneLine(command, limit: 160) }

    private static func told(_ lines: [String]) -> String {
        lines.isEmpty
            ? " It printed nothing."
            : " Its last lines:\n" + lines.map { "    \($0)" }.joined(separator: "\n")
    }
}
