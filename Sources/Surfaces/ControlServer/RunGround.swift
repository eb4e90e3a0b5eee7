internal import Configuration
internal import ControlProtocol
internal import Harnesses
internal import Linux
internal import Policies
internal import Sandbox
internal import Vocabulary
internal import Workflows
internal import Worktrees

/// Everything a run would stand on, found in the repository, the configuration and on the machine.
struct RunGround: Sendable {
    let probe: RepositoryProbe
    let target: String
    let base: ObjectID
    let workflow: Workflow
    let configuration: GraftworkConfiguration
    let checks: [CheckDefinition]
    let policies: [PolicySource]
    let templates: [String: String]
    let programs: [HarnessProgram]
    /// The server's own, by which runners look for the commands of agents.
    let searchPath: [String]
    /// There is no configuration yet, and this one would fit the machine.
    let proposal: ConfigurationProposal?
    /// A file by which another tool sets up worktrees, where no set-up is stated here; nil: none.
    let foreignSetup: String?

    init(_ submission: RunSubmission, at starter: RunStarter) async throws {
        let place = starter.place
        probe = try await RunStarter.probe(submission.repository)
        let store = try await starter.repositories.store(of: probe.root)
        let shared = try SharedFiles.locate(
            executablePath: SystemIdentity.executablePath, override: place.environment["GRAFTWORK_SHARE"],
            exists: Files.exists)
        let user = SourceFolder.disk(place.configuration)

        // Read from a branch's tip, never from the working directory: what is not committed governs nothing.
        let named = submission.into
        let first = try await store.resolve(branch: named)
        let branch =
            first.ref.hasPrefix("refs/heads/") ? String(first.ref.dropFirst("refs/heads/".count)) : first.ref
        let files = try await store.texts(below: ".graftwork", in: first.commit)
        let repository = SourceFolder(
            display: { "\(branch):\($0)" }, read: { files[$0] }, list: SourceFolder.memory(files).list)
        let loaded =
            submission.workflow.contains("/")
            ? try WorkflowLoader.load(path: submission.workflow, in: .disk(""))
            : try WorkflowLoader.load(
                named: submission.workflow, repository: repository, user: user,
                shipped: .disk(shared.workflows), home: SystemIdentity.homeDirectory)
        workflow = loaded.workflow
        if named == nil, let into = workflow.landJob?.into {
            (target, base) = try await store.resolve(branch: into)
        } else {
            (target, base) = (first.ref, first.commit)
        }

        searchPath = (place.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        programs = HarnessDetector.detect(
            searching: (submission.environment["PATH"] ?? "").split(separator: ":").map(String.init),
            cache: HarnessDetector.cacheFolder(
                environment: submission.environment, isRoot: SystemIdentity.isRoot),
            agentBeside: place.executables)
        var mine = try Self.userText(submission, user)
        if mine == nil {
            let proposed = ConfigurationProposal.make(
                harnesses: Set(programs.map(\.kind)), variables: Set(submission.environment.keys),
                loggedIn: LoginDetector.loggedIn(home: SystemIdentity.homeDirectory),
                programs: try await Self.programs(of: base, in: store, for: submission))
            proposal = proposed
            if submission.savesProposal { mine = (proposed.text, "\(place.configuration)/config.yaml") }
        } else {
            proposal = nil
        }
        configuration = try ConfigurationLoader.configuration(
            user: mine,
            repository: files[ConfigurationLoader.repositoryFile].map {
                ($0, repository.display(ConfigurationLoader.repositoryFile))
            }, home: SystemIdentity.homeDirectory)

        let stated = workflow.authorJob?.checks ?? []
        if !stated.isEmpty {
            checks = stated
        } else if !configuration.checks.isEmpty {
            checks = configuration.checks
        } else {
            checks = try await store.reading(base) { paths, text in
                try CheckDetector.detect(paths: paths, text: text)
            }
        }
        policies = try PolicyLoader.sources(
            organisation: .disk(RunStarter.organisation), user: user, repository: repository)
        // Loaded now only to fail now: each place that decides compiles its own snapshot.
        _ = try PolicyLoader.load(policies)
        let isStated = workflow.worktree != nil || configuration.worktree != nil
        foreignSetup =
            isStated
            ? nil
            : SetupImport.read(try await RunStarter.foreignSetups(in: base, of: store)).map(\.file).first
        templates = try PromptLibrary.load(
            for: workflow, repository: repository, user: user, shipped: .disk(shared.prompts)
        ).texts
    }

    /// What the code base is built with, where the person's own shell finds it.
    private static func programs(
        of base: ObjectID, in store: RepositoryStore, for submission: RunSubmission
    ) async throws -> [LocatedProgram] {
        let path = (submission.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let (needed, texts) = try await store.reading(base) { paths, text in
            let files = ToolchainFinder.versionFiles.filter(paths.contains)
            return (
                NeededPrograms.of(paths: paths),
                try Dictionary(uniqueKeysWithValues: files.map { ($0, try text($0)) })
            )
        }
        let finder = ToolchainFinder(
            searchPath: path, home: SystemIdentity.homeDirectory, variables: submission.environment
        ) { texts[$0] ?? nil }
        return finder.locate(needed)
    }

    private static func userText(
        _ submission: RunSubmission, _ user: SourceFolder
    ) throws -> (text: String, file: String)? {
        if let file = submission.configurationFile {
            do {
                return (try Files.readText(file, bytesMax: SourceFolder.fileBytesMax), file)
            } catch {
                throw Problem(
                    "The configuration \(file) cannot be read: \(SystemError.text(of: error.code)).",
                    hint: "Name a file that is there with `--config FILE`.", blame: .user, exitCode: .usage)
            }
        }
        return try user.read(ConfigurationLoader.userFile).map {
            ($0, user.display(ConfigurationLoader.userFile))
        }
    }

    var targetBranch: String {
        target.hasPrefix("refs/heads/") ? String(target.dropFirst("refs/heads/".count)) : target
    }
    /// The workflow's over that of the configuration, key by key; nil: neither states any.
    var setup: WorktreeSetup? {
        (workflow.worktree?.over(configuration.worktree) ?? configuration.worktree)?.setup
    }
    var checkedOutAt: String? { probe.checkedOutBranches[targetBranch] }
    var updateCheckout: Bool? {
        switch configuration.checkoutUpdate {
        case .ask: nil
        case .yes: true
        case .no: false
        }
    }

    /// The workflow's slots, filled.
    func agents(_ submission: RunSubmission) throws -> ResolvedAgents {
        var configuration = configuration
        if let allows = submission.allowsSameVendor {
            configuration.sameVendorReview = allows ? .allow : .hold
        }
        return try AgentResolver.resolve(workflow, configuration)
    }

    func needsSameVendorDecision(_ submission: RunSubmission) -> Bool {
        guard submission.allowsSameVendor == nil, configuration.sameVendorReview == .hold else {
            return false
        }
        do {
            _ = try agents(submission)
            return false
        } catch let error as ConfigurationError {
            if case .noReviewer = error.kind { return true }
            return false
        } catch {
            return false  // Whatever else is wrong is said when the run is asked for.
        }
    }

    /// Refuses agents whose program is not on this machine, before anything is spent.
    func requirePrograms(of agents: ResolvedAgents) throws {
        for agent in [agents.planner] + agents.authors + agents.reviewers.map(\.agent) {
            switch agent.harness {
            case .builtIn, .claude, .codex:
                guard !programs.contains(where: { $0.kind == agent.harness }) else { continue }
                throw Problem(
                    """
                    The agent \(agent.name) needs the harness \(agent.harness.rawValue), \
                    which is not installed.
                    """,
                    hint: """
                        Install it, or give the agent another `harness:`; \
                        `graftwork doctor` shows which work here.
                        """,
                    blame: .environment)
            case .acp, .command:
                guard HarnessDetector.program(for: agent, searching: searchPath) == nil else { continue }
                throw Problem(
                    """
                    The agent \(agent.name) needs the program \(agent.command.first ?? ""), \
                    which was not found.
                    """,
                    hint: "Name it with its whole path in `command:`.", blame: .configuration)
            }
        }
    }
    func describe(_ agents: ResolvedAgents) -> [String] {
        func line(_ role: String, _ agent: AgentDefinition) -> String {
            let model = agent.model.map { " (\($0))" } ?? ""
            let vendor = configuration.expectedVendor(of: agent)?.rawValue ?? "vendor seen when it answers"
            return "\(role): \(agent.name), \(agent.harness.rawValue)\(model), \(vendor)"
        }
        let reviewers = agents.reviewers.map(\.agent.name.rawValue).joined(separator: ", ")
        return [line("planner", agents.planner)] + agents.authors.map { line("author", $0) }
            + ["reviewer: the first of another vendor than the author's, of \(reviewers)"]
    }

    var notes: [String] {
        var notes = probe.unsupported
        if let foreignSetup {
            notes.append("\(foreignSetup) describes a set-up; `graftwork worktree import` shows it here.")
        }
        if checkedOutAt != nil, probe.isDirty {
            notes.append(
                """
                \(targetBranch) is checked out with uncommitted changes: they are not part of the run, \
                and its landings wait until they are committed or stashed.
                """
            )
        }
        return notes
    }
}
