internal import Policies
import Synchronization

/// What a session has done so far, for whoever decides outside of its loop.
package final class SharedFacts: Sendable {
    private let facts = Mutex(WorktreeFacts())

    package init() {}

    var current: WorktreeFacts { facts.withLock { $0 } }
    func update(_ new: WorktreeFacts) { facts.withLock { $0 = new } }
}
