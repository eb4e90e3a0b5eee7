package import Linux
package import Vocabulary

/// The spool cannot be written or read; without it a session has no truth.
package enum SpoolError: ExplainedError, Hashable {
    case unusable(path: String, SystemError)
    /// A line that this version does not understand.
    case damaged(path: String, line: Int)

    package var description: String {
        switch self {
        case .unusable(let path, let error):
            "The session's record '\(path)' cannot be used: \(SystemError.text(of: error.code))."
        case .damaged(let path, let line): "Line \(line) of the session's record '\(path)' is damaged."
        }
    }
    package var hint: String? {
        switch self {
        case .unusable(_, let error):
            error.isDiskFull
                ? "Free some space, then run `graftwork resume`."
                : "See that the state folder belongs to you."
        case .damaged: "Run `graftwork resume`; the session starts anew."
        }
    }
    package var blame: Blame { .environment }

    var path: String {
        switch self {
        case .unusable(let path, _), .damaged(let path, _): path
        }
    }
    /// What is wrong with that file.
    var cause: String {
        switch self {
        case .unusable(_, let error): SystemError.text(of: error.code)
        case .damaged(_, let line): "line \(line) is damaged"
        }
    }
    var isDamage: Bool {
        if case .damaged = self { true } else { false }
    }
}
