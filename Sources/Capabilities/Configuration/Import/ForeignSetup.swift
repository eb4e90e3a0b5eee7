import Vocabulary

/// What the members of each tool's file mean here. The formats, as their makers describe them:
/// * `.worktreeinclude`: patterns as in a `.gitignore`; copied is what they name and git ignores
///   (code.claude.com/docs, git-worktreeinclude)
/// * Cursor: `setup-worktree-unix` before `setup-worktree`, each a list of shell commands or the path of a
///   script beside the file (cursor.com/docs/configuration/worktrees)
/// * Codex: `[setup] script`, `[cleanup]`, `[[actions]]` (developers.openai.com/codex/app/local-environments)
/// * Conductor: `scripts.setup`, `.run`, `.archive` (docs.conductor.build/core/scripts)
/// * Superset: `setup` and `teardown`, lists of commands (docs of superset-sh/superset)
/// * Worktrunk: `pre-start`, earlier `post-create`, a command or a table of named ones; `post-start` runs in
///   the background (worktrunk.dev/hook)
enum ForeignSetup {
    static let commandsMax = SetupReader.commandsMax

    static func include(_ text: String, into setup: inout ImportedSetup) {
        for line in text.split(separator: "\n").map(trimmed) where !line.isEmpty && !line.hasPrefix("#") {
            let isRooted = line.hasPrefix("/")
            let pattern = isRooted ? String(line.dropFirst()) : line
            if let why = SetupReader.objection(toPattern: pattern) {
                setup.notUnderstood.append("\(shown(line)): it \(why).")
            } else if setup.copies.count < SetupReader.copiesMax {
                setup.copies.append(pattern)
                let note = isRooted && !pattern.dropLast().contains("/") ? " (here at any depth)" : ""
                setup.understood.append("copies \(shown(line))\(note)")
            }
        }
    }

    static func cursor(_ members: [String: JSONValue], into setup: inout ImportedSetup) {
        let key = ["setup-worktree-unix", "setup-worktree"].first { members[$0] != nil }
        for name in members.keys.sorted() where name != key {
            setup.notUnderstood.append("\(shown(name)): \(cursorReason(name, beside: key)).")
        }
        switch key.flatMap({ members[$0] }) {
        case .string(let path):
            // The path is relative to the file itself.
            let parts = path.split(separator: "/").filter { $0 != "." }
            guard !path.hasPrefix("/"), !parts.contains("..") else {
                return setup.notUnderstood.append("\(shown(path)): the script is not beside the file.")
            }
            add(.argv(["sh", ".cursor/" + parts.joined(separator: "/")]), to: &setup)
        case .array(let lines): addLines(lines, to: &setup)
        case .some: setup.notUnderstood.append("\(shown(key ?? "")): it is neither a list nor a path.")
        case nil: break
        }
    }

    private static func cursorReason(_ name: String, beside key: String?) -> String {
        switch name {
        case "setup-worktree-windows": "it is for Windows"
        case "setup-worktree": "\(key ?? "") counts before it"
        default: "nothing here corresponds to it"
        }
    }

    static func codex(_ members: [String: JSONValue], into setup: inout ImportedSetup) {
        let script =
            members["setup"]?["linux"]?["script"]?.stringValue ?? members["setup"]?["script"]?.stringValue
        if let script { addScript(script, to: &setup) }
        for name in members.keys.sorted() {
            switch name {
            case "version", "name", "setup": break
            case "cleanup": setup.notUnderstood.append("cleanup: a worktree that goes runs nothing here.")
            case "actions":
                setup.notUnderstood.append("actions: name those that prove a change under `checks:`.")
            default: setup.notUnderstood.append("\(shown(name)): nothing here corresponds to it.")
            }
        }
    }

