import Vocabulary

/// What the scripted model says in one answer, before a dialect puts it into its own words.
struct ScriptedAnswer {
    let model: String
    let text: String
    let uses: [ToolUse]
    let usage: TokenUsage
    /// The answer breaks off after its first part.
    let isCut: Bool

    /// Figures for steps that name none: not zero, so that what adds up is seen to.
    static func defaultUsage(for dialect: ModelDialect) -> TokenUsage {
        switch dialect {
        case .anthropicMessages: TokenUsage(input: 1200, output: 60, cacheRead: 1000, cacheWrite: 200)
        case .openaiResponses, .openaiChat: TokenUsage(input: 1200, output: 60, cacheRead: 1000)
        }
    }

    init(step: RehearsalStep?, conversation: Dialogue, uses: [ToolUse], dialect: ModelDialect) {
        model = conversation.model
        self.uses = uses
        usage = step?.usage ?? Self.defaultUsage(for: dialect)
        isCut = step?.fault == .cut
        if let json = step?.json, !uses.contains(where: { $0.name == ToolUse.structuredOutput }) {
            text = JSONText.write(json)
        } else {
            // After the last step, a harness that goes on asking is told that this was all.
            text = step == nil ? "Done." : step?.say ?? ""
        }
    }
}

/// One piece of a streamed answer.
enum StreamPart {
    static func event(_ name: String?, _ data: JSONValue) -> [UInt8] {
        Array(((name.map { "event: \($0)\n" } ?? "") + "data: \(JSONText.write(data))\n\n").utf8)
    }

    /// A text in the small pieces in which models send it.
    static func words(of text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            piece.append(character)
            if character == " " || character == "\n", piece.utf8.count >= 24 {
                pieces.append(piece)
                piece = ""
            }
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }

    static func identifier(_ prefix: String) -> String {
        prefix + String(UInt64.random(in: .min ... .max), radix: 36)
            + String(UInt64.random(in: .min ... .max), radix: 36)
    }
}
