package import Vocabulary

/// Why a tree could not be made ready to work in.
package enum SetupError: ExplainedError, Hashable {
    /// A command ended with another code than 0, or by a signal.
    case commandFailed(command: String, ending: String, lastLines: [String])
    case commandTookTooLong(command: String, minutes: Int, lastLines: [String])
    case shareMissing(path: String)
    case copiesTooMany(limit: Int)
    case copiesTooLarge(bytes: Int64)
    /// Too much would have to be looked through for what is to be copied.
    case checkoutTooLarge(limit: Int)
    /// Files that look like secrets are to be copied as they are, and nobody said yes to these bytes.
    case rawCopiesNotApproved(paths: [String])

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
        case .copiesTooMany(let limit):
            "The patterns under `worktree: copy:` name more than \(limit) files."
        case .checkoutTooLarge(let limit):
            "The checkout has more than \(limit) names where files for `worktree: copy:` are looked for."
        case .copiesTooLarge(let bytes):
            "The files under `worktree: copy:` are larger than \(bytes >> 20) MiB together."
        case .rawCopiesNotApproved(let paths):
            """
            Files that look like secrets were to be copied as they are, and have changed since a person \
            said yes to them: \(paths.prefix(5).joined(separator: ", ")).
            """
        }
    }

    package var hint: String? {
        switch self {
        case .commandFailed, .commandTookTooLong:
            """
            Mend it under `worktree: setup:`, and try it again with `graftwork resume`. Set-up has no \
            network: show it a cache with `share:`, or copy what it needs with `copy:`.
            """
        case .copiesTooMany, .copiesTooLarge, .checkoutTooLarge:
            "Name less; what is only read can be shown with `share:` in your own configuration."
        case .rawCopiesNotApproved: "Start a new run; it will ask about them as they are now."
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
