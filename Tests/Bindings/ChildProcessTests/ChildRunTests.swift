import ChildProcess
import Fixtures
import Glibc
import Linux
import Testing

@Suite("Running a program to its end", .timeLimit(.minutes(10)))
struct ChildRunTests {
    private static let environment = ["PATH": "/usr/bin:/bin"]

    private func shell(
        _ script: String, environment: [String: String] = environment, input: String? = nil,
        outputBytesMax: Int = 1 << 20, timeout: Duration = .seconds(600), teardown: [TeardownStep] = .standard
    ) async throws -> ChildOutput {
        try await Child.run(
            ChildCommand(["sh", "-c", script], environment: environment), input: input.map { Array($0.utf8) },
            outputBytesMax: outputBytesMax, timeout: timeout, teardown: teardown)
    }

    @Test("collects both outputs and the exit code; a failure is a result")
    func collects() async throws {
        #expect(
            try await shell("echo out; echo err >&2; exit 3")
                == ChildOutput(
                    termination: .exited(3), stdout: Array("out\n".utf8), stderr: Array("err\n".utf8)))
    }

    @Test("reports the signal that ended the program")
    func signalled() async throws {
        #expect(try await shell("kill -USR1 $$").termination == .signalled(SIGUSR1))
    }

    @Test("gives the program exactly the environment, arguments and directory it was told")
    func surroundings() async throws {
        try await withTemporaryFolder { folder in
            let command = ChildCommand(
                [
                    "python3", "-c",
                    "import os,sys; print(sorted(os.environ.items()), sys.argv[1:], os.getcwd())", "a b", "",
                    "ü$(id)",
                ],
                environment: ["PATH": "/usr/bin:/bin", "X": "1=2", "LC_ALL": "C.UTF-8"],
                workingDirectory: folder.path)
            let output = try await Child.run(command, timeout: .seconds(600))
            #expect(
                output.stdoutText == "[('LC_ALL', 'C.UTF-8'), ('PATH', '/usr/bin:/bin'), ('X', '1=2')] "
                    + "['a b', '', 'ü$(id)'] \(folder.path)\n")
        }
    }

    @Test("feeds input, also when the program answers before it has read all of it")
    func input() async throws {
        let text = String(repeating: "0123456789abcdef\n", count: 100_000)
        let output = try await shell("cat", input: text, outputBytesMax: 4 << 20)
        #expect(output.stdoutText == text)
    }

    @Test("is content with a program that does not read its input")
    func unreadInput() async throws {
        let output = try await shell("exit 0", input: String(repeating: "x", count: 1 << 20))
        #expect(output == ChildOutput(termination: .exited(0), stdout: [], stderr: []))
    }

    @Test("keeps the beginning of an output beyond the bound, says so, and does not hold the program up")
    func bounded() async throws {
        let output = try await shell("head -c 3000000 /dev/zero; echo done >&2", outputBytesMax: 1000)
        #expect(
            output
                == ChildOutput(
                    termination: .exited(0), stdout: [UInt8](repeating: 0, count: 1000),
                    stderr: Array("done\n".utf8),
                    stdoutWasTruncated: true))
    }

    @Test("ends a program whose time is up, with everything it started")
    func timeout() async throws {
        let output = try await shell(
            "sleep 1000 & echo $!; wait", timeout: .milliseconds(200),
            teardown: [.signal(SIGTERM, wait: .seconds(600))])
        #expect(output.timedOut)
        #expect(output.termination == .signalled(SIGTERM))
        let grandchild = try #require(Int32(output.stdoutText.dropLast()))
        try await untilGone(grandchild)
    }

    @Test("kills a program that does not listen to a request to end")
    func deaf() async throws {
        let output = try await shell(
            "trap '' TERM; echo deaf; while :; do sleep 1000; done", timeout: .milliseconds(200),
            teardown: [.signal(SIGTERM, wait: .milliseconds(50)), .kill])
        #expect(output.timedOut)
        #expect(output.termination == .signalled(SIGKILL))
    }

    @Test("leaves nothing of the group behind when the program ends by itself")
    func leftovers() async throws {
        let output = try await shell("sleep 1000 & echo $!")
        #expect(!output.timedOut)
        try await untilGone(try #require(Int32(output.stdoutText.dropLast())))
    }

    @Test("does not wait for a stranger that left the group and holds the output open")
    func straggler() async throws {
        // The substitution ends when the stranger has become a sleep, in a session of its own.
        let output = try await shell("exec 4>&1; echo $(setsid sh -c 'echo $$; exec sleep 1000 >&4' &)")
        #expect(output.termination == .exited(0))
        let pid = try #require(Int32(output.stdoutText.dropLast()))
        #expect(kill(pid, SIGKILL) == 0)
        try await untilGone(pid)
    }

    @Test("tears the program down when its task is cancelled")
    func cancelled() async throws {
        try await withTemporaryFolder { folder in
            let (reading, writing) = try Descriptor.pipe()
            let command = ChildCommand(
                ["sh", "-c", "echo $$ >&3; exec sleep 1000"], environment: Self.environment,
                passedDescriptors: [.init(writing, as: 3)])
            let run = Task { try await Child.run(command, timeout: .seconds(600)) }
            let line = try await LineStream(reading: reading, lineBytesMax: 100).next()
            run.cancel()
            let failure = await #expect(throws: SpawnError.self) { try await run.value }
            #expect(failure?.code == ECANCELED)
            try await untilGone(try #require(Int32(line?.text ?? "")))
        }
    }

    @Test("names what could not be started")
    func errors() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("plain", "#!/bin/sh\n", mode: 0o644)
            let none = folder.path("none")
            let cases: [(ChildCommand, SpawnError)] = [
                (ChildCommand([none], environment: [:]), SpawnError(path: none, code: ENOENT)),
                (ChildCommand(["sh"], environment: [:]), SpawnError(path: "sh", code: ENOENT)),
                (
                    ChildCommand(["plain"], environment: ["PATH": folder.path]),
                    SpawnError(path: "plain", code: ENOENT)
                ),
                (
                    ChildCommand([folder.path("plain")], environment: [:]),
                    SpawnError(path: folder.path("plain"), code: EACCES)
                ),
                (
                    ChildCommand(["/bin/sh", "a\0b"], environment: [:]),
                    SpawnError(path: "/bin/sh", code: EINVAL)
                ),
                (
                    ChildCommand(["/bin/sh"], environment: ["A=B": ""]),
                    SpawnError(path: "/bin/sh", code: EINVAL)
                ),
                (ChildCommand([], environment: [:]), SpawnError(path: "", code: ENOENT)),
                (
                    ChildCommand(["/bin/sh"], environment: [:], workingDirectory: none),
                    SpawnError(path: none, code: ENOENT)
                ),
            ]
            for (command, expected) in cases {
                let failure = await #expect(throws: SpawnError.self) {
                    try await Child.run(command, timeout: .seconds(600))
                }
                #expect(failure == expected)
            }
            #expect("\(cases[0].1)" == "cannot start \(none): No such file or directory")
        }
    }

    @Test("does not look for programs in the working directory")
    func relativePath() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("bin/evil", "#!/bin/sh\necho evil\n", mode: 0o755)
            let command = ChildCommand(
                ["evil"], environment: ["PATH": ".:bin:"], workingDirectory: folder.path("bin"))
            await #expect(throws: SpawnError(path: "evil", code: ENOENT)) {
                try await Child.run(command, timeout: .seconds(600))
            }
        }
    }
}

/// Waits for a process to be gone; that it is a zombie of somebody who does not look is gone enough.
func untilGone(_ pid: Int32) async throws {
    while kill(pid, 0) == 0 {
        let text: String
        do throws(SystemError) {
            text = try Files.readText("/proc/\(pid)/stat", bytesMax: 4096)
        } catch { return }
        if text.split(separator: ")").last?.hasPrefix(" Z") == true { return }
        await Task.yield()
    }
}
