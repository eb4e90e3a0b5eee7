import ControlProtocol
import Linux
import Testing
import Vocabulary

@testable import Terminal

@Suite("A hand in the work, on the command line")
struct SteeringCommandTests {
    private static let session = SessionView(
        run: RunID("k3f9"), task: TaskID("docs"), session: SessionID("s1"), role: .author, agent: "builder")

    private func asked(_ words: String..., replies: [ControlReply] = [.reached(session: session)])
        async throws -> (
            ControlRequest?, FakeConsole
        )
    {
        let server = try FakeServer { request, _ in
            if case .status = request {
                return .done(.runs(runs: [Sample.run(tasks: [Sample.task("docs", .authoring)])]))
            }
            return FakeServer.Answer(replies: replies + [.done(exit: .done)])
        }
        defer { server.stop() }
        let fake = FakeConsole()
        guard case .command(let command) = try ArgumentParser(commands: CommandTable.commands).parse(words)
        else {
            return (nil, fake)
        }
        let context = server.context(fake, directory: "/", asJSON: command.has("json"))
        _ = try await TerminalProgram.perform(command, context)
        return (server.received.last, fake)
    }

    @Test("steer sends the text and the absolute paths of its files") func steer() async throws {
        let (request, console) = try await asked(
            "steer", "k3f9/docs", "use tabs", "-f", "/proc/version", "--file", "proc/../proc/version")
        guard case .tell(let run, let task, let text, let files, _) = request else {
            Issue.record("\(String(describing: request))")
            return
        }
        #expect((run, task, text) == (RunID("k3f9"), TaskID("docs"), "use tabs"))
        #expect(files == ["/proc/version", "/proc/version"])
        #expect(console.output.hasPrefix("The author of k3f9/docs (builder) has your message and 2 files."))
    }

    @Test("a task may stand alone, and --json names the session") func alone() async throws {
        let (request, console) = try await asked("interrupt", "docs", "--json")
        guard case .interrupt(let run, let task, _) = request else {
            Issue.record("\(String(describing: request))")
            return
        }
        #expect((run, task) == (RunID("k3f9"), TaskID("docs")))
        #expect(
            console.output.contains("\"session\" : \"s1\"") || console.output.contains("\"session\":\"s1\""))
    }

    @Test("what cannot be brought along is said before anything is asked for") func files() async throws {
        for (words, sentence) in [
            (["--file", "/none"], "/none cannot be read: No such file or directory."),
            (["--file", "/tmp"], "/tmp is no file."),
            (Array(repeating: "--file=/proc/version", count: 17), "17 files are more than the 16"),
        ] {
            let server = try FakeServer { _, _ in .done() }
            defer { server.stop() }
            let parsed = try ArgumentParser(commands: CommandTable.commands).parse(
                ["steer", "k3f9/docs", "x"] + words)
            guard case .command(let command) = parsed else { continue }
            await #expect {
                try await TerminalProgram.perform(command, server.context(FakeConsole()))
            } throws: {
                ($0 as? Problem)?.description.contains(sentence) == true
                    && ($0 as? Problem)?.exitCode == .usage
            }
            #expect(server.received.isEmpty)
        }
    }

    @Test("pause takes a run or a task, and resume of a task ends its pause alone") func pause() async throws
    {
        let (whole, console) = try await asked("pause", "k3f9", replies: [])
        guard case .pause(let run, nil, _) = whole else {
            Issue.record("\(String(describing: whole))")
            return
        }
        #expect(run == RunID("k3f9") && console.output.contains("graftwork resume k3f9"))
        let (one, _) = try await asked("resume", "k3f9/docs", replies: [])
        guard case .unpause(_, let task, _) = one else {
            Issue.record("\(String(describing: one))")
            return
        }
        #expect(task == TaskID("docs"))
    }

    @Test("what is paused looks paused, and says how it goes on") func looks() {
        var task = Sample.task("docs", .authoring)
        task.pausedBy = "ada"
        var run = Sample.run(tasks: [task])
        func text() -> String {
            let frame = RunFrame(
                run: run, now: 1060, columns: 80, rows: 20, palette: Palette(isColoured: false))
            let summary = RunSummary.lines(of: run, columns: 80, palette: Palette(isColoured: false))
            return (frame.lines + summary).joined(separator: "\n")
        }
        #expect(text().contains("‖ docs     paused") && text().contains("graftwork resume k3f9/docs"))
        #expect(!run.needsOnlyAPerson)
        run.pausedBy = "ada"
        #expect(text().contains("The run is paused by ada; nothing is lost."))
        #expect(text().contains("graftwork resume k3f9 "))
        #expect(run.needsOnlyAPerson)
        // What is over is not paused any more.
        run.state = .landed
        #expect(!text().contains("is paused by"))
    }
}
