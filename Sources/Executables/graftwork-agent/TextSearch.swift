/// Plain search in text, by bytes, so that no Foundation is needed for it.
extension StringProtocol {
    /// Where the piece first is; nil when it is not there or empty.
    func range(of piece: String) -> Range<Index>? {
        let wanted = Array(piece.utf8)
        guard let first = wanted.first else { return nil }
        var start = utf8.startIndex
        while let candidate = utf8[start...].firstIndex(of: first) {
            var index = candidate
            var matched = 0
            while matched < wanted.count, index != utf8.endIndex, utf8[index] == wanted[matched] {
                index = utf8.index(after: index)
                matched += 1
            }
            if matched == wanted.count { return candidate..<index }
            start = utf8.index(after: candidate)
        }
        return nil
    }
}

extension String {
    func replacingCharacters(_ range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
