internal import Linux
package import Sandbox
package import Vocabulary
package import Workflows
package import Worktrees

/// Makes fresh trees ready to work in: what a run's set-up states, done in one tree after another.
package struct Provisioner: Sendable {
    private let launcher: SandboxLauncher
    private let places: SessionPlaces
    private let cache: SetupCache
    private let store: RepositoryStore
    /// The user's repository, whose set-ups those of no other may be taken for.
    private let repository: String
    private let copies: CopySets
    private let order: CopyOrder

    package init(
        launcher: SandboxLauncher, places: SessionPlaces, cache: SetupCache, store: RepositoryStore,
        repository: String, order: CopyOrder
    ) {
        self.launcher = launcher
        self.places = places
        self.cache = cache
        self.store = store
        self.repository = repository
        self.order = order
        copies = CopySets(state: places.state)
    }

    /// Looks at the user's checkout for what is to be copied, and keeps it for the run; nil: nothing is.
    /// Done once, before the base is proven: a person is asked about exactly what is found here.
    package func gatherCopies(for setup: WorktreeSetup) async throws -> CopySet? {
        guard !setup.copies.isEmpty else { return nil }
        return try await copies.gather(order, setup, from: store)
    }

    /// The run's copies; gathered again where they are gone. Never one that a person did not say yes to.
    private func approvedCopies(for setup: WorktreeSetup) async throws -> CopySet? {
        guard !setup.copies.isEmpty else { return nil }
        let set: CopySet
        if let kept = try copies.load(order.run) {
            set = kept
        } else {
            set = try await copies.gather(order, setup, from: store)
        }
        guard set.rawDigest == nil || set.rawDigest == order.approved else {
            throw SetupError.rawCopiesNotApproved(paths: set.raw.map(\.path))
        }
        return set
    }

    /// Carries a set-up out in a tree, or copies what came of it where nothing it depends on has changed.
    /// Doing it again is harmless.
    ///
    /// - Parameter report: one line for people, many times.
    package func setUp(
        _ tree: SetupTree, as setup: WorktreeSetup, allowance: SandboxAllowance,
        report: @escaping @Sendable (String) -> Void
    ) async throws -> SetupRecord {
        for path in setup.shares where !Files.exists(path) { throw SetupError.shareMissing(path: path) }
        let start = MonotonicClock.nowSeconds()
        var record = SetupRecord(
            wasReused: false, seconds: 0,
            commands: setup.commands.map { VisibleText.oneLine($0.line, limit: 200) })
        let copied = try await approvedCopies(for: setup)
        let own =
            copied == nil && setup.inputs.isEmpty ? [] : try await store.paths(of: tree.source)
        var spared: [String] = []
        if let copied {
            let (copies, run) = (copies, order.run)
            spared = try await runBlocking { try copies.put(run, into: tree, sparing: own) }
                .map { VisibleText.oneLine(String(decoding: $0, as: UTF8.self), limit: 200) }
            record.note(copied, without: spared)
        }
        if !setup.commands.isEmpty {
            var key = try await SetupKey(
                setup, in: tree, of: store, repository: repository, copies: copied?.digest,
                toolchains: allowance.toolchains, isOfWholeTree: !spared.isEmpty)
            record.notes += key.notes
            record.wasReused =
                try await cache.restore(key, into: tree, sparing: key.isOfWholeTree ? nil : own) != nil
            if !record.wasReused, !key.isOfWholeTree, tree.source != order.base {
                // An agent may have written what this set-up runs: what comes of it is for this very tree.
                key = try await SetupKey(
                    setup, in: tree, of: store, repository: repository, copies: copied?.digest,
                    toolchains: allowance.toolchains, isOfWholeTree: true)
                record.wasReused = try await cache.restore(key, into: tree, sparing: nil) != nil
            }
            if !record.wasReused {
                let note = try await make(
                    key, setup, in: tree, sparing: key.isOfWholeTree ? nil : own, allowance: allowance,
                    report: report)
                record.notes += [note].compactMap(\.self)
            }
        }
        record.seconds = MonotonicClock.nowSeconds() - start
        return record
    }

    /// Runs the commands, and keeps what came of them where that can be told from what was there before.
    /// Returns what a person should know of that.
    private func make(
        _ key: SetupKey, _ setup: WorktreeSetup, in tree: SetupTree, sparing own: [[UInt8]]?,
        allowance: SandboxAllowance, report: @escaping @Sendable (String) -> Void
    ) async throws -> String? {
        // Of an overlay's upper layer only the kernel knows what its entries mean; a tree that is not fresh
        // may hold what somebody else put there.
        let canBeKept = tree.isPristine && tree.layers == nil
        let path = tree.path
        let before =
            canBeKept
            ? try await runBlocking { () throws(SystemError) in
                try TreeStamps(of: path, entriesMax: SetupCache.entriesMax)
            } : nil
        let start = MonotonicClock.nowSeconds()
        try await runCommands(of: setup, in: tree, allowance: allowance, report: report)
        guard let before else { return nil }
        let seconds = MonotonicClock.nowSeconds() - start
        switch try await cache.keep(key, of: tree, since: before, sparing: own, seconds: seconds) {
        case .kept(let changed):
            let loose = try await store.notIgnored(changed, by: tree.source, limit: 4)
            guard !loose.isEmpty else { return nil }
            let names = loose.prefix(3).map { VisibleText.oneLine($0, limit: 100) }
            return "Git does not ignore what it makes, which becomes part of every change: "
                + names.joined(separator: ", ") + (loose.count > 3 ? " and more" : "")
        case .notKept(let why): return "It is run again for each tree: \(why)"
        }
    }

    private func runCommands(
        of setup: WorktreeSetup, in tree: SetupTree, allowance: SandboxAllowance,
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
                    profile: profile(command.argv, setup, tree, home: home, allowance: allowance),
                    line: command.line, report: report
                ).run()
            }
        } catch {
            do {
                try await places.removeFolder(name)
            } catch let leftover {
                report("set-up: its home was not removed: \(Problem(leftover).description)")
            }
            throw error
        }
        try await places.removeFolder(name)
    }

    private func profile(
        _ argv: [String], _ setup: WorktreeSetup, _ tree: SetupTree, home: String, allowance: SandboxAllowance
    ) -> SandboxProfile {
        SandboxProfile(
            kind: .setup, worktree: tree.path, gitPointerFile: tree.gitPointerFile,
            privateGitDirectory: tree.privateGitDirectory, home: home,
            readOnlyPaths: allowance.toolchains + setup.shares,
            environment: Toolchains.environment(for: allowance.toolchains)
                .merging(setup.environment(firstPort: tree.firstPort)) { $1 },
            command: argv, uid: tree.uid, limits: SandboxLimits(resources: allowance.resources),
            overlay: tree.layers, sharedObjects: tree.sharedObjects)
    }
}

