import Vocabulary
import YAML

extension RehearsalScript {
    /// Reads a script. JSON is YAML, so a JSON text is read as well.
    ///
    /// Everything that is not understood is an error with its place: a misspelt step would else be a silent
    /// one.
    package init(yaml text: String, file: String) throws(RehearsalError) {
        let root: YAMLNode
        do {
            root = try YAMLDocument.parse(text: text, file: file)
        } catch {
            throw .scriptInvalid(
                position: SourcePosition(file: error.file, line: error.line, column: error.column),
                cause: error.message)
        }
        try self.init(root: ScriptReader(file: file), node: root)
    }

    private init(root reader: ScriptReader, node: YAMLNode) throws(RehearsalError) {
        try reader.only(["version", "scenes"], in: node, of: "a script")
        guard let version = node["version"] else {
            throw reader.error(node, "a script begins with `version: 1`")
        }
        guard try reader.integer(version, "version") == 1 else {
            throw reader.error(version, "version must be 1")
        }
        guard let list = node["scenes"] else { throw reader.error(node, "a script has `scenes`") }
        var scenes: [RehearsalScene] = []
        for scene in try reader.list(list, "scenes") { scenes.append(try reader.scene(scene)) }
        self.init(scenes: scenes)
    }
}

/// Turns nodes into scenes and steps.
private struct ScriptReader {
    let file: String
    private static let stepKeys = [
        "say", "final", "shell", "write", "edit", "read", "parallel", "json", "status", "delay", "cut",
        "hang", "garbage", "usage",
    ]

    func error(_ node: YAMLNode, _ cause: String) -> RehearsalError {
        .scriptInvalid(
            position: SourcePosition(file: file, line: node.line, column: node.column), cause: cause)
    }

    func scene(_ node: YAMLNode) throws(RehearsalError) -> RehearsalScene {
        try only(["match", "steps"], in: node, of: "a scene")
        var match = RehearsalMatch()
        if let wanted = node["match"] {
            try only(["role", "task", "round", "contains"], in: wanted, of: "`match`")
            if let role = wanted["role"] { match.role = try text(role, "role") }
            if let task = wanted["task"] { match.task = try text(task, "task") }
            if let round = wanted["round"] { match.round = try integer(round, "round") }
            if let contains = wanted["contains"] { match.contains = try text(contains, "contains") }
        }
        guard let list = node["steps"] else { throw error(node, "a scene has `steps`") }
        var steps: [RehearsalStep] = []
        for step in try self.list(list, "steps") { steps.append(try self.step(step)) }
        guard !steps.isEmpty else { throw error(list, "a scene has at least one step") }
        return RehearsalScene(match: match, steps: steps)
    }

    private func step(_ node: YAMLNode) throws(RehearsalError) -> RehearsalStep {
        try only(Self.stepKeys, in: node, of: "a step")
        var step = RehearsalStep()
        if let say = node["say"] { step.say = try text(say, "say") }
        step.calls = try calls(node)
        if let parallel = node["parallel"] {
            for call in try list(parallel, "parallel") {
                try only(["shell", "write", "edit", "read"], in: call, of: "a call")
                step.calls += try calls(call)
            }
        }
        if let final = node["final"] {
            guard step.say == nil, step.calls.isEmpty else {
                throw error(final, "`final` stands alone; use `say` beside a call")
            }
            step.say = try text(final, "final")
        }
        if let json = node["json"] { step.json = value(json) }
        step.fault = try fault(node)
        if let delay = node["delay"] { step.delayMilliseconds = try integer(delay, "delay") }
        if let usage = node["usage"] { step.usage = try self.usage(usage) }
        guard step.say != nil || !step.calls.isEmpty || step.json != nil || step.fault != nil else {
            throw error(
                node,
                "this step does nothing; it needs one of \(Self.stepKeys.dropLast().joined(separator: ", "))")
        }
        return step
    }

