import Configuration
import Foundation
import Testing

/// The repository's own `Workflows` and `Templates`.
enum ShippedFiles {
    static let root = #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 }
    static let workflows = SourceFolder.disk(root + "/Workflows")
    static let prompts = SourceFolder.disk(root + "/Templates/prompts")
    static let templates = SourceFolder.disk(root + "/Templates")
}

/// What a person reads when something is refused: the sentence, and the hint after it.
func words(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as ConfigurationError {
        return error.description + (error.hint.map { " \($0)" } ?? "")
    } catch {
        return "another error: \(error)"
    }
}

/// A text with one piece replaced; a piece that is not there is a broken test.
func text(_ good: String, replacing old: String, with new: String) -> String {
    guard let range = good.range(of: old) else {
        Issue.record("\(old) is not in the good text")
        return good
    }
    return good.replacingCharacters(in: range, with: new)
}
