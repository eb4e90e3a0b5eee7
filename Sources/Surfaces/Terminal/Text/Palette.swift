/// Colours a piece of text where colour is wanted; otherwise leaves it as it is.
package struct Palette: Hashable, Sendable {
    package enum Tint: String, Hashable, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
    }
    package var isColoured: Bool
    package init(isColoured: Bool) { self.isColoured = isColoured }

    /// The text between the escape sequence of `tint` and the one that ends it.
    package func paint(_ text: String, _ tint: Tint?) -> String {
        guard isColoured, let tint, !text.isEmpty else { return text }
        return "\u{1B}[" + tint.rawValue + "m" + text + "\u{1B}[0m"
    }

    /// Colour is for terminals, and not wanted when `NO_COLOR` is set to anything (https://no-color.org) or
    /// the terminal says that it is dumb.
    package static func fitting(isTerminal: Bool, environment: [String: String]) -> Palette {
        let refused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return Palette(isColoured: isTerminal && !refused && environment["TERM"] != "dumb")
    }
}
