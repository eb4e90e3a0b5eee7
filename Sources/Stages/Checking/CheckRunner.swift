internal import ChildProcess
internal import FoundationEssentials
internal import Linux
package import Provisioning
package import Sandbox
package import Vocabulary
package import Workflows
package import Worktrees

/// Runs checks in a fresh sandbox on a checkout of exactly one tree.
package struct CheckRunner: Sendable {
    /// Of one check's output; what comes after it is dropped.
    static let outputBytesMax = 4 << 20
    static let tailCharactersMax = 4_000
    /// Exit codes of a shell that could not run the command (POSIX.1-2017, 2.8.2 Exit Status for Commands).
    static let notRunnable: Set<Int32> = [126, 127]

    private let launcher: SandboxLauncher
    private let places: SessionPlaces
    private let provisioner: Provisioner
    private let obstacle: MissingProgram.Obstacle

    /// - Parameter obstacle: what keeps a sandbox from starting a program that the user's own shell finds.
    package init(
        launcher: SandboxLauncher, places: SessionPlaces, provisioner: Provisioner,
        obstacle: @escaping MissingProgram.Obstacle = { _, _ in nil }
    ) {
        self.launcher = launcher
        self.places = places
        self.provisioner = provisioner
        self.obstacle = obstacle
    }

    /// What every tree gets before its check runs, and what the sandbox shows beside it.
    package struct Surroundings: Sendable {
        package var allowance: SandboxAllowance
        /// nil: a tree needs no set-up.
        package var setup: WorktreeSetup?
        package init(allowance: SandboxAllowance, setup: WorktreeSetup?) {
            self.allowance = allowance
            self.setup = setup
        }
    }

    /// The tree of one check, made for it alone.
    private struct Place {
        var tree: ObjectID
        var worktree: String
        var home: String
        var uid: UInt32?
        var firstPort: Int?
    }

    /// The typed results, one for each check in order. A red check is a result; only what keeps checks from
    /// being tried at all, a set-up that fails among it, is an error.
    ///
    /// - Parameter setUp: is told what the set-up of the first tree did, before any check runs; that of the
    ///   others is only reported.
    package func run(
        _ checks: [CheckDefinition], on tree: ObjectID, of store: RepositoryStore,
        in surroundings: Surroundings,
        report: @escaping @Sendable (String) -> Void,
        setUp: (@Sendable (SetupRecord) async throws -> Void)? = nil
    ) async throws -> [CheckResult] {
        let name = "c" + RandomBytes.hex(count: 6)
        let uid = try await places.claim(for: name)
        let results: [CheckResult]
        do {
            let folder = try places.makeFolder(name, uid: uid)
            let place = Place(
                tree: tree, worktree: folder + "/tree", home: folder + "/home", uid: uid,
                firstPort: try await places.claimPorts(surroundings.setup?.ports ?? 0, for: name))
            results = try await run(checks, at: place, of: store, in: surroundings, report, setUp)
        } catch {
            await giveBack(name, uid, report)
            throw error
        }
        await giveBack(name, uid, report)
        return results
    }

    /// What cannot be given back now is swept when the next server begins; the results count all the same.
    private func giveBack(_ name: String, _ uid: UInt32?, _ report: @Sendable (String) -> Void) async {
        do {
            // The uid goes only after the folder: nobody else may own what lies in it.
            try await places.removeFolder(name)
            try await places.release(uid, owner: name)
        } catch {
            report("The folder of a check could not be removed: \(Problem(error).description)")
        }
    }

    private func run(
        _ checks: [CheckDefinition], at place: Place, of store: RepositoryStore,
        in surroundings: Surroundings, _ report: @escaping @Sendable (String) -> Void,
        _ setUp: (@Sendable (SetupRecord) async throws -> Void)?
    ) async throws -> [CheckResult] {
        var results: [CheckResult] = []
        for check in checks {
            // Each check gets the tree as it was committed and set up: what an earlier one wrote must not
            // help it.
            try await Self.clear(place)
            try await store.materialise(tree: place.tree, at: place.worktree, owner: place.uid)
            if let setup = surroundings.setup, !setup.leavesTreeAlone {
                let record = try await provisioner.setUp(
                    SetupTree(
                        path: place.worktree, source: place.tree, uid: place.uid, firstPort: place.firstPort,
                        isPristine: true),
                    as: setup, allowance: surroundings.allowance, report: report)
                if let setUp, results.isEmpty {
                    try await setUp(record)
                } else if record.wasReused {
                    report("set-up: reused")
                }
            }
            try Files.makeDirectory(place.home, mode: 0o700)
            if let uid = place.uid { try Files.changeOwner(tree: place.home, uid: uid, gid: uid) }
            report("checking: \(check.name)")
            results.append(try await run(check, at: place, in: surroundings))
        }
        return results
    }

    /// Neither a tree nor a home is there.
    private static func clear(_ place: Place) async throws(SystemError) {
        try await runBlocking { () throws(SystemError) in
            for path in [place.worktree, place.home] where Files.exists(path) { try Files.removeTree(path) }
        }
    }

    private func run(
        _ check: CheckDefinition, at place: Place, in surroundings: Surroundings
    ) async throws -> CheckResult {
        let toolchains = surroundings.allowance.toolchains
        let profile = SandboxProfile(
            kind: .check, worktree: place.worktree, home: place.home,
            readOnlyPaths: toolchains + (surroundings.setup?.shares ?? []),
            environment: Toolchains.environment(for: toolchains)
                .merging(surroundings.setup?.environment(firstPort: place.firstPort) ?? [:]) { $1 }
                .merging(["CI": "1"]) { $1 },
            command: check.command.argv, uid: place.uid,
            limits: SandboxLimits(resources: surroundings.allowance.resources))
        let start = MonotonicClock.nowSeconds()
        let output = try await launcher.run(
            profile, outputBytesMax: Self.outputBytesMax, timeout: .seconds(check.timeoutSeconds))
        let seconds = MonotonicClock.nowSeconds() - start
        let text = output.stdoutText + output.stderrText
        var result = CheckResult(
            name: check.name, outcome: .failed, tree: place.tree,
            exitCode: Self.exitCode(of: output.termination),
            testsRun: CheckReport.testsRun(in: text), seconds: seconds, outputTail: Self.tail(of: text))
        (result.outcome, result.reason) = Self.judge(check, result, timedOut: output.timedOut)
        if let code = result.exitCode, Self.notRunnable.contains(code), !output.timedOut,
            let why = MissingProgram.names(in: text, of: check.command).lazy
                .compactMap({ obstacle($0, toolchains) }).first
        {
            result.reason = (result.reason.map { "\($0): " } ?? "") + why
        }
        if let excess = output.excess {
            (result.outcome, result.reason) = (.failed, "it was ended: \(excess.sentence)")
        } else if output.memoryKills > 0, result.outcome != .passed {
            result.reason = Self.withMemory(
                result.reason, output.memoryKills, surroundings.allowance.resources)
        }
        return result
    }

    /// A command whose processes are killed seldom says why they were.
    private static func withMemory(_ reason: String?, _ kills: Int, _ limits: ResourceLimits) -> String {
        let excess = ResourceExcess.memory(bytesMax: limits.memoryBytesMax)
        return (reason.map { "\($0); " } ?? "")
            + "the kernel ended \(kills) of its processes: \(excess.sentence)"
    }

    /// "Did not run" is not "passed", and neither is a test run without tests.
    static func judge(
        _ check: CheckDefinition, _ result: CheckResult, timedOut: Bool
    ) -> (CheckResult.Outcome, String?) {
        if timedOut { return (.timedOut, "it took longer than \(check.timeoutSeconds) s") }
        guard let code = result.exitCode else { return (.failed, "it was ended by a signal") }
        if notRunnable.contains(code) { return (.didNotRun, "its command could not be run (exit \(code))") }
        if result.testsRun == 0 { return (.didNotRun, "its report says that no test ran") }
        // A change that does not even compile prints no report: that is a failure its author can mend.
        if code != 0 { return (.failed, nil) }
        if let required = check.requireTests {
            guard let run = result.testsRun else {
                return (.didNotRun, "no test report was found in its output")
            }
            guard run >= required else { return (.didNotRun, "\(run) of at least \(required) tests ran") }
        }
        return (.passed, nil)
    }

    private static func exitCode(of termination: Termination) -> Int32? {
        switch termination {
        case .exited(let code): code
        case .signalled: nil
        }
    }

    private static func tail(of text: String) -> String {
        VisibleText.bounded(String(text.suffix(tailCharactersMax)), limit: tailCharactersMax)
    }
}
