import Synchronization

/// A task that is started after something that waits for its end has been made.
final class LateTask: Sendable {
    private let task = Mutex<Task<Void, Never>?>(nil)

    func start(_ body: @escaping @Sendable () async -> Void) {
        task.withLock { $0 = Task { await body() } }
    }

    /// Returns at once when it was never started.
    func finished() async { await task.withLock { $0 }?.value }
}
