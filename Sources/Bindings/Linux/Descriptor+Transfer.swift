import CLinux
import Glibc

extension Descriptor {
    /// How much one read asks for.
    static let chunkBytes = 64 << 10
    /// A pipe that reports room takes this much without blocking (pipe(7), PIPE_BUF).
    private static let pipeRoomBytes = 4096

    /// Reads what is there, at most `bytesMax`; waits while there is nothing. Empty at the end.
    ///
    /// The open file keeps its blocking mode, which it may share with other processes: the call asks first.
    /// Throws `ECANCELED` when the task is cancelled and `EBADF` when the descriptor is closed meanwhile.
    package func read(upTo bytesMax: Int) async throws(SystemError) -> [UInt8] {
        while true {
            if let bytes = try readIfReady(upTo: bytesMax) { return bytes }
            try await waitUntil(.readable, call: "read")
        }
    }

    /// Reads what is there; nil when a read would have to wait.
    func readIfReady(upTo bytesMax: Int) throws(SystemError) -> [UInt8]? {
        try withRawValue("read") { number throws(SystemError) in
            guard Self.isReady(number, Int16(POLLIN)) else { return nil }
            var failure: SystemError?
            let bytes = [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, count in
                var got = Glibc.read(number, buffer.baseAddress, bytesMax)
                while got < 0 && errno == EINTR { got = Glibc.read(number, buffer.baseAddress, bytesMax) }
                if got < 0 { failure = SystemError(call: "read", subject: "") }
                count = max(got, 0)
            }
            guard let failure else { return bytes }
            if failure.code == EAGAIN { return nil }
            // The other end is gone without having said so; for a reader that is the end.
            if failure.code == ECONNRESET || failure.code == EIO { return [] }
            throw failure
        }
    }

    /// Writes all the bytes, and waits whenever the reader is slow. A reader that is gone is `EPIPE`, never a
    /// signal.
    ///
    /// A cancelled task stops only before the first byte, so that what was begun is whole; closing the
    /// descriptor ends a write at once.
    package func write(_ bytes: [UInt8]) async throws(SystemError) {
        _ = Self.ignoringBrokenPipes
        var start = 0
        while start < bytes.count {
            let count = try writeIfReady(bytes[start...])
            start += count
            guard count == 0 else { continue }
            try await waitUntil(.writable, call: "write", endsWithTask: start == 0)
        }
    }

    private func writeIfReady(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        try withRawValue("write") { number throws(SystemError) in
            let sent = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { CLinux_send(number, $0, buffer.count) } ?? 0
            }
            if sent >= 0 { return sent }
            if sent == -Int(EAGAIN) || sent == -Int(EINTR) { return 0 }
            guard sent == -Int(ENOTSOCK) else {
                throw SystemError(code: Int32(-sent), call: "send", subject: "")
            }
            guard Self.isReady(number, Int16(POLLOUT)) else { return 0 }
            let count = min(bytes.count, Self.pipeRoomBytes)
            let written = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, count) }
            if written >= 0 { return written }
            if errno == EAGAIN || errno == EINTR { return 0 }
            throw SystemError(call: "write", subject: "")
        }
    }

    private func waitUntil(
        _ interest: ReadinessMonitor.Interest, call: String, endsWithTask: Bool = true
    ) async throws(SystemError) {
        let outcome: ReadinessMonitor.Outcome
        if endsWithTask {
            outcome = await ReadinessMonitor.shared.wait(for: interest, on: self)
        } else {
            // A task of its own does not inherit the cancellation.
            outcome = await Task { await ReadinessMonitor.shared.wait(for: interest, on: self) }.value
        }
        switch outcome {
        case .ready: return
        case .closed: throw SystemError(code: EBADF, call: call, subject: "closed descriptor")
        case .cancelled: throw SystemError(code: ECANCELED, call: call, subject: "")
        }
    }

    private static func isReady(_ number: Int32, _ events: Int16) -> Bool {
        var question = pollfd(fd: number, events: events, revents: 0)
        return poll(&question, 1, 0) > 0
    }

    /// Writing to a pipe nobody reads must be an error of that write, not the end of the program. Children
    /// are started with every signal at its default.
    static let ignoringBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
