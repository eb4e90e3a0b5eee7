package import Vocabulary

/// Why a rehearsal cannot be played.
package enum RehearsalError: ExplainedError, Hashable {
    case scriptInvalid(position: SourcePosition, cause: String)
    case cannotListen(address: String, cause: String)

    package var description: String {
        switch self {
        case .scriptInvalid(let position, let cause): "\(position): \(cause)"
        case .cannotListen(let address, let cause): "the rehearsal cannot listen on \(address): \(cause)"
        }
    }

    package var hint: String? {
        switch self {
        case .scriptInvalid: "Correct the script; a scene has `match` and `steps`."
        case .cannotListen: "Choose another port, or 0 for any free one."
        }
    }

    package var blame: Blame {
        switch self {
        case .scriptInvalid: .user
        case .cannotListen: .environment
        }
    }
}
