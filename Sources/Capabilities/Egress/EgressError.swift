package import Vocabulary

/// Why the gateway could not be set up.
package enum EgressError: ExplainedError, Hashable {
    case keyVariableMissing(upstream: String, variable: String)
    case keyFileUnreadable(upstream: String, path: String, cause: String)
    case keyCommandFailed(upstream: String, program: String, cause: String)
    /// The source gave nothing, or something that cannot be sent in a header.
    case keyUnusable(upstream: String, source: String, cause: String)
    case upstreamUnusable(upstream: String, cause: String)
    case cannotListen(path: String, cause: String)

    package var description: String {
        switch self {
        case .keyVariableMissing(let upstream, let variable):
            "the key of upstream \(upstream) is to come from \(variable), which is not set"
        case .keyFileUnreadable(let upstream, let path, let cause):
            "the key of upstream \(upstream) is to come from the file \(path), which cannot be read: \(cause)"
        case .keyCommandFailed(let upstream, let program, let cause):
            "the key of upstream \(upstream) is to come from the command \(program), which failed: \(cause)"
        case .keyUnusable(let upstream, let source, let cause):
            "the key of upstream \(upstream) from \(source) cannot be used: \(cause)"
        case .upstreamUnusable(let upstream, let cause):
            "upstream \(upstream) cannot be used: \(cause)"
        case .cannotListen(let path, let cause):
            "the model gateway cannot listen on \(path): \(cause)"
        }
    }

    package var hint: String? {
        switch self {
        case .keyVariableMissing(_, let variable):
            "Set \(variable) in the environment graftwork starts in, or name another credential source."
        case .keyFileUnreadable(_, let path, _):
            "Write the key into \(path), readable by you alone (chmod 600)."
        case .keyCommandFailed(_, let program, _):
            "Run \(program) by hand; it must print the key and exit with 0."
        case .keyUnusable: "The source must give one line of printable characters: the key and nothing else."
        case .upstreamUnusable:
            "Correct the upstream in your configuration: https://host, http://127.0.0.1:port or unix:/path."
        case .cannotListen: "Check that the session's directory exists and is writable."
        }
    }

    package var blame: Blame {
        switch self {
        case .keyVariableMissing, .keyFileUnreadable, .keyCommandFailed, .keyUnusable, .upstreamUnusable:
            .configuration
        case .cannotListen: .environment
        }
    }
}
