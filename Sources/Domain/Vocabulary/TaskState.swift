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
