package import Lifecycle
package import Vocabulary

/// What a stage is given: the state it was begun in, and the two ways to say that something happened.
package struct StageContext: Sendable {
    /// The run's state when the effect was begun.
    package let run: RunLifecycle
    package let conversation: Conversation
    /// Appends a fact that must be durable before the stage goes on, and returns the state after it.
    package let record: @Sendable (RunFact) async throws -> RunLifecycle
    /// One line for people about what is going on just now; not journaled.
    package let report: @Sendable (String) -> Void
}

/// The verbs of a run as closures, so that the engine knows no stage and a simulation can replace each of
/// them.
///
/// Each returns the facts that conclude it, in order. Each may be begun again after a crash and must then end
/// in the same place. A thrown error holds the task (or the run) with the error's words.
package struct StageActions: Sendable {
    package typealias RunAction = @Sendable (StageContext) async throws -> [RunFact]
    package typealias TaskAction = @Sendable (StageContext, TaskLifecycle) async throws -> [RunFact]

    package var proveBase: RunAction
    package var plan: RunAction
    package var prepareWorktree: TaskAction
    package var author: TaskAction
    package var check: TaskAction
    package var review: TaskAction
    package var settleLanding: TaskAction
    package var testMerge: TaskAction
    package var land: TaskAction
    package var releaseWorktree: TaskAction

    package init(
        proveBase: @escaping RunAction, plan: @escaping RunAction, prepareWorktree: @escaping TaskAction,
        author: @escaping TaskAction, check: @escaping TaskAction, review: @escaping TaskAction,
        settleLanding: @escaping TaskAction, testMerge: @escaping TaskAction, land: @escaping TaskAction,
        releaseWorktree: @escaping TaskAction
    ) {
        self.proveBase = proveBase
        self.plan = plan
        self.prepareWorktree = prepareWorktree
        self.author = author
        self.check = check
        self.review = review
        self.settleLanding = settleLanding
        self.testMerge = testMerge
        self.land = land
        self.releaseWorktree = releaseWorktree
    }
}
