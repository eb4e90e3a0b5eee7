internal import ChildProcess
internal import FoundationEssentials
internal import Linux
package import Sandbox
package import Vocabulary
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

    package init(launcher: SandboxLauncher, places: SessionPlaces) {
        self.launcher = launcher
        self.places = places
    }

    /// The typed results, one for each check in order. A red check is a result; only what keeps checks from
    /// being tried at all is an error.
    package func run(
        _ checks: [CheckDefinition], on tree: ObjectID, of store: RepositoryStore, toolchains: [String],
        report: @Sendable (String) -> Void
    ) async throws -> [CheckResult] {
        let name = "c" + RandomBytes.hex(count: 6)
        let uid = try places.claim(for: name)
        let folder = try places.makeFolder(name, uid: uid)
        let results: [CheckResult]
        do {
            results = try await run(
                checks, on: tree, of: store, toolchains: toolchains, in: folder, uid: uid, report: report)
        } catch {
            giveBack(name, uid, report)
            throw error
        }
        giveBack(name, uid, report)
        return results
    }

    /// What cannot be given back now is swept when the next server begins; the results count all the same.
    private func giveBack(_ name: String, _ uid: UInt32?, _ report: @Sendable (String) -> Void) {
        do {
            // The uid goes only after the folder: nobody else may own what lies in it.
            try places.removeFolder(name)
            try places.release(uid, owner: name)
        } catch {
            report("The folder of a check could not be removed: \(Problem(error).description)")
        }
    }

    private func run(
        _ checks: [CheckDefinition], on tree: ObjectID, of store: RepositoryStore, toolchains: [String],
        in folder: String,
        uid: UInt32?, report: @Sendable (String) -> Void
    ) async throws -> [CheckResult] {
        var results: [CheckResult] = []
        for check in checks {
            // Each check gets the tree as it was committed: what an earlier one wrote must not help it.
            let worktree = folder + "/tree"
            if Files.exists(worktree) { try Files.removeTree(worktree) }
            try await store.materialise(tree: tree, at: worktree, owner: uid)
            let home = folder + "/home"
            if Files.exists(home) { try Files.removeTree(home) }
            try Files.makeDirectory(home, mode: 0o700)
            if let uid { try Files.changeOwner(tree: home, uid: uid, gid: uid) }
            report("checking: \(check.name)")
            results.append(
                try await run(
                    check, tree: tree, worktree: worktree, home: home, toolchains: toolchains, uid: uid))
        }
        return results
    }

    private func run(
        _ check: CheckDefinition, tree: ObjectID, worktree: String, home: String, toolchains: [String],
        uid: UInt32?
    ) async throws -> CheckResult {
        let argv: [String] =
            switch check.command {
            case .argv(let argv): argv
            case .script(let script): ["/bin/sh", "-eu", "-c", script]
            }
        let profile = SandboxProfile(
            kind: .check, worktree: worktree, home: home, readOnlyPaths: toolchains,
            environment: Toolchains.environment(for: toolchains).merging(["CI": "1"]) { $1 },
            command: argv, uid: uid)
        let start = MonotonicClock.nowSeconds()
        let output = try await launcher.run(
            profile, outputBytesMax: Self.outputBytesMax, timeout: .seconds(check.timeoutSeconds))
        let seconds = MonotonicClock.nowSeconds() - start
        let text = output.stdoutText + output.stderrText
        var result = CheckResult(
            name: check.name, outcome: .failed, tree: tree, exitCode: Self.exitCode(of: output.termination),
            testsRun: CheckReport.testsRun(in: text), seconds: seconds, outputTail: Self.tail(of: text))
        (result.outcome, result.reason) = Self.judge(check, result, timedOut: output.timedOut)
        return result
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
