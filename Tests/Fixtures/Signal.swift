import Foundation

/// A flag one thread raises and another waits for.
// Safe because every access holds the condition's lock.
package final class Signal: @unchecked Sendable {
    private let condition = NSCondition()
    private var count = 0

    package init() {}

    package func raise() {
        condition.withLock {
            count += 1
            condition.broadcast()
        }
    }

    /// False when nothing happened for half a minute: then something is broken, not slow.
    package func wait(for wanted: Int = 1) -> Bool {
        let end = Date(timeIntervalSinceNow: 30)
        condition.lock()
        defer { condition.unlock() }
        while count < wanted { guard condition.wait(until: end) else { return false } }
        return true
    }

    package var value: Int { condition.withLock { count } }
}
