/// Redraws a block of lines in place: moves up to where the last one began and rewrites only what changed.
///
/// The cursor rests on the line below the block, so that whatever ends the program leaves a usable screen.
package struct ScreenPainter: Hashable, Sendable {
    private var drawn: [String] = []
    private var columns = 0

    package init() {}

    /// The bytes that turn the last picture into this one; empty when nothing changed.
    package mutating func paint(_ lines: [String], columns: Int) -> String {
        if lines == drawn, columns == self.columns { return "" }
        // A terminal that became narrower has wrapped the old lines: they take more rows now than when drawn.
        let isResized = columns != self.columns && !drawn.isEmpty
        let rowsAbove = drawn.reduce(0) { $0 + Self.rows(of: $1, columns: max(1, columns)) }
        // Begin and end of a synchronized update; terminals that do not know it ignore it.
        var output = "\u{1B}[?2026h\r"
        if rowsAbove > 0 { output += "\u{1B}[\(rowsAbove)A" }
        if isResized { output += "\u{1B}[J" }
        for (index, line) in lines.enumerated() {
            let isUnchanged = !isResized && index < drawn.count && drawn[index] == line
            output += isUnchanged ? "\r\n" : line + "\u{1B}[K\r\n"
        }
        if lines.count < drawn.count { output += "\u{1B}[J" }
        drawn = lines
        self.columns = columns
        return output + "\u{1B}[?2026l"
    }

    /// How many rows of the terminal a line takes.
    static func rows(of line: String, columns: Int) -> Int {
        max(1, (visibleWidth(of: line) + columns - 1) / columns)
    }

    /// The width without colour sequences, which are the only escape sequences a frame contains.
    static func visibleWidth(of line: String) -> Int {
        var width = 0
        var isEscape = false
        for character in line {
            if isEscape {
                if character == "m" { isEscape = false }
            } else if character == "\u{1B}" {
                isEscape = true
            } else {
                width += DisplayWidth.of(character)
            }
        }
        return width
    }
}
