package import Vocabulary

/// One harness protocol as a pure machine: lines in, actions out. It owns no process, file or clock.
///
/// The runner starts the program a ``HarnessLaunch`` describes inside the sandbox, feeds every stdout line to
/// ``received(_:)`` and performs the returned actions in order.
package protocol HarnessMachine: Sendable {
    /// The first lines to send, once the program runs.
    mutating func begin() -> [HarnessAction]
    /// One line of the program's stdout, without its newline; bounded by the runner, otherwise as hostile as
    /// it came.
    mutating func received(_ line: String) -> [HarnessAction]
    /// The answer to a ``HarnessAction/decide(_:)``. Several may be open at once.
    mutating func decided(_ call: ToolCallID, _ answer: ToolAnswer) -> [HarnessAction]
    /// A person or the server wants the turn to stop.
    mutating func interrupted() -> [HarnessAction]
    /// Why nothing can be said to this harness while it works; nil: it can be told.
    var tellingRefusal: String? { get }
    /// A person says something during the turn; ``HarnessAction/heard(_:)`` follows once the program has
    /// taken it in. The turn is not over before that.
    mutating func told(_ message: ToldMessage) -> [HarnessAction]
    /// The program's stdout ended with this exit status (negative: the signal). Always returns an action
    /// `.finish` unless one was returned before.
    mutating func exited(status: Int32, stderrTail: String) -> [HarnessAction]
}

/// What a ``HarnessMachine`` wants done.
package enum HarnessAction: Hashable, Sendable {
    /// Write this line (newline added by the runner) to the program's stdin.
    case send(String)
    /// Record this event in the session's spool.
    case emit(SessionEvent)
    /// Ask the policy engine (and, where it says so, a person); the answer comes to
    /// ``HarnessMachine/decided(_:_:)``.
    case decide(ToolCall)
    /// The program took in the message of this number.
    case heard(Int)
    /// The program answered to the end, and goes on with what it was told meanwhile.
    case turnEnded
    /// The turn is over: close stdin, then end the program by the teardown ladder. At most one per session.
    case finish(HarnessResult)
}

/// How a harness's turn ended.
package enum HarnessResult: Hashable, Sendable {
    case completed(text: String, structured: JSONValue?)
    case failed(SessionFailure, message: String)
}

/// How to start a harness inside the sandbox.
package struct HarnessLaunch: Hashable, Sendable {
    /// A file to place in the session's home before the start.
    package struct HomeFile: Hashable, Sendable {
        /// Relative to the home, e.g. `codex/config.toml`.
        package var path: String
        package var contents: String
        package init(path: String, contents: String) {
            self.path = path
            self.contents = contents
        }
    }
    /// `argv[0]` is an absolute path as seen inside the sandbox.
    package var argv: [String]
    /// Variables beyond the sandbox's own allow list.
    package var environment: [String: String]
    package var homeFiles: [HomeFile]
    /// Host paths to show read-only at the same path (the harness's own program folder).
    package var readOnlyPaths: [String]
    /// Written to stdin whole before anything else (the `command` harness's prompt); stdin is then closed.
    package var standardInput: String?
    package init(
        argv: [String], environment: [String: String] = [:], homeFiles: [HomeFile] = [],
        readOnlyPaths: [String] = [],
        standardInput: String? = nil
    ) {
        self.argv = argv
        self.environment = environment
        self.homeFiles = homeFiles
        self.readOnlyPaths = readOnlyPaths
        self.standardInput = standardInput
    }
}

/// Where things are inside the sandbox; what every launch is built from.
package struct HarnessSurroundings: Hashable, Sendable {
    /// The session's home as seen inside (`/home/agent`).
    package var home: String
    package var worktree: String
    /// `http://127.0.0.1:PORT/<upstream>`: the gateway as seen inside.
    package var gatewayURL: String
    /// Stands where a key must stand; the gateway strips it and puts the real key on.
    package var placeholderKey: String
    package init(home: String, worktree: String, gatewayURL: String, placeholderKey: String) {
        self.home = home
        self.worktree = worktree
        self.gatewayURL = gatewayURL
        self.placeholderKey = placeholderKey
    }
}
