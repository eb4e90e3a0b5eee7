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
    /// How a column gives way when the table is wider than the terminal.
    package struct Yield: Hashable, Sendable {
        /// Lower ones give way first.
        var rank: Int
        /// It is cut to this width; nil: a part of it would mislead.
        var cutTo: Int?
        /// Where that is not enough it is left out, before a column of higher rank is cut.
        var canBeLeftOut: Bool
        package init(rank: Int, cutTo: Int?, canBeLeftOut: Bool = false) {
            self.rank = rank
            self.cutTo = cutTo
            self.canBeLeftOut = canBeLeftOut
        }
    }
    package struct Column: Hashable, Sendable {
        var heading: String
        var alignment: Alignment
        /// nil: it never gives way, because it must be read or typed whole.
        var yield: Yield?
        package init(_ heading: String, _ alignment: Alignment = .left, yield: Yield? = nil) {
            self.heading = heading
            self.alignment = alignment
            self.yield = yield
        }
    }

    package var columns: [Column]
    package var rows: [[Cell]] = []
    package init(_ columns: [Column]) { self.columns = columns }

    private static let gap = 2

    /// The heading and the rows; `width` nil: nothing is cut (output to a file or pipe).
    package func lines(width: Int?, palette: Palette) -> [String] {
        var widths = columns.indices.map { index in
            rows.reduce(DisplayWidth.of(columns[index].heading)) { widest, row in
                max(widest, index < row.count ? DisplayWidth.of(row[index].text) : 0)
            }
        }
        var shown = Array(columns.indices)
        if let width { fit(&widths, &shown, to: width) }
        let heading = line(columns.map { Cell($0.heading, .dim) }, shown, widths, palette)
        return [heading] + rows.map { line($0, shown, widths, palette) }
    }

    /// Cuts columns or leaves them out, by their rank, until the rest fits or nothing more gives way.
    private func fit(_ widths: inout [Int], _ shown: inout [Int], to width: Int) {
        var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - width
        let yielding = columns.indices.compactMap { index in columns[index].yield.map { (index, $0) } }
            .sorted { ($0.1.rank, $0.0) < ($1.1.rank, $1.0) }
        for (index, yield) in yielding where excess > 0 {
            let cut = min(excess, max(0, widths[index] - (yield.cutTo ?? widths[index])))
            widths[index] -= cut
            excess -= cut
            if excess > 0, yield.canBeLeftOut {
                shown.removeAll { $0 == index }
                excess -= widths[index] + Self.gap
            }
        }
    }

    private func line(_ cells: [Cell], _ shown: [Int], _ widths: [Int], _ palette: Palette) -> String {
        var pieces: [String] = []
        for index in shown where index < cells.count {
            let cell = cells[index]
            let isLast = index == shown.last
            let text =
                switch columns[index].alignment {
                case .left where isLast: DisplayWidth.cut(cell.text, to: widths[index])
                case .left: DisplayWidth.fit(cell.text, to: widths[index])
                case .right: DisplayWidth.fitRight(cell.text, to: widths[index])
                }
            pieces.append(palette.paint(text, cell.tint))
        }
        return pieces.joined(separator: String(repeating: " ", count: Self.gap))
    }
}
