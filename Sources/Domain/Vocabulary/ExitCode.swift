/// The exit codes of every command. Of a mixed run the first that applies of 6, 3, 4, 5, 1, 0.
package enum ExitCode: Int32, Hashable, Sendable, Codable {
    case done = 0
    case failed = 1
    case usage = 2
    case held = 3
    case denied = 4
    case conflict = 5
    case budget = 6

    /// The code a mixed run ends with.
    package static func strongest(of codes: [ExitCode]) -> ExitCode {
        let order: [ExitCode] = [.budget, .held, .denied, .conflict, .failed, .usage, .done]
        return order.first { codes.contains($0) } ?? .done
    }
}
