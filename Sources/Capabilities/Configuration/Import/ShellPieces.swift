import Vocabulary

/// What the lines of another tool's set-up script mean behind walls, as far as that can be told by looking.
enum ShellPieces {
    enum Meaning: Hashable {
        case nothing
        /// Copies an ignored file of the user's checkout to the same place.
        case copy(String)
        case command
        /// Needs what no sandbox shows.
        case outside(String)
    }

    /// Where the tools say the user's checkout is.
    static let rootVariables = [
        "CONDUCTOR_ROOT_PATH", "SUPERSET_ROOT_PATH", "ROOT_WORKTREE_PATH", "CODEX_SOURCE_TREE_PATH",
    ]
    private static let workspaceVariables = [
        "CONDUCTOR_WORKSPACE_PATH", "CODEX_WORKTREE_PATH", "SUPERSET_WORKSPACE_PATH",
    ]

    /// The commands of a script of plain lines; one with any construct of the shell stays whole.
    static func split(_ script: String) -> [String] {
        let isPlain =
            !script.contains { "'`|(){}\\<>*?!&".contains($0) }
            && !script.contains("$(") && !words(script).contains { reserved.contains($0) }
        // `a && b` is two commands, for a set-up ends with the first that fails.
        let parted = script.replacing("&&", with: "\n")
        let isChain =
            !parted.contains { "'`|(){}\\<>*?!&".contains($0) }
            && !words(parted).contains { reserved.contains($0) }
        guard isPlain || isChain else { return [trimmed(script)].filter { !$0.isEmpty } }
        return parted.split { $0 == "\n" || $0 == ";" }.map { trimmed(String($0)) }.filter { !$0.isEmpty }
    }

    private static let reserved: Set<String> = [
        "if", "then", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "cd", "set",
        "export",
        "function", "source", ".", "trap",
    ]

    static func meaning(of piece: String) -> Meaning {
        if piece.hasPrefix("#") && !piece.contains("\n") { return .nothing }
        if piece.contains("{{") {
            return .outside("it is a template of its tool; ports are $GRAFTWORK_PORT here")
        }
        if piece.hasPrefix("wt ") {
            return .outside(
                "the program wt is not at work here; name the ignored files it copies under `copy:`")
        }
        if let path = copied(piece) { return .copy(path) }
        if let variable = (rootVariables + workspaceVariables).first(where: piece.contains) {
            return .outside("it uses $\(variable); a sandbox shows nothing beside the worktree. Use `copy:`")
        }
        return .command
    }

    /// `cp "$ROOT/path" path`, with the same path on both sides.
    private static func copied(_ piece: String) -> String? {
        var words = words(piece)
        guard words.first == "cp" else { return nil }
        words.removeFirst()
        while let flag = words.first, flag.hasPrefix("-") { words.removeFirst() }
        guard words.count == 2 else { return nil }
        let source = words[0].replacing("\"", with: "")
        let destination = words[1].replacing("\"", with: "")
        for variable in rootVariables {
            for prefix in ["$\(variable)/", "${\(variable)}/"] where source.hasPrefix(prefix) {
                let path = String(source.dropFirst(prefix.count))
                let name = path.split(separator: "/").last.map(String.init) ?? path
                let isSame =
                    [path, "./" + path].contains(destination)
                    || (!path.contains("/") && [".", "./", name].contains(destination))
                guard isSame, SetupReader.objection(toPattern: path) == nil else { return nil }
                return path
            }
        }
        return nil
    }

    /// Fetches packages from the network wherever it finds no cache.
    static func installs(_ line: String) -> Bool {
        let words = words(line)
        guard let program = words.first else { return false }
        let installers: Set<String> = [
            "npm", "pnpm", "yarn", "bun", "pip", "pip3", "uv", "poetry", "bundle", "composer", "cargo", "go",
            "gem",
            "mix",
        ]
        return installers.contains(program)
    }

    private static func words(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == ";" }.map(String.init)
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
