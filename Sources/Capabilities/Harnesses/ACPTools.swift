internal import Vocabulary

/// A tool call as an ACP agent tells it, over one `tool_call` and any number of updates.
struct ACPToolCall: Hashable, Sendable {
    var id: String
    var members: [String: JSONValue]
    var wasAsked = false

    init(id: String, members: [String: JSONValue]) {
        self.id = id
        self.members = members
    }

    /// What a later message says replaces what an earlier one said; what it leaves out stays.
    mutating func merge(_ later: [String: JSONValue]) {
        for (name, value) in later where value != .null && name != "sessionUpdate" { members[name] = value }
    }

    var input: JSONValue { members["rawInput"] ?? .null }
    var status: String { members["status"]?.stringValue ?? "" }

    var kind: ToolCall.Kind {
        // Whatever kind it claims: it names a command line.
        if command(ifAny: input) != nil { return .shell }
        switch members["kind"]?.stringValue {
        case "execute": return .shell
        case "edit", "delete", "move": return .edit
        case "read", "search": return .read
        case "fetch": return .fetch
        default: return .other
        }
    }

    var draft: ToolCallDraft {
        let title = members["title"]?.stringValue ?? ""
        let kind = kind
        return ToolCallDraft(
            id: id, kind: kind, rawName: members["_meta"]?["tool_name"]?.stringValue ?? title,
            command: kind == .shell ? command(ifAny: input) ?? title : nil, paths: paths,
            input: input == .null ? ["title": .string(title)] : input)
    }

    private func command(ifAny input: JSONValue) -> String? {
        let value = input["command"] ?? input["cmd"]
        if let words = value?.arrayValue { return words.compactMap(\.stringValue).joined(separator: " ") }
        return value?.stringValue
    }

    /// Every path that any part of the call names, each once.
    private var paths: [String] {
        let named = ["path", "file_path", "filePath", "abs_path"].compactMap { input[$0]?.stringValue }
        let located = (members["locations"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }
        let changed = (members["content"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }
        return (named + located + changed).reduce(into: []) { paths, path in
            if !paths.contains(path), paths.count <= HarnessBounds.pathsMax { paths.append(path) }
        }
    }

    /// What came of it: the texts of its content, or its raw output.
    var summary: String {
        let texts = (members["content"]?.arrayValue ?? []).compactMap { $0["content"]?["text"]?.stringValue }
        if !texts.isEmpty { return texts.joined(separator: "\n") }
        guard let output = members["rawOutput"], output != .null else { return status }
        return output.stringValue ?? JSONText.write(output)
    }
}
