/// Where one task of a run stands. Derived from facts, never stored beside them.
package enum TaskState: String, Hashable, Sendable, Codable, CaseIterable {
    /// Waits for the tasks it depends on, or for a free place.
    case planned
    case preparing, authoring, checking, reviewing, awaitingApproval, queued, testing, landing, landed
    /// On its way back to the author.
    case changesRequested, conflicted
    case failed, abandoned
    /// Waits for a person to change something; nothing is lost.
    case held

    /// Nothing happens to the task any more unless a person resumes it.
    package var isSettled: Bool {
        switch self {
        case .landed, .failed, .abandoned, .held: true
        case .planned, .preparing, .authoring, .checking, .reviewing, .awaitingApproval, .queued, .testing,
            .landing,
            .changesRequested, .conflicted:
            false
        }
    }
}

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
