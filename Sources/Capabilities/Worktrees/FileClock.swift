import Glibc
import Linux

/// The clock by which files change.
enum FileClock {
    private static let ticksMax = 1000

    /// Waits until it has passed the present moment, so that what was written just now lies before it.
    ///
    /// Since Linux 6.13 a file may get a finer time than this clock shows, and on a busy machine the clock
    /// lags more than one of its ticks behind: its next tick is not always after such a time.
    static func nextTick() throws -> timespec {
        func now(_ clock: clockid_t) -> timespec {
            var time = timespec()
            clock_gettime(clock, &time)
            return time
        }
        let start = now(CLOCK_REALTIME)
        var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
        for _ in 0..<ticksMax {
            let time = now(CLOCK_REALTIME_COARSE)
            if (time.tv_sec, time.tv_nsec) > (start.tv_sec, start.tv_nsec) { return time }
            nanosleep(&pause, nil)
        }
        throw SystemError(code: ETIME, call: "clock_gettime", subject: "the clock of the files")
    }
}
