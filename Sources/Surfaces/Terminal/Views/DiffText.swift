/// A unified diff for a screen: coloured by line, and with nothing in it that could act on the terminal.
package enum DiffText {
    package static func shown(_ diff: String, _ palette: Palette) -> String {
        var text = ""
        for line in diff.split(separator: "\n", omittingEmptySubsequences: false) {
            let safe = SafeText.block(String(line))
            text += palette.paint(safe, tint(of: line)) + "\n"
        }
        // The split made an empty last line out of the final line feed.
        if diff.hasSuffix("\n") { text.removeLast() }
        return text
    }

    private static func tint(of line: Substring) -> Palette.Tint? {
        if line.hasPrefix("diff ") || line.hasPrefix("+++") || line.hasPrefix("---") { return .bold }
        if line.hasPrefix("@@") { return .cyan }
        if line.hasPrefix("+") { return .green }
        if line.hasPrefix("-") { return .red }
        return nil
    }
}
