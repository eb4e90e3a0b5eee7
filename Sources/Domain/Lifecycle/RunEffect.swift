package import Vocabulary

/// Something a run wants done. The conductor performs it; what came of it returns as facts.
///
/// Performing one twice is harmless: every stage first looks for what an earlier try left behind.
package enum RunEffect: Hashable, Sendable {
    case proveBase
    case plan
    case askPlanApproval
    case prepareWorktree(TaskID)
    case author(TaskID, attempt: Int)
    case check(TaskID, tree: ObjectID)
    case review(TaskID, round: Int, tree: ObjectID)
    /// Evaluate the policies for `land` on the candidate's delta.
    case settleLanding(TaskID, delta: Digest)
    /// Build the merge of candidate and target head, and check it.
    case testMerge(TaskID)
    case land(TaskID, commit: ObjectID)
    case releaseWorktree(TaskID)
    /// Bring a person's answer to the runner that holds the call.
    case deliverAnswer(ApprovalID)

    /// The task the effect works on.
    package var task: TaskID? {
        switch self {
        case .prepareWorktree(let task), .author(let task, _), .check(let task, _), .review(let task, _, _),
            .settleLanding(let task, _), .testMerge(let task), .land(let task, _), .releaseWorktree(let task):
            task
        case .proveBase, .plan, .askPlanApproval, .deliverAnswer: nil
        }
    }

    /// What came of it is true outside of the run, too, whether the run still wants it or not.
    package var movesTarget: Bool { if case .land = self { true } else { false } }
}
