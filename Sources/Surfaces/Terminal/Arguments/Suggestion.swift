/// Finds what a person most likely meant to type.
enum Suggestion {
    /// The nearest candidate, if it is near enough to be worth saying; the first of equals.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let limit = max(1, min(3, word.count / 2))
        var best: (word: String, distance: Int)?
        for candidate in candidates {
            let distance = self.distance(Array(word.prefix(64)), Array(candidate))
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        if let best { return best.word }
        return candidates.first { word.count >= 3 && $0.hasPrefix(word) }
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words.
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var twoBefore: [Int] = []
        var before = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(before[j] + (a[i] == b[j] ? 0 : 1), before[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, twoBefore[j - 1] + 1) }
                row.append(cost)
            }
            twoBefore = before
            before = row
        }
        return before[b.count]
    }
}
