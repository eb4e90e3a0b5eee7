package import Harnesses
package import Vocabulary

/// What a runner is told on its standard input, once, as one JSON document. The keys exist nowhere else but
/// in the memory of server and runner: never in argv, the environment, a file or a log.
package struct RunnerOrder: Codable, Sendable {
    package var specification: SessionSpecification
    /// The real key of each upstream, by its name.
    package var keys: [String: String]
    package var program: HarnessProgram
    /// Where `sandbox-init` and our other programs are.
    package var executables: String
    /// Where copies of programs may be put that the session's uid cannot reach; nil: nowhere.
    package var stateDirectory: String?

    /// Stands inside where a key must stand. No secret: the gateway strips it.
    package static let placeholderKey = "graftwork-placeholder-key"

    /// A longer order is refused; prompts are bounded far below.
    package static let bytesMax = 64 << 20

    package init(
        specification: SessionSpecification, keys: [String: String], program: HarnessProgram,
        executables: String,
        stateDirectory: String?
    ) {
        self.specification = specification
        self.keys = keys
        self.program = program
        self.executables = executables
        self.stateDirectory = stateDirectory
    }
}

/// What a runner exits with. The outcome of the session is in the spool, never here.
package enum RunnerExit: Int32, Sendable {
    /// The session has ended and its spool says how.
    case ended = 0
    /// The spool could not be written: nothing can be promised about the session.
    case failed = 1
    /// The order could not be understood.
    case usage = 64
    /// Another runner serves this session.
    case alreadyRunning = 75
    /// The spool of an earlier runner is there; a session is never run twice.
    case alreadyUsed = 76
}
