/// A system call filter as data: everything is allowed but what a rule, the number bound or a foreign ABI
/// stops.
package struct SeccompProgram: Hashable, Sendable {
    package var rules: [SeccompRule]
    /// Every call with this number or a higher one answers ENOSYS: no library of today can name them all.
    package var firstUnknownNumber: UInt32
    /// System calls of another ABI than the native one (i386 and x32 on x86_64) end the process.
    package var killsForeignABIs: Bool

    package init(rules: [SeccompRule], firstUnknownNumber: UInt32, killsForeignABIs: Bool = true) {
        self.rules = rules
        self.firstUnknownNumber = firstUnknownNumber
        self.killsForeignABIs = killsForeignABIs
    }
}

/// What one system call, with these arguments, answers instead of being done.
package struct SeccompRule: Hashable, Sendable {
    package var systemCall: String
    /// All must hold; none: whatever the arguments are.
    package var arguments: [SeccompArgument]
    package var action: SeccompAction

    package init(_ systemCall: String, where arguments: [SeccompArgument] = [], _ action: SeccompAction) {
        self.systemCall = systemCall
        self.arguments = arguments
        self.action = action
    }
}

/// What the kernel does when a rule matches.
package enum SeccompAction: Hashable, Sendable {
    case fail(errno: Int32)
}

/// A comparison of one argument, which the filter sees as 64 bits.
package struct SeccompArgument: Hashable, Sendable {
    package enum Comparison: Hashable, Sendable {
        case equal(UInt64)
        case notEqual(UInt64)
        case above(UInt64)
        /// `argument & mask == value`. With mask 0xffff_ffff it compares as the kernel does that reads an
        /// `int`.
        case masked(mask: UInt64, value: UInt64)
    }
    package var index: UInt32
    package var comparison: Comparison

    package init(_ index: UInt32, _ comparison: Comparison) {
        self.index = index
        self.comparison = comparison
    }
}
