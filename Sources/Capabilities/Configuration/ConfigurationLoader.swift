import Vocabulary
import Workflows
import YAML

/// Reads `config.yaml` of the user and of the repository and lays them over each other.
package enum ConfigurationLoader {
    package static let userFile = "config.yaml"
    /// Read from the target branch's tip.
    package static let repositoryFile = ".graftwork/config.yaml"

    /// - Parameters:
    ///   - user: `$XDG_CONFIG_HOME/graftwork`.
    ///   - repository: the tree at the target branch's tip.
    ///   - home: what `~/` stands for in the user's file.
    package static func load(
        user: SourceFolder, repository: SourceFolder, home: String? = nil
    ) throws(ConfigurationError) -> GraftworkConfiguration {
        let mine = try user.text(userFile).map { ($0, user.display(userFile)) }
        let theirs = try repository.text(repositoryFile).map { ($0, repository.display(repositoryFile)) }
        return try configuration(user: mine, repository: theirs, home: home)
    }

    /// The configuration that two texts make; a missing one says nothing.
    package static func configuration(
        user: (text: String, file: String)?, repository: (text: String, file: String)?, home: String? = nil
    ) throws(ConfigurationError) -> GraftworkConfiguration {
        let mine = try user.flatMap { source throws(ConfigurationError) in
            try ConfigurationFile(text: source.text, file: source.file, level: .user, home: home)
        }
        let theirs = try repository.flatMap { source throws(ConfigurationError) in
            try ConfigurationFile(text: source.text, file: source.file, level: .repository, home: home)
        }
        let both = [mine, theirs].compactMap { $0 }
        var configuration = GraftworkConfiguration(files: both.map(\.file))
        let declared = both.flatMap(\.upstreams)
        configuration.upstreams =
            declared + KnownUpstreams.all.filter { known in !declared.contains { $0.name == known.name } }
        var placed: [PlacedAgent] = []
        for agent in both.flatMap(\.agents) {
            if let index = placed.firstIndex(where: { $0.name == agent.name }) {
                placed[index] = agent
            } else {
                placed.append(agent)
            }
        }
        for agent in placed {
            configuration.agents.append(try agent.definition(among: configuration.upstreams, declared))
        }
        configuration.checks = both.last { !$0.checks.isEmpty }?.checks ?? []
        configuration.sameVendorReview =
            both.compactMap(\.sameVendorReview).contains(.hold) ? .hold : mine?.sameVendorReview ?? .hold
        configuration.checkoutUpdate = mine?.checkoutUpdate ?? .ask
        configuration.toolchains = mine?.toolchains ?? []
        configuration.resources = mine?.resources
        configuration.snapshotsKept = mine?.snapshotsKept ?? .standard
        configuration.worktreeBackend = mine?.worktreeBackend ?? .auto
        configuration.worktree = theirs?.worktree?.over(mine?.worktree) ?? mine?.worktree
        return configuration
    }
}

/// One file of configuration, before it is laid over another.
private struct ConfigurationFile {
    var file: String
    var agents: [PlacedAgent] = []
    var upstreams: [Upstream] = []
    var checks: [CheckDefinition] = []
    var sameVendorReview: GraftworkConfiguration.SameVendorReview?
    var checkoutUpdate: GraftworkConfiguration.CheckoutUpdate?
    var toolchains: [String] = []
    var worktreeBackend: WorktreeBackend?
    var worktree: StatedSetup?
    var snapshotsKept: SnapshotsKept?
    var resources: ResourceLimits?

