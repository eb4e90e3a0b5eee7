/// Where a whole run stands.
package enum RunState: String, Hashable, Sendable, Codable, CaseIterable {
    /// The base is being proven: set-up and checks run on it before anything is spent.
    case proving
    case planning
    /// A person is asked about the plan.
    case awaitingApproval
    case building
    /// Everything that could land has landed.
    case landed
    /// The plan was all that was asked for.
    case planned
    case held, failed, stopped

    package var isSettled: Bool {
        switch self {
        case .landed, .planned, .held, .failed, .stopped: true
        case .proving, .planning, .awaitingApproval, .building: false
        }
    }
}
