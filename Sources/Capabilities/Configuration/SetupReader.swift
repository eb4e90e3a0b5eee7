import Vocabulary
import Workflows
import YAML

/// Reads `worktree:`, which means the same in workflow and configuration.
enum SetupReader {
    static let copiesMax = 100
    static let sharesMax = 20
    static let commandsMax = 20
    static let inputsMax = 100
    static let portsMax = 20
    static let variablesMax = 50
    static let patternBytesMax = 400
    static let valueBytesMax = 4 << 10

    /// Whose file it is. A repository's is a stranger's: it may not name paths of this machine, nor what
    /// programs load.
    enum Owner { case user, repository }

    static func setup(_ reader: FieldReader, owner: Owner, home: String?) throws(ConfigurationError)
        -> StatedSetup?
    {
        guard let node = reader.value("worktree") else { return nil }
        let fields = try FieldReader(
            node, file: reader.file, place: "worktree",
            keys: ["copy", "share", "setup", "setup-inputs", "ports", "env"],
            later: ["base", "backend", "submodules", "sparse"])
        var stated = StatedSetup()
        stated.copies = try copies(fields)
        stated.shares = try shares(fields, owner: owner, home: home)
        stated.commands = try commands(fields)
        stated.inputs = try inputs(fields)
        stated.ports = try ports(fields)
        stated.variables = try variables(fields, owner: owner)
        return stated
    }

    private static func copies(_ fields: FieldReader) throws(ConfigurationError) -> [WorktreeSetup.Copy]? {
        guard let nodes = try list("copy", in: fields, countMax: copiesMax) else { return nil }
        var copies: [WorktreeSetup.Copy] = []
        for node in nodes {
            if node.entries == nil {
                copies.append(.init(pattern: try pattern(node, "copy", fields)))
            } else {
                let entry = try FieldReader(node, file: fields.file, place: "copy", keys: ["path", "raw"])
                let path = try entry.required("path", entry.value("path"))
                copies.append(
                    .init(pattern: try pattern(path, "path", entry), isRaw: try entry.bool("raw") ?? false))
            }
        }
        return copies
    }

    /// A pattern as in a `.gitignore` that cannot lead out of the tree or to git's own files.
    private static func pattern(_ node: YAMLNode, _ key: String, _ fields: FieldReader)
        throws(ConfigurationError) -> String
    {
        let text = try fields.text(node, key, lengthMax: patternBytesMax)
        if let why = objection(toPattern: text) { throw fields.bad(key, why, at: node) }
        return text
    }

    /// Why a pattern is refused; nil for one that stays inside.
    static func objection(toPattern text: String) -> String? {
        guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            return "holds patterns of visible characters"
        }
        let text = text.hasPrefix("!") ? String(text.dropFirst()) : text
        guard !text.hasPrefix("/"), !text.hasPrefix("~") else {
            return "names files of the checkout only, relative to its root"
        }
        let parts = text.split(separator: "/")
        guard !parts.contains(".."), !parts.contains(".") else { return "may not lead out of the checkout" }
        guard !parts.contains(where: { $0.lowercased() == ".git" }) else {
            return "never names git's own files"
        }
        return nil
    }

    private static func shares(_ fields: FieldReader, owner: Owner, home: String?) throws(ConfigurationError)
        -> [String]?
    {
        guard let nodes = try list("share", in: fields, countMax: sharesMax) else { return nil }
        switch owner {
        case .user: break
        case .repository:
            throw ConfigurationError(
                .wrongLevel(
                    field: "share",
                    why: "names paths of this machine, which only the user's own files may"),
                at: fields.keyPosition("share"))
        }
        var shares: [String] = []
        for node in nodes {
            var path = try fields.text(node, "share", lengthMax: 4_000)
            if path.hasPrefix("~/"), let home { path = home + path.dropFirst() }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            guard path.hasPrefix("/"), parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
                throw fields.bad("share", "holds absolute paths, or paths that begin with ~/", at: node)
            }
            shares.append(path)
        }
        return shares
    }

    private static func commands(_ fields: FieldReader) throws(ConfigurationError)
        -> [CheckDefinition.Command]?
    {
        guard let nodes = try list("setup", in: fields, countMax: commandsMax) else { return nil }
        var commands: [CheckDefinition.Command] = []
        for node in nodes {
            if let elements = node.elements {
                var argv: [String] = []
                for element in elements { argv.append(try fields.text(element, "setup")) }
                guard argv.first?.isEmpty == false else {
                    throw fields.bad("setup", "has a command that names no program", at: node)
                }
                commands.append(.argv(argv))
            } else {
                let script = try fields.text(node, "setup")
                guard script.contains(where: { !$0.isWhitespace }) else {
                    throw fields.bad("setup", "has an empty command", at: node)
                }
                commands.append(.script(script))
            }
        }
        return commands
    }

    private static func inputs(_ fields: FieldReader) throws(ConfigurationError) -> [String]? {
        guard let nodes = try list("setup-inputs", in: fields, countMax: inputsMax) else { return nil }
        var inputs: [String] = []
        for node in nodes { inputs.append(try pattern(node, "setup-inputs", fields)) }
        return inputs
    }

    private static func ports(_ fields: FieldReader) throws(ConfigurationError) -> Int? {
        guard let ports = try fields.int("ports") else { return nil }
        guard (0...portsMax).contains(ports) else {
            throw fields.bad("ports", "may be 0 to \(portsMax)", at: fields.value("ports") ?? fields.node)
        }
        return ports
    }

    private static func variables(_ fields: FieldReader, owner: Owner) throws(ConfigurationError)
        -> [WorktreeSetup.Variable]?
    {
        guard let node = fields.value("env") else { return nil }
        var variables: [WorktreeSetup.Variable] = []
        let named = try FieldReader(open: node, file: fields.file, place: "env").named
        guard named.count <= variablesMax else {
            throw fields.bad("env", "has more than \(variablesMax) variables", at: node)
        }
        for (name, key, value) in named {
            if let why = objection(toVariable: name, owner: owner) {
                throw ConfigurationError(.badValue(field: name, why: why), at: fields.position(key))
            }
            variables.append(
                .init(name: name, value: try fields.text(value, name, lengthMax: valueBytesMax)))
        }
        return variables.sorted { $0.name < $1.name }
    }

    private static func objection(toVariable name: String, owner: Owner) -> String? {
        guard VariableName.isName(name), name.utf8.count <= 100 else {
            return "is no name of a variable: letters, digits and _"
        }
        if VariableName.isRefused(name) { return "is never given to a sandbox" }
        if VariableName.isOurs(name) { return "is set by graftwork itself" }
        switch owner {
        case .repository where VariableName.steersPrograms(name):
            return "changes what programs load, which only the user's own files may"
        case .repository, .user: return nil
        }
    }

    /// One text, or a list.
    private static func list(_ key: String, in fields: FieldReader, countMax: Int) throws(ConfigurationError)
        -> [YAMLNode]?
    {
        guard let value = fields.value(key) else { return nil }
        let nodes = value.elements ?? [value]
        guard nodes.count <= countMax else {
            throw fields.bad(key, "has more than \(countMax) elements", at: value)
        }
        return nodes
    }
}
