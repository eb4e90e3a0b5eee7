internal import Vocabulary

/// What Codex's items are to a policy.
enum CodexItems {
    /// The call behind a command approval; nil when nothing says what would run.
    static func command(_ params: JSONValue, item: JSONValue?) -> ToolCallDraft? {
        let id = params["approvalId"]?.stringValue ?? params["itemId"]?.stringValue ?? ""
        if let network = params["networkApprovalContext"], network != .null {
            return ToolCallDraft(id: id, kind: .fetch, rawName: "network", input: network)
        }
        guard let line = params["command"]?.stringValue ?? item?["command"]?.stringValue else { return nil }
        let isInput = params["kind"]?.stringValue == "writeStdin"
        var input: [String: JSONValue] = ["command": .string(line)]
        input["cwd"] = params["cwd"] ?? item?["cwd"]
        input["reason"] = params["reason"]
        return ToolCallDraft(
            id: id, kind: .shell, rawName: isInput ? "writeStdin" : "commandExecution",
            command: script(in: line),
            input: .object(input.filter { $0.value != .null }))
    }

    /// The call behind a patch approval. The diff is only in the item that was started before.
    static func fileChange(_ params: JSONValue, item: JSONValue?) -> ToolCallDraft? {
        guard let changes = item?["changes"]?.arrayValue, !changes.isEmpty else { return nil }
        var paths: [String] = []
        for change in changes {
            guard let path = change["path"]?.stringValue else { return nil }
            paths.append(path)
            if let moved = change["kind"]?["move_path"]?.stringValue { paths.append(moved) }
        }
        return ToolCallDraft(
            id: params["itemId"]?.stringValue ?? "", kind: .edit, rawName: "fileChange", paths: paths,
            input: ["changes": .array(changes)])
    }

    /// What a shell would run: the script of `bash -lc SCRIPT`, or the line as it is.
    static func script(in line: String) -> String {
        guard let words = words(of: line), words.count == 3 else { return line }
        let shell = words[0].split(separator: "/").last ?? ""
        guard ["bash", "sh", "zsh", "dash"].contains(String(shell)), ["-lc", "-c"].contains(words[1]) else {
            return line
        }
        return words[2]
    }

    /// The words of a line quoted as POSIX shells quote; nil when it is no such line.
    static func words(of line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var escapes = false
        for character in line {
            if escapes {
                // In double quotes a backslash only takes the meaning of these four.
                if quote == "\"", !"\"\\$`".contains(character) { word = (word ?? "") + "\\" }
                word = (word ?? "") + String(character)
                escapes = false
            } else if character == "\\", quote != "'" {
                escapes = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " || character == "\t" || character == "\n" {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil, !escapes else { return nil }
        if let done = word { words.append(done) }
        return words
    }

    /// How an ended item is told.
    static func summary(of item: JSONValue) -> (succeeded: Bool, text: String) {
        let status = item["status"]?.stringValue ?? ""
        let exit = item["exitCode"]?.intValue
        let output = item["aggregatedOutput"]?.stringValue ?? ""
        let how = exit.map { "exit status \($0)" } ?? status
        return (status == "completed" && (exit ?? 0) == 0, output.isEmpty ? how : "\(how)\n\(output)")
    }
}
