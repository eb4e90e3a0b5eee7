package import Vocabulary

/// Money, durations and times of day, written for people.
package enum Amounts {
    /// `$0.0123` below one dollar, `$12.30` above; `$0` for nothing.
    package static func money(_ money: Money) -> String {
        if money.microdollars < 0 { return "-" + self.money(Money(microdollars: 0 &- money.microdollars)) }
        if money.microdollars == 0 { return "$0" }
        if money.microdollars < 50 { return "<$0.0001" }
        // Rounded once, in whole units, so that 0.99996 becomes 1.00 and never 0.100.
        let tenThousandths = (money.microdollars &+ 50) / 100
        if tenThousandths < 10_000 { return "$0." + padded(tenThousandths, 4) }
        let cents = (money.microdollars &+ 5000) / 10_000
        return "$\(cents / 100)." + padded(cents % 100, 2)
    }

    /// A lower bound is marked as one: a price that is not known is never counted as nothing.
    package static func money(_ money: Money, isPartial: Bool) -> String {
        isPartial ? "≥" + self.money(money) : self.money(money)
    }

    /// `12s`, `1m 05s`, `2h 03m`, `3d 04h`.
    package static func elapsed(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds > 0, seconds < 1e9 else { return "0s" }
        let whole = Int64(seconds)
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m " + padded(whole % 60, 2) + "s" }
        if whole < 86_400 { return "\(whole / 3600)h " + padded(whole % 3600 / 60, 2) + "m" }
        return "\(whole / 86_400)d " + padded(whole % 86_400 / 3600, 2) + "h"
    }

    /// `HH:MM:SS` of a moment in Unix seconds, where the clock is `secondsFromUTC` ahead.
    package static func timeOfDay(_ moment: Double, secondsFromUTC: Int) -> String {
        guard moment.isFinite, abs(moment) < 1e12 else { return "--:--:--" }
        var second = (Int64(moment) + Int64(secondsFromUTC)) % 86_400
        if second < 0 { second += 86_400 }
        return padded(second / 3600, 2) + ":" + padded(second % 3600 / 60, 2) + ":" + padded(second % 60, 2)
    }

    /// `812 B`, `4.0 KiB`, `1.2 GiB`.
    package static func bytes(_ count: Int64) -> String {
        guard count >= 1024 else { return "\(max(0, count)) B" }
        var tenths = count &* 10 / 1024
        if count > Int64.max / 10 { tenths = count / 1024 &* 10 }
        for unit in ["KiB", "MiB", "GiB"] {
            if tenths < 10_240 { return "\(tenths / 10).\(tenths % 10) \(unit)" }
            tenths /= 1024
        }
        return "\(tenths / 10).\(tenths % 10) TiB"
    }

    /// `1 task`, `2 tasks`.
    package static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }

    /// `12345` as `12,345`.
    package static func grouped(_ number: Int64) -> String {
        let digits = Array(String(number.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + text
    }

    private static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
