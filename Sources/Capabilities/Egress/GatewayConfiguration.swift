package import Vocabulary

/// What one session's gateway needs to know. Holds the real keys, in memory only.
package struct GatewayConfiguration: Sendable {
    package var upstreams: [Upstream]
    /// The real key of each upstream by name; an upstream without one is asked without a credential.
    package var keys: [String: String]
    package var prices: PriceTable
    /// The most this gateway lets through; nil: no limit.
    package var spendLimit: Money?
    /// What was spent before this gateway started, when a session is resumed.
    package var spentBefore: Money
    /// What the harness believes to be its key. No secret: whatever a client sends is stripped.
    package var placeholderKey: String
    package var limits: GatewayLimits

    package init(
        upstreams: [Upstream], keys: [String: String], prices: PriceTable = .builtIn,
        spendLimit: Money? = nil,
        spentBefore: Money = .zero, placeholderKey: String = "graftwork-placeholder-key",
        limits: GatewayLimits = GatewayLimits()
    ) {
        self.upstreams = upstreams
        self.keys = keys
        self.prices = prices
        self.spendLimit = spendLimit
        self.spentBefore = spentBefore
        self.placeholderKey = placeholderKey
        self.limits = limits
    }
}

/// Shows everything but the keys: neither a log line nor a debugger's dump may hold one.
extension GatewayConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        let names = upstreams.map { keys[$0.name] == nil ? $0.name : "\($0.name) (key set)" }
        return "gateway to \(names.joined(separator: ", "))"
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

/// The named limits of a gateway.
package struct GatewayLimits: Hashable, Sendable {
    /// A larger request is answered with 413.
    package var requestBytesMax: Int
    /// A longer answer is cut.
    package var answerBytesMax: Int64
    /// How much of an answer, or of one event of a stream, is kept to read its usage from.
    package var meteredBytesMax: Int
    package var connectSeconds: Int
    /// An upstream that sends nothing for this long is given up.
    package var silenceSeconds: Int
    package var connectionsMax: UInt32

    package init(
        requestBytesMax: Int = 64 << 20, answerBytesMax: Int64 = 256 << 20, meteredBytesMax: Int = 16 << 20,
        connectSeconds: Int = 15, silenceSeconds: Int = 600, connectionsMax: UInt32 = 128
    ) {
        self.requestBytesMax = requestBytesMax
        self.answerBytesMax = answerBytesMax
        self.meteredBytesMax = meteredBytesMax
        self.connectSeconds = connectSeconds
        self.silenceSeconds = silenceSeconds
        self.connectionsMax = connectionsMax
    }
}
