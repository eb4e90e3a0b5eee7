import ControlProtocol
import Fixtures
import Foundation
import Testing
import Vocabulary

@testable import Terminal

@Suite("graftwork run") struct RunCommandTests {
    /// Answers `prepare`, `run` and `watch` as a server does.
    private func server(
        _ preparation: RunPreparation, end: RunView = Sample.run(.landed, ended: 1030), exit: ExitCode = .done
    ) throws -> FakeServer {
        try FakeServer { request, _ in
            switch request {
            case .prepare: .done(.prepared(preparation: preparation))
            case .run: .done(.accepted(run: RunID("k3f9")))
            case .watch:
                .done(.event(event: Sample.event(1, "the plan has 2 tasks")), .view(run: end), exit: exit)
            default: .done()
            }
        }
    }

    private func submission(_ server: FakeServer) -> RunSubmission? {
        for request in server.received { if case .run(let submission) = request { return submission } }
        return nil
    }

    private let atTerminal = Console.Screen(columns: 80, rows: 24)

    @Test(
        "without a terminal shows what will happen, asks nothing, decides nothing and prints a line per event"
    )
    func plain() async throws {
        let server = try server(
            Sample.preparation(proposal: "version: 1", needsSameVendor: true), exit: .held)
        defer { server.stop() }
        let fake = FakeConsole(typing: ["y", "y", "y"])
        #expect(try await server.run("run", "add x", console: fake) == .held)
        #expect(fake.unusedAnswers.count == 3)
        #expect(
            submission(server)
                == RunSubmission(
                    repository: "/repo", goal: "add x",
                    environment: ["PATH": "/usr/bin:/bin", "SECRET": "1"], person: "ada"))
        #expect(fake.lines.contains("  goal        add x"))
        #expect(fake.lines.contains("01:01:01 run the plan has 2 tasks"))
        #expect(fake.lines.contains("✓ 0 changes landed on main."))
    }

    @Test("at a terminal asks once about configuration, vendor and checkout, and sends the answers")
    func asks() async throws {
        let server = try server(Sample.preparation(proposal: "version: 1\nagents: {}", needsSameVendor: true))
        defer { server.stop() }
        let fake = FakeConsole(typing: ["", "y", "n"], screen: atTerminal, isInteractive: true)
        #expect(try await server.run("run", "add x", "--plain", console: fake) == .done)
        let sent = try #require(submission(server))
        #expect(sent.savesProposal && sent.allowsSameVendor == true && sent.updateCheckout == false)
        #expect(fake.output.contains("Save it as /home/me/.config/graftwork/config.yaml? [Y/n]"))
        #expect(fake.output.contains("marked same-vendor in every record? No holds the run. [y/N]"))
        #expect(fake.output.contains("main is checked out here and clean: move it along? [Y/n]"))
    }

    @Test("--yes answers configuration, checkout and policies, but never chooses review by the same vendor")
    func yes() async throws {
        let server = try server(Sample.preparation(proposal: "version: 1", needsSameVendor: true))
        defer { server.stop() }
        _ = try await server.run("run", "add x", "--yes", console: FakeConsole())
        let sent = try #require(submission(server))
        #expect(
            sent.answersYes && sent.savesProposal && sent.updateCheckout == true
                && sent.allowsSameVendor == nil)
    }

    @Test("what is said on the command line or configured is not asked")
    func decided() async throws {
        for (words, configured) in [(["run", "x", "--no-update-checkout"], nil), (["run", "x"], true)]
            as [([String], Bool?)]
        {
            let server = try server(Sample.preparation(configured: configured))
            defer { server.stop() }
            let fake = FakeConsole(typing: ["y"], screen: atTerminal, isInteractive: true)
            guard
                case .command(let command) = try ArgumentParser(commands: CommandTable.commands).parse(words)
            else { return }
            _ = try await TerminalProgram.perform(command, server.context(fake))
            #expect(fake.unusedAnswers == ["y"])
            #expect(submission(server)?.updateCheckout == (configured == nil ? false : nil))
        }
    }

    @Test("a dirty checkout is not asked about but named, with the two ways on")
    func dirty() async throws {
        let server = try server(Sample.preparation(isClean: false))
        defer { server.stop() }
        let fake = FakeConsole(typing: ["y"], screen: atTerminal, isInteractive: true)
        _ = try await server.run("run", "x", "--plain", console: fake)
        #expect(fake.unusedAnswers == ["y"])
        #expect(
            fake.output.contains(
                "not clean: landings on it are held until you commit or stash, or land elsewhere with "
                    + "--into BRANCH."
            ))
    }

    @Test("with --json prints only JSON, one document per line, and ends with the exit code")
    func json() async throws {
        let server = try server(Sample.preparation())
        defer { server.stop() }
        let fake = FakeConsole(typing: ["y"], screen: atTerminal, isInteractive: true)
        #expect(try await server.run("run", "x", "--json", console: fake) == .done)
        let documents = try fake.lines.dropLast().map {
            try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8))
        }
        #expect(
            documents.map { $0.objectValue?.keys.sorted() } == [["accepted"], ["event"], ["run"], ["exit"]])
        #expect(documents[0] == ["accepted": "k3f9"])
        #expect(documents[3] == ["exit": 0])
        #expect(fake.unusedAnswers == ["y"])
    }

    @Test("--detach returns once the request is accepted, and says how to come back")
    func detach() async throws {
        let server = try server(Sample.preparation())
        defer { server.stop() }
        let fake = FakeConsole()
        #expect(try await server.run("run", "x", "--detach", console: fake) == .done)
        #expect(server.received.count == 2)
        #expect(fake.output.contains("Follow it: graftwork watch k3f9"))
    }

    @Test("plan asks for the plan only and never about the checkout")
    func plan() async throws {
        let server = try server(
            Sample.preparation(), end: Sample.run(.planned, tasks: [Sample.task("docs", .planned)]))
        defer { server.stop() }
        let fake = FakeConsole(typing: ["y"], screen: atTerminal, isInteractive: true)
        #expect(try await server.run("plan", "x", "--plain", console: fake) == .done)
        #expect(submission(server)?.planOnly == true)
        #expect(fake.unusedAnswers == ["y"])
        #expect(fake.lines.contains("✓ The plan is made; nothing was built."))
    }

    @Test("a file that is not there is a usage error before anything is asked of the server")
    func missingFile() async throws {
        let server = try server(Sample.preparation())
        defer { server.stop() }
        let problem = await #expect(throws: Problem.self) {
            try await server.run("run", "x", "--config", "nowhere.yaml", console: FakeConsole())
        }
        #expect(problem?.exitCode == .usage)
        #expect(server.received.isEmpty)
    }
}

