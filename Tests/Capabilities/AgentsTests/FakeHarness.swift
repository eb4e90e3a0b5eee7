import Agents
import Synchronization

/// A harness in memory: what it hears goes to `react`, what it says and how it ends comes from there.
final class FakeHarness: Sendable {
    enum Heard: Hashable {
        case line(String)
        case inputClosed
        case signal(TeardownLadder.Signal)
    }

    private let output: AsyncStream<HarnessProcess.Output>
    private let say: AsyncStream<HarnessProcess.Output>.Continuation
    private let status = Mutex<Int32>(0)
    private let log = Mutex<[Heard]>([])
    private let react: @Sendable (FakeHarness, Heard) -> Void
    /// False: lines sent to it are never taken.
    private let reads: Bool

    init(reads: Bool = true, _ react: @escaping @Sendable (FakeHarness, Heard) -> Void) {
        (output, say) = AsyncStream.makeStream()
        self.react = react
        self.reads = reads
    }

    var heard: [Heard] { log.withLock { $0 } }

    func say(_ lines: String...) { for line in lines { say.yield(.line(line)) } }
    func sayTruncated() { say.yield(.truncated) }
    func exit(_ code: Int32) {
        status.withLock { $0 = code }
        say.finish()
    }

    private func hear(_ heard: Heard) {
        log.withLock { $0.append(heard) }
        react(self, heard)
    }

    func process(standardInput: String? = nil) -> HarnessProcess {
        HarnessProcess(
            nextOutput: { [output] in
                var iterator = output.makeAsyncIterator()
                return await iterator.next()
            },
            send: { [self] line in
                if !reads { await Self.never() }
                hear(.line(line))
                return true
            },
            closeInput: { [self] in hear(.inputClosed) },
            signal: { [self] signal in hear(.signal(signal)) },
            ending: { [self] in HarnessProcess.Ending(status: status.withLock { $0 }, stderrTail: "") },
            standardInput: standardInput)
    }

    private static func never() async {
        let (stream, _) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
    }
}

/// Time that passes only when a test says so.
final class ManualClock: Sendable {
    private struct Sleeper {
        var until: Duration
        var continuation: CheckedContinuation<Void, Never>
    }
    private struct State {
        var now: Duration = .zero
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var nextID = 0
        var watchers: [(until: Duration, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func takeWatchers(of time: Duration) -> [CheckedContinuation<Void, Never>] {
            defer { watchers.removeAll { $0.until == time } }
            return watchers.filter { $0.until == time }.map(\.continuation)
        }
    }
    private let state = Mutex(State())

    var clock: SessionClock {
        SessionClock(now: { [self] in state.withLock { $0.now } }, wait: { [self] in await sleep(until: $0) })
    }

    func advance(to time: Duration) {
        let due = state.withLock { state in
            state.now = time
            let due = state.sleepers.filter { $0.value.until <= time }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.until < $1.until }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Waits until somebody sleeps until that time.
    func sleeper(until time: Duration) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.values.contains(where: { $0.until == time }) { return true }
                state.watchers.append((time, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func sleep(until time: Duration) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOver, watchers): (Bool, [CheckedContinuation<Void, Never>]) = state.withLock { state in
                    let isOver = state.now >= time || state.cancelled.contains(id)
                    if !isOver { state.sleepers[id] = Sleeper(until: time, continuation: continuation) }
                    return (isOver, state.takeWatchers(of: time))
                }
                if isOver { continuation.resume() }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            let sleeper: Sleeper? = state.withLock { state in
                state.cancelled.insert(id)
                return state.sleepers.removeValue(forKey: id)
            }
            sleeper?.continuation.resume()
        }
    }
}
