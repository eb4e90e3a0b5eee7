/// Sentences on a terminal: broken between words and never within one.
enum Prose {
    /// The lines of a text for `columns`; nil: as they are, because nobody looks at them on a screen.
    ///
    /// Lines stay lines, and what continues one is indented as it is. A word that is longer than a line, like
    /// a path, stays whole.
    static func lines(_ text: String, columns: Int?) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let columns else { return lines }
        return lines.flatMap { line in
            if DisplayWidth.of(line) <= columns { return [line] }
            let indent = String(line.prefix { $0 == " " })
            return DisplayWidth.wrap(line, to: max(wordsWidthMin, columns - indent.count)).map { indent + $0 }
        }
    }

    /// However narrow the terminal is.
    private static let wordsWidthMin = 20

    static func text(_ text: String, columns: Int?) -> String {
        lines(text, columns: columns).joined(separator: "\n")
    }
}
