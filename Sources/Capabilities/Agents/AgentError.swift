package import Vocabulary

/// What can go wrong between the server and the runners of its sessions.
package enum AgentError: ExplainedError, Hashable {
    /// The program that runs sessions is not where it was installed.
    case runnerMissing(path: String)
    /// The runner ended before it was ready; `log` is the end of what it wrote.
    case runnerFailed(session: SessionID, log: String)
    /// The runner died without leaving an `ended` event; the session must be started anew.
    case runnerLost(session: SessionID)
    /// No harness program is known for what the agent asks for.
    case noProgram(agent: AgentName, harness: HarnessKind)
    /// A socket below the session's directory would have a name the kernel refuses.
    case directoryTooLong(path: String, limit: Int)
    /// A file of the session's directory could not be read or written.
    case directoryUnusable(path: String, cause: String)
    /// What a person wants of a session cannot be; `wish` completes "cannot".
    case declined(session: SessionID, wish: String, reason: String)
    /// The runner answered a command with no.
    case refused(session: SessionID, reason: String)

    package var description: String {
        switch self {
        case .runnerMissing(let path): "The program '\(path)', which runs sessions, is missing."
        case .runnerFailed(let session, let log):
            "The runner of session '\(session)' ended before it was ready" + (log.isEmpty ? "." : ": \(log)")
        case .runnerLost(let session): "The runner of session '\(session)' died before the session ended."
        case .noProgram(let agent, let harness):
            "The agent '\(agent)' needs the harness '\(harness.rawValue)', whose program is not installed."
        case .directoryTooLong(let path, let limit):
            "The session directory '\(path)' is too long: its sockets' names may have \(limit) bytes at most."
        case .directoryUnusable(let path, let cause):
            "The session directory '\(path)' cannot be used: \(cause)."
        case .declined(let session, let wish, let reason):
            "The agent of session '\(session)' cannot \(wish): \(reason)."
        case .refused(let session, let reason): "The runner of session '\(session)' refused: \(reason)."
        }
    }

    package var hint: String? {
        switch self {
        case .runnerMissing: "Install graftwork again; its programs belong in one folder."
        case .runnerFailed: "Run `graftwork doctor`; it proves the sandbox on this machine."
        case .runnerLost: "Run `graftwork resume`; the session starts anew from the same base."
        case .noProgram: "Install it, or give the agent another `harness:` in the configuration."
        case .directoryTooLong: "Set a shorter state folder, for example with XDG_STATE_HOME."
        case .directoryUnusable: "See that the disk has room and the folder belongs to you."
        case .declined, .refused: nil
        }
    }

    package var blame: Blame {
        switch self {
        case .runnerMissing, .runnerLost, .directoryUnusable, .noProgram: .environment
        case .directoryTooLong: .configuration
        case .declined: .user
        case .runnerFailed: .environment
        case .refused: .us
        }
    }
}
