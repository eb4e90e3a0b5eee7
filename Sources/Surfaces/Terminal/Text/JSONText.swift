import FoundationEssentials

/// Values as JSON for programs: keys sorted, one line or indented.
enum JSONText {
    static func line(_ value: some Encodable) -> String {
        text(value, [.sortedKeys, .withoutEscapingSlashes])
    }
    static func document(_ value: some Encodable) -> String {
        text(value, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
    }

    private static func text(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        // A moment that is no number (never seen from our server) must not lose the rest of the document.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            // Plain values of strings and numbers always encode; should one not, that is said in JSON.
            return "{\"problem\":{\"description\":\"This value cannot be written as JSON.\"}}"
        }
    }
}
