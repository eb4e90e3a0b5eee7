import Synchronization

/// How far the spool has come, for those who follow it while it grows.
package final class SpoolProgress: Sendable {
    private struct State {
        var bytes = 0
        var isComplete = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())
    package init() {}

    func advanced(to bytes: Int, isComplete: Bool) {
        state.withLock { state in
            state.bytes = bytes
            state.isComplete = isComplete
        }
        wake()
    }

    /// Returns when there is more than this many bytes. False: there will be no more, or the task is
    /// cancelled.
    package func more(than bytes: Int) async -> Bool {
        await withTaskCancellationHandler {
            while !Task.isCancelled {
                let known: Bool? = state.withLock { state in
                    if state.bytes > bytes { return true }
                    return state.isComplete ? false : nil
                }
                if let known { return known }
                await nextChange(since: bytes)
            }
            return false
        } onCancel: {
            wake()
        }
    }

    private func nextChange(since bytes: Int) async {
        await withCheckedContinuation { continuation in
            let isLate = state.withLock { state in
                if state.bytes > bytes || state.isComplete || Task.isCancelled { return true }
                state.waiters.append(continuation)
                return false
            }
            if isLate { continuation.resume() }
        }
    }

    private func wake() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
