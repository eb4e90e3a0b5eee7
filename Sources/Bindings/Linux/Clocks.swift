import Glibc

/// Time that only moves forward, for durations.
package enum MonotonicClock {
    package static func nowSeconds() -> Double { seconds(of: CLOCK_MONOTONIC) }
}

/// The time of day, for records; never for order or durations.
package enum WallClock {
    package static func nowSeconds() -> Double { seconds(of: CLOCK_REALTIME) }

    package static func nowMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// The time of day in UTC: `2026-01-31T08:05:09.042Z`.
    package static func nowText() -> String { text(milliseconds: nowMilliseconds()) }

    package static func text(seconds: Double) -> String {
        text(milliseconds: Int64((seconds * 1000).rounded(.down)))
    }

    /// The UTC text of a unix time in milliseconds. Texts of years 0 to 9999 sort like their times.
    package static func text(milliseconds: Int64) -> String {
        let (day, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let (days, millis) = rest < 0 ? (day - 1, rest + 86_400_000) : (day, rest)
        let date = civil(days: days)
        let seconds = millis / 1000
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
            + "T\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
            + ".\(padded(millis % 1000, 3))Z"
    }

    /// Days since 1970-01-01 as a date: Howard Hinnant's `civil_from_days`, which needs no table and no
    /// locale.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

private func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
