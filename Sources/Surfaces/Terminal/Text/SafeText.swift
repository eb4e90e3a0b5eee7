/// Makes text from agents, models and repositories harmless for a terminal.
///
/// Whatever could move the cursor, change colours, reorder or hide characters is shown as what it is
/// (`\u{202e}`), never sent: see UAX #9 for the bidirectional controls and ECMA-48 for the escape sequences.
///
/// `VisibleText` is for what is kept: bounded in bytes and changed as little as possible. Here it is columns
/// that count, and what a record may keep (private characters, piled-up marks) would still spoil a screen.
package enum SafeText {
    /// More combining marks than this on one character only serve to cover the lines around it.
    static let marksPerCharacterMax = 3

    /// One line without control, format or private characters; longer text is cut and marked with `…`.
    package static func line(_ text: String, charactersMax: Int = 2000) -> String {
        escape(text, charactersMax: charactersMax, keepsLayout: false)
    }

    /// Several lines: line feeds and tabs stay, everything else is escaped as in ``line(_:charactersMax:)``.
    package static func block(_ text: String, charactersMax: Int = .max) -> String {
        escape(text, charactersMax: charactersMax, keepsLayout: true)
    }

    private static func escape(_ text: String, charactersMax: Int, keepsLayout: Bool) -> String {
        var safe = ""
        var count = 0
        for character in text {
            if count >= charactersMax {
                safe += "…"
                break
            }
            count += 1
            var marks = 0
            for scalar in character.unicodeScalars {
                if isMark(scalar) {
                    marks += 1
                    if marks > marksPerCharacterMax { continue }
                }
                append(scalar, to: &safe, keepsLayout: keepsLayout)
            }
        }
        return safe
    }

    private static func append(_ scalar: Unicode.Scalar, to safe: inout String, keepsLayout: Bool) {
        switch scalar.value {
        case 0x20...0x7E:
            safe.unicodeScalars.append(scalar)
        case 0x0A, 0x09:
            if keepsLayout { safe.unicodeScalars.append(scalar) } else { safe += " " }
        case 0x0D:
            if !keepsLayout { safe += " " }
        case 0x200D, 0xFE0F, 0xFE0E:
            // The joiner and the variation selectors make emoji; alone they are invisible and harmless.
            safe.unicodeScalars.append(scalar)
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .surrogate, .unassigned:
                safe += "\\u{" + String(scalar.value, radix: 16) + "}"
            case .lineSeparator, .paragraphSeparator:
                safe += " "
            // Letters, marks, numbers, punctuation and symbols of every script are shown as they are.
            default:
                safe.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value > 0x7F, scalar.value != 0xFE0F, scalar.value != 0xFE0E else { return false }
        return scalar.properties.canonicalCombiningClass != .notReordered
            || scalar.properties.generalCategory == .nonspacingMark
            || scalar.properties.generalCategory == .enclosingMark
    }
}
