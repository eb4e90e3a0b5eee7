import Dispatch
import Linux
import Synchronization

/// The one thread that starts children.
///
/// A child that asks to die with its parent (`PR_SET_PDEATHSIG`, as bubblewrap's `--die-with-parent`) dies
/// with the *thread* that started it (prctl(2)). A thread of a pool ends when it is idle; this one never
/// does.
final class SpawnThread: Sendable {
    static let shared = SpawnThread()

    private let jobs = Mutex<[@Sendable () -> Void]>([])
    private let arrivals = DispatchSemaphore(value: 0)

    private init() {
        do throws(SystemError) {
            try startThread(named: "spawn") { [self] in
                while true {
                    arrivals.wait()
                    jobs.withLock { $0.removeFirst() }()
                }
            }
        } catch {
            // A process that cannot have this one thread from its first child on can start nothing at all.
            preconditionFailure("\(error)")
        }
    }

    /// Runs a closure on the thread and waits for it: one or two milliseconds for a spawn.
    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value {
        let answer = Answer<Value>()
        jobs.withLock { $0.append { answer.give(body()) } }
        arrivals.signal()
        return answer.take()
    }

    private final class Answer<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)
        private let isGiven = DispatchSemaphore(value: 0)

        func give(_ answer: Value) {
            value.withLock { $0 = answer }
            isGiven.signal()
        }

        func take() -> Value {
            while true {
                isGiven.wait()
                if let value = value.withLock({ $0 }) { return value }
            }
        }
    }
}
