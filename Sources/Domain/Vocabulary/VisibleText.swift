/// Makes text from strangers safe to show and to keep: bounded in size, and with nothing in it that moves a
/// cursor, reorders a line or hides itself.
///
/// Line feeds and tabs stay. Every other control character, the marks that change the direction of text,
/// invisible spaces and tag characters become `\u{…}`, so that a reader sees that they were there.
package enum VisibleText {
    /// The text, escaped and cut to `limit` bytes; what was cut is counted at the end.
    package static func bounded(_ text: String, limit: Int) -> String {
        escaped(text, limit: limit, keepsLines: true)
    }

    /// The same on one line: line feeds and tabs are written as `\n` and `\t`.
    package static func oneLine(_ text: String, limit: Int) -> String {
        escaped(text, limit: limit, keepsLines: false)
    }

    /// A name from a stranger within a sentence: on one line, short, in quotes.
    package static func quoted(_ text: String, limit: Int = 200) -> String {
        "“\(oneLine(text, limit: limit))”"
    }

    private static func escaped(_ text: String, limit: Int, keepsLines: Bool) -> String {
        var output = ""
        output.reserveCapacity(min(text.utf8.count, limit))
        var room = limit
        var index = text.unicodeScalars.startIndex
        let scalars = text.unicodeScalars
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let piece: String
            if scalar == "\r", next(after: index, in: scalars) == "\n" {
                piece = ""  // A line ending of two characters is one line ending.
            } else if scalar == "\n" || scalar == "\t" {
                piece = keepsLines ? String(scalar) : (scalar == "\n" ? "\\n" : "\\t")
            } else if mustEscape(scalar) {
                piece = "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                piece = String(scalar)
            }
            guard piece.utf8.count <= room else {
                return output + "… (\(scalars[index...].reduce(0) { $0 + UTF8.width($1) }) bytes more)"
            }
            output += piece
            room -= piece.utf8.count
            index = scalars.index(after: index)
        }
        return output
    }

    private static func next(
        after index: String.UnicodeScalarView.Index, in scalars: String.UnicodeScalarView
    ) -> Unicode.Scalar? {
        let following = scalars.index(after: index)
        return following < scalars.endIndex ? scalars[following] : nil
    }

    private static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        // C0, DEL and C1: cursor, bell, the start of every ANSI sequence.
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // Direction of text.
        case 0x00AD, 0x180E, 0x200B, 0x2060...0x2064, 0xFEFF: true  // Invisible.
        case 0x2028, 0x2029: true  // Line ends that only some programs see.
        case 0xE0000...0xE007F: true  // Tags: text that no font shows.
        default: false
        }
    }
}

extension UTF8 {
    fileprivate static func width(_ scalar: Unicode.Scalar) -> Int {
        scalar.value < 0x80 ? 1 : scalar.value < 0x800 ? 2 : scalar.value < 0x10000 ? 3 : 4
    }
}
