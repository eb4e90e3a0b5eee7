internal import Vocabulary

/// What Claude Code's tools are to a policy.
enum ClaudeTools {
    /// The tool by which the model gives its structured answer; it acts on nothing.
    static let answerTool = "StructuredOutput"

    static func draft(id: String, name: String, input: JSONValue) -> ToolCallDraft {
        let kind = kind(of: name, input)
        return ToolCallDraft(
            id: id, kind: kind, rawName: name,
            command: kind == .shell ? input["command"]?.stringValue ?? "" : nil,
            paths: paths(in: input), input: input)
    }

    static func kind(of name: String, _ input: JSONValue) -> ToolCall.Kind {
        switch name {
        case "Bash", "Monitor": return .shell
        case "Write", "Edit", "MultiEdit", "NotebookEdit": return .edit
        case "Read", "Glob", "Grep", "LS": return .read
        case "WebFetch", "WebSearch": return .fetch
        default:
            if name.hasPrefix("mcp__") { return .mcp }
            // A tool that is new to us and takes a command line is taken for what it looks like.
            return input["command"]?.stringValue == nil ? .other : .shell
        }
    }

    private static func paths(in input: JSONValue) -> [String] {
        ["file_path", "notebook_path", "path"].compactMap { input[$0]?.stringValue }
    }
}
