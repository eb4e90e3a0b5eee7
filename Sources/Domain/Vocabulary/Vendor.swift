/// Who made the model that answered. Written in lower case: `anthropic`, `openai`, `mistral`, `google`, …
package struct Vendor: Identifier {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }

    package static let anthropic = Vendor("anthropic")
    package static let openai = Vendor("openai")
    package static let mistral = Vendor("mistral")
    package static let google = Vendor("google")
    /// Nothing tells who made the model. Unknown is never "another vendor".
    package static let unknown = Vendor("unknown")
}

/// One answer of a model as the gateway saw it on the wire.
package struct ModelAnswer: Hashable, Sendable, Codable {
    /// The name of the upstream that answered.
    package var upstream: String
    package var vendor: Vendor
    /// The vendor rests on what somebody wrote about a third-party gateway, not on the vendor's own endpoint.
    package var vendorIsDeclared: Bool
    /// The model the answer itself names.
    package var model: String
    package var usage: TokenUsage
    /// nil when the price of the model is not known; unknown is never zero.
    package var cost: Money?
    /// The answer came from Rehearsal or another script, never from a model.
    package var isRehearsed: Bool

    package init(
        upstream: String, vendor: Vendor, vendorIsDeclared: Bool = false, model: String, usage: TokenUsage,
        cost: Money?,
        isRehearsed: Bool = false
    ) {
        self.upstream = upstream
        self.vendor = vendor
        self.vendorIsDeclared = vendorIsDeclared
        self.model = model
        self.usage = usage
        self.cost = cost
        self.isRehearsed = isRehearsed
    }
}

/// Tokens of one or many answers. `input` counts the tokens that were neither read from nor written to a
/// cache.
package struct TokenUsage: Hashable, Sendable, Codable {
    package var input: Int64
    package var output: Int64
    package var cacheRead: Int64
    package var cacheWrite: Int64

    package init(input: Int64 = 0, output: Int64 = 0, cacheRead: Int64 = 0, cacheWrite: Int64 = 0) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
    }
    package static func + (lhs: Self, rhs: Self) -> Self {
        Self(
            input: lhs.input &+ rhs.input, output: lhs.output &+ rhs.output,
            cacheRead: lhs.cacheRead &+ rhs.cacheRead,
            cacheWrite: lhs.cacheWrite &+ rhs.cacheWrite)
    }
    package static func += (lhs: inout Self, rhs: Self) { lhs = lhs + rhs }
    package var total: Int64 { input &+ output &+ cacheRead &+ cacheWrite }
}
