import Vocabulary

/// The scene and the step that a request calls for.
///
/// The server keeps no state. The subject is the last user text with a `graftwork-role:` line, so texts that
/// a harness adds on its own do not count; without any, it is the last user text that a scene matches. The
/// first scene that matches the subject is played. How far it has come is told by the tool results after the
/// subject: each call of a step takes one.
struct SceneChoice: Hashable {
    let scene: Int
    let step: Int

    enum Outcome: Hashable {
        case found(SceneChoice)
        /// What was looked for, in words.
        case none(String)
    }

    static func choose(in script: RehearsalScript, for conversation: Dialogue) -> Outcome {
        if let subject = conversation.userTexts.last(where: { marker("role", in: $0.text) != nil }) {
            guard let scene = script.scenes.firstIndex(where: { matches($0.match, subject.text) }) else {
                let sought = ["role", "task", "round"].map {
                    "\($0) \(marker($0, in: subject.text) ?? "(none)")"
                }
                return .none("no scene of the script matches \(sought.joined(separator: ", "))")
            }
            return .found(choice(scene, of: script, conversation, subject))
        }
        for text in conversation.userTexts.reversed() {
            guard let scene = script.scenes.firstIndex(where: { matches($0.match, text.text) }) else {
                continue
            }
            return .found(choice(scene, of: script, conversation, text))
        }
        return .none(
            "no scene of the script matches: no user text has a `graftwork-role:` line"
                + " or holds what a scene looks for"
        )
    }

    /// The value of the first line `graftwork-NAME: value`.
    static func marker(_ name: String, in text: String) -> String? {
        let prefix = "graftwork-\(name):"
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(prefix) {
            return String(
                line.dropFirst(prefix.count).drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        return nil
    }

    private static func matches(_ match: RehearsalMatch, _ text: String) -> Bool {
        if let role = match.role, marker("role", in: text) != role { return false }
        if let task = match.task, marker("task", in: text) != task { return false }
        // A prompt that names no round is the first one.
        if let round = match.round, Int(marker("round", in: text) ?? "1") != round { return false }
        if let contains = match.contains, !text.contains(contains) { return false }
        return true
    }

    private static func choice(
        _ scene: Int, of script: RehearsalScript, _ conversation: Dialogue,
        _ subject: Dialogue.UserText
    ) -> SceneChoice {
        let steps = script.scenes[scene].steps
        var left = conversation.results(after: subject)
        var index = 0
        while index < steps.count, left > 0 {
            let taken = ToolUse.count(of: steps[index], in: conversation)
            guard taken > 0 else { break }  // It made no call, so what came after it is none of ours.
            left -= taken
            index += 1
        }
        return SceneChoice(scene: scene, step: index)
    }
}