@Suite("The live view at work") struct LiveDisplayTests {
    private actor Answers {
        var given: [String] = []
        func give(_ id: ApprovalID, _ isAllowed: Bool) { given.append("\(id) \(isAllowed)") }
    }
    private let screen = Console.Screen(columns: 80, rows: 24)

    @Test("y and n answer the question that is shown, and no other key does")
    func answers() async {
        let fake = FakeConsole(screen: screen, isInteractive: true)
        let answers = Answers()
        let display = LiveDisplay(
            console: fake.console,
            answer: {
                await answers.give($0, $1)
                return nil
            }, onInterrupt: {})
        await display.show(Sample.run(waiting: [Sample.approval("a1"), Sample.approval("a2")]))
        fake.advance(by: 1)
        await display.receive(.key("x"))
        await display.receive(.key("y"))
        // The second question is new on the screen: a key that comes at once was not meant for it.
        await display.receive(.key("y"))
        #expect(await answers.given == ["a1 true"])
        fake.advance(by: 1)
        await display.receive(.key("n"))
        #expect(await answers.given == ["a1 true", "a2 false"])
        await display.finish()
    }

    @Test("keys that came before the question could be read are not an answer")
    func tooSoon() async {
        let fake = FakeConsole(screen: screen, isInteractive: true)
        let answers = Answers()
        let display = LiveDisplay(
            console: fake.console,
            answer: {
                await answers.give($0, $1)
                return nil
            }, onInterrupt: {})
        await display.receive(.key("y"))
        await display.show(Sample.run(waiting: [Sample.approval("a1")]))
        await display.receive(.key("y"))
        #expect(await answers.given == [])
        await display.finish()
    }

