extension PriceTable {
    /// List prices in dollars per million tokens, standard tier, shortest context tier, without discounts.
    ///
    /// As the vendors published them on 2026-03-21 (`docs.anthropic.com/en/docs/about-claude/pricing`,
    /// `platform.openai.com/docs/pricing`, `mistral.ai/pricing`, `ai.google.dev/pricing`). A model that came
    /// later is unknown until it is entered.
    ///
    /// A vendor's invoice is the truth; users put newer or negotiated prices into their configuration.
    /// Anthropic's cache writes are those of the five-minute cache; the one-hour cache costs more than is
    /// counted here.
    package static let builtIn = PriceTable([
        Entry("claude-opus-4-6", TokenPrice(input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25)),
        Entry("claude-opus-4-5", TokenPrice(input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25)),
        Entry("claude-opus-4-1", TokenPrice(input: 15, output: 75, cacheRead: 1.5, cacheWrite: 18.75)),
        Entry("claude-opus-4", TokenPrice(input: 15, output: 75, cacheRead: 1.5, cacheWrite: 18.75)),
        Entry("claude-sonnet-4-6", TokenPrice(input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75)),
        Entry("claude-sonnet-4-5", TokenPrice(input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75)),
        Entry("claude-sonnet-4", TokenPrice(input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75)),
        Entry("claude-3-7-sonnet", TokenPrice(input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75)),
        Entry("claude-haiku-4-5", TokenPrice(input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25)),
        Entry("claude-3-5-haiku", TokenPrice(input: 0.8, output: 4, cacheRead: 0.08, cacheWrite: 1)),
        Entry("gpt-5.2", TokenPrice(input: 1.75, output: 14, cacheRead: 0.175)),
        Entry("gpt-5.2-codex", TokenPrice(input: 1.75, output: 14, cacheRead: 0.175)),
        Entry("gpt-5.1", TokenPrice(input: 1.25, output: 10, cacheRead: 0.125)),
        Entry("gpt-5.1-codex", TokenPrice(input: 1.25, output: 10, cacheRead: 0.125)),
        Entry("gpt-5.1-codex-max", TokenPrice(input: 1.25, output: 10, cacheRead: 0.125)),
        Entry("gpt-5.1-codex-mini", TokenPrice(input: 0.25, output: 2, cacheRead: 0.025)),
        Entry("gpt-5", TokenPrice(input: 1.25, output: 10, cacheRead: 0.125)),
        Entry("gpt-5-codex", TokenPrice(input: 1.25, output: 10, cacheRead: 0.125)),
        Entry("gpt-5-mini", TokenPrice(input: 0.25, output: 2, cacheRead: 0.025)),
        Entry("gpt-5-nano", TokenPrice(input: 0.05, output: 0.4, cacheRead: 0.005)),
        Entry("gpt-4.1", TokenPrice(input: 2, output: 8, cacheRead: 0.5)),
        Entry("gpt-4.1-mini", TokenPrice(input: 0.4, output: 1.6, cacheRead: 0.1)),
        Entry("gpt-4.1-nano", TokenPrice(input: 0.1, output: 0.4, cacheRead: 0.025)),
        Entry("gpt-4o", TokenPrice(input: 2.5, output: 10, cacheRead: 1.25)),
        Entry("gpt-4o-mini", TokenPrice(input: 0.15, output: 0.6, cacheRead: 0.075)),
        Entry("o3", TokenPrice(input: 2, output: 8, cacheRead: 0.5)),
        Entry("o4-mini", TokenPrice(input: 1.1, output: 4.4, cacheRead: 0.275)),
        Entry("mistral-medium", TokenPrice(input: 0.4, output: 2)),
        Entry("devstral-medium", TokenPrice(input: 0.4, output: 2)),
        Entry("devstral-small", TokenPrice(input: 0.1, output: 0.3)),
        Entry("gemini-2.5-pro", TokenPrice(input: 1.25, output: 10, cacheRead: 0.125)),
        Entry("gemini-2.5-flash", TokenPrice(input: 0.3, output: 2.5, cacheRead: 0.03)),
    ])
}
