internal import Linux
package import Sandbox
package import Vocabulary
package import Workflows
package import Worktrees

/// Makes fresh trees ready to work in: what a run's set-up states, done in one tree after another.
package struct Provisioner: Sendable {
    private let launcher: SandboxLauncher
    private let places: SessionPlaces

    package init(launcher: SandboxLauncher, places: SessionPlaces) {
        self.launcher = launcher
        self.places = places
    }

    /// Carries a set-up out in a tree. Doing it again is harmless: the commands run again.
    ///
    /// - Parameter report: one line for people, many times.
    package func setUp(
        _ tree: SetupTree, as setup: WorktreeSetup, toolchains: [String],
        report: @escaping @Sendable (String) -> Void
    ) async throws -> SetupRecord {
        for path in setup.shares where !Files.exists(path) { throw SetupError.shareMissing(path: path) }
        let start = MonotonicClock.nowSeconds()
        try await runCommands(of: setup, in: tree, toolchains: toolchains, report: report)
        return SetupRecord(
            wasReused: false, seconds: MonotonicClock.nowSeconds() - start,
            commands: setup.commands.map { VisibleText.oneLine($0.line, limit: 200) })
    }

    private func runCommands(
        of setup: WorktreeSetup, in tree: SetupTree, toolchains: [String],
        report: @escaping @Sendable (String) -> Void
    ) async throws {
        guard !setup.commands.isEmpty else { return }
        // A home of its own: what a set-up leaves there is no part of the tree, and goes with it. The name is
        // a check's, so that a crash leaves nothing that the next server would not sweep.
        let name = "c" + RandomBytes.hex(count: 6)
        let home = try places.makeFolder(name, uid: tree.uid) + "/home"
        try Files.makeDirectory(home, mode: 0o700)
        if let uid = tree.uid { try Files.changeOwner(tree: home, uid: uid, gid: uid) }
        do {
            for command in setup.commands {
                report("set-up: \(VisibleText.oneLine(command.line, limit: 160))")
                try await SetupCommand(
                    launcher: launcher,
                    profile: profile(command.argv, setup, tree, home: home, toolchains: toolchains),
                    line: command.line, report: report
                ).run()
            }
        } catch {
            try places.removeFolder(name)
            throw error
        }
        try places.removeFolder(name)
    }

    private func profile(
        _ argv: [String], _ setup: WorktreeSetup, _ tree: SetupTree, home: String, toolchains: [String]
    ) -> SandboxProfile {
        SandboxProfile(
            kind: .setup, worktree: tree.path, gitPointerFile: tree.gitPointerFile,
            privateGitDirectory: tree.privateGitDirectory, home: home,
            readOnlyPaths: toolchains + setup.shares,
            environment: Toolchains.environment(for: toolchains)
                .merging(setup.environment(firstPort: tree.firstPort)) { $1 },
            command: argv, uid: tree.uid, overlay: tree.layers, sharedObjects: tree.sharedObjects)
    }
}

extension Provisioner {
    /// The same for a task's worktree, once: one whose set-up went through is left as it is, for an agent may
    /// have worked in it since.
    package func setUp(
        _ worktree: PreparedWorktree, as setup: WorktreeSetup, firstPort: Int?, toolchains: [String],
        report: @escaping @Sendable (String) -> Void
    ) async throws -> SetupRecord {
        let mark = SetupMark(worktree)
        let earlier = try mark.read()
        if case .done(let record) = earlier { return record }
        try mark.write(.begun)
        let record = try await setUp(
            SetupTree(worktree, firstPort: firstPort, isPristine: earlier == nil), as: setup,
            toolchains: toolchains, report: report)
        try mark.write(.done(record))
        return record
    }
}
