package import Lifecycle
package import Vocabulary

/// Starts sessions and finds those that a crash left at work.
package struct SessionHost: Sendable {
    package var start: @Sendable (SessionSpecification) async throws -> SessionLink
    /// A link to a session that was begun earlier, whether it is at work, ended or was lost on its way; nil
    /// when its runner never began.
    package var attach: @Sendable (_ session: SessionRecord) async throws -> SessionLink?
    /// Gives back what only a session at work needs; what it said stays. Acting twice is harmless.
    package var tidy: @Sendable (_ session: SessionRecord) async -> Void
    package init(
        start: @escaping @Sendable (SessionSpecification) async throws -> SessionLink,
        attach: @escaping @Sendable (SessionRecord) async throws -> SessionLink?,
        tidy: @escaping @Sendable (SessionRecord) async -> Void = { _ in }
    ) {
        self.start = start
        self.attach = attach
        self.tidy = tidy
    }
}

/// A line to one session.
package struct SessionLink: Sendable {
    /// Every event from the first on, numbered from 1. Ends after `ended`; when it ends or throws without
    /// that, the runner was lost, and nothing of the session is at work any more.
    package var events: @Sendable () -> AsyncThrowingStream<NumberedEvent, any Error>
    package var answer:
        @Sendable (_ approval: ApprovalID, _ allowed: Bool, _ by: String, _ note: String?) async throws ->
            Void
    package var stop: @Sendable () async -> Void
    /// Says something to the agent; the files are copied from these paths.
    package var tell: @Sendable (_ text: String, _ files: [String], _ by: String) async throws -> Void
    package var interrupt: @Sendable (_ by: String) async throws -> Void
    /// Returns when every process of the session stands still.
    package var pause: @Sendable (_ by: String) async throws -> Void
    package var resume: @Sendable (_ by: String) async throws -> Void
    package init(
        events: @escaping @Sendable () -> AsyncThrowingStream<NumberedEvent, any Error>,
        answer: @escaping @Sendable (ApprovalID, Bool, String, String?) async throws -> Void,
        stop: @escaping @Sendable () async -> Void,
        tell: @escaping @Sendable (String, [String], String) async throws -> Void = { _, _, _ in },
        interrupt: @escaping @Sendable (String) async throws -> Void = { _ in },
        pause: @escaping @Sendable (String) async throws -> Void = { _ in },
        resume: @escaping @Sendable (String) async throws -> Void = { _ in }
    ) {
        self.events = events
        self.answer = answer
        self.stop = stop
        self.tell = tell
        self.interrupt = interrupt
        self.pause = pause
        self.resume = resume
    }
}

/// One line of a session's spool.
package struct NumberedEvent: Hashable, Sendable {
    package var number: Int
    package var event: SessionEvent
    package init(number: Int, event: SessionEvent) {
        self.number = number
        self.event = event
    }
}
