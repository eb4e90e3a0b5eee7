/// What was understood of the files by which other tools set up worktrees.
package struct ImportedSetupView: Hashable, Sendable, Codable {
    package struct File: Hashable, Sendable, Codable {
        package var path: String
        /// Whose file it is.
        package var tool: String
        package var understood: [String]
        /// What has no equivalent, and why.
        package var notUnderstood: [String]
        package init(path: String, tool: String, understood: [String], notUnderstood: [String]) {
            self.path = path
            self.tool = tool
            self.understood = understood
            self.notUnderstood = notUnderstood
        }
    }
    package var files: [File]
    package var notes: [String]
    /// A `worktree:` block for workflow or configuration; empty for nothing.
    package var yaml: String
    package init(files: [File], notes: [String], yaml: String) {
        self.files = files
        self.notes = notes
        self.yaml = yaml
    }
}
