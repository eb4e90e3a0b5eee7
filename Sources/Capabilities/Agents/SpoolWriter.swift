import FoundationEssentials
import Glibc
import Linux
package import Vocabulary

/// Appends a session's events to its spool. Used by the session loop alone.
///
/// An entry is whole or not there: one `write` each, and a write cut short by a full disk is cut off again.
package final class SpoolWriter {
    package enum Outcome: Hashable, Sendable {
        case written
        /// Over the quiet limit: `said` and `noticed` are no longer kept.
        case dropped
        /// Over the last limit, whether this was kept or not; told once.
        case full
    }

    private let path: String
    private let file: Descriptor
    private let bounds: SessionBounds
    private let progress: SpoolProgress
    private let now: () -> Int64
    private let encoder = JSONEncoder()
    private var count = 0
    private var bytes = 0
    private var toldQuiet = false
    private var toldFull = false

    /// Creates the file. It must not exist yet: a spool belongs to one runner.
    package init(
        path: String, bounds: SessionBounds, progress: SpoolProgress,
        now: @escaping () -> Int64 = WallClock.nowMilliseconds
    ) throws(SpoolError) {
        self.path = path
        self.bounds = bounds
        self.progress = progress
        self.now = now
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do throws(SystemError) {
            file = try Descriptor.open(path, flags: O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW)
        } catch {
            throw .unusable(path: path, error)
        }
    }

    package func append(_ event: SessionEvent) throws(SpoolError) -> Outcome {
        switch event {
        case .ended, .unheard: return try write(event, flush: true)
        case .asked, .answered, .told, .paused, .resumed, .interrupted: return try guarded(event, flush: true)
        case .said, .noticed:
            guard bytes >= bounds.spoolBytesQuiet else { return try guarded(event, flush: false) }
            guard !toldQuiet else { return .dropped }
            toldQuiet = true
            let text = "The record has reached \(bounds.spoolBytesQuiet >> 20) MiB; further text is left out."
            return try guarded(.noticed(text: text), flush: false)
        case .executed: return try reserved(event)
        case .toolDecided(_, let evaluation) where evaluation.decision == .deny: return try reserved(event)
        case .started, .ready, .toolRequested, .toolDecided, .toolFinished, .modelAnswered, .turnEnded,
            .heard:
            return try guarded(event, flush: false)
        }
    }

    private func reserved(_ event: SessionEvent) throws(SpoolError) -> Outcome {
        let room = bounds.spoolBytesMax..<bounds.spoolBytesMax + bounds.spoolBytesInReserve
        guard room.contains(bytes) else { return try guarded(event, flush: false) }
        defer { toldFull = true }
        let outcome = try write(event, flush: false)
        return toldFull ? outcome : .full
    }

    private func guarded(_ event: SessionEvent, flush: Bool) throws(SpoolError) -> Outcome {
        guard bytes < bounds.spoolBytesMax else {
            defer { toldFull = true }
            return toldFull ? .dropped : .full
        }
        return try write(event, flush: flush)
    }

    private func write(_ event: SessionEvent, flush: Bool) throws(SpoolError) -> Outcome {
        let entry = SpoolEntry(n: count + 1, at: now(), event: event)
        var line: [UInt8]
        do {
            line = Array(try encoder.encode(entry))
        } catch {
            // Every event is made of plain values; only a number JSON does not know (NaN) leads here.
            throw .damaged(path: path, line: count + 1)
        }
        line.append(UInt8(ascii: "\n"))
        do throws(SystemError) {
            try append(line)
            if flush {
                try file.withRawValue("fsync") { number throws(SystemError) in
                    try Self.check("fsync", fsync(number))
                }
            }
        } catch {
            throw .unusable(path: path, error)
        }
        count += 1
        bytes += line.count
        progress.advanced(to: bytes, isComplete: entry.isLast)
        return .written
    }

    private func append(_ line: [UInt8]) throws(SystemError) {
        try file.withRawValue("write") { number throws(SystemError) in
            var start = 0
            while start < line.count {
                let written = line.withUnsafeBytes {
                    Glibc.write(number, $0.baseAddress?.advanced(by: start), line.count - start)
                }
                if written >= 0 {
                    start += written
                } else if errno != EINTR {
                    let error = SystemError(call: "write", subject: path)
                    // The reader must never see half a line as a whole one.
                    _ = ftruncate(number, off_t(bytes))
                    throw error
                }
            }
        }
    }

    private static func check(_ call: String, _ code: Int32) throws(SystemError) {
        if code != 0 { throw SystemError(call: call, subject: "") }
    }
}
