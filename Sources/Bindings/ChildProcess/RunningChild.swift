import CLinux
import Dispatch
import Glibc
package import Linux
import Synchronization

/// A child that was started. It is reaped as soon as it ends, whether or not anyone waits.
package final class RunningChild: Sendable {
    package let pid: Int32
    /// Our ends of the pipes that were asked for.
    package let stdin: Descriptor?
    package let stdout: Descriptor?
    package let stderr: Descriptor?

    private let life: ChildLife

    init(
        pid: Int32, pidfd: Descriptor, stdin: Descriptor?, stdout: Descriptor?, stderr: Descriptor?,
        leadsGroup: Bool,
        endsGroup: Bool
    ) {
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        life = ChildLife(pid: pid, pidfd: pidfd, leadsGroup: leadsGroup, endsGroup: endsGroup)
        life.watch()
    }

    /// How it ended; nil while it runs.
    package var termination: Termination? { life.termination }

    /// Waits until it has ended. Any number of tasks may wait; a cancelled one waits on, for the end is a
    /// fact.
    package func wait() async -> Termination {
        await withCheckedContinuation { continuation in
            _ = life.whenEnded { continuation.resume(returning: $0) }
        }
    }

    /// Waits until it has ended, but no longer than that; nil when it still runs then.
    package func wait(upTo limit: Duration) async -> Termination? {
        let life = life
        return await withCheckedContinuation { continuation in
            let answer = FirstAnswer(continuation)
            guard let id = life.whenEnded({ answer.give($0) }) else { return }
            let (seconds, attoseconds) = limit.components
            let nanoseconds =
                Int(clamping: min(seconds, 1 << 30)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
            DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(max(0, nanoseconds))) {
                life.forget(id)
                answer.give(nil)
            }
        }
    }

    /// Sends a signal to the child alone; does nothing once it has ended.
    package func signal(_ signal: Int32) { life.signal(signal) }

    /// Sends a signal to the child's whole group; does nothing once the child has ended.
    package func signalGroup(_ signal: Int32) { life.signalGroup(signal) }

    /// Goes down the ladder until the child has ended, and kills its group in the end. A cancelled task does
    /// not cut the ladder short.
    @discardableResult
    package func tearDown(_ steps: [TeardownStep] = .standard) async -> Termination {
        // A task of its own does not inherit the cancellation.
        await Task { [self] in
            for step in steps + [.kill] {
                switch step {
                case .signal(let number, let patience):
                    signalGroup(number)
                    if let termination = await wait(upTo: patience) { return termination }
                case .kill:
                    signalGroup(SIGKILL)
                    return await wait()
                }
            }
            return await wait()
        }.value
    }
}

/// Resumes a continuation with the first answer.
private final class FirstAnswer: Sendable {
    private let continuation: Mutex<CheckedContinuation<Termination?, Never>?>
    init(_ continuation: CheckedContinuation<Termination?, Never>) { self.continuation = Mutex(continuation) }

    func give(_ answer: Termination?) {
        let continuation = continuation.withLock { slot in
            defer { slot = nil }
            return slot
        }
        continuation?.resume(returning: answer)
    }
}
