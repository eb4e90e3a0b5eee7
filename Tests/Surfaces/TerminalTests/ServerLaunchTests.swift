import ControlProtocol
import Fixtures
import Linux
import Testing
import Vocabulary

@testable import Terminal

@Suite("Starting the server") struct ServerLaunchTests {
    /// Starts a script in the server's place.
    private func launch(_ script: String, in folder: TemporaryFolder) async throws(Problem) {
        let program: String
        do {
            program = try folder.write("server", "#!/bin/sh\n" + script, mode: 0o755)
        } catch {
            throw Problem(error)
        }
        let environment = [
            "PATH": "/usr/bin:/bin", "XDG_STATE_HOME": folder.path, "XDG_RUNTIME_DIR": folder.path,
            "HOME": folder.path,
            "ANTHROPIC_API_KEY": "sk-secret", "SSH_AUTH_SOCK": "/run/agent",
        ]
        let locations = Locations(environment: environment, home: folder.path, isRoot: false)
        try await ServerLaunch(program: program, locations: locations, environment: environment).start()
    }

    @Test("goes on as soon as the server says that it is ready, and not before")
    func ready() async throws {
        try await withTemporaryFolder { folder in
            try await launch("echo made > \"$XDG_STATE_HOME/before\"\necho ready >&3\n", in: folder)
            #expect(try folder.read("before") == "made\n")
        }
    }

    @Test("gives the server no key and none of the session's sockets")
    func environment() async throws {
        try await withTemporaryFolder { folder in
            try await launch(
                "env | cut -d= -f1 | sort > \"$XDG_STATE_HOME/names\"\necho ready >&3\n", in: folder)
            let names = try folder.read("names").split(separator: "\n").map(String.init)
            #expect(
                names.filter { !["PWD", "_", "SHLVL", "OLDPWD"].contains($0) } == [
                    "HOME", "PATH", "XDG_RUNTIME_DIR", "XDG_STATE_HOME",
                ])
        }
    }

    @Test("passes on in the server's own words why it cannot start")
    func problem() async throws {
        try await withTemporaryFolder { folder in
            let problem = Problem("The disk is full.", hint: "Free some space.", blame: .environment)
            let line = JSONOutput.line(problem)
            await #expect(throws: problem) {
                try await launch("cat >&3 <<'END'\n\(line)\nEND\nexit 1\n", in: folder)
            }
        }
    }

    @Test("says where the reason is when the server dies without a word")
    func dies() async throws {
        try await withTemporaryFolder { folder in
            let problem = await #expect(throws: Problem.self) { try await launch("exit 3\n", in: folder) }
            #expect(problem?.hint?.contains("\(folder.path)/graftwork/server.log") == true)
            #expect(problem?.blame == .environment)
        }
    }

    @Test("says which program is missing and where it was looked for")
    func missing() {
        let files = InstalledFiles(folder: "/nonexistent/bin")
        let problem = #expect(throws: Problem.self) { try files.program("graftwork-server") }
        #expect(
            problem?.description
                == "The program graftwork-server is neither at /nonexistent/bin/graftwork-server nor at "
                + "/nonexistent/libexec/graftwork/graftwork-server.")
    }

    @Test("finds programs and files beside itself, below the prefix, and where it is told")
    func places() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("bin/graftwork", "", mode: 0o755)
            let server = try folder.write("libexec/graftwork/graftwork-server", "", mode: 0o755)
            try folder.write("share/graftwork/Templates/demo/config.yaml", "")
            try folder.write("else/Templates/demo/config.yaml", "")
            let files = InstalledFiles(folder: folder.path("bin"))
            #expect(try files.program("graftwork-server") == server)
            #expect(try files.shipped("Templates/demo") == folder.path("share/graftwork/Templates/demo"))
            let told = InstalledFiles(folder: folder.path("bin"), share: folder.path("else"))
            #expect(try told.shipped("Templates/demo") == folder.path("else/Templates/demo"))
        }
    }
}

@Suite("graftwork demo") struct DemoCommandTests {
    @Test("makes a committed repository of its own and runs the shipped workflow on it, rehearsed")
    func submits() async throws {
        let server = try FakeServer { request, _ in
            switch request {
            case .prepare: .done(.prepared(preparation: Sample.preparation()))
            case .run: .done(.accepted(run: RunID("k3f9")))
            default: .done(.view(run: Sample.run(.landed, isRehearsed: true)))
            }
        }
        defer { server.stop() }
        try await withTemporaryFolder { folder in
            let share = folder.path("share")
            try folder.write("share/Templates/demo/repository/a.py", "a = 1\n")
            try folder.write("share/Templates/demo/repository/.graftwork/config.yaml", "version: 1\n")
            let fake = FakeConsole()
            var context = server.context(fake)
            context.files.share = share
            let target = folder.path("demo")
            let words = ["demo", "--folder", target, "--yes"]
            guard
                case .command(let command) = try ArgumentParser(commands: CommandTable.commands).parse(words)
            else { return }
            #expect(try await TerminalProgram.perform(command, context) == .done)
            guard case .run(let submission)? = server.received.dropFirst().first else {
                Issue.record("no run was submitted")
                return
            }
            #expect(
                submission.repository == target && submission.updateCheckout == true && submission.answersYes)
            #expect(submission.rehearsalScript == share + "/Templates/demo/rehearsal.yaml")
            #expect(submission.configurationFile == share + "/Templates/demo/config.yaml")
            #expect(
                Files.exists(target + "/.graftwork/config.yaml")
                    && Files.exists(target + "/.git/refs/heads/main"))
            #expect(fake.output.contains("The repository stays in \(target)"))
            let again = await #expect(throws: Problem.self) {
                try await TerminalProgram.perform(command, context)
            }
            #expect(again?.hint == "Name an empty one with --folder DIR.")
        }
    }
}
