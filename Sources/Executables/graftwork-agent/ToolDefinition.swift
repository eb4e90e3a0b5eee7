import Vocabulary

/// A tool as the model is told about it.
struct ToolDefinition: Hashable, Sendable {
    static let finish = "finish"

    var name: String
    var purpose: String
    var schema: JSONValue

    static func all(schema: JSONValue?) -> [ToolDefinition] {
        [
            ToolDefinition(
                "read", "Reads a text file of the worktree, whole or a range of lines.",
                [
                    "path": text("The file, relative to the worktree."),
                    "offset": number("The first line, from 1."),
                    "limit": number("How many lines."),
                ], required: ["path"]),
            ToolDefinition(
                "write", "Writes a whole file, making it and its folders if they are not there.",
                [
                    "path": text("The file, relative to the worktree."),
                    "content": text("All that the file shall hold."),
                ],
                required: ["path", "content"]),
            ToolDefinition(
                "edit", "Replaces a piece of a file. The old text must be in the file exactly once.",
                [
                    "path": text("The file, relative to the worktree."),
                    "old_string": text("The text to replace."),
                    "new_string": text("What to put in its place."),
                ], required: ["path", "old_string", "new_string"]),
            ToolDefinition(
                "shell", "Runs a command line in the worktree and returns its exit status and output.",
                [
                    "command": text("The command line, for bash."),
                    "timeout_seconds": number("When to give up; 120 if not said."),
                ],
                required: ["command"]),
            ToolDefinition(
                "search", "Finds the lines of the worktree's files that contain a text (no pattern).",
                [
                    "text": text("The text to find."),
                    "path": text("A folder or file to look in; else everywhere."),
                ],
                required: ["text"]),
            ToolDefinition(
                finish, "Ends the work with the final answer.",
                ["answer": schema ?? text("What was done and what is left.")], required: ["answer"]),
        ]
    }

    private init(_ name: String, _ purpose: String, _ properties: [String: JSONValue], required: [String]) {
        self.name = name
        self.purpose = purpose
        schema = [
            "type": "object", "properties": .object(properties),
            "required": .array(required.map { .string($0) }),
        ]
    }

    private static func text(_ meaning: String) -> JSONValue {
        ["type": "string", "description": .string(meaning)]
    }
    private static func number(_ meaning: String) -> JSONValue {
        ["type": "integer", "description": .string(meaning)]
    }
}
