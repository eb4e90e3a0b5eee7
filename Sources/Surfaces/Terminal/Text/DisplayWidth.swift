/// How many columns text takes on a terminal, and how it is cut and padded to fit.
///
/// East Asian wide characters and emoji take two columns (UAX #11), everything else one. Terminals differ on
/// the newest emoji; a frame is therefore never trusted to fill its last column exactly.
package enum DisplayWidth {
    package static func of(_ text: String) -> Int {
        text.reduce(0) { $0 + of($1) }
    }

    package static func of(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if first.value < 0x300 { return isFollowedByEmojiSelector(character) ? 2 : 1 }
        if first.value == 0x200D || first.value == 0xFE0F || first.value == 0xFE0E { return 0 }
        if isWide(first) || first.properties.isEmojiPresentation || isFollowedByEmojiSelector(character) {
            return 2
        }
        return 1
    }

    /// Cuts text to `width` columns; what was cut is marked with `…`.
    package static func cut(_ text: String, to width: Int) -> String {
        guard width > 0 else { return "" }
        var kept = ""
        var used = 0
        var fitting = (text: "", width: 0)
        for character in text {
            let wide = of(character)
            if used + wide > width {
                return fitting.text + "…"
            }
            kept.append(character)
            used += wide
            if used <= width - 1 { fitting = (kept, used) }
        }
        return kept
    }

    /// Cuts or fills with spaces to exactly `width` columns.
    package static func fit(_ text: String, to width: Int) -> String {
        let text = cut(text, to: width)
        return text + String(repeating: " ", count: max(0, width - of(text)))
    }

    /// Like ``fit(_:to:)`` with the text at the right.
    package static func fitRight(_ text: String, to width: Int) -> String {
        let text = cut(text, to: width)
        return String(repeating: " ", count: max(0, width - of(text))) + text
    }

    /// Breaks text at spaces into lines of at most `width` columns; a longer word stands alone and is not
    /// cut.
    package static func wrap(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            let wide = of(String(word))
            if !line.isEmpty, used + 1 + wide > width {
                lines.append(line)
                line = ""
                used = 0
            }
            if !line.isEmpty {
                line += " "
                used += 1
            }
            line += word
            used += wide
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }

    private static func isFollowedByEmojiSelector(_ character: Character) -> Bool {
        character.unicodeScalars.dropFirst().first?.value == 0xFE0F
    }

    /// The blocks of Unicode 16's `EastAsianWidth.txt` marked W or F that are not emoji presentation.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6,
            0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD:
            true
        default:
            false
        }
    }
}
