package import Vocabulary

/// One line of a session's spool: an event with its place in the order and the time it was recorded.
package struct SpoolEntry: Hashable, Sendable, Codable {
    /// Counts from 1 without gaps.
    package var n: Int
    /// Milliseconds since 1970. Recorded for people; never decides an order.
    package var at: Int64
    package var event: SessionEvent
    package init(n: Int, at: Int64, event: SessionEvent) {
        self.n = n
        self.at = at
        self.event = event
    }

    /// Nothing follows this entry.
    package var isLast: Bool {
        if case .ended = event { true } else { false }
    }
}