    @Test("an answer that the server refuses is shown")
    func refused() async {
        let fake = FakeConsole(screen: screen, isInteractive: true)
        let problem = Problem("a1 was answered a moment ago.", hint: "See `graftwork status`.", blame: .user)
        let display = LiveDisplay(console: fake.console, answer: { _, _ in problem }, onInterrupt: {})
        await display.show(Sample.run(waiting: [Sample.approval("a1")]))
        fake.advance(by: 1)
        await display.receive(.key("y"))
        #expect(fake.output.contains("a1 was answered a moment ago. See `graftwork status`."))
        await display.finish()
    }

    @Test("a view that only watches does not listen for keys")
    func watching() async {
        let fake = FakeConsole(screen: screen, isInteractive: true)
        let display = LiveDisplay(console: fake.console, answer: nil, onInterrupt: {})
        await display.show(Sample.run(waiting: [Sample.approval("a1")]))
        #expect(!fake.output.contains("[y/n]"))
        #expect(fake.output.contains("graftwork approve a1"))
        await display.finish()
    }

    @Test("Ctrl-C leaves the view and not the run, and says how to come back")
    func interrupt() async throws {
        let server = try FakeServer { request, _ in
            if case .watch = request { return .init(replies: [.view(run: Sample.run())], stays: true) }
            return .done(.runs(runs: [Sample.run()]))
        }
        defer { server.stop() }
        let fake = FakeConsole(screen: screen, isInteractive: true)
        let watching = Task { try await server.run("watch", console: fake) }
        await fake.waitFor("add rate limiting")
        fake.send(.interrupted)
        #expect(try await watching.value == .failed)
        #expect(fake.errors.contains("The run goes on. Come back to it: graftwork watch k3f9"))
        #expect(!server.received.contains(.stop(run: RunID("k3f9"))))
    }
}

@Suite("The other commands") struct OtherCommandTests {
    @Test("a run that is not named is the most recent one of this repository, and it is said which")
    func choosesRun() async throws {
        let runs = [
            Sample.run(.landed, id: "else", repository: "/other"),
            Sample.run(.landed, id: "mine", goal: "mine"),
            Sample.run(.landed, id: "old"),
        ]
        let server = try FakeServer { request, _ in
            if case .status = request { return .done(.runs(runs: runs)) }
            return .done(.diff(text: "+x\n", wasTruncated: false, patchIDs: []))
        }
        defer { server.stop() }
        let fake = FakeConsole()
        _ = try await server.run("diff", console: fake, directory: "/repo/Sources")
        #expect(server.received.last == .diff(run: RunID("mine"), task: nil, turn: nil))
        #expect(fake.errors == "Taking run mine: mine\n")
        #expect(fake.output == "+x\n")
    }

