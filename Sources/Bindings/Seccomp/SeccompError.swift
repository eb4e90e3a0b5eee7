/// What libseccomp refused, with the rule it was about.
package enum SeccompError: Error, Hashable, CustomStringConvertible {
    /// The library has never heard of the name: a misspelt rule would protect nothing.
    case unknownSystemCall(String)
    case refusedRule(systemCall: String, errno: Int32)
    case failed(step: String, errno: Int32)

    package var description: String {
        switch self {
        case .unknownSystemCall(let name):
            "libseccomp does not know a system call named '\(name)'."
        case .refusedRule(let name, let code):
            "libseccomp refused the rule for '\(name)' (errno \(code))."
        case .failed(let step, let code):
            "The system call filter could not be built: \(step) failed (errno \(code))."
        }
    }
}
