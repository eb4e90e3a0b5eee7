package import Vocabulary

/// Makes a harness's last text into the result of its turn.
package enum FinalAnswer {
    /// Completed with the text, and with the document in it when one was asked for; without one the turn
    /// failed.
    static func result(text: String, structured: JSONValue? = nil, schema: JSONValue?) -> HarnessResult {
        let shown = VisibleText.bounded(text, limit: HarnessBounds.answerBytes)
        guard schema != nil else { return .completed(text: shown, structured: structured) }
        guard let document = structured ?? document(in: text) else {
            return .failed(
                .schema,
                message:
                    "The answer is not the JSON document asked for: \(VisibleText.oneLine(text, limit: 300))")
        }
        return .completed(text: shown, structured: document)
    }

    /// The JSON document that the text is, or that the only fenced block with one in it is. Prose with JSON
    /// somewhere in it is no document: which part was meant would be a guess.
    package static func document(in text: String) -> JSONValue? {
        if let whole = parse(text[...]) { return whole }
        var documents: [JSONValue] = []
        var start: Substring.Index?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.drop(while: { $0 == " " }).hasPrefix("```") else { continue }
            if let opened = start {
                if let document = parse(text[opened..<line.startIndex]) { documents.append(document) }
                start = nil
            } else {
                start = line.endIndex
            }
        }
        return documents.count == 1 ? documents[0] : nil
    }

    private static func parse(_ text: Substring) -> JSONValue? {
        // Not a cause lost: text that is no JSON is an ordinary answer.
        guard let value = try? JSONText.parse(String(text)) else { return nil }
        switch value {
        case .object, .array: return value
        case .null, .bool, .int, .double, .string: return nil
        }
    }

    /// What to add to a prompt for a harness that has no way of its own to be given a schema.
    static func request(for schema: JSONValue) -> String {
        """


        End with your answer as one JSON document and nothing else in that message: no prose before or \
        after it. It must follow this JSON Schema:
        \(JSONText.write(schema))
        """
    }
}
