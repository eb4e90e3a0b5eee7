import Vocabulary

/// Values as JSON for programs: what `--json` prints, one line or indented.
enum JSONOutput {
    static func line(_ value: some Encodable) -> String { said { try JSONText.line(encoding: value) } }
    static func document(_ value: some Encodable) -> String {
        said { try JSONText.document(encoding: value) }
    }

    private static func said(_ text: () throws -> String) -> String {
        do {
            return try text()
        } catch {
            // Plain values of strings and numbers always encode; should one not, that is said in JSON.
            return "{\"problem\":{\"description\":\"This value cannot be written as JSON.\"}}"
        }
    }
}
