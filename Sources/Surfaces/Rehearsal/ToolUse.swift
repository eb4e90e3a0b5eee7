import Vocabulary

/// A call of one of the harness's own tools.
struct ToolUse: Hashable {
    enum Input: Hashable {
        case object(JSONValue)
        case text(String)
    }
    let name: String
    let input: Input

    /// The tool Claude Code offers for a structured answer.
    static let structuredOutput = "StructuredOutput"

    /// How many calls a step makes in a conversation, and so how many results it takes.
    static func count(of step: RehearsalStep, in conversation: Dialogue) -> Int {
        step.calls.count + (step.json != nil && conversation.tool(structuredOutput) != nil ? 1 : 0)
    }

    /// The calls of a step, in its order; nil when the harness offers no tool for one of them.
    static func uses(for step: RehearsalStep, in conversation: Dialogue) -> [ToolUse]? {
        var uses: [ToolUse] = []
        for call in step.calls {
            guard let use = use(for: call, in: conversation) else { return nil }
            uses.append(use)
        }
        if let json = step.json, conversation.tool(structuredOutput) != nil {
            uses.append(ToolUse(name: structuredOutput, input: .object(json)))
        }
        return uses
    }

    // MARK: Choosing a tool

    private static let shells = [
        "Bash", "shell", "exec_command", "shell_command", "bash", "run_shell_command", "run_command",
        "execute_bash", "terminal",
    ]
    private static let writers = ["Write", "write", "write_file", "create_file"]
    private static let editors = ["Edit", "edit", "edit_file", "search_replace", "str_replace"]
    private static let readers = ["Read", "read", "read_file"]

    private static func use(for call: RehearsalCall, in conversation: Dialogue) -> ToolUse? {
        switch call {
        case .shell(let command): return shell(command, conversation)
        case .write(let path, let text):
            if let use = filled(
                writers, path, [(["content", "text", "contents", "file_text"], text)], conversation)
            {
                return use
            }
            if !text.isEmpty, let use = patch(adding: path, text, conversation) { return use }
            return shell(ShellWords.write(text, to: path), conversation)
        case .edit(let path, let old, let new):
            let values = [(["old_string", "old", "old_str"], old), (["new_string", "new", "new_str"], new)]
            return filled(editors, path, values, conversation)
                ?? shell(ShellWords.edit(path, old: old, new: new), conversation)
        case .read(let path):
            return filled(readers, path, [], conversation) ?? shell(ShellWords.read(path), conversation)
        }
    }

    private static func shell(_ command: String, _ conversation: Dialogue) -> ToolUse? {
        for name in shells {
            guard let tool = conversation.tool(name), tool.kind == .function else { continue }
            let values = [(["command", "cmd"], command), (["description"], "A step of a rehearsal")]
            return fill(tool, values)
        }
        // Codex in code mode offers one tool that takes JavaScript.
        guard conversation.tool("exec")?.kind == .custom else { return nil }
        return ToolUse(
            name: "exec",
            input: .text(
                "const r = await tools.exec_command({cmd: \(javaScript(command))});"
                    + " text(r.output ?? JSON.stringify(r));"
            ))
    }

    private static func patch(adding path: String, _ text: String, _ conversation: Dialogue) -> ToolUse? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // A patch ends every line; a text that does not end its last one is written another way.
        guard lines.last == "" else { return nil }
        lines.removeLast()
        let patch =
            "*** Begin Patch\n*** Add File: \(path)\n" + lines.map { "+\($0)\n" }.joined() + "*** End Patch\n"
        if let tool = conversation.tool("apply_patch") {
            return tool.kind == .custom
                ? ToolUse(name: tool.name, input: .text(patch)) : fill(tool, [(["input", "patch"], patch)])
        }
        guard conversation.tool("exec")?.kind == .custom else { return nil }
        return ToolUse(
            name: "exec",
            input: .text(
                "const r = await tools.apply_patch(\(javaScript(patch)));"
                    + " text(typeof r === 'string' ? r : JSON.stringify(r));"
            ))
    }

    private static func filled(
        _ names: [String], _ path: String, _ values: [([String], String)], _ conversation: Dialogue
    ) -> ToolUse? {
        guard let tool = names.lazy.compactMap({ conversation.tool($0) }).first, tool.kind == .function else {
            return nil
        }
        var place = path
        // `file_path` is how Claude Code names a path that must be absolute.
        if tool.schema?["properties"]?["file_path"] != nil, !path.hasPrefix("/") {
            guard let directory = conversation.workingDirectory else { return nil }
            place = "\(directory)/\(path)"
        }
        return fill(tool, [(["file_path", "path", "filename", "file"], place)] + values)
    }

    /// Gives each value to the first parameter of its names that the tool has, and every other required
    /// parameter a value of its type.
    private static func fill(_ tool: OfferedTool, _ values: [([String], String)]) -> ToolUse {
        let properties = tool.schema?["properties"]?.objectValue ?? [:]
        var input: [String: JSONValue] = [:]
        for (names, value) in values {
            guard
                let name = names.first(where: { properties[$0] != nil })
                    ?? (properties.isEmpty ? names.first : nil)
            else { continue }
            let isList = properties[name]?["type"] == "array"
            input[name] = isList ? ["bash", "-lc", .string(value)] : .string(value)
        }
        for case .string(let name) in tool.schema?["required"]?.arrayValue ?? [] where input[name] == nil {
            input[name] = placeholder(for: properties[name])
        }
        return ToolUse(name: tool.name, input: .object(.object(input)))
    }

    private static func placeholder(for schema: JSONValue?) -> JSONValue {
        if let first = schema?["enum"]?.arrayValue?.first { return first }
        let type = schema?["type"]?.stringValue ?? schema?["type"]?.arrayValue?.first?.stringValue
        switch type {
        case "integer", "number": return 1
        case "boolean": return false
        case "array": return []
        case "object": return [:]
        default: return "rehearsed"
        }
    }

    private static func javaScript(_ text: String) -> String { JSONText.write(.string(text)) }
}