    static func conductor(_ members: [String: JSONValue], into setup: inout ImportedSetup) {
        if let script = members["scripts"]?["setup"]?.stringValue { addScript(script, to: &setup) }
        if members["scripts"]?["run"] != nil {
            setup.notUnderstood.append(
                "scripts.run: nothing is started in a worktree; its port is $GRAFTWORK_PORT.")
        }
        if members["scripts"]?["archive"] != nil {
            setup.notUnderstood.append("scripts.archive: a worktree that goes runs nothing here.")
        }
        unknown(members, but: ["scripts"], in: &setup)
    }

    static func superset(_ members: [String: JSONValue], into setup: inout ImportedSetup) {
        switch members["setup"] {
        case .array(let lines): addLines(lines, to: &setup)
        case .string(let line): addScript(line, to: &setup)
        case nil: break
        case .some: setup.notUnderstood.append("setup: it is no list of commands.")
        }
        if members["teardown"] != nil {
            setup.notUnderstood.append("teardown: a worktree that goes runs nothing here.")
        }
        unknown(members, but: ["setup", "teardown"], in: &setup)
    }

    static func worktrunk(_ members: [String: JSONValue], into setup: inout ImportedSetup) {
        for name in ["pre-start", "post-create"] {
            switch members[name] {
            case .string(let line): addScript(line, to: &setup)
            case .object(let named): addNamed(named, to: &setup)
            case .array(let blocks):
                for case .object(let named) in blocks { addNamed(named, to: &setup) }
            case nil: break
            case .some: setup.notUnderstood.append("\(name): it is no command.")
            }
        }
        if members["post-start"] != nil {
            setup.notUnderstood.append(
                "post-start: it runs in the background there; here set-up ends before the agent begins. Add "
                    + "what it needs by hand.")
        }
        unknown(members, but: ["pre-start", "post-create", "post-start"], in: &setup)
    }

    private static func addNamed(_ named: [String: JSONValue], to setup: inout ImportedSetup) {
        addLines(named.keys.sorted().compactMap { named[$0] }, to: &setup)
    }

    private static func unknown(
        _ members: [String: JSONValue], but known: Set<String>, in setup: inout ImportedSetup
    ) {
        for name in members.keys.sorted() where !known.contains(name) {
            setup.notUnderstood.append("\(shown(name)): nothing here corresponds to it.")
        }
    }

    private static func addLines(_ lines: [JSONValue], to setup: inout ImportedSetup) {
        for line in lines {
            guard let text = line.stringValue else {
                setup.notUnderstood.append("An element that is no text.")
                continue
            }
            addScript(text, to: &setup)
        }
    }

    private static func addScript(_ script: String, to setup: inout ImportedSetup) {
        for piece in ShellPieces.split(script) {
            switch ShellPieces.meaning(of: piece) {
            case .nothing: break
            case .copy(let path):
                guard !setup.copies.contains(path) else { break }
                setup.copies.append(path)
                setup.understood.append("copies \(shown(path)), as \(shown(piece)) does")
            case .command:
                add(.script(piece), to: &setup)
            case .outside(let why):
                setup.notUnderstood.append("\(shown(piece)): \(why).")
            }
        }
    }

    private static func add(_ command: CheckDefinition.Command, to setup: inout ImportedSetup) {
        guard setup.commands.count < commandsMax else {
            return setup.notUnderstood.append("More than \(commandsMax) commands.")
        }
        setup.commands.append(command)
        let line =
            switch command {
            case .argv(let argv): argv.joined(separator: " ")
            case .script(let script): script
            }
        let note =
            ShellPieces.installs(line)
            ? " (it has no network here: show its cache with `share:` in your own configuration)" : ""
        setup.understood.append("runs \(shown(line))\(note)")
    }

    private static func trimmed(_ line: Substring) -> String {
        var line = line
        while let last = line.last, last.isWhitespace { line.removeLast() }
        return String(line)
    }

    private static func shown(_ text: String) -> String { VisibleText.quoted(text, limit: 200) }
}