extension Provisioner {
    /// Removes what a run's trees were to be given of the user's files.
    package static func forgetCopies(of run: RunID, state: String) throws {
        try CopySets(state: state).forget(run)
    }

    /// The same for a task's worktree, once: one whose set-up went through is left as it is, for an agent may
    /// have worked in it since.
    package func setUp(
        _ worktree: PreparedWorktree, as setup: WorktreeSetup, firstPort: Int?, allowance: SandboxAllowance,
        report: @escaping @Sendable (String) -> Void
    ) async throws -> SetupRecord {
        let mark = SetupMark(worktree)
        let earlier = try mark.read()
        if case .done(let record, _, _) = earlier { return record }
        try mark.write(.begun)
        let record = try await setUp(
            SetupTree(worktree, firstPort: firstPort, isPristine: earlier == nil), as: setup,
            allowance: allowance, report: report)
        try mark.write(
            .done(
                record, key: try await key(of: worktree, setup, allowance: allowance)?.digest,
                base: worktree.base))
        return record
    }

    /// Runs the commands again in a worktree that was moved to another base since its set-up, where they
    /// depend on what has changed. An agent has worked there: nothing is copied into it, and nothing of it is
    /// kept. nil: what it depends on is as it was. Harmless for one that was not moved.
    package func setUpAgain(
        _ worktree: PreparedWorktree, as setup: WorktreeSetup, firstPort: Int?, allowance: SandboxAllowance,
        report: @escaping @Sendable (String) -> Void
    ) async throws -> SetupRecord? {
        let mark = SetupMark(worktree)
        guard case .done(let last, let earlier, let base) = try mark.read(), base != worktree.base,
            let key = try await key(of: worktree, setup, allowance: allowance)
        else { return nil }
        guard earlier != key.digest else {
            try mark.write(.done(last, key: earlier, base: worktree.base))
            return nil
        }
        let start = MonotonicClock.nowSeconds()
        try await runCommands(
            of: setup, in: SetupTree(worktree, firstPort: firstPort, isPristine: false),
            allowance: allowance, report: report)
        let record = SetupRecord(
            wasReused: false, seconds: MonotonicClock.nowSeconds() - start,
            commands: setup.commands.map { VisibleText.oneLine($0.line, limit: 200) })
        try mark.write(.done(record, key: key.digest, base: worktree.base))
        return record
    }

    private func key(
        of worktree: PreparedWorktree, _ setup: WorktreeSetup, allowance: SandboxAllowance
    ) async throws -> SetupKey? {
        guard !setup.commands.isEmpty else { return nil }
        // The ports of a worktree stay its own, whatever its base.
        return try await SetupKey(
            setup, in: SetupTree(worktree, firstPort: nil, isPristine: false), of: store,
            repository: repository, copies: try copies.load(order.run)?.digest,
            toolchains: allowance.toolchains)
    }
}

extension SetupRecord {
    /// - Parameter spared: copies that were not made, because the tree has files of its own there.
    fileprivate mutating func note(_ set: CopySet, without spared: [String]) {
        copied = set.files - spared.count
        replaced = set.replaced.filter { !spared.contains($0) }
        leftOut = set.leftOut
        raw = set.raw.filter { !spared.contains($0.path) }
        notes += set.notes
        guard !spared.isEmpty else { return }
        notes.append(
            "Not copied, for the tree has files of its own there: "
                + spared.prefix(3).joined(separator: ", ") + (spared.count > 3 ? " and more" : ""))
    }
}
