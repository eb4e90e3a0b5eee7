/// How a reader bears with a session whose record cannot be read while its runner may be at work.
package struct SpoolPatience: Sendable {
    /// So many looks in a row that fail are a lasting trouble: a minute by the standard pause.
    package var looks = 1_200
    /// Between two looks.
    package var pause: @Sendable () async -> Void = {
        // Not a cause lost: the reader sees that its task is cancelled.
        try? await ContinuousClock().sleep(for: .milliseconds(50))
    }
    /// Is told of a lasting trouble, again and again while it lasts. The session whose record stays
    /// unreadable is of no use to its reader, who may stop it here.
    package var unreadable: @Sendable (AgentError) async -> Void = { _ in }
    package init() {}
}
