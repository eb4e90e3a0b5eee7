import Vocabulary

/// Silence, wall time and floods of one session, as arithmetic on the time it is told.
struct SessionWatch: Hashable, Sendable {
    private let silence: Duration
    private let wall: Duration
    private let linesPerSecondMax: Int
    private let outputBytesMax: Int
    private var lastLife: Duration = .zero
    /// Moves later by every pause.
    private var wallEnd: Duration = .zero
    private var pauses: Set<Pause> = []
    private var pausedAt: Duration?
    private var windowStart: Duration = .zero
    private var linesInWindow = 0
    private var outputBytes = 0

    init(limits: SessionLimits, bounds: SessionBounds) {
        silence = .seconds(limits.silenceSeconds)
        wall = .seconds(limits.wallSeconds)
        linesPerSecondMax = bounds.linesPerSecondMax
        outputBytesMax = bounds.outputBytesMax
    }

    mutating func start(at now: Duration) {
        lastLife = now
        wallEnd = now + wall
        windowStart = now
    }

    mutating func sawLife(at now: Duration) { lastLife = max(lastLife, now) }

    /// Why neither limit counts.
    enum Pause: Hashable, Sendable {
        /// A person is asked.
        case question
        /// A person paused the session.
        case halt
    }

    /// Neither limit counts until every reason has gone.
    mutating func pause(_ reason: Pause, at now: Duration) {
        pauses.insert(reason)
        pausedAt = pausedAt ?? now
    }

    mutating func resume(_ reason: Pause, at now: Duration) {
        pauses.remove(reason)
        guard pauses.isEmpty, let since = pausedAt else { return }
        pausedAt = nil
        wallEnd += now - since
        lastLife = now
    }

    /// nil while the limits stand still.
    var deadline: Duration? { pausedAt == nil ? min(lastLife + silence, wallEnd) : nil }

    func expired(at now: Duration) -> (SessionFailure, String)? {
        guard pausedAt == nil else { return nil }
        if wallEnd <= now { return (.tooLong, "It ran longer than \(wall.components.seconds) s.") }
        if lastLife + silence <= now {
            return (.hung, "It gave no sign of life for \(silence.components.seconds) s.")
        }
        return nil
    }

    /// What is too much about the harness's output; nil: nothing yet.
    mutating func countLine(bytes: Int, at now: Duration) -> String? {
        outputBytes += bytes
        if now - windowStart >= .seconds(1) {
            windowStart = now
            linesInWindow = 0
        }
        linesInWindow += 1
        if linesInWindow > linesPerSecondMax {
            return "It printed more than \(linesPerSecondMax) lines within a second."
        }
        if outputBytes > outputBytesMax { return "It printed more than \(outputBytesMax >> 20) MiB." }
        return nil
    }
}
