import Synchronization

/// Lets tasks through one at a time, in the order they came.
package final class Turnstile: Sendable {
    private struct State {
        var isTaken = false
        var nextID: UInt64 = 0
        var queue: [(id: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        var cancelled: Set<UInt64> = []
    }
    private let state = Mutex(State())

    package init() {}

    /// Waits for its turn. False when the task was cancelled first; then there is nothing to leave.
    package func enter() async -> Bool {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return false }
                    guard state.isTaken else {
                        state.isTaken = true
                        return true
                    }
                    state.queue.append((id, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Lets the next task through.
    package func leave() {
        let next = state.withLock { state in
            state.isTaken = !state.queue.isEmpty
            return state.queue.isEmpty ? nil : state.queue.removeFirst().continuation
        }
        next?.resume(returning: true)
    }

    private func cancel(_ id: UInt64) {
        let waiting: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard let index = state.queue.firstIndex(where: { $0.id == id }) else {
                // Not yet in the queue, or already through.
                state.cancelled.insert(id)
                return nil
            }
            return state.queue.remove(at: index).continuation
        }
        waiting?.resume(returning: false)
    }
}
