import Synchronization

/// The lines on their way to a harness's stdin: bounded, in order, never in the way of the session loop.
final class HarnessInput: Sendable {
    private struct State {
        var bytes = 0
        var isFinished = false
    }
    private let bytesMax: Int
    private let state = Mutex(State())
    private let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
        (lines, continuation) = AsyncStream.makeStream()  // Bounded by `bytesMax`.
    }

    /// False when the harness left too much unread; the line is then dropped.
    func enqueue(_ line: String) -> Bool {
        let bytes = line.utf8.count
        let fits = state.withLock { state in
            guard !state.isFinished else { return true }  // Nobody listens; nothing waits either.
            guard state.bytes + bytes <= bytesMax else { return false }
            state.bytes += bytes
            return true
        }
        if fits { continuation.yield(line) }
        return fits
    }

    /// What was enqueued is still sent; then stdin is closed.
    func finish() {
        state.withLock { $0.isFinished = true }
        continuation.finish()
    }

    /// Sends until finished, or until nobody reads any more.
    @concurrent func pump(into process: HarnessProcess) async {
        for await line in lines {
            guard await process.send(line) else { break }
            state.withLock { $0.bytes -= line.utf8.count }
        }
        process.closeInput()
    }
}
