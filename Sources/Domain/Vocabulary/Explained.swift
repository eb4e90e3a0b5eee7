/// Whose problem an error is. Only `us` asks the person to report it.
package enum Blame: String, Hashable, Sendable, Codable {
    case user, configuration, agent, environment, us
}

/// An error that a person can act on: one sentence that names the object, and the next step.
package protocol ExplainedError: Error, CustomStringConvertible {
    /// One sentence that names the object. No secrets, no prompts, no environment values.
    var description: String { get }
    /// The next thing to do; nil when there is none.
    var hint: String? { get }
    var blame: Blame { get }
    /// What the command line exits with when this error ends a command.
    var exitCode: ExitCode { get }
}

extension ExplainedError {
    package var exitCode: ExitCode { .failed }
}

/// Where in a file something stands; lines and columns count from 1.
package struct SourcePosition: Hashable, Sendable, Codable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int
    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
    package var description: String { "\(file):\(line):\(column)" }
}

/// An error as it crosses a socket or the journal: already put in words.
package struct Problem: ExplainedError, Hashable, Codable {
    package var description: String
    package var hint: String?
    package var blame: Blame
    package var exitCode: ExitCode
    package init(_ description: String, hint: String? = nil, blame: Blame = .us, exitCode: ExitCode = .failed)
    {
        self.description = description
        self.hint = hint
        self.blame = blame
        self.exitCode = exitCode
    }
    /// Puts any error in words; an error that explains nothing is our own bug.
    package init(_ error: any Error) {
        if let problem = error as? Problem {
            self = problem
        } else if let explained = error as? any ExplainedError {
            self.init(
                explained.description, hint: explained.hint, blame: explained.blame,
                exitCode: explained.exitCode)
        } else {
            self.init("\(error)", hint: "Please report this with the command that led to it.", blame: .us)
        }
    }
}
