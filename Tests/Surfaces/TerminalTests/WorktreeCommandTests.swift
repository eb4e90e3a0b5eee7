import ControlProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite("Worktrees on the command line")
struct WorktreeCommandTests {
    private static func view(
        _ task: String, run: String = "k3f9", _ change: (inout WorktreeView) -> Void = { _ in }
    )
        -> WorktreeView
    {
        var view = WorktreeView(
            run: RunID(run), task: TaskID(task), path: "/w/\(task)", branch: "graftwork/\(run)/\(task)",
            state: .authoring, snapshots: 3, runState: .building, changedPaths: 4, bytesOnDisk: 3_400_000)
        change(&view)
        return view
    }

    private static let all = [
        view("pagination") { $0.session = SessionID("k3f9-1") },
        view("rate-limits") {
            $0.state = .held
            $0.collisions = [Collision(run: RunID("k3f9"), task: TaskID("pagination"), paths: ["a"])]
        },
        view("docs", run: "gone") {
            ($0.state, $0.runState, $0.isOrphan) = (nil, nil, true)
            ($0.changedPaths, $0.bytesOnDisk, $0.snapshots) = (nil, 812, 1)
        },
        view("old") {
            ($0.state, $0.removal, $0.isPresent) = (.landed, "/w/old could not be used: EBUSY.", false)
        },
    ]

