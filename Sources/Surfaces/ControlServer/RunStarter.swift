internal import Configuration
internal import ControlProtocol
internal import Harnesses
internal import Lifecycle
internal import Linux
internal import Policies
internal import Rehearsal
package import Sandbox
internal import Vocabulary
internal import Workflows
internal import Worktrees

/// Where a run's ingredients are looked for.
package struct StarterPlace: Sendable {
    package var state: String
    /// `$XDG_CONFIG_HOME/graftwork` of the server's user.
    package var configuration: String
    package var executables: String
    package var environment: [String: String]
    package init(state: String, configuration: String, executables: String, environment: [String: String]) {
        self.state = state
        self.configuration = configuration
        self.executables = executables
        self.environment = environment
    }
}

/// Turns what a person asked for into a request in which everything is resolved, or says why it cannot be.
package struct RunStarter: Sendable {
    /// The organisation's own policies, put there by whoever administers the machine.
    static let organisation = "/etc/graftwork"

    let place: StarterPlace
    let repositories: Repositories
    let keys: KeyRing
    let proof: SandboxProof

    package init(place: StarterPlace, repositories: Repositories, keys: KeyRing, proof: SandboxProof) {
        self.place = place
        self.repositories = repositories
        self.keys = keys
        self.proof = proof
    }

    /// How long the user's own configuration keeps snapshots; what it does not say is as by default.
    func snapshotRetention() throws -> SnapshotRetention {
        let user = SourceFolder.disk(place.configuration)
        let kept = try ConfigurationLoader.configuration(
            user: user.read(ConfigurationLoader.userFile).map {
                ($0, user.display(ConfigurationLoader.userFile))
            }, repository: nil, home: place.environment["HOME"]
        ).snapshotsKept
        return SnapshotRetention(days: kept.days, count: kept.count)
    }

    /// What would happen, and what must be asked first. Changes nothing.
    func prepare(_ submission: RunSubmission) async throws -> RunPreparation {
        let ground = try await RunGround(submission, at: self)
        let agents = try ground.proposal == nil || submission.savesProposal ? ground.agents(submission) : nil
        return RunPreparation(
            repository: ground.probe.root, target: ground.targetBranch, base: ground.base,
            checkedOutAt: ground.checkedOutAt, checkoutIsClean: !ground.probe.isDirty,
            updateCheckoutConfigured: ground.updateCheckout, checks: ground.checks,
            agents: agents.map { ground.describe($0) } ?? [], proposedConfiguration: ground.proposal?.text,
            proposedConfigurationPath: ground.proposal == nil ? nil : "\(place.configuration)/config.yaml",
            needsSameVendorDecision: ground.needsSameVendorDecision(submission), notes: ground.notes)
    }

    /// The request of a run, with nothing left open; throws what a person must decide or mend first.
    func request(for submission: RunSubmission) async throws -> RunRequest {
        let ground = try await RunGround(submission, at: self)
        if let proposal = ground.proposal {
            guard submission.savesProposal, !proposal.vendors.isEmpty else {
                throw Self.noConfiguration(proposal)
            }
            try Files.makeDirectory(place.configuration, mode: 0o700)
            try Files.writeAtomically("\(place.configuration)/config.yaml", text: proposal.text)
        }
        guard !ground.checks.isEmpty else {
            throw Problem(
                "No checks were found for \(ground.probe.root), so nothing could prove a change.",
                hint: CheckDefinition.howToState,
                blame: .configuration, exitCode: .held)
        }
        try await proof.require()
        let (means, absence) = SandboxLauncher.limitMeans()
        var resources = ground.configuration.resources ?? .standard
        if resources.requiresGroups, let absence { throw SandboxError.noControlGroups(reason: absence) }
        // What the record says of the run holds for all of it: no later sandbox falls back to a watchdog.
        if means != .watchdog { resources.requiresGroups = true }
        let agents = try ground.agents(submission)
        try ground.requirePrograms(of: agents)
        let run = RunID(Self.newName())
        var request = RunRequest(
            run: run, goal: submission.goal, person: submission.person, repository: ground.probe.root,
            target: ground.target,
            base: ground.base, workflow: ground.workflow,
            agents: RunAgents(
                planner: agents.planner, authors: agents.authors, reviewers: agents.reviewers.map(\.agent)),
            upstreams: agents.upstreams, policies: ground.policies, checks: ground.checks,
            templates: ground.templates,
            toolchains: ground.configuration.toolchains, answersYes: submission.answersYes,
            planOnly: submission.planOnly,
            allowsSameVendor: agents.permitsSameVendor,
            updateCheckout: submission.updateCheckout ?? ground.updateCheckout,
            rehearsal: nil, setup: ground.setup, worktreeBackend: ground.configuration.worktreeBackend,
            resources: resources, limitMeans: means)
        if let script = submission.rehearsalScript {
            request.rehearsal = try Self.rehearsal(script)
            let files = RehearsalFiles(state: place.state, run: run)
            request.upstreams = request.upstreams.map { upstream in
                var upstream = upstream
                upstream.baseURL = "unix:\(files.socket)"
                upstream.credential = .none
                upstream.isRehearsal = true
                return upstream
            }
        }
        try await makeReady(request, environment: submission.environment)
        return request
    }
    static let scriptBytesMax = 4 << 20

    /// Puts in place what a run needs beside the journal: its keys in memory, its rehearsal's script on disk.
    func makeReady(_ request: RunRequest, environment: [String: String]) async throws {
        try await keys.remember(request, from: environment)
        if let script = request.rehearsal {
            let files = RehearsalFiles(state: place.state, run: request.run)
            try Files.makeDirectory(Files.parent(of: files.script), mode: 0o700)
            try Files.writeAtomically(files.script, text: script)
        }
    }

    /// The text of a script that can be played: what is wrong with it is said before anything begins.
    private static func rehearsal(_ path: String) throws -> String {
        do {
            let text = try Files.readText(path, bytesMax: scriptBytesMax)
            _ = try RehearsalScript(yaml: text, file: path)
            return text
        } catch let error as SystemError {
            throw Problem(
                "The rehearsal script \(path) cannot be read: \(SystemError.text(of: error.code)).",
                hint: "Name a script that is there with `--rehearse SCRIPT`.", blame: .user, exitCode: .usage)
        }
    }

    private static func noConfiguration(_ proposal: ConfigurationProposal) -> Problem {
        Problem(
            """
            There is no configuration that says which agents may work. \
            \(proposal.explanation.joined(separator: " "))
            """,
            hint: proposal.vendors.isEmpty
                ? "Set a key, then run it again."
                : "Run it at a terminal to accept the one proposed, or see `graftwork doctor`.",
            blame: .configuration)
    }

    /// Short, lower-case and without letters that look alike.
    private static func newName() -> String {
        let letters = Array("abcdefghjkmnpqrstvwxyz23456789")
        return String(RandomBytes.bytes(count: 6).map { letters[Int($0) % letters.count] })
    }
}
