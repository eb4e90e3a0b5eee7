import Linux
import Vocabulary

extension RepositoryStore {
    private static let lockPollInterval = Duration.milliseconds(20)
    private static let lockPollsMax = 500

    /// Runs a step that only one task of this process, and one process, may be in at a time.
    func exclusively<Value>(
        _ name: String, _ turnstile: Turnstile, _ body: () async throws -> Value
    ) async throws -> Value {
        guard await turnstile.enter() else { throw CancellationError() }
        defer { turnstile.leave() }
        let lock = try await acquire(state.lock(name))
        defer { lock.close() }
        return try await body()
    }

    /// Another server on the same state is refused at its start, so what is waited for here is one that is
    /// ending.
    private func acquire(_ path: String) async throws -> FileLock {
        for _ in 0..<Self.lockPollsMax {
            if let lock = try FileLock.tryAcquire(path: path) { return lock }
            try await Task.sleep(for: Self.lockPollInterval)
        }
        throw WorktreeError.locked(path: path)
    }

    /// Runs a step to its end though the caller is cancelled meanwhile: half of it would be worse than all of
    /// it.
    func uncancelled<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        try await Task { try await body() }.value
    }
}