    @Test("ls shows state, size, changes, snapshots and what keeps each, within 80 columns")
    func table() {
        let lines = WorktreeTable.table(of: Self.all).lines(width: 80, palette: Palette(isColoured: false))
        #expect(
            lines == [
                "WORKTREE          STATE      RUN          SIZE  CHANGED  SAVED  NOTE",
                "k3f9/pagination   authoring  building  3.2 MiB        4      3  at work",
                "k3f9/rate-limits  held       building  3.2 MiB        4      3  collides",
                "gone/docs         -          -           812 B        -      1  orphan",
                "k3f9/old          landed     building  3.2 MiB        4      3  removing",
            ])
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= 80 })
        #expect(
            WorktreeTable.remarks(on: Self.all) == [
                "gone/docs belongs to no task any more. Look at it, or remove it: "
                    + "graftwork worktree rm gone/docs",
                "k3f9/old could not be removed yet: /w/old could not be used: EBUSY.",
            ])
    }

    @Test("ls says of a worktree that could not be looked at just that, and not that its files are gone")
    func odd() {
        let odd = Self.view("api") {
            ($0.isPresent, $0.changedPaths, $0.bytesOnDisk) = (false, nil, nil)
            $0.problem = "/w/api could not be used: it is damaged."
        }
        let lines = WorktreeTable.table(of: [odd]).lines(width: 80, palette: Palette(isColoured: false))
        #expect(lines.last == "k3f9/api  authoring  building     -        -      3  problem")
        #expect(
            WorktreeTable.remarks(on: [odd]) == [
                "k3f9/api could not be looked at in full: /w/api could not be used: it is damaged."
            ])
    }

    @Test("only ls has the disk measured, for which every file is looked at")
    func measuring() async throws {
        let server = try FakeServer { request, _ in
            switch request {
            case .worktrees: .done(.worktrees(worktrees: Self.all))
            case .openWorktree:
                .done(.opened(path: "/w", snapshot: nil, wasOverlay: false, isAtWork: false, notices: []))
            default: .done()
            }
        }
        defer { server.stop() }
        let fake = FakeConsole()
        _ = try await server.run("worktree", "open", "k3f9/pagination", console: fake)
        _ = try await server.run("worktree", "rm", "gone/docs", console: fake)
        _ = try await server.run("worktree", "ls", console: fake)
        let asked = server.received.filter { if case .worktrees = $0 { true } else { false } }
        #expect(
            asked == [false, false, true].map { ControlRequest.worktrees(run: nil, measuresDisk: $0) })
    }

    private static let wide = [
        "WORKTREE                          STATE           RUN                SIZE  CHANGED  SAVED  NOTE",
        "k3f9/paginate-the-list-of-orders  needs approval  needs approval  3.2 MiB        4      3  at work",
        "k3f9/docs                         authoring       building        3.2 MiB        4      3  ",
    ]

    @Test("ls never cuts the name that a person types: the run's state gives way, then the counts")
    func longName() {
        let worktrees = [
            Self.view("paginate-the-list-of-orders") {
                ($0.state, $0.runState) = (.awaitingApproval, .awaitingApproval)
                $0.session = SessionID("k3f9-1")
            }, Self.view("docs"),
        ]
        func lines(_ width: Int) -> [String] {
            WorktreeTable.table(of: worktrees).lines(width: width, palette: Palette(isColoured: false))
        }
        #expect(lines(98) == lines(200) && lines(98)[1].contains("needs approval  needs approval  3.2 MiB"))
        #expect(
            lines(90) == [
                "WORKTREE                          STATE           RUN        SIZE  CHANGED  SAVED  NOTE",
                "k3f9/paginate-the-list-of-orders  needs approval  needs…  3.2 MiB        4      3  at work",
                "k3f9/docs                         authoring       build…  3.2 MiB        4      3  ",
            ])
        #expect(
            lines(80) == [
                "WORKTREE                          STATE              SIZE  CHANGED  NOTE",
                "k3f9/paginate-the-list-of-orders  needs approval  3.2 MiB        4  at work",
                "k3f9/docs                         authoring       3.2 MiB        4  ",
            ])
        #expect(
            lines(60) == [
                "WORKTREE                          STATE        SIZE  NOTE",
                "k3f9/paginate-the-list-of-orders  needs a…  3.2 MiB  at work",
                "k3f9/docs                         authori…  3.2 MiB  ",
            ])
        #expect(lines(20).allSatisfy { $0.hasPrefix("WORKTREE") || $0.hasPrefix("k3f9/") })
        #expect(lines(20)[1].hasPrefix("k3f9/paginate-the-list-of-orders  needs…  3.2 MiB  at …"))
    }

    @Test("a task is named RUN TASK, RUN/TASK, or by itself where only one run has it")
    func naming() async throws {
        let runs = [
            Sample.run(id: "one", tasks: [Sample.task("docs", .authoring), Sample.task("api", .authoring)]),
            Sample.run(id: "two", tasks: [Sample.task("docs", .landed)]),
        ]
        let server = try FakeServer { request, _ in
            if case .status = request { return .done(.runs(runs: runs)) }
            return .done(.diff(text: "+x\n", wasTruncated: false, patchIDs: []))
        }
        defer { server.stop() }
        let fake = FakeConsole()
        func asked(_ words: String...) async throws -> ControlRequest? {
            guard
                case .command(let command) = try ArgumentParser(commands: CommandTable.commands).parse(words)
            else { return nil }
            _ = try await TerminalProgram.perform(command, server.context(fake))
            return server.received.last
        }
        #expect(
            try await asked("diff", "one/docs") == .diff(run: RunID("one"), task: TaskID("docs"), turn: nil))
        #expect(
            try await asked("diff", "one", "docs", "--turn", "2")
                == .diff(run: RunID("one"), task: TaskID("docs"), turn: 2))
        #expect(try await asked("diff", "api") == .diff(run: RunID("one"), task: TaskID("api"), turn: nil))
        #expect(try await asked("diff", "two") == .diff(run: RunID("two"), task: nil, turn: nil))
        let many = await #expect(throws: Problem.self) { _ = try await asked("diff", "docs") }
        #expect(many?.hint == "Name it with its run: one/docs, two/docs.")
        let zero = await #expect(throws: Problem.self) { _ = try await asked("diff", "api", "--turn", "0") }
        #expect(zero?.exitCode == .usage)
    }

    @Test(
        "sizes are written for people",
        arguments: [
            (Int64(0), "0 B"), (812, "812 B"), (4096, "4.0 KiB"), (3_400_000, "3.2 MiB"),
            (217_000_000_000, "202.0 GiB"), (5_000_000_000_000, "4.5 TiB"),
        ])
    func sizes(_ count: Int64, _ text: String) { #expect(Amounts.bytes(count) == text) }

    @Test("import prints the YAML alone, so that it can be added to a file, and takes no run")
    func imports() async throws {
        let view = ImportedSetupView(
            files: [
                .init(
                    path: "conductor.json", tool: "Conductor", understood: ["runs “make”"],
                    notUnderstood: ["x"])
            ], notes: ["A note."], yaml: "worktree:\n  setup:\n    - \"make\"\n")
        let server = try FakeServer { _, _ in .done(.importedSetup(setup: view)) }
        defer { server.stop() }
        let fake = FakeConsole()
        _ = try await server.run("worktree", "import", console: fake)
        #expect(fake.output == view.yaml)
        #expect(
            WorktreeImportCommand.lines(of: view) == [
                "conductor.json (Conductor)", "  understood: runs “make”", "  not understood: x", "A note.",
            ])
        #expect(
            WorktreeImportCommand.lines(of: .init(files: [], notes: [], yaml: "")) == [
                "No other tool's set-up was found in the last commit of this repository."
            ])
        let wrong = await #expect(throws: Problem.self) {
            _ = try await server.run("worktree", "import", "k3f9", console: fake)
        }
        #expect(wrong?.exitCode == .usage)
    }

    @Test("rm takes an orphan by its name, whether a run knows it or not")
    func orphan() async throws {
        let server = try FakeServer { request, _ in
            if case .worktrees = request { return .done(.worktrees(worktrees: Self.all)) }
            return .done()
        }
        defer { server.stop() }
        let fake = FakeConsole()
        _ = try await server.run("worktree", "rm", "gone/docs", console: fake)
        #expect(
            server.received.last
                == .removeWorktree(run: RunID("gone"), task: TaskID("docs"), discardsUnsaved: false))
        #expect(
            fake.output == "Removed gone/docs; its snapshots stay below refs/graftwork/snapshots/gone/docs.\n"
        )
    }

    @Test("what is said of a worktree is broken between words, and its path never")
    func prose() async throws {
        let path = "/srv/state/a folder/w/k3f9/docs"
        let server = try FakeServer { request, _ in
            switch request {
            case .worktrees: .done(.worktrees(worktrees: Self.all))
            case .restoreWorktree: .done(.restored(path: path, snapshot: 2, saved: nil))
            default: .done()
            }
        }
        defer { server.stop() }
        let fake = FakeConsole(screen: .init(columns: 40, rows: 24))
        _ = try await server.run("worktree", "rm", "gone/docs", console: fake)
        _ = try await server.run("worktree", "restore", "k3f9/docs", console: fake)
        #expect(
            fake.output == """
                Removed gone/docs; its snapshots stay
                below
                refs/graftwork/snapshots/gone/docs.
                k3f9/docs holds the files of snapshot 2
                now:
                \(path)

                """)
    }

    @Test("restore says what it saved, and takes a snapshot or a turn but not both")
    func restore() async throws {
        let server = try FakeServer { request, _ in
            if case .restoreWorktree = request {
                return .done(.restored(path: "/w/docs", snapshot: 2, saved: 5))
            }
            return .done()
        }
        defer { server.stop() }
        let fake = FakeConsole()
        _ = try await server.run("worktree", "restore", "k3f9/docs", "--turn", "1", console: fake)
        #expect(
            server.received.last
                == .restoreWorktree(run: RunID("k3f9"), task: TaskID("docs"), snapshot: nil, turn: 1))
        #expect(
            fake.output == "Snapshot 5 holds k3f9/docs as it was.\n"
                + "k3f9/docs holds the files of snapshot 2 now:\n/w/docs\n")
        let both = await #expect(throws: Problem.self) {
            _ = try await server.run(
                "worktree", "restore", "k3f9/docs", "--turn", "1", "--snapshot", "2", console: fake)
        }
        #expect(both?.exitCode == .usage)
        let unnamed = await #expect(throws: Problem.self) {
            _ = try await server.run("worktree", "restore", console: fake)
        }
        #expect(unnamed?.exitCode == .usage)
    }

    @Test("prune says what went and how much, or would")
    func prune() async throws {
        let items = [
            PrunedItem(kind: .snapshots, repository: "/repo", name: "k3f9/docs", count: 12, bytes: 0),
            PrunedItem(kind: .base, repository: "/repo", name: "0123456789", count: 1, bytes: 4_096),
        ]
        let server = try FakeServer { request, _ in
            if case .pruneWorktrees(true) = request { return .done(.pruned(items: items)) }
            return .done(.pruned(items: []))
        }
        defer { server.stop() }
        let fake = FakeConsole()
        _ = try await server.run("worktree", "prune", "--dry-run", console: fake)
        #expect(
            fake.output == "12 snapshots of k3f9/docs\nwhat was kept for commit 0123456789, 4.0 KiB\n"
                + "Would let 12 snapshots and 4.0 KiB go.\n")
        #expect(
            PrunedLines.text(of: [items[1]], isDryRun: false).last == "Let 4.0 KiB go.")
        let removal = PrunedItem(kind: .removal, repository: "/repo", name: "k3f9/api", count: 1, bytes: 0)
        #expect(
            PrunedLines.text(of: items + [removal], isDryRun: false).last
                == "Let 12 snapshots, 4.0 KiB and what was left of 1 worktree go.")
        #expect(
            PrunedLines.text(of: [removal], isDryRun: true).last
                == "Would let what was left of 1 worktree go.")
        let second = FakeConsole()
        _ = try await server.run("worktree", "prune", console: second)
        #expect(second.output == "There is nothing to prune.\n")
    }

    @Test("prune says what went also when something else could not")
    func pruneInPart() async throws {
        let items = [PrunedItem(kind: .snapshots, repository: "/a", name: "k3f9/docs", count: 2, bytes: 0)]
        let failure = Problem("/b is not inside a git repository.", blame: .user)
        let server = try FakeServer { request, _ in
            if case .pruneWorktrees(let isDryRun) = request {
                let went = isDryRun ? [] : items
                return FakeServer.Answer(replies: [.pruned(items: went), .problem(problem: failure)])
            }
            return .done()
        }
        defer { server.stop() }
        let (first, second) = (FakeConsole(), FakeConsole())
        let problem = await #expect(throws: Problem.self) {
            _ = try await server.run("worktree", "prune", console: first)
        }
        #expect(problem == failure)
        #expect(first.output == "2 snapshots of k3f9/docs\nLet 2 snapshots go.\n")
        // Not that there was nothing: that is not known.
        await #expect(throws: Problem.self) {
            _ = try await server.run("worktree", "prune", "--dry-run", console: second)
        }
        #expect(second.output == "")
    }
}
