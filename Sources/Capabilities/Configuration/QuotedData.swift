/// Text of a stranger inside a prompt: fenced by marks it cannot contain, so that it cannot pretend to have ended.
package enum QuotedData {
    /// The text between a first and a last line that name it. The number in the marks is the smallest for which no line
    /// of the text is such a mark.
    package static func block(_ label: String, _ text: String) -> String {
        var number = 0
        while text.contains("DATA \(label) \(number)>>>") { number += 1 }
        let ending = text.hasSuffix("\n") ? "" : "\n"
        return "<<<BEGIN DATA \(label) \(number)>>>\n\(text)\(ending)<<<END DATA \(label) \(number)>>>"
    }

    /// A stranger's text on one line, bounded, without control or direction characters.
    package static func line(_ text: String, lengthMax: Int = 500) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(lengthMax) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: line.append(" ")
            default: line.append(scalar)  // Unicode's categories, not ours.
            }
        }
        if text.unicodeScalars.count > lengthMax { line.append("…") }
        return String(line)
    }
}
