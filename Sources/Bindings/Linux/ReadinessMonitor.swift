import CLinux
import Glibc
import Synchronization

/// Waits for any number of descriptors on one thread, so that no thread of a pool is blocked by silence.
///
/// It is its own epoll loop and not a `DispatchSource`: the descriptor of a source may be closed only after
/// its cancellation was confirmed later, on another queue. Here every wait for a descriptor has ended before
/// its number is given back to the kernel.
package final class ReadinessMonitor: Sendable {
    package enum Interest: Hashable, Sendable { case readable, writable }
    /// Why a wait ended.
    package enum Outcome: Hashable, Sendable { case ready, closed, cancelled }

    private struct Waiter {
        let id: UInt64
        let interest: Interest
        let handler: @Sendable (Outcome) -> Void
    }
    private struct State {
        var waiters: [Int32: [Waiter]] = [:]
        var nextID: UInt64 = 0
    }

    package static let shared = ReadinessMonitor()

    private let state = Mutex(State())
    private let epoll: Int32

    private init() {
        epoll = CLinux_epoll_create()
        // Without epoll nothing in this process can wait; there is no input that leads here.
        precondition(epoll >= 0, "epoll_create1: \(SystemError.text(of: -epoll))")
        do throws(SystemError) {
            try startThread(named: "readiness") { [self] in loop() }
        } catch {
            // As above: it is begun with the process, and lives as long.
            preconditionFailure("\(error)")
        }
    }

    /// Calls `handler` once, on the monitor's thread or this one; it must be short and must not block.
    @discardableResult
    package func once(
        _ number: Int32, _ interest: Interest, handler: @escaping @Sendable (Outcome) -> Void
    ) -> UInt64 {
        let (id, isArmed) = state.withLock { state in
            state.nextID += 1
            let waiter = Waiter(id: state.nextID, interest: interest, handler: handler)
            state.waiters[number, default: []].append(waiter)
            let code = arm(number, state.waiters[number] ?? [])
            if code < 0 { remove(state.nextID, of: number, from: &state) }
            return (state.nextID, code)
        }
        // EPERM: regular files and /dev/null cannot be waited for because they are always ready.
        if isArmed < 0 { handler(isArmed == -EPERM ? .ready : .closed) }
        return id
    }

    /// Waits until a read or write on the descriptor would not block.
    package func wait(for interest: Interest, on descriptor: Descriptor) async -> Outcome {
        let cell = WaitCell()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                cell.begin(continuation)
                let number = descriptor.rawValue
                guard number >= 0 else { return cell.end(.closed) }
                let id = once(number, interest) { cell.end($0) }
                // Closed between the question and the registration: the number may be another's by now.
                guard descriptor.rawValue == number else {
                    cancel(id, on: number)
                    return cell.end(.closed)
                }
                cell.onCancel { [self] in cancel(id, on: number) }
            }
        } onCancel: {
            cell.cancel()
        }
    }

    /// Ends every wait for a descriptor that is about to be closed.
    func forget(_ number: Int32) {
        let waiters = state.withLock { state in
            let waiters = state.waiters.removeValue(forKey: number) ?? []
            if !waiters.isEmpty { _ = CLinux_epoll_disarm(epoll, number) }
            return waiters
        }
        for waiter in waiters { waiter.handler(.closed) }
    }

    private func cancel(_ id: UInt64, on number: Int32) {
        state.withLock { remove(id, of: number, from: &$0) }
    }

    private func remove(_ id: UInt64, of number: Int32, from state: inout State) {
        guard var waiters = state.waiters[number] else { return }
        waiters.removeAll { $0.id == id }
        settle(number, waiters, &state)
    }

    /// Keeps the registration as long as someone waits, and not a moment longer.
    private func settle(_ number: Int32, _ waiters: [Waiter], _ state: inout State) {
        if waiters.isEmpty {
            state.waiters[number] = nil
            _ = CLinux_epoll_disarm(epoll, number)
        } else {
            state.waiters[number] = waiters
            _ = arm(number, waiters)
        }
    }

    private func arm(_ number: Int32, _ waiters: [Waiter]) -> Int32 {
        var bits: Int32 = 0
        for waiter in waiters { bits |= waiter.interest == .readable ? 1 : 2 }
        return CLinux_epoll_arm(epoll, number, bits)
    }

    private func loop() {
        var numbers = [Int32](repeating: 0, count: 64)
        var bits = [Int32](repeating: 0, count: 64)
        while true {
            let count = CLinux_epoll_wait(epoll, &numbers, &bits, 64)
            guard count > 0 else { continue }  // EINTR
            for index in 0..<Int(count) { deliver(numbers[index], bits[index]) }
        }
    }

    private func deliver(_ number: Int32, _ bits: Int32) {
        let ready: [Waiter] = state.withLock { state in
            guard let waiters = state.waiters[number] else { return [] }
            let isReady: (Waiter) -> Bool = { bits & ($0.interest == .readable ? 5 : 6) != 0 }
            settle(number, waiters.filter { !isReady($0) }, &state)
            return waiters.filter(isReady)
        }
        for waiter in ready { waiter.handler(.ready) }
    }
}

/// Resumes one continuation once, whichever of readiness, closing and cancellation comes first.
private final class WaitCell: Sendable {
    private struct State {
        var continuation: CheckedContinuation<ReadinessMonitor.Outcome, Never>?
        var outcome: ReadinessMonitor.Outcome?
        var cleanup: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    func begin(_ continuation: CheckedContinuation<ReadinessMonitor.Outcome, Never>) {
        let early = state.withLock { state in
            if state.outcome == nil { state.continuation = continuation }
            return state.outcome
        }
        if let early { continuation.resume(returning: early) }
    }

    func end(_ outcome: ReadinessMonitor.Outcome) {
        let continuation = state.withLock { state in
            if state.outcome == nil { state.outcome = outcome }
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(returning: outcome)
    }

    func onCancel(_ cleanup: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            state.cleanup = cleanup
            return state.outcome == .cancelled
        }
        if isCancelled { cleanup() }
    }

    func cancel() {
        end(.cancelled)
        state.withLock { $0.cleanup }?()
    }
}
