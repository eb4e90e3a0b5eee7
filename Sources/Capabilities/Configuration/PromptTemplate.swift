import Vocabulary

/// What a prompt asks an agent to do; decides which placeholders its template may and must have.
package enum PromptPurpose: String, Hashable, Sendable, CaseIterable {
    case plan, implement, revise, review

    package var placeholders: [String] {
        let task = ["goal", "task.id", "task.title", "task.instructions", "task.scope", "task.acceptance"]
        return switch self {
        case .plan: ["goal", "files", "max-tasks", "checks", "schema"]
        case .implement: task + ["others", "checks"]
        case .revise: task + ["others", "checks", "problems"]
        case .review: task + ["checks", "decisions", "piece", "diff", "schema"]
        }
    }

    /// Without these the agent would not see what its answer is about.
    package var required: [String] {
        switch self {
        case .plan: ["goal"]
        case .implement: ["task.instructions"]
        case .revise: ["task.instructions", "problems"]
        case .review: ["task.instructions", "task.acceptance", "diff"]
        }
    }
}

/// A text with `${{ name }}` in it, checked once and filled in for every session.
package struct PromptTemplate: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case text(String)
        case placeholder(String)
    }
    package let purpose: PromptPurpose
    package let file: String
    /// As it was read; a run records it.
    package let source: String
    private let parts: [Part]

    package static let bytesMax = 100_000

    package init(text: String, file: String, purpose: PromptPurpose) throws(ConfigurationError) {
        self.purpose = purpose
        self.file = file
        source = text
        guard text.utf8.count <= Self.bytesMax else {
            throw ConfigurationError(
                .badValue(field: "the template", why: "is longer than \(Self.bytesMax) bytes"),
                at: SourcePosition(file: file, line: 1, column: 1))
        }
        var parts: [Part] = []
        var plain = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        var index = 0
        var (line, column) = (1, 1)
        while index < scalars.count {
            guard scalars[index...].starts(with: "${{".unicodeScalars) else {
                plain.append(scalars[index])
                (line, column) = scalars[index] == "\n" ? (line + 1, 1) : (line, column + 1)
                index += 1
                continue
            }
            let position = SourcePosition(file: file, line: line, column: column)
            var inner = String.UnicodeScalarView()
            var end = index + 3
            while end < scalars.count, scalars[end] != "}", scalars[end] != "\n" {
                inner.append(scalars[end])
                end += 1
            }
            guard scalars[min(end, scalars.count)...].starts(with: "}}".unicodeScalars) else {
                throw ConfigurationError(.expression("${{ is not closed by }} on its line", hint: nil), at: position)
            }
            let name = String(inner.filter { $0 != " " && $0 != "\t" })
            guard purpose.placeholders.contains(name) else {
                throw ConfigurationError(
                    .unknownValue(name, what: "placeholder of a \(purpose.rawValue) prompt", known: purpose.placeholders),
                    at: position)
            }
            if !plain.isEmpty { parts.append(.text(String(plain))) }
            plain = String.UnicodeScalarView()
            parts.append(.placeholder(name))
            column += end + 2 - index
            index = end + 2
        }
        if !plain.isEmpty { parts.append(.text(String(plain))) }
        self.parts = parts
        for name in purpose.required where !parts.contains(.placeholder(name)) {
            throw ConfigurationError(
                .missingKey("${{ \(name) }}", place: "a \(purpose.rawValue) prompt"),
                at: SourcePosition(file: file, line: 1, column: 1))
        }
    }

    /// The text with each value in its place. A value is inserted once and as it is; `${{` in it means nothing.
    ///
    /// A placeholder without a value stands for nothing known, and says so.
    package func render(_ values: [String: String]) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .placeholder(let name): values[name] ?? "(not stated)"
            }
        }.joined()
    }
}
