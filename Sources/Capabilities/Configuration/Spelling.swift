/// Guesses which known name a mistyped one was meant to be.
enum Spelling {
    /// The known name that is fewest typing errors away; nil when none is near.
    static func closest(to name: String, among known: [String]) -> String? {
        guard name.unicodeScalars.count <= 60 else { return nil }
        let tolerance = max(1, min(3, name.unicodeScalars.count / 3))
        let ranked = known.map { (name: $0, errors: distance(name.lowercased(), $0.lowercased())) }
            .filter { $0.errors <= tolerance }
        return ranked.min { $0.errors < $1.errors }?.name
    }

    /// The number of inserted, dropped, changed and swapped characters between two words.
    static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
