/// A policy file's text, carried whole so that a runner decides by what the server read.
package struct PolicySource: Hashable, Sendable, Codable {
    package enum Level: String, Hashable, Sendable, Codable, CaseIterable {
        case builtIn, organisation, user, repository, workflow, agent, run
    }
    package var level: Level
    package var file: String
    package var text: String
    package init(level: Level, file: String, text: String) {
        self.level = level
        self.file = file
        self.text = text
    }
}
