package import Vocabulary

/// Finds the JSON document in what an agent said last: the whole text, or its one fenced block.
package enum StructuredAnswer {
    /// nil when the text holds no JSON document, or more than one fenced block and no way to tell which is
    /// meant.
    package static func find(in text: String) -> JSONValue? {
        if let whole = parse(text) { return whole }
        let blocks = fencedBlocks(of: text).compactMap(parse)
        return blocks.count == 1 ? blocks[0] : nil
    }

    private static func parse(_ text: String) -> JSONValue? {
        let first = text.utf8.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
        // Not a cause lost: text that is no JSON is an ordinary answer.
        return try? JSONText.parse(text)
    }

    /// The contents between lines that begin with three back quotes.
    private static func fencedBlocks(of text: String) -> [String] {
        var blocks: [String] = []
        var open: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                if let lines = open { blocks.append(lines.joined(separator: "\n")) }
                open = open == nil ? [] : nil
            } else {
                open?.append(line)
            }
        }
        return blocks
    }
}
