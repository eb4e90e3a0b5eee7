package import Vocabulary
package import Workflows

/// What another tool's file in a repository says about setting up worktrees, in our words.
package struct ImportedSetup: Hashable, Sendable {
    package var file: String
    /// Whose file it is.
    package var tool: String
    /// What has an equivalent here, one line each.
    package var understood: [String] = []
    /// What has none, and why, one line each.
    package var notUnderstood: [String] = []
    package var copies: [String] = []
    package var commands: [CheckDefinition.Command] = []
    package var ports = 0
}

/// Reads the files that other tools leave in repositories. Nothing of them is ever applied by itself: they
/// are a stranger's, and were written for worktrees without walls.
package enum SetupImport {
    /// The files with a fixed place, in the order in which their commands count.
    package static let files = [
        ".worktreeinclude", ".cursor/worktrees.json", "conductor.json", ".superset/config.json",
        ".config/wt.toml",
    ]
    /// Every `.toml` file in it is one environment.
    package static let codexFolder = ".codex/environments"
    package static let fileBytesMax = 64 << 10

    /// The files that are there, each read by itself.
    /// - Parameter texts: by path; nil for a file that is too large or no text.
    package static func read(_ texts: [String: String?]) -> [ImportedSetup] {
        let environments = texts.keys.filter { $0.hasPrefix(codexFolder + "/") }.sorted()
        let order = files.prefix(2) + environments + files.dropFirst(2)
        return order.compactMap { file in
            guard let text = texts[file] else { return nil }
            guard let text else {
                return ImportedSetup(
                    file: file, tool: tool(of: file),
                    notUnderstood: ["It is larger than \(fileBytesMax) bytes, or no text."])
            }
            return read(file, text)
        }
    }

    /// What all of them come to: copies of all, and the commands of the first that has any.
    package static func combined(_ imported: [ImportedSetup]) -> (stated: StatedSetup, notes: [String]) {
        var copies: [String] = []
        for pattern in imported.flatMap(\.copies) where !copies.contains(pattern) { copies.append(pattern) }
        let withCommands = imported.filter { !$0.commands.isEmpty }
        var notes: [String] = []
        if let first = withCommands.first {
            notes = withCommands.dropFirst().map {
                "The commands of \($0.file) are left out, for \(first.file) has some: choose one."
            }
        }
        let ports = imported.map(\.ports).max() ?? 0
        return (
            StatedSetup(
                copies: copies.isEmpty ? nil : copies.map { .init(pattern: $0) },
                commands: withCommands.first?.commands, ports: ports > 0 ? ports : nil), notes
        )
    }

    private static func tool(of file: String) -> String {
        switch file {
        case ".worktreeinclude": "Claude Code and others"
        case ".cursor/worktrees.json": "Cursor"
        case "conductor.json": "Conductor"
        case ".superset/config.json": "Superset"
        case ".config/wt.toml": "Worktrunk"
        default: "Codex"
        }
    }

    private static func read(_ file: String, _ text: String) -> ImportedSetup {
        var setup = ImportedSetup(file: file, tool: tool(of: file))
        if file == ".worktreeinclude" {
            ForeignSetup.include(text, into: &setup)
            return setup
        }
        let document: JSONValue
        do {
            if file.hasSuffix(".toml") {
                do throws(TOMLReader.Flaw) {
                    document = try TOMLReader.parse(text)
                } catch {
                    setup.notUnderstood.append("Line \(error.line): \(error.reason).")
                    return setup
                }
            } else {
                document = try JSONText.parse(text)
            }
        } catch {
            setup.notUnderstood.append("\(error)")
            return setup
        }
        guard case .object(let members) = document else {
            setup.notUnderstood.append("It is no object.")
            return setup
        }
        switch file {
        case ".cursor/worktrees.json": ForeignSetup.cursor(members, into: &setup)
        case "conductor.json": ForeignSetup.conductor(members, into: &setup)
        case ".superset/config.json": ForeignSetup.superset(members, into: &setup)
        case ".config/wt.toml": ForeignSetup.worktrunk(members, into: &setup)
        default: ForeignSetup.codex(members, into: &setup)
        }
        return setup
    }

    /// The block of YAML that states it; empty for nothing.
    package static func yaml(of stated: StatedSetup) -> String {
        func quoted(_ text: String) -> String { JSONText.write(.string(text)) }
        var lines: [String] = []
        if let copies = stated.copies, !copies.isEmpty {
            lines += ["  copy:"] + copies.map { "    - \(quoted($0.pattern))" }
        }
        if let commands = stated.commands, !commands.isEmpty {
            lines.append("  setup:")
            lines += commands.map { command in
                switch command {
                case .argv(let argv): "    - [\(argv.map(quoted).joined(separator: ", "))]"
                case .script(let script): "    - \(quoted(script))"
                }
            }
        }
        if let ports = stated.ports { lines.append("  ports: \(ports)") }
        return lines.isEmpty ? "" : (["worktree:"] + lines).joined(separator: "\n") + "\n"
    }
}
