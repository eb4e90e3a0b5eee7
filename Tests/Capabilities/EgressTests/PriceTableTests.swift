import Egress
import Testing
import Vocabulary

@Suite("A price table") struct PriceTableTests {
    @Test(
        "knows a model by its name and by its dated name, and no other one",
        arguments: [
            ("gpt-5", 1.25), ("gpt-5-2025-08-07", 1.25), ("gpt-5-latest", 1.25), ("gpt-5-mini", 0.25),
            ("gpt-5-mini-2025-08-07", 0.25),
            ("claude-opus-4-20250514", 15), ("claude-opus-4-5-20251101", 5), ("claude-sonnet-4@20250514", 3),
            ("gpt-5.1-codex", 1.25),
        ])
    func known(model: String, input: Double) {
        #expect(PriceTable.builtIn.price(of: model)?.input == Money(dollars: input))
    }

    @Test(
        "says nothing about a model it does not hold",
        arguments: [
            "gpt-5.5", "gpt-5-turbo", "gpt-55", "claude-opus-9", "claude-opus-4-9", "", "gpt", "rehearsed",
            "GPT-5",
        ])
    func unknown(model: String) {
        #expect(PriceTable.builtIn.price(of: model) == nil)
        #expect(PriceTable.builtIn.cost(of: TokenUsage(input: 1), model: model) == nil)
    }

    @Test("is extended by a user's own entries: the longest match counts, and of equals the user's")
    func extended() {
        let table = PriceTable.builtIn.extended(by: [
            .init("gpt-5", TokenPrice(input: 9, output: 9)), .init("acme/*", TokenPrice(input: 1, output: 1)),
            .init("acme/big-*", TokenPrice(input: 2, output: 2)),
        ])
        #expect(table.price(of: "gpt-5")?.input == Money(dollars: 9))
        #expect(table.price(of: "gpt-5-mini")?.input == Money(dollars: 0.25))
        #expect(table.price(of: "acme/big-1")?.input == Money(dollars: 2))
        #expect(table.price(of: "acme/small")?.input == Money(dollars: 1))
    }

    @Test("prices each kind of token apart, rounded up, and never below nothing")
    func cost() {
        let price = TokenPrice(input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75)
        let million: Int64 = 1_000_000
        #expect(price.cost(of: TokenUsage(input: million)) == Money(dollars: 3))
        #expect(
            price.cost(
                of: TokenUsage(input: million, output: million, cacheRead: million, cacheWrite: million))
                == Money(dollars: 22.05))
        #expect(price.cost(of: TokenUsage(cacheRead: 1)) == Money(microdollars: 1))
        #expect(price.cost(of: TokenUsage(input: -5, output: .max)).microdollars > 0)
        #expect(price.cost(of: TokenUsage()) == .zero)
    }
}
