import Glibc
import Linux

/// The clock by which files change.
enum FileClock {
    private static let ticksMax = 1000

    /// Waits until it has moved on, so that what was written just now lies before it.
    static func nextTick() throws -> timespec {
        func now() -> timespec {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME_COARSE, &time)
            return time
        }
        let start = now()
        var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
        for _ in 0..<ticksMax {
            let time = now()
            if (time.tv_sec, time.tv_nsec) > (start.tv_sec, start.tv_nsec) { return time }
            nanosleep(&pause, nil)
        }
        throw SystemError(code: ETIME, call: "clock_gettime", subject: "the clock of the files")
    }
}