    @Test("stop does not guess between two runs that go on")
    func stopGuesses() async throws {
        let server = try FakeServer { _, _ in
            .done(.runs(runs: [Sample.run(id: "one"), Sample.run(id: "two")]))
        }
        defer { server.stop() }
        let problem = await #expect(throws: Problem.self) {
            try await server.run("stop", console: FakeConsole())
        }
        #expect(problem?.description == "More than one run is going on: one, two.")
        #expect(problem?.exitCode == .usage)
    }

    @Test(
        "empty states say what to do next",
        arguments: [
            ("status", "Start one with `graftwork run"), ("inbox", "Nothing waits for you."),
            ("cost", "Nothing has been spent yet."),
            ("worktree ls", "There are no worktrees."), ("audit", "The journal has no such events."),
        ])
    func empty(_ command: String, _ text: String) async throws {
        let server = try FakeServer { request, _ in
            switch request {
            case .status: .done(.runs(runs: []))
            case .inbox: .done(.inbox(approvals: []))
            default: .done()
            }
        }
        defer { server.stop() }
        let fake = FakeConsole()
        let words = command.split(separator: " ").map(String.init)
        guard case .command(let parsed) = try ArgumentParser(commands: CommandTable.commands).parse(words)
        else { return }
        #expect(try await TerminalProgram.perform(parsed, server.context(fake)) == .done)
        #expect(fake.output.contains(text))
    }

    @Test("approve shows again what it is about, and sends who answered and the note")
    func approve() async throws {
        let server = try FakeServer { request, _ in
            if case .inbox = request { return .done(.inbox(approvals: [Sample.approval()])) }
            return .done()
        }
        defer { server.stop() }
        let fake = FakeConsole()
        #expect(try await server.run("approve", "a7", "--note", "read it", console: fake) == .done)
        #expect(
            server.received.last
                == .answer(approval: ApprovalID("a7"), allowed: true, by: "ada", note: "read it"))
        #expect(fake.output == "Approved: slugify: land on main\n")
        _ = try await server.run("deny", "a7", console: fake)
        #expect(
            server.received.last == .answer(approval: ApprovalID("a7"), allowed: false, by: "ada", note: nil))
    }

    @Test("worktree open prints the path and nothing else, and rm wants both names")
    func worktrees() async throws {
        let worktree = WorktreeView(
            run: RunID("k3f9"), task: TaskID("docs"), path: "/w/docs", branch: "graftwork/k3f9/docs",
            state: .landed, snapshots: 2)
        let server = try FakeServer { request, _ in
            switch request {
            case .worktrees: .done(.worktrees(worktrees: [worktree]))
            case .status: .done(.runs(runs: [Sample.run()]))
            case .openWorktree:
                .done(
                    .opened(
                        path: "/w/docs", snapshot: 3, wasOverlay: true, isAtWork: false, notices: ["Mind."]))
            default: .done()
            }
        }
        defer { server.stop() }
        let fake = FakeConsole()
        _ = try await server.run("worktree", "open", console: fake)
        #expect(fake.output == "/w/docs\n")
        #expect(
            fake.errors == "k3f9/docs was an overlay and is a checkout now.\n"
                + "Snapshot 3 holds k3f9/docs as it is now.\nMind.\n")
        let unnamed = await #expect(throws: Problem.self) {
            try await server.run("worktree", "rm", "k3f9", console: fake)
        }
        #expect(unnamed?.exitCode == .usage)
        let wrong = await #expect(throws: Problem.self) {
            try await server.run("worktree", "open", "k3f9", "dosc", console: fake)
        }
        #expect(wrong?.hint == "Did you mean `docs`?")
        _ = try await server.run("worktree", "rm", "k3f9", "docs", console: fake)
        #expect(
            server.received.last
                == .removeWorktree(run: RunID("k3f9"), task: TaskID("docs"), discardsUnsaved: false))
    }

    @Test("resume goes on with every run, and follows when it is one")
    func resume() async throws {
        let server = try FakeServer { request, _ in
            switch request {
            case .resume(nil, _): .done(.accepted(run: RunID("one")), .accepted(run: RunID("two")))
            case .resume: .done(.accepted(run: RunID("one")))
            default: .done(.view(run: Sample.run(.landed)))
            }
        }
        defer { server.stop() }
        let fake = FakeConsole()
        _ = try await server.run("resume", console: fake)
        #expect(
            fake.output
                == "Run one goes on. Follow it: graftwork watch one\nRun two goes on. Follow it: graftwork "
                + "watch two\n"
        )
        _ = try await server.run("resume", "one", console: fake)
        #expect(server.received.last == .watch(run: RunID("one"), after: 0))
    }

    @Test("land sends what was said about checkout and branch, then follows")
    func land() async throws {
        let server = try FakeServer { request, _ in
            if case .watch = request {
                return .done(.view(run: Sample.run(.held, exit: .conflict)), exit: .conflict)
            }
            return .done()
        }
        defer { server.stop() }
        let exit = try await server.run(
            "land", "k3f9", "docs", "--update-checkout", "--into", "next", console: FakeConsole())
        #expect(exit == .conflict)
        #expect(
            server.received.first
                == .land(run: RunID("k3f9"), task: TaskID("docs"), updateCheckout: true, into: "next"))
    }

    @Test("a problem is one sentence and the next step on standard error, and JSON where JSON is expected")
    func reports() async {
        let fake = FakeConsole()
        let problem = Problem(
            "There is no run x\u{1B}.", hint: "`graftwork status` lists them.", blame: .user)
        await TerminalProgram.report(problem, asJSON: true, fake.console)
        #expect(
            fake.errors == "graftwork: There is no run x\\u{1b}.\n  next: `graftwork status` lists them.\n")
        #expect(fake.output.hasPrefix("{\"problem\":{"))
        #expect(
            await TerminalProgram.run(arguments: ["nonsense"], environment: [:], console: fake.console)
                == .usage)
    }
}
