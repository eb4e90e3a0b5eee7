import Glibc
import Synchronization

/// One line, without its end.
package struct Line: Hashable, Sendable {
    /// The text; bytes that are no UTF-8 are shown as U+FFFD.
    package let text: String
    /// Whether the line was longer than allowed and its rest was thrown away.
    package let wasTruncated: Bool

    package init(text: String, wasTruncated: Bool) {
        self.text = text
        self.wasTruncated = wasTruncated
    }
}

/// Reads lines from a pipe or socket, one for each call, and holds no thread while it waits.
///
/// Nothing is read ahead of what is asked for (but for one chunk), so a slow consumer slows its producer.
/// Memory stays below `lineBytesMax` plus one chunk, whatever the other side sends.
package final class LineStream: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        /// Where the part not yet returned begins, and up to where it holds no line end.
        var start = 0
        var scanned = 0
        var isSkipping = false
        var isAtEnd = false
    }

    package let descriptor: Descriptor
    package let lineBytesMax: Int
    private let state = Mutex(State())

    package init(reading descriptor: Descriptor, lineBytesMax: Int) {
        self.descriptor = descriptor
        self.lineBytesMax = max(1, lineBytesMax)
    }

    /// The next line; nil at the end. Throws `SystemError` with `ECANCELED` when the task is cancelled;
    /// nothing is lost then.
    package func next() async throws(SystemError) -> Line? {
        while true {
            switch try advance() {
            case .line(let line): return line
            case .end: return nil
            case .wait:
                switch await ReadinessMonitor.shared.wait(for: .readable, on: descriptor) {
                case .ready: continue
                case .closed: throw SystemError(code: EBADF, call: "read", subject: "closed descriptor")
                case .cancelled: throw SystemError(code: ECANCELED, call: "read", subject: "")
                }
            }
        }
    }

    /// How many bytes are held that were not yet returned.
    package var bufferedBytes: Int { state.withLock { $0.buffer.count } }

    private enum Step {
        case line(Line)
        case end, wait
    }

    private func advance() throws(SystemError) -> Step {
        let result: Result<Step, SystemError> = state.withLock { state in
            do throws(SystemError) {
                while true {
                    if let line = takeLine(&state) { return .success(.line(line)) }
                    if state.isAtEnd { return .success(.end) }
                    guard let bytes = try descriptor.readIfReady(upTo: Descriptor.chunkBytes) else {
                        return .success(.wait)
                    }
                    if bytes.isEmpty { state.isAtEnd = true } else { append(bytes, to: &state) }
                }
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func append(_ bytes: [UInt8], to state: inout State) {
        if state.start > 0 {
            state.buffer.removeSubrange(..<state.start)
            state.scanned -= state.start
            state.start = 0
        }
        state.buffer += bytes
    }

    private func takeLine(_ state: inout State) -> Line? {
        while true {
            let end = Self.lineEnd(in: state.buffer, from: state.scanned)
            if state.isSkipping {
                guard let end else {
                    drop(through: state.buffer.count, &state)
                    return nil
                }
                drop(through: end + 1, &state)
                state.isSkipping = false
                continue
            }
            let length = (end ?? state.buffer.count) - state.start
            if length > lineBytesMax {
                let line = text(state.start, state.start + lineBytesMax, state, wasTruncated: true)
                state.isSkipping = true
                return line
            }
            if let end {
                let line = text(state.start, end, state, wasTruncated: false)
                drop(through: end + 1, &state)
                return line
            }
            state.scanned = state.buffer.count
            guard state.isAtEnd, length > 0 else { return nil }
            let line = text(state.start, state.buffer.count, state, wasTruncated: false)
            drop(through: state.buffer.count, &state)
            return line
        }
    }

    private func drop(through index: Int, _ state: inout State) {
        state.start = index
        state.scanned = index
    }

    private func text(_ from: Int, _ to: Int, _ state: State, wasTruncated: Bool) -> Line {
        Line(text: String(decoding: state.buffer[from..<to], as: UTF8.self), wasTruncated: wasTruncated)
    }

    private static func lineEnd(in buffer: [UInt8], from start: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress,
                let found = memchr(base + start, 0x0A, bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
