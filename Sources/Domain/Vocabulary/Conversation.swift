/// The end of one prompt-to-result exchange in a session that is still at work.
package struct EndedTurn: Hashable, Sendable {
    package var session: SessionID
    /// Counts the session's turns from 1.
    package var number: Int
    package init(session: SessionID, number: Int) {
        self.session = session
        self.number = number
    }
}

/// How a stage has an agent do something: the session's facts are recorded by whoever gives the closures.
package struct Conversation: Sendable {
    /// Starts a session and waits for its end. A failing session is an outcome, not an error.
    package var begin:
        @Sendable (_ session: SessionSpecification, _ attempt: Int) async throws -> SessionOutcome
    /// The outcome of a session that was begun for this role, task and attempt before a crash and has not
    /// been used yet; waits for its end when it is still at work. nil: there is none, begin a new one.
    package var rejoin:
        @Sendable (_ role: SessionRole, _ task: TaskID?, _ attempt: Int) async throws -> SessionOutcome?
    /// The turns that end in a task's sessions from now on, those told again after a crash included; ends
    /// with the session.
    package var turns: @Sendable (_ task: TaskID) async -> AsyncStream<EndedTurn>
    package init(
        begin: @escaping @Sendable (SessionSpecification, Int) async throws -> SessionOutcome,
        rejoin: @escaping @Sendable (SessionRole, TaskID?, Int) async throws -> SessionOutcome?,
        turns: @escaping @Sendable (TaskID) async -> AsyncStream<EndedTurn> = { _ in .init { $0.finish() } }
    ) {
        self.begin = begin
        self.rejoin = rejoin
        self.turns = turns
    }
}
