import CLinux
import Dispatch
import Glibc
import Linux
import Synchronization

/// From start to reaping: who waits, and how signals reach only this child.
///
/// Its number and its group's number belong to it until it is reaped. So every signal is sent, and the
/// reaping is done, under one lock: none can reach a stranger that got the number later.
final class ChildLife: Sendable {
    private struct State {
        var termination: Termination?
        var watchers: [UInt64: @Sendable (Termination) -> Void] = [:]
        var nextID: UInt64 = 0
    }

    private let pid: Int32
    private let pidfd: Descriptor
    private let leadsGroup: Bool
    private let endsGroup: Bool
    private let state = Mutex(State())

    init(pid: Int32, pidfd: Descriptor, leadsGroup: Bool, endsGroup: Bool) {
        self.pid = pid
        self.pidfd = pidfd
        self.leadsGroup = leadsGroup
        self.endsGroup = endsGroup
    }

    var termination: Termination? { state.withLock { $0.termination } }

    /// Reaps the child when it ends. The monitor keeps this object until then.
    func watch() {
        ReadinessMonitor.shared.once(pidfd.rawValue, .readable) { [self] outcome in
            switch outcome {
            case .ready: reap(hasEnded: true)
            case .closed, .cancelled:
                // The kernel has no room to watch it (epoll_ctl(2), ENOSPC and ENOMEM): a thread waits.
                DispatchQueue(label: "child").async { [self] in
                    reap(hasEnded: CLinux_wait_for_end(pidfd.rawValue) == 0)
                }
            }
        }
    }

    private func reap(hasEnded: Bool) {
        let ended: (Termination, [@Sendable (Termination) -> Void])? = state.withLock { state in
            // The child is a zombie: its group can still be named without doubt.
            if hasEnded && leadsGroup && endsGroup { kill(-pid, SIGKILL) }
            var status: Int32 = 0
            var wasSignalled: Int32 = 0
            var code: Int32 = 0
            repeat { code = CLinux_reap(pidfd.rawValue, &status, &wasSignalled) } while code == -EINTR
            guard code != 0 else { return nil }
            // -ECHILD: reaped by a SIGCHLD that is ignored in this process, which is then not ours to
            // explain.
            let termination: Termination =
                code < 0 ? .exited(-1) : wasSignalled == 0 ? .exited(status) : .signalled(status)
            state.termination = termination
            defer { state.watchers = [:] }
            return (termination, state.watchers.sorted { $0.key < $1.key }.map(\.value))
        }
        guard let (termination, watchers) = ended else { return watch() }
        pidfd.close()
        for watcher in watchers { watcher(termination) }
    }

    /// Calls back once it has ended, at once when it already has. The number forgets the request.
    func whenEnded(_ watcher: @escaping @Sendable (Termination) -> Void) -> UInt64? {
        let (id, termination): (UInt64?, Termination?) = state.withLock { state in
            if let termination = state.termination { return (nil, termination) }
            state.nextID += 1
            state.watchers[state.nextID] = watcher
            return (state.nextID, nil)
        }
        if let termination { watcher(termination) }
        return id
    }

    func forget(_ id: UInt64) { state.withLock { _ = $0.watchers.removeValue(forKey: id) } }

    func signal(_ number: Int32) {
        state.withLock { state in
            if state.termination == nil { kill(pid, number) }
        }
    }

    func signalGroup(_ number: Int32) {
        state.withLock { state in
            guard state.termination == nil else { return }
            kill(leadsGroup ? -pid : pid, number)
        }
    }
}
