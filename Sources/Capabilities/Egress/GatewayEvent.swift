package import Vocabulary

/// What the gateway saw or did. Carries no key, no prompt and no answer.
package enum GatewayEvent: Sendable, Hashable {
    /// A model answered, whole or cut off; the usage is what the answer itself states.
    case answered(ModelAnswer)
    /// A request was not let through.
    case refused(upstream: String, reason: String)
    /// What an answer cost cannot be told: it states no usage, was cut off before it did, or its model has no
    /// price.
    case unmetered(upstream: String, model: String?, reason: String)
    /// The upstream answered with an error, which the client gets unchanged, or (`status` nil) could not be
    /// reached.
    case upstreamFailed(upstream: String, status: Int?, message: String)
    /// A request was refused because the limit is reached.
    case budgetReached(limit: Money, spent: Money)
    /// Bytes moved; at most about once a second, for whoever watches for silence.
    case activity
}
