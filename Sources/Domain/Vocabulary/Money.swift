/// An amount of money in millionths of a US dollar.
package struct Money: Hashable, Sendable, Codable, Comparable {
    package var microdollars: Int64
    package init(microdollars: Int64) { self.microdollars = microdollars }
    package init(dollars: Double) { self.microdollars = Int64((dollars * 1_000_000).rounded()) }
    package static let zero = Money(microdollars: 0)
    package var dollars: Double { Double(microdollars) / 1_000_000 }
    package static func + (lhs: Self, rhs: Self) -> Self {
        Self(microdollars: lhs.microdollars &+ rhs.microdollars)
    }
    package static func += (lhs: inout Self, rhs: Self) { lhs = lhs + rhs }
    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.microdollars < rhs.microdollars }
    package init(from decoder: any Decoder) throws {
        self.init(microdollars: try decoder.singleValueContainer().decode(Int64.self))
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(microdollars)
    }
}
