import Glibc
import Synchronization

/// Where lines go: a descriptor of somebody else, or a file of a bounded size.
final class LogSink: Sendable {
    private struct State {
        var number: Int32
        var bytes: Int
    }
    private let path: String?
    private let bytesMax: Int
    private let state: Mutex<State>

    init(number: Int32) {
        path = nil
        bytesMax = .max
        state = Mutex(State(number: number, bytes: 0))
    }

    init(path: String, bytesMax: Int) {
        self.path = path
        self.bytesMax = bytesMax
        state = Mutex(Self.open(path))
    }

    deinit {
        state.withLock { state in
            if path != nil && state.number >= 0 { close(state.number) }
        }
    }

    /// One write for each line, so that lines of several processes do not mix.
    func write(_ line: String) {
        let bytes = Array(line.utf8)
        state.withLock { state in
            if let path, state.bytes + bytes.count > bytesMax, state.bytes > 0 { turnOver(path, &state) }
            guard state.number >= 0 else { return }
            let written = Glibc.write(state.number, bytes, bytes.count)
            if written > 0 { state.bytes += written }
        }
    }

    private func turnOver(_ path: String, _ state: inout State) {
        if state.number >= 0 { close(state.number) }
        // Where it cannot be renamed (a full disk does not hinder it) the old lines are given up, not the
        // bound.
        if rename(path, "\(path).1") != 0 { unlink(path) }
        state = Self.open(path)
    }

    private static func open(_ path: String) -> State {
        let number = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        var status = stat()
        guard number >= 0, fstat(number, &status) == 0 else { return State(number: number, bytes: 0) }
        return State(number: number, bytes: Int(status.st_size))
    }
}
