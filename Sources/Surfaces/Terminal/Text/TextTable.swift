/// Columns of text, aligned by display width.
package struct TextTable: Hashable, Sendable {
    package enum Alignment: Hashable, Sendable { case left, right }
    package struct Cell: Hashable, Sendable {
        var text: String
        var tint: Palette.Tint?
        package init(_ text: String, _ tint: Palette.Tint? = nil) {
            self.text = SafeText.line(text)
            self.tint = tint
        }
    }
    package struct Column: Hashable, Sendable {
        var heading: String
        var alignment: Alignment
        /// The column that gives way when the table is wider than the terminal.
        var isFlexible: Bool
        package init(_ heading: String, _ alignment: Alignment = .left, isFlexible: Bool = false) {
            self.heading = heading
            self.alignment = alignment
            self.isFlexible = isFlexible
        }
    }
    /// A flexible column keeps at least this many columns, whatever the terminal's width.
    static let flexibleWidthMin = 12

    package var columns: [Column]
    package var rows: [[Cell]] = []
    package init(_ columns: [Column]) { self.columns = columns }

    /// The heading and the rows; `width` nil: nothing is cut (output to a file or pipe).
    package func lines(width: Int?, palette: Palette) -> [String] {
        var widths = columns.indices.map { index in
            rows.reduce(DisplayWidth.of(columns[index].heading)) { widest, row in
                max(widest, index < row.count ? DisplayWidth.of(row[index].text) : 0)
            }
        }
        if let width, let flexible = columns.firstIndex(where: \.isFlexible) {
            let others =
                widths.indices.filter { $0 != flexible }.reduce(0) { $0 + widths[$1] } + 2
                * (widths.count - 1)
            widths[flexible] = min(widths[flexible], max(Self.flexibleWidthMin, width - others))
        }
        let heading = line(columns.map { Cell($0.heading, .dim) }, widths: widths, palette: palette)
        return [heading] + rows.map { line($0, widths: widths, palette: palette) }
    }

    private func line(_ cells: [Cell], widths: [Int], palette: Palette) -> String {
        var pieces: [String] = []
        for (index, cell) in cells.enumerated() {
            let isLast = index == cells.count - 1
            let text =
                switch columns[index].alignment {
                case .left where isLast: DisplayWidth.cut(cell.text, to: widths[index])
                case .left: DisplayWidth.fit(cell.text, to: widths[index])
                case .right: DisplayWidth.fitRight(cell.text, to: widths[index])
                }
            pieces.append(palette.paint(text, cell.tint))
        }
        return pieces.joined(separator: "  ")
    }
}
