import ChildProcess
import Fixtures
import Glibc
import Linux
import Sandbox
import SandboxScene
import Vocabulary

/// Where attacks are tried: a sandbox, and around it what an attacker would like to reach.
struct AttackGround: Sendable {
    let scene: SandboxScene
    let repository: TestRepository?
    private let split: SplitGitScene?
    private let services: HostServices
    private let echo: EchoGateway
    private let area: AttackArea
    private let missing: Set<Protection>

    /// A folder of tools that is shown, and the socket of the session's gateway.
    var toolchain: String { scene.folder.path("tools") }
    var gateway: String { scene.folder.path("gateway.sock") }
    /// Another session's gateway, which is not shown.
    static let otherSocket = "other.sock"
    /// A repository that changes could be pushed to.
    static let remote = "remote.git"

    /// Small, so that reaching them costs nothing.
    private static let limits = SandboxLimits(
        resources: ResourceLimits(processesMax: 60), openFilesMax: 200, fileBytesMax: 8 << 20,
        temporaryBytesMax: 8 << 20,
        sharedMemoryBytesMax: 1 << 20)

    /// Of a sandbox that may be ended for what it uses.
    private static let tight = SandboxLimits(
        resources: ResourceLimits(
            memoryBytesMax: 128 << 20, processesMax: 60, diskBytesMax: 16 << 20, filesMax: 500))

    init(_ area: AttackArea, _ mode: SandboxScene.Mode, without missing: Set<Protection>) async throws {
        self.area = area
        self.missing = missing
        var wrapper: [String] = []
        let leaks = try TemporaryFolder(reachable: true)
        if area.attacks.contains(where: { $0.protections.contains(.launcher) }) {
            // A careless server: a secret in its environment, and files and folders left open.
            let secret = try leaks.write("secret", SandboxScene.secretText)
            let leak = try leaks.write(
                "leak",
                """
                #!/usr/bin/python3 -I
                import os, sys
                os.dup2(os.open('\(secret)', os.O_RDONLY), 38)
                os.dup2(os.open('/', os.O_RDONLY), 39)
                os.execvp(sys.argv[1], sys.argv[1:])

                """, mode: 0o755)
            wrapper = ["env", "SECRET_KEY=\(SandboxScene.secretText)", leak]
        }
        let shared = Set(missing.compactMap(\.shared))
        if area.needsRepository {
            let split = try await SplitGitScene(mode, sharing: shared)
            self.split = split
            scene = split.scene
            repository = split.repository
        } else {
            split = nil
            repository = nil
            scene = try SandboxScene(
                mode, wrapper: wrapper, bareLaunch: missing.contains(.launcher), sharing: shared)
        }
        echo = try EchoGateway(at: scene.folder.path("gateway.sock"), uid: scene.uid)
        try scene.folder.write("tools/hello", "#!/bin/sh\necho hello\n", mode: 0o755)
        try scene.folder.write("worktree/own", "mine")
        try Files.makeLink(at: scene.worktree + "/planted", to: scene.secret)
        services = try await HostServices(in: scene.folder, uid: scene.uid, isRoot: mode != .own)
        leftover = leaks
        try scene.own(scene.folder.path("tools"))
        // Whoever is let out finds that it is his: what stops him is the wall, not the owner of a file.
        if missing.contains(.nothingUnnamed) { try scene.own(scene.folder.path) }
        if missing.contains(.ownGitDirectory), let repository { try scene.own(repository.path) }
    }

    private let leftover: TemporaryFolder

    private func plan(_ script: AttackScript, _ limits: SandboxLimits) throws -> SandboxPlan {
        var profile = scene.profile(script.command)
        profile.limits = limits
        profile.readOnlyPaths = [toolchain]
        profile.gatewaySocket = gateway
        split?.show(in: &profile)
        var plan = try scene.plan(profile)
        for protection in missing.sorted(by: { $0.rawValue < $1.rawValue }) {
            protection.leave(&plan, on: self)
        }
        return plan
    }

    /// Tries one for which its sandbox may be ended, and its neighbour in another.
    func tryAlone(_ attack: Attack) async throws -> AttackOutcome {
        let neighbour = missing.isEmpty ? try await answer(attack, .neighbour) : ""
        let outcome = AttackOutcome(
            attack: try await answer(attack, .attack), neighbour: neighbour,
            harmed: try await attack.harm?(self))
        await services.end()
        return outcome
    }

    private func answer(_ attack: Attack, _ part: AttackScript.Part) async throws -> String {
        let script = try AttackScript(attacks: [attack], [part], facts: facts)
        let sandbox = try scene.launcher.start(
            plan(script, Self.tight), stdin: .pipe, stdout: .pipe, stderr: .inherited)
        guard let stdout = sandbox.stdout else { throw SceneFailure("\(attack.name): no output") }
        let lines = LineStream(reading: stdout, lineBytesMax: 1 << 16)
        var last: String?
        while let line = try await lines.next() {
            last = line.text
            // With its protection away nobody ends it: it has what it wanted.
            if line.text == AttackScript.used, !missing.isEmpty { sandbox.stdin?.close() }
        }
        _ = await sandbox.wait()
        sandbox.stdin?.close()
        let memory = ResourceExcess.memory(bytesMax: Self.tight.resources.memoryBytesMax)
        if let excess = sandbox.excess ?? (sandbox.memoryKills > 0 ? memory : nil) { return excess.sentence }
        return try AttackScript.answers(in: last)[attack.name]?[part] ?? "no answer"
    }

    /// Tries everything, and looks then what has become of the host.
    func tryAll(_ attacks: [Attack]) async throws -> [String: AttackOutcome] {
        let script = try AttackScript(
            attacks: attacks, missing.isEmpty ? [.neighbour, .attack] : [.attack], facts: facts)
        let output = try await scene.run(plan(script, Self.limits))
        let said = output.stdoutText.split(separator: "\n").last.map(String.init)
        if said == nil { throw SceneFailure("no answers, \(output.termination): \(output.stderrText)") }
        let answers = try AttackScript.answers(in: said)
        var outcomes: [String: AttackOutcome] = [:]
        for attack in attacks {
            guard let answer = answers[attack.name] else {
                throw SceneFailure("\(attack.name): no answer; \(output.stderrText)")
            }
            outcomes[attack.name] = AttackOutcome(
                attack: answer[.attack] ?? "", neighbour: answer[.neighbour] ?? "",
                harmed: try await attack.harm?(self))
        }
        if missing.contains(.ownProcesses) { try endLeftovers() }
        await services.end()
        return outcomes
    }

    /// Whether there is something of this name in the folder around the worktree.
    func hasOutside(_ name: String) -> Bool { Files.exists(scene.folder.path(name)) }

    private var facts: [String: String] {
        services.facts.merging([
            "tree": scene.worktree, "outside": scene.folder.path, "secret": scene.secret,
            "secret_text": SandboxScene.secretText, "toolchain": toolchain,
            "other_socket": scene.folder.path(Self.otherSocket),
            "remote": scene.folder.path(Self.remote), "base": split?.base ?? "",
            "relay_port": String(SandboxLauncher.relayPort),
        ]) { $1 }
    }

    private func endLeftovers() throws {
        // Each by its own number, and only what has this scene's folder among its mounts.
        for pid in try scene.processesInside().compactMap({ Int32($0) }) { kill(pid, SIGKILL) }
    }
}
