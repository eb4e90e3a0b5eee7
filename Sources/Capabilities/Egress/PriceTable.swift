package import Vocabulary

/// What a million tokens of one model cost, by kind.
package struct TokenPrice: Hashable, Sendable {
    package var input: Money
    package var output: Money
    package var cacheRead: Money
    package var cacheWrite: Money

    /// In dollars per million tokens; cache prices default to the price of input.
    package init(input: Double, output: Double, cacheRead: Double? = nil, cacheWrite: Double? = nil) {
        self.input = Money(dollars: input)
        self.output = Money(dollars: output)
        self.cacheRead = Money(dollars: cacheRead ?? input)
        self.cacheWrite = Money(dollars: cacheWrite ?? input)
    }

    /// Rounded up to the next millionth of a dollar: what is spent is never understated. Negative counts
    /// count as none.
    package func cost(of usage: TokenUsage) -> Money {
        var picodollars = 0.0
        for (count, price) in [
            (usage.input, input), (usage.output, output), (usage.cacheRead, cacheRead),
            (usage.cacheWrite, cacheWrite),
        ] {
            picodollars += Double(max(0, count)) * Double(price.microdollars)
        }
        return Money(microdollars: Int64(exactly: (picodollars / 1_000_000).rounded(.up)) ?? Int64.max)
    }
}

/// Prices by model name. A model that is not in it has no price: unknown, never zero.
package struct PriceTable: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        /// A model's name, or the beginning of one followed by `*`.
        package var model: String
        package var price: TokenPrice
        package init(_ model: String, _ price: TokenPrice) {
            self.model = model
            self.price = price
        }
    }

    private var entries: [Entry]

    /// Of entries that match equally well the later one counts.
    package init(_ entries: [Entry]) {
        self.entries = entries
    }

    /// This table with a user's own entries, which win over built-in ones of the same name.
    package func extended(by own: [Entry]) -> PriceTable {
        PriceTable(entries + own)
    }

    /// The price of the entry with the longest matching name.
    ///
    /// `gpt-5` is also the price of `gpt-5-2025-08-07` and `gpt-5-latest`, the same model by date; it says
    /// nothing about `gpt-5.5` or `gpt-5-mini`, which are other models.
    package func price(of model: String) -> TokenPrice? {
        var best: (length: Int, price: TokenPrice)?
        for entry in entries {
            guard let length = Self.match(entry.model, model), length >= best?.length ?? 0 else { continue }
            best = (length, entry.price)
        }
        return best?.price
    }

    package func cost(of usage: TokenUsage, model: String) -> Money? {
        price(of: model)?.cost(of: usage)
    }

    private static func match(_ pattern: String, _ model: String) -> Int? {
        if pattern.hasSuffix("*") {
            let prefix = pattern.dropLast()
            return model.hasPrefix(prefix) ? prefix.utf8.count : nil
        }
        guard model.hasPrefix(pattern) else { return nil }
        let rest = model.dropFirst(pattern.count)
        return rest.isEmpty || isDateSuffix(rest) ? pattern.utf8.count : nil
    }

    private static func isDateSuffix(_ rest: Substring) -> Bool {
        guard let mark = rest.first, mark == "-" || mark == "@" else { return false }
        let tail = rest.dropFirst()
        if tail == "latest" { return true }
        let digits = tail.filter { $0 != "-" }
        return digits.utf8.count == 8 && digits.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }
}
