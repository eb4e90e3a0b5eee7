import Synchronization

/// Writes whole lines, in the order of the calls, however many tasks write at once.
package final class LineWriter: Sendable {
    package let descriptor: Descriptor
    private let turns = Turnstile()
    private let failure = Mutex<SystemError?>(nil)

    package init(writing descriptor: Descriptor) {
        self.descriptor = descriptor
    }

    /// Writes the text and a line end. After a line was cut short by an error every later call throws that
    /// error: the other side could no longer tell where a line begins.
    package func write(_ line: String) async throws(SystemError) {
        guard await turns.enter() else { throw SystemError.cancelled("write") }
        defer { turns.leave() }
        if let failure = failure.withLock({ $0 }) { throw failure }
        do throws(SystemError) {
            try await descriptor.write(Array(line.utf8) + [0x0A])
        } catch {
            // Cancelled means that nothing was written.
            if !error.isCancellation { failure.withLock { $0 = error } }
            throw error
        }
    }
}
