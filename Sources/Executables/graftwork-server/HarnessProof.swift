import Agents
import ControlProtocol
import FoundationEssentials
import Glibc
import Harnesses
import Hashing
import Linux
import Rehearsal
import Sandbox
import Vocabulary

/// Proves of a harness on this machine, by a real session with a scripted model, that a tool call which a
/// policy denies does not happen, and that its neighbour does.
///
/// Harnesses change with every version, and one that asks nobody any more would look the same from outside.
/// Taken once for each version of the program, and kept while it passes. There is none for `acp` and
/// `command` agents: what such a program does with a model its maker alone knows. The exec ledger and the
/// walls hold for it all the same.
actor HarnessProof {
    private struct Kept: Codable {
        /// Of each harness that has passed, what its proof depends on.
        var digests: [String: String]
    }

    private let place: Installation
    private let places: SessionPlaces
    /// The one that is being taken; the next one waits for it, for they share a folder and a uid.
    private var last: Task<SandboxSelfTest.Finding, Never>?

    init(place: Installation, places: SessionPlaces) {
        self.place = place
        self.places = places
    }

    /// Throws unless a denied call of this harness is really denied here.
    func require(_ program: HarnessProgram) async throws {
        let finding = try await finding(of: program)
        guard finding.passed else {
            throw SandboxError.notProven(check: finding.name, detail: finding.detail)
        }
    }

    /// What the proof found; taken now unless this program has passed before.
    func finding(of program: HarnessProgram, anew: Bool = false) async throws -> SandboxSelfTest.Finding {
        let digest = try digest(of: program)
        let name = Self.name(of: program.kind)
        if !anew, try kept().digests[program.kind.rawValue] == digest {
            return SandboxSelfTest.Finding(name: name, passed: true, detail: "denied, as proven before")
        }
        let earlier = last
        let task = Task {
            _ = await earlier?.value
            return await take(program)
        }
        last = task
        let finding = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        try Task.checkCancellation()
        try keep(finding.passed ? digest : nil, of: program.kind)
        return finding
    }

    private static func name(of kind: HarnessKind) -> String { "denied tool call of \(kind.rawValue)" }

    // MARK: The proof

    private static let denied = "touch denied"
    private static let allowed = "touch allowed"
    private static let policy = """
        version: 1
        policies:
          - name: proof
            on: [tool]
            when: action.command == "\(denied)"
            then: deny
            reason: It is there to be denied.

        """
    private static let silenceSeconds = 120
    private static let wallSeconds = 300

    private func take(_ program: HarnessProgram) async -> SandboxSelfTest.Finding {
        let name = Self.name(of: program.kind)
        let owner = "proof-\(SystemIdentity.pid)"
        do {
            let uid = try await places.claim(for: owner)
            try await places.removeFolder(owner)
            let detail: Result<String, any Error>
            do {
                detail = .success(
                    try await Self.play(program, in: places.makeFolder(owner, uid: uid), uid, place))
            } catch {
                detail = .failure(error)
            }
            try await places.removeFolder(owner)
            try await places.release(uid, owner: owner)
            return SandboxSelfTest.Finding(name: name, passed: true, detail: try detail.get())
        } catch {
            return SandboxSelfTest.Finding(name: name, passed: false, detail: Problem(error).description)
        }
    }

    /// What was seen; throws when it is not what must be seen.
    private static func play(
        _ program: HarnessProgram, in folder: String, _ uid: UInt32?, _ place: Installation
    ) async throws -> String {
        let tree = folder + "/tree"
        try Files.makeDirectory(tree, mode: 0o700)
        if let uid { try Files.changeOwner(tree: tree, uid: uid, gid: uid) }
        let model = RehearsalServer(
            script: RehearsalScript(scenes: [
                RehearsalScene(
                    match: RehearsalMatch(role: "author"),
                    steps: [.shell(denied), .shell(allowed), .final("Tried both.")])
            ]))
        let address = try model.start(on: .unix(path: folder + "/m.sock"))
        defer { model.stop() }
        let host = RunnerHost(
            executables: place.executables, stateDirectory: place.locations.state, programs: [program])
        let session = try await host.start(
            specification(program.kind, folder, tree, address.baseURL, uid), keys: [:])
        let (denials, ending) = try await withTaskCancellationHandler {
            try await Self.follow(session)
        } onCancel: {
            Task { await session.stop() }
        }
        if Files.exists("\(tree)/denied") {
            throw Problem("a call that a policy denies was made all the same", blame: .environment)
        }
        if case .failed(_, let message)? = ending?.result { throw Problem(message, blame: .environment) }
        guard denials > 0 else { throw Problem("it was not asked about", blame: .environment) }
        guard Files.exists("\(tree)/allowed") else {
            throw Problem("a call that is allowed was not made", blame: .environment)
        }
        return "denied, and its neighbour made"
    }

    private static func follow(_ session: RunnerHandle) async throws -> (Int, SessionOutcome?) {
        var denials = 0
        var ending: SessionOutcome?
        for try await entry in session.events() {
            if case .toolDecided(_, let evaluation) = entry.event, evaluation.decision == .deny {
                denials += 1
            }
            if case .ended(let outcome) = entry.event { ending = outcome }
        }
        return (denials, ending)
    }

    private static func specification(
        _ kind: HarnessKind, _ folder: String, _ tree: String, _ model: String, _ uid: UInt32?
    ) -> SessionSpecification {
        let isClaude = kind == .claude
        let upstream = Upstream(
            name: "proof", dialect: isClaude ? .anthropicMessages : .openaiResponses, baseURL: model,
            vendor: .fixed(vendor: isClaude ? .anthropic : .openai), credential: .none, isRehearsal: true)
        return SessionSpecification(
            session: SessionID("proof"), run: RunID("proof"), task: TaskID("proof"), role: .author,
            agent: AgentDefinition(
                name: AgentName("proof"), harness: kind, model: isClaude ? nil : "gpt-5",
                upstream: upstream.name),
            prompt: "graftwork-role: author\ngraftwork-task: proof\n", systemPrompt: "", outputSchema: nil,
            worktree: tree, privateGitDirectory: nil, gitPointerFile: nil, worktreeIsReadOnly: false,
            directory: folder, upstreams: [upstream],
            policies: [PolicySource(level: .builtIn, file: "proof.yaml", text: policy)],
            limits: SessionLimits(silenceSeconds: silenceSeconds, wallSeconds: wallSeconds), uid: uid,
            isRehearsed: true)
    }

    // MARK: What is kept

    private var file: String { "\(places.state)/harnesses.json" }
    private static let fileBytesMax = 64 << 10

    private func kept() throws -> Kept {
        guard Files.exists(file) else { return Kept(digests: [:]) }
        let bytes = try Files.read(file, bytesMax: Self.fileBytesMax)
        // Not a cause lost: what another version wrote is no proof.
        return (try? JSONDecoder().decode(Kept.self, from: Data(bytes))) ?? Kept(digests: [:])
    }

    private func keep(_ digest: String?, of kind: HarnessKind) throws {
        var kept = try kept()
        kept.digests[kind.rawValue] = digest
        try Files.writeAtomically(file, text: try JSONText.line(encoding: kept), mode: 0o600)
    }

    /// The program, its package, and ours that run it.
    private func digest(of program: HarnessProgram) throws -> String {
        var hash = SHA256()
        let ours = ["graftwork-server", "graftwork-runner", "sandbox-init"].map {
            "\(place.executables)/\($0)"
        }
        for path in ours + [program.executable] + program.readOnlyPaths {
            let status = try Files.status(of: path)
            // No change leaves the time of change alone, as it may that of modification.
            let stamp = [
                Int(status.st_size), Int(status.st_ctim.tv_sec), Int(status.st_ctim.tv_nsec),
                Int(status.st_ino),
            ]
            hash.update("\(path)\0\(stamp)\0")
        }
        return hash.finalizeHex()
    }
}
