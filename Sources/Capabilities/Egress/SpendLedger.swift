import Synchronization
import Vocabulary

/// What was spent and what is in flight, against a limit.
///
/// * Refused: what is *settled* has reached the limit. A reservation alone never refuses.
/// * Waits: something is in flight, and with it and this request the limit could be passed. It is looked at
///   again when something settles; alone in flight it is let through.
///
/// So the limit is passed by at most what one request costs (or, while nothing has a price, by what cannot be
/// told).
final class SpendLedger: Sendable {
    enum Admission: Hashable {
        case admitted(Reservation)
        case wait
        case refused(limit: Money, spent: Money)
    }
    struct Reservation: Hashable {
        fileprivate let amount: Money
    }
    private struct State {
        var spent: Money
        var reserved = Money.zero
        var inFlight = 0
        /// Input tokens per byte of request, as the last answers showed it.
        var tokensPerByte = 1.0 / 3
    }

    private let limit: Money?
    private let state: Mutex<State>

    init(limit: Money?, spentBefore: Money) {
        self.limit = limit
        self.state = Mutex(State(spent: spentBefore))
    }

    func admit(reserving amount: Money) -> Admission {
        state.withLock { state in
            if let limit {
                if state.spent >= limit { return .refused(limit: limit, spent: state.spent) }
                if state.inFlight > 0, state.spent + state.reserved + amount > limit { return .wait }
            }
            state.reserved += amount
            state.inFlight += 1
            return .admitted(Reservation(amount: amount))
        }
    }

    /// Called exactly once for every reservation.
    func settle(_ reservation: Reservation, cost: Money) {
        state.withLock { state in
            state.reserved = Money(
                microdollars: state.reserved.microdollars - reservation.amount.microdollars)
            state.inFlight -= 1
            state.spent += cost
        }
    }

    var spent: Money { state.withLock { $0.spent } }

    func estimatedInput(ofBytes count: Int) -> Int64 {
        Int64(Double(count) * state.withLock { $0.tokensPerByte })
    }

    /// Corrects the estimate by what an answer says its request had.
    func learn(tokens: Int64, bytes: Int) {
        guard tokens > 0, bytes > 0 else { return }
        state.withLock { $0.tokensPerByte = min(1, max(0.05, Double(tokens) / Double(bytes))) }
    }
}
