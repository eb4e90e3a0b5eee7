import Glibc

/// One rung of the ladder by which a process group is ended.
package enum TeardownStep: Hashable, Sendable {
    /// Sends the signal to the group, then waits that long for the child to end.
    case signal(Int32, wait: Duration)
    /// Cannot be refused; every ladder ends with it, written or not.
    case kill
}

extension [TeardownStep] {
    /// Asks, waits five seconds, kills.
    package static var standard: [TeardownStep] { [.signal(SIGTERM, wait: .seconds(5)), .kill] }
    package static var immediate: [TeardownStep] { [.kill] }
}
