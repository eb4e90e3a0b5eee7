import Fixtures
import Linux
import Testing

/// What an attack needs of the machine before it can be tried at all.
enum AttackNeed: Hashable, Sendable {
    case program(String)
    case ipv6
    /// The machine code in it is this processor's.
    case x86

    var isMet: Bool {
        switch self {
        case .program(let name): return Requirement.has(name)
        case .ipv6:
            // Not a cause lost: without the file the kernel has no IPv6.
            let addresses = (try? Files.readText("/proc/net/if_inet6", bytesMax: 1 << 20)) ?? ""
            return addresses.contains(String(repeating: "0", count: 31) + "1 ")
        case .x86:
            #if arch(x86_64)
                return true
            #else
                return false
            #endif
        }
    }

    /// Reports the test as skipped where it is not met.
    var trait: ConditionTrait {
        switch self {
        case .program(let name): .enabled(if: isMet, "needs the program \(name)")
        case .ipv6: .enabled(if: isMet, "needs a host with IPv6 on its loopback")
        case .x86: .enabled(if: isMet, "needs an x86-64 processor, whose machine code it runs")
        }
    }
}
