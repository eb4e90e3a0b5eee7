/// Matches a path against a pattern of a `.gitignore` exactly as git's `wildmatch.c` does.
///
/// The patterns may be a stranger's, and backtracking can be made to take very long, so every step is paid
/// from a budget.
struct Wildmatch {
    /// What a comparison found; the two ways of giving up let an outer star stop early.
    private enum Answer { case match, noMatch, abortAll, abortToStarStar }

    private let pattern: [UInt8]
    private let text: [UInt8]
    /// `*` and `?` stop at slashes, and only `**` crosses them.
    private let isPathname: Bool
    private var budget: Int

    /// nil when the budget ran out. `budget` is reduced by the steps taken.
    static func matches(
        _ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, isPathname: Bool, budget: inout Int
    ) -> Bool {
        var match = Wildmatch(
            pattern: Array(pattern), text: Array(text), isPathname: isPathname, budget: min(budget, stepsMax))
        let before = match.budget
        let answer = match.compare(0, 0)
        budget -= before - match.budget
        return answer == .match
    }

    /// One comparison that takes longer than this does not match.
    private static let stepsMax = 100_000

    private func byte(_ index: Int) -> UInt8 { index < pattern.count ? pattern[index] : 0 }
    private func character(_ index: Int) -> UInt8 { index < text.count ? text[index] : 0 }
    private func slash(from index: Int) -> Int? {
        text[min(index, text.count)...].firstIndex(of: UInt8(ascii: "/"))
    }

    private mutating func compare(_ patternStart: Int, _ textStart: Int) -> Answer {
        var (p, t) = (patternStart, textStart)
        while p < pattern.count {
            budget -= 1
            if budget <= 0 { return .abortAll }
            let current = character(t)
            if current == 0 && byte(p) != UInt8(ascii: "*") { return .abortAll }
            switch byte(p) {
            case UInt8(ascii: "?"):
                if isPathname && current == UInt8(ascii: "/") { return .noMatch }
            case UInt8(ascii: "*"):
                switch star(&p, &t, patternStart) {
                case .some(let answer): return answer
                case nil: break
                }
            case UInt8(ascii: "["):
                guard let isIn = set(&p, current) else { return .abortAll }
                if !isIn || (isPathname && current == UInt8(ascii: "/")) { return .noMatch }
            case UInt8(ascii: "\\"):
                p += 1
                if current != byte(p) { return .noMatch }
            default:
                if current != byte(p) { return .noMatch }
            }
            p += 1
            t += 1
        }
        return t < text.count ? .noMatch : .match
    }

    /// At a star. nil: it was settled without recursion; `p` and `t` stand at the slash both sides share.
    private mutating func star(_ p: inout Int, _ t: inout Int, _ patternStart: Int) -> Answer? {
        let before = p - 1
        var crossesSlashes: Bool
        p += 1
        if byte(p) == UInt8(ascii: "*") {
            while byte(p) == UInt8(ascii: "*") { p += 1 }
            let opens = before < patternStart || byte(before) == UInt8(ascii: "/")
            let closes =
                p >= pattern.count || byte(p) == UInt8(ascii: "/")
                || (byte(p) == UInt8(ascii: "\\") && byte(p + 1) == UInt8(ascii: "/"))
            crossesSlashes = !isPathname || (opens && closes)
            // `foo/**/bar` also matches `foo/bar`: try with nothing between.
            if isPathname && crossesSlashes && byte(p) == UInt8(ascii: "/") && compare(p + 1, t) == .match {
                return .match
            }
        } else {
            crossesSlashes = !isPathname
        }
        if p >= pattern.count { return !crossesSlashes && slash(from: t) != nil ? .noMatch : .match }
        if !crossesSlashes && byte(p) == UInt8(ascii: "/") {
            guard let next = slash(from: t) else { return .noMatch }
            t = next
            return nil
        }
        while t < text.count {
            let special = [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "\\")]
                .contains(byte(p))
            if !special {
                while t < text.count && (crossesSlashes || character(t) != UInt8(ascii: "/"))
                    && character(t) != byte(p)
                { t += 1 }
                if character(t) != byte(p) { return .noMatch }
            }
            let answer = compare(p, t)
            if answer != .noMatch {
                if !crossesSlashes || answer != .abortToStarStar { return answer }
            } else if !crossesSlashes && character(t) == UInt8(ascii: "/") {
                return .abortToStarStar
            }
            budget -= 1
            if budget <= 0 { return .abortAll }
            t += 1
        }
        return .abortAll
    }

    /// At a bracket: whether the character is in the set; leaves `p` at the closing bracket. nil: it never
    /// closes.
    private func set(_ p: inout Int, _ current: UInt8) -> Bool? {
        p += 1
        let isNegated = byte(p) == UInt8(ascii: "!") || byte(p) == UInt8(ascii: "^")
        if isNegated { p += 1 }
        var (previous, isIn): (UInt8, Bool) = (0, false)
        repeat {
            var now = byte(p)
            if p >= pattern.count { return nil }
            if now == UInt8(ascii: "\\") {
                p += 1
                now = byte(p)
                if p >= pattern.count { return nil }
                if current == now { isIn = true }
            } else if now == UInt8(ascii: "-") && previous != 0 && p + 1 < pattern.count
                && byte(p + 1) != UInt8(ascii: "]")
            {
                p += 1
                now = byte(p)
                if now == UInt8(ascii: "\\") {
                    p += 1
                    now = byte(p)
                    if p >= pattern.count { return nil }
                }
                if current <= now && current >= previous { isIn = true }
                now = 0
            } else if now == UInt8(ascii: "[") && byte(p + 1) == UInt8(ascii: ":") {
                let start = p + 2
                var end = start
                while end < pattern.count && byte(end) != UInt8(ascii: "]") { end += 1 }
                if end >= pattern.count { return nil }
                if end > start && byte(end - 1) == UInt8(ascii: ":") {
                    guard let isMember = Self.isMember(current, of: pattern[start..<(end - 1)]) else {
                        return nil
                    }
                    if isMember { isIn = true }
                    p = end
                    now = 0
                } else if current == now {
                    isIn = true
                }
            } else if current == now {
                isIn = true
            }
            previous = now
            p += 1
        } while byte(p) != UInt8(ascii: "]") || p >= pattern.count
        return isIn != isNegated
    }

    /// nil for a class that git does not know.
    private static func isMember(_ c: UInt8, of name: ArraySlice<UInt8>) -> Bool? {
        let isUpper = (0x41...0x5A).contains(c)
        let isLower = (0x61...0x7A).contains(c)
        let isDigit = (0x30...0x39).contains(c)
        let isGraph = (0x21...0x7E).contains(c)
        switch String(decoding: name, as: UTF8.self) {
        case "alnum": return isUpper || isLower || isDigit
        case "alpha": return isUpper || isLower
        case "blank": return c == 0x20 || c == 0x09
        case "cntrl": return c < 0x20 || c == 0x7F
        case "digit": return isDigit
        case "graph": return isGraph
        case "lower": return isLower
        case "print": return isGraph || c == 0x20
        case "punct": return isGraph && !(isUpper || isLower || isDigit)
        case "space": return c == 0x20 || (0x09...0x0D).contains(c)
        case "upper": return isUpper
        case "xdigit": return isDigit || (0x41...0x46).contains(c) || (0x61...0x66).contains(c)
        default: return nil
        }
    }
}
