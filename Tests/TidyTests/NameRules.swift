/// How types and files may be called.
enum NameRules {
    /// Names of the standard library: a type of ours would hide them.
    static let taken: Set<String> = ["Task", "Error", "Result", "Process", "Operation", "Stream", "Progress"]
    /// Words that say that the concept was not found.
    static let empty: Set<String> = [
        "Manager", "Utils", "Util", "Utilities", "Helper", "Helpers", "Core", "Common", "Extras",
    ]

    static func types(_ file: SourceFile) -> [Violation] {
        guard file.isSource, file.isSwift else { return [] }
        let words = ["struct ", "class ", "enum ", "actor ", "protocol ", "typealias "]
        return file.code(holding: words).flatMap { number, text -> [Violation] in
            let declaration = /\b(?:struct|class|enum|actor|protocol|typealias)\s+([A-Z]\w*)/
            guard let match = text.firstMatch(of: declaration) else { return [] }
            // An import of one type declares nothing.
            if text.contains(/\bimport\b/) { return [] }
            let name = String(match.1)
            var found: [Violation] = []
            if taken.contains(name) { found.append(file.violation(number, "\(name) hides the standard one")) }
            if name == file.module {
                found.append(file.violation(number, "\(name) is the name of its module"))
            }
            if let word = emptyWord(in: name) {
                found.append(file.violation(number, "\(name) says only \(word)"))
            }
            return found
        }
    }

    static func fileName(_ file: SourceFile) -> [Violation] {
        if file.name == "Placeholder.swift" { return [file.violation(1, "nothing is here yet")] }
        guard file.isSource, let word = emptyWord(in: file.name) else { return [] }
        return [file.violation(1, "the file name says only \(word)")]
    }

    static let pageLinesMax = 45

    /// What a module's page lacks, or has too much of.
    static func page(_ text: String, of module: String) -> [String] {
        var lacks: [String] = []
        if !text.hasPrefix("# ``\(module)``\n") { lacks.append("it does not begin with its module") }
        if !text.contains("efuses to know") {
            lacks.append(
                "it does not say what the module refuses to know")
        }
        if !text.lowercased().contains("start reading") {
            lacks.append("it does not say where to start reading")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
        if lines > pageLinesMax { lacks.append("it has \(lines) lines: more than a screen") }
        return lacks
    }

    private static func emptyWord(in name: String) -> String? {
        name.matches(of: /[A-Z][a-z]+/).map { String($0.0) }.first { empty.contains($0) }
    }
}