    private func calls(_ node: YAMLNode) throws(RehearsalError) -> [RehearsalCall] {
        var calls: [RehearsalCall] = []
        if let shell = node["shell"] { calls.append(.shell(try text(shell, "shell"))) }
        if let write = node["write"] {
            try only(["path", "text"], in: write, of: "`write`")
            calls.append(.write(path: try member("path", of: write), text: try member("text", of: write)))
        }
        if let edit = node["edit"] {
            try only(["path", "old", "new"], in: edit, of: "`edit`")
            calls.append(
                .edit(
                    path: try member("path", of: edit), old: try member("old", of: edit),
                    new: try member("new", of: edit)))
        }
        if let read = node["read"] {
            if read.text != nil {
                calls.append(.read(path: try text(read, "read")))
            } else {
                try only(["path"], in: read, of: "`read`")
                calls.append(.read(path: try member("path", of: read)))
            }
        }
        return calls
    }

    private func fault(_ node: YAMLNode) throws(RehearsalError) -> RehearsalFault? {
        var faults: [RehearsalFault] = []
        if let status = node["status"] {
            let code = try integer(status, "status")
            guard (400...599).contains(code) else {
                throw error(status, "status must be an error, 400 to 599")
            }
            faults.append(.status(code))
        }
        let flags: [(String, RehearsalFault)] = [("cut", .cut), ("hang", .hang), ("garbage", .garbage)]
        for (name, fault) in flags {
            guard let flag = node[name] else { continue }
            guard flag.text == "true" else { throw error(flag, "`\(name)` can only be true") }
            faults.append(fault)
        }
        guard faults.count <= 1 else {
            throw error(node, "a step has at most one of status, cut, hang, garbage")
        }
        return faults.first
    }

    private func usage(_ node: YAMLNode) throws(RehearsalError) -> TokenUsage {
        try only(["input", "output", "cacheRead", "cacheWrite"], in: node, of: "`usage`")
        func count(_ name: String) throws(RehearsalError) -> Int64 {
            guard let count = node[name] else { return 0 }
            return Int64(try integer(count, name))
        }
        return TokenUsage(
            input: try count("input"), output: try count("output"), cacheRead: try count("cacheRead"),
            cacheWrite: try count("cacheWrite"))
    }

    // MARK: Plain values

    func only(_ keys: [String], in node: YAMLNode, of what: String) throws(RehearsalError) {
        guard let entries = node.entries else { throw error(node, "\(what) is a mapping") }
        for entry in entries {
            guard let key = entry.key.text, keys.contains(key) else {
                throw error(
                    entry.key,
                    "\(what) has no `\(entry.key.text ?? "")`; it has \(keys.joined(separator: ", "))")
            }
        }
    }

    func list(_ node: YAMLNode, _ name: String) throws(RehearsalError) -> [YAMLNode] {
        guard let elements = node.elements else { throw error(node, "`\(name)` is a list") }
        return elements
    }

    func integer(_ node: YAMLNode, _ name: String) throws(RehearsalError) -> Int {
        guard let text = node.text, let number = Int(text), number >= 0 else {
            throw error(node, "`\(name)` is a whole number, not negative")
        }
        return number
    }

    private func text(_ node: YAMLNode, _ name: String) throws(RehearsalError) -> String {
        guard let text = node.text, !node.isNull else { throw error(node, "`\(name)` is a text") }
        return text
    }

    private func member(_ name: String, of node: YAMLNode) throws(RehearsalError) -> String {
        guard let member = node[name] else { throw error(node, "`\(name)` is missing") }
        guard let text = member.text else { throw error(member, "`\(name)` is a text") }
        return member.isNull ? "" : text
    }

    /// The value as JSON has it: unquoted `true`, `null` and numbers are what they look like, all else is
    /// text.
    private func value(_ node: YAMLNode) -> JSONValue {
        switch node.value {
        case .sequence(let elements): return .array(elements.map(value))
        case .mapping(let entries):
            var members: [String: JSONValue] = [:]
            for entry in entries { members[entry.key.text ?? ""] = value(entry.value) }
            return .object(members)
        case .scalar(let text, let isPlain):
            guard isPlain else { return .string(text) }
            if node.isNull { return .null }
            if text == "true" || text == "false" { return .bool(text == "true") }
            if let number = Int64(text) { return .int(number) }
            // `Double` would also take `nan` and `infinity`, which JSON does not have.
            if let first = text.utf8.first, first == 0x2d || (0x30...0x39).contains(first),
                let number = Double(text)
            {
                return .double(number)
            }
            return .string(text)
        }
    }
}
