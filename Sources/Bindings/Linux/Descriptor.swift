import CLinux
import Glibc
import Synchronization

/// Owns one file descriptor and closes it exactly once.
///
/// `close` may race with a read or write on another thread: the number is given back to the kernel only after
/// the last call that uses it has returned, so that no call ever reaches a stranger's descriptor.
package final class Descriptor: Sendable {
    private struct State {
        var number: Int32
        var isClosed = false
        var users = 0
    }
    private let state: Mutex<State>

    /// Takes over a descriptor that nobody else will close.
    package init(owning number: Int32) {
        state = Mutex(State(number: number))
    }

    deinit { close() }

    /// The number, or -1 once it is closed or released.
    package var rawValue: Int32 {
        state.withLock { $0.isClosed ? -1 : $0.number }
    }

    /// Gives the descriptor back and wakes whoever waits for it. A second call does nothing.
    package func close() {
        let (number, isUnused): (Int32, Bool) = state.withLock { state in
            guard !state.isClosed else { return (-1, false) }
            state.isClosed = true
            return (state.number, state.users == 0)
        }
        guard number >= 0 else { return }
        ReadinessMonitor.shared.forget(number)
        if isUnused { _ = Glibc.close(number) }
    }

    /// Gives up ownership: the caller closes the number from now on. -1 when it is already closed.
    package func release() -> Int32 {
        let number: Int32 = state.withLock { state in
            guard !state.isClosed else { return -1 }
            state.isClosed = true
            return state.number
        }
        if number >= 0 { ReadinessMonitor.shared.forget(number) }
        return number
    }

    /// Runs a call on the number, which stays valid until the call returns.
    package func withRawValue<Value>(
        _ call: String, _ body: (Int32) throws(SystemError) -> Value
    ) throws(SystemError) -> Value {
        let number: Int32 = state.withLock { state in
            guard !state.isClosed else { return -1 }
            state.users += 1
            return state.number
        }
        guard number >= 0 else { throw SystemError(code: EBADF, call: call, subject: "closed descriptor") }
        defer {
            let isLast = state.withLock { state in
                state.users -= 1
                return state.isClosed && state.users == 0
            }
            if isLast { _ = Glibc.close(number) }
        }
        return try body(number)
    }

    /// Another descriptor for the same open file.
    package func duplicated() throws(SystemError) -> Descriptor {
        try withRawValue("dup") { number throws(SystemError) in
            Descriptor(
                owning: try retrying("dup", "descriptor \(number)") { fcntl(number, F_DUPFD_CLOEXEC, 3) })
        }
    }

    /// A pipe whose ends are closed in every child that is not given them.
    package static func pipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [-1, -1]
        try checked("pipe2", "", CLinux_pipe(&ends))
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// Two connected stream sockets.
    package static func socketPair() throws(SystemError) -> (Descriptor, Descriptor) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        try retrying("socketpair", "") { socketpair(AF_UNIX, type, 0, &ends) }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// Opens a file; the descriptor is always close-on-exec.
    package static func open(_ path: String, flags: Int32, mode: UInt32 = 0o600) throws(SystemError)
        -> Descriptor
    {
        Descriptor(owning: try retrying("open", path) { Glibc.open(path, flags | O_CLOEXEC, mode) })
    }
}