    /// nil for a file in which every line is a comment, as the starter is.
    init?(text: String, file: String, level: PolicySource.Level, home: String?) throws(ConfigurationError) {
        let root: YAMLNode
        do {
            root = try YAMLDocument.parse(text: text, file: file)
        } catch {
            if error.kind == .empty { return nil }
            throw ConfigurationError(
                .yaml(error.message), at: SourcePosition(file: file, line: error.line, column: error.column))
        }
        self.file = file
        let reader = try FieldReader(
            root, file: file, place: "the configuration",
            keys: [
                "version", "agents", "upstreams", "checks", "review", "landing", "toolchains", "worktree",
                "worktrees", "sandbox",
            ],
            later: ["budget", "network", "policies", "notify", "server", "push"])
        try reader.version()
        if level == .repository {
            for key in ["upstreams", "landing", "toolchains", "worktrees", "sandbox"]
            where reader.value(key) != nil {
                throw ConfigurationError(
                    .wrongLevel(
                        field: key,
                        why: "counts only in the user's own configuration, never in a repository's"),
                    at: reader.keyPosition(key))
            }
        }
        agents = try Self.agents(reader, level)
        upstreams = try UpstreamReader.upstreams(reader, home: home)
        checks = try CheckReader.checks("checks", in: reader)
        if let node = reader.value("review") {
            let review = try FieldReader(
                node, file: file, place: "review", keys: ["same-vendor"],
                later: ["blocking", "rounds", "vendor"])
            sameVendorReview = try review.choice(
                "same-vendor", GraftworkConfiguration.SameVendorReview.self, what: "same-vendor choice")
            if level == .repository, sameVendorReview == .allow {
                throw ConfigurationError(
                    .wrongLevel(
                        field: "same-vendor", why: "can be allowed only in the user's own configuration"),
                    at: review.keyPosition("same-vendor"))
            }
        }
        if let node = reader.value("landing") {
            let landing = try FieldReader(node, file: file, place: "landing", keys: ["update-checkout"])
            checkoutUpdate = try landing.choice(
                "update-checkout", GraftworkConfiguration.CheckoutUpdate.self, what: "update-checkout choice")
        }
        if let node = reader.value("worktrees") {
            let worktrees = try FieldReader(
                node, file: file, place: "worktrees", keys: ["backend", "keep-snapshots"],
                later: ["limit", "root"])
            worktreeBackend = try worktrees.choice(
                "backend", WorktreeBackend.self, what: "worktree backend")
            if let kept = worktrees.value("keep-snapshots") {
                snapshotsKept = try SnapshotsKept(kept, file: file)
            }
        }
        if let node = reader.value("sandbox") { resources = try ResourceReader.limits(node, file: file) }
        toolchains = try ToolchainReader.toolchains(reader, home: home)
        worktree = try SetupReader.setup(
            reader, owner: level == .repository ? .repository : .user, home: home)
    }

    private static func agents(
        _ reader: FieldReader, _ level: PolicySource.Level
    ) throws(ConfigurationError) -> [PlacedAgent] {
        guard let node = reader.value("agents") else { return [] }
        var agents: [PlacedAgent] = []
        for (name, key, value) in try FieldReader(open: node, file: reader.file, place: "agents").named {
            agents.append(
                try PlacedAgent(try reader.name(name, "an agent", at: key), value, reader.file, level))
        }
        return agents
    }
}

/// An agent of a file, whose upstream is looked up once all files are read.
private struct PlacedAgent {
    let name: String
    private let fields: FieldReader
    private let harness: HarnessKind
    private let model: String?
    private let upstream: String?
    private let command: [String]
    private let instructions: String?

    init(
        _ name: String, _ node: YAMLNode, _ file: String, _ level: PolicySource.Level
    ) throws(ConfigurationError) {
        self.name = name
        fields = try FieldReader(
            node, file: file, place: "agent \(name)",
            keys: ["harness", "model", "upstream", "command", "instructions"],
            later: ["tools", "policies", "env", "prompt"])
        harness = try fields.required(
            "harness", try fields.choice("harness", HarnessKind.self, what: "harness"))
        model = try fields.text("model", lengthMax: 200)
        upstream = try fields.text("upstream", lengthMax: 40)
        command = try fields.texts("command", countMax: 100) ?? []
        instructions = try fields.text("instructions")
        switch harness {
        case .acp, .command:
            guard command.first?.isEmpty == false else {
                throw ConfigurationError(.missingKey("command", place: fields.place), at: fields.position)
            }
            // The program and the folder of its package are shown to the agent. Whoever names it chooses
            // files of this machine, and that is not a repository's to do.
            guard level != .repository else {
                throw ConfigurationError(
                    .wrongLevel(
                        field: "command",
                        why: "names a program of this machine, which only the user's own file may"),
                    at: fields.keyPosition("command"))
            }
        case .builtIn, .claude, .codex:
            guard command.isEmpty else {
                throw ConfigurationError(
                    .badValue(field: "command", why: "belongs to the harnesses acp and command only"),
                    at: fields.keyPosition("command"))
            }
        }
    }

    func definition(among upstreams: [Upstream], _ declared: [Upstream]) throws(ConfigurationError)
        -> AgentDefinition
    {
        // With one declared upstream there is nothing to choose.
        let only = declared.count == 1 ? declared.first?.name : nil
        let name = try fields.required("upstream", upstream ?? KnownUpstreams.home(of: harness) ?? only)
        guard upstreams.contains(where: { $0.name == name }) else {
            throw ConfigurationError(
                .unknownValue(name, what: "upstream", known: upstreams.map(\.name)),
                at: fields.value("upstream").map(fields.position) ?? fields.position)
        }
        return AgentDefinition(
            name: AgentName(self.name), harness: harness, model: model, upstream: name, command: command,
            instructions: instructions)
    }
}
