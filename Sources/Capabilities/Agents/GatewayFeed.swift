import Egress
import Linux
import Vocabulary

/// Brings what the gateway sees to the session, in the order it was seen.
///
/// The gateway itself must not wait for the session, so its events queue here. They are as many as model
/// answers, plus about one a second.
final class GatewayFeed: Sendable {
    private let events: AsyncStream<GatewayEvent>
    private let continuation: AsyncStream<GatewayEvent>.Continuation

    init() { (events, continuation) = AsyncStream.makeStream() }

    func observe(_ event: GatewayEvent) { continuation.yield(event) }

    /// Nothing more will be observed.
    func finish() { continuation.finish() }

    /// Reports every event; returns after the last one.
    func report(to loop: SessionLoop) async {
        for await event in events { await loop.report(Self.fact(event)) }
    }

    static func fact(_ event: GatewayEvent) -> SessionFact {
        switch event {
        case .activity: return .gatewayActive
        case .answered(let answer): return .modelAnswered(answer)
        case .refused(let upstream, let reason):
            return .modelFailed(message: shown("the gateway refused a request to '\(upstream)': \(reason)"))
        case .unmetered(let upstream, let model, let reason):
            let what = model.map { "'\($0)' of '\(upstream)'" } ?? "'\(upstream)'"
            return .modelUnmetered(message: shown("What an answer of \(what) cost is unknown: \(reason)"))
        case .upstreamFailed(let upstream, let status, let message):
            let how = status.map { "answered \($0)" } ?? "could not be reached"
            return .modelFailed(message: shown("'\(upstream)' \(how): \(message)"))
        case .budgetReached(let limit, let spent):
            return .budgetReached(
                message: "The spend limit of \(dollars(limit)) is reached: \(dollars(spent)) are spent.")
        }
    }

    /// What an upstream says is a stranger's text.
    private static func shown(_ text: String) -> String { VisibleText.oneLine(text, limit: 1 << 10) }

    private static func dollars(_ money: Money) -> String {
        let tenThousandths = (money.microdollars + 50) / 100
        let fraction = String(tenThousandths % 10_000)
        return """
            $\(tenThousandths / 10_000).\(String(repeating: "0", count: max(0, 4 - fraction.count)))\
            \(fraction)
            """
    }
}
