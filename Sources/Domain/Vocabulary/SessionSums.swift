/// What a session used, summed over the answers the gateway saw on the wire; the harness's own figures do not
/// count.
package struct SessionSums: Hashable, Sendable {
    package private(set) var usage = TokenUsage()
    /// nil as soon as one answer's price is unknown.
    package private(set) var cost: Money? = .zero
    /// What the answers of known price cost; policies compare with this.
    package private(set) var knownCost = Money.zero
    package private(set) var vendors: Set<Vendor> = []
    package private(set) var models: Set<String> = []
    package private(set) var isRehearsed = false
    package private(set) var answers = 0
    package init() {}

    /// A model name comes from outside; this many different ones say enough.
    package static let modelsMax = 64

    package mutating func add(_ answer: ModelAnswer) {
        answers += 1
        usage += answer.usage
        if let price = answer.cost { knownCost += price }
        if let sum = cost, let price = answer.cost { cost = sum + price } else { cost = nil }
        vendors.insert(answer.vendor)
        if models.count < Self.modelsMax { models.insert(answer.model) }
        isRehearsed = isRehearsed || answer.isRehearsed
    }

    /// Something was answered that nobody can put a price on.
    package mutating func loseCost() { cost = nil }

    package func outcome(_ result: SessionOutcome.Ending) -> SessionOutcome {
        SessionOutcome(
            result: result, usage: usage, cost: cost, vendors: vendors.sorted(), models: models.sorted(),
            isRehearsed: isRehearsed)
    }
}
