import ChildProcess
import Fixtures
import Linux
import Sandbox
import SandboxScene
import Seccomp
import Testing

@Suite("The exec ledger", .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"))
struct ExecLedgerTests {
    private static let python = "/usr/bin/python3"

    private func number(_ call: String) throws -> Int { try #require(try SeccompCompiler.number(of: call)) }

    /// Path and arguments of what was allowed, without the first entry, which is the command's own.
    private func allowed(_ entries: [ExecEntry]) -> [[String]] {
        entries.dropFirst().compactMap {
            switch $0 {
            case .allowed(let request): [request.path] + request.arguments
            case .refused, .unreadable: nil
            }
        }
    }

    @Test(
        "has every program of the whole tree, with its arguments", arguments: SandboxScene.Mode.available)
    func wholeTree(mode: SandboxScene.Mode) async throws {
        let (output, entries) = try await SandboxScene(mode).recorded(
            ["/bin/sh", "-c", "/bin/echo one; /bin/sh -c '/bin/echo two'; exec /bin/echo three"])
        #expect(output.stdoutText == "one\ntwo\nthree\n", "\(output.stderrText)")
        guard case .allowed(let first)? = entries.first else {
            Issue.record("the command itself is no entry: \(entries)")
            return
        }
        #expect(first.path == "/bin/sh")
        #expect(
            allowed(entries) == [
                ["/bin/echo", "/bin/echo", "one"], ["/bin/sh", "/bin/sh", "-c", "/bin/echo two"],
                ["/bin/echo", "/bin/echo", "two"], ["/bin/echo", "/bin/echo", "three"],
            ])
    }

    @Test("knows who started whom", arguments: SandboxScene.Mode.available)
    func parents(mode: SandboxScene.Mode) async throws {
        let (_, entries) = try await SandboxScene(mode).recorded(["/bin/sh", "-c", "/bin/true; :"])
        guard case .allowed(let shell)? = entries.first, case .allowed(let child)? = entries.last else {
            Issue.record("two entries were expected: \(entries)")
            return
        }
        #expect(child.parent == shell.process)
        #expect(child.process != shell.process)
    }

    @Test(
        "has one entry for a program that was looked for in many folders",
        arguments: SandboxScene.Mode.available)
    func pathSearch(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        try scene.folder.write("worktree/plain", "no program", mode: 0o644)
        try scene.own()
        let script = """
            import os, subprocess
            os.environ["PATH"] = "/nowhere:" + os.getcwd() + ":/usr/sbin:/usr/bin"
            print(subprocess.run(["true"]).returncode)
            try: subprocess.run(["no-such-program"])
            except FileNotFoundError: print("not found")
            try: subprocess.run(["./plain"])
            except PermissionError: print("no program")
            """
        let (output, entries) = try await scene.recorded([Self.python, "-I", "-c", script])
        #expect(output.stdoutText == "0\nnot found\nno program\n", "\(output.stderrText)")
        #expect(allowed(entries) == [["/usr/bin/true", "true"]])
    }

    @Test(
        "understands relative paths, folders by descriptor, and files by descriptor",
        arguments: SandboxScene.Mode.available)
    func waysToName(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        try Files.makeDirectory(scene.folder.path("worktree/tools"))
        try scene.folder.write("worktree/tools/run", "#!/bin/sh\nexec /bin/echo \"ran $1\"\n", mode: 0o755)
        try Files.makeLink(at: scene.folder.path("worktree/link"), to: "/usr/bin/true")
        try scene.own()
        let script = """
            import os, subprocess, ctypes
            os.chdir("tools")
            subprocess.run(["./run", "relative"])
            os.chdir("..")
            subprocess.run(["./link"])
            folder = os.open("tools", os.O_RDONLY)
            os.set_inheritable(folder, True)
            libc = ctypes.CDLL(None)
            if os.fork() == 0:
                words = (ctypes.c_char_p * 3)(b"run", b"at", None)
                libc.syscall(\(try number("execveat")), folder, b"run", words, (ctypes.c_char_p * 1)(None), 0)
                os._exit(9)
            os.wait()
            file = os.open("/usr/bin/true", os.O_RDONLY)
            if os.fork() == 0: os.execve(file, ["by descriptor"], {})
            os.wait()
            subprocess.run(["/proc/self/exe", "-I", "-c", "0"])
            """
        let (output, entries) = try await scene.recorded([Self.python, "-I", "-c", script])
        #expect(output.stdoutText == "ran relative\nran at\n", "\(output.stderrText)")
        #expect(
            allowed(entries) == [
                ["./run", "./run", "relative"], ["/bin/echo", "/bin/echo", "ran relative"],
                ["./link", "./link"],
                ["run", "run", "at"], ["/bin/echo", "/bin/echo", "ran at"],
                ["/usr/bin/true", "by descriptor"],
                ["/proc/self/exe", "/proc/self/exe", "-I", "-c", "0"],
            ])
    }

    @Test("sees what threads and vforks execute", arguments: SandboxScene.Mode.available)
    func threads(mode: SandboxScene.Mode) async throws {
        let script = """
            import subprocess, threading
            def one(number): subprocess.run(["/bin/true", str(number)])
            threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            """
        let (output, entries) = try await SandboxScene(mode).recorded([Self.python, "-I", "-c", script])
        #expect(output.isSuccess, "\(output.stderrText)")
        #expect(
            allowed(entries).sorted { $0.lexicographicallyPrecedes($1) }
                == (0..<20).map { ["/bin/true", "/bin/true", "\($0)"] }.sorted {
                    $0.lexicographicallyPrecedes($1)
                })
    }

    @Test("keeps arguments of a megabyte and bytes that are no text", arguments: SandboxScene.Mode.available)
    func longAndOdd(mode: SandboxScene.Mode) async throws {
        let script = """
            import subprocess
            subprocess.run(["/bin/true"] + ["x" * 100000] * 10)
            subprocess.run([b"/bin/true", b"a\\xffb", "é".encode(), b""])
            """
        let (output, entries) = try await SandboxScene(mode).recorded([Self.python, "-I", "-c", script])
        #expect(output.isSuccess, "\(output.stderrText)")
        let long = String(repeating: "x", count: 100_000)
        #expect(
            allowed(entries) == [
                ["/bin/true", "/bin/true"] + [String](repeating: long, count: 10),
                ["/bin/true", "/bin/true", "a\\xffb", "é", ""],
            ])
    }

    @Test("refuses what it is told to refuse, and nothing else", arguments: SandboxScene.Mode.available)
    func refusal(mode: SandboxScene.Mode) async throws {
        let (output, entries) = try await SandboxScene(mode).recorded(
            ["/bin/sh", "-c", "/bin/ls / >/dev/null && echo listed; /bin/echo allowed"],
            decide: { $0.arguments.first != "/bin/ls" })
        #expect(output.stdoutText == "allowed\n")
        #expect(output.stderrText.contains("Permission denied"))
        let refused = entries.compactMap {
            if case .refused(let request) = $0 { request.arguments } else { nil }
        }
        #expect(refused == [["/bin/ls", "/"]])
        #expect(allowed(entries) == [["/bin/echo", "/bin/echo", "allowed"]])
    }

    /// By right of the user who made its user namespace.
    @Test("reads a process that made itself unreadable, too", arguments: SandboxScene.Mode.available)
    func unreadable(mode: SandboxScene.Mode) async throws {
        let script = """
            import ctypes, os
            ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
            os.execv("/bin/true", ["true"])
            """
        let (output, entries) = try await SandboxScene(mode).recorded([Self.python, "-I", "-c", script])
        #expect(output.isSuccess, "\(output.stderrText)")
        #expect(allowed(entries) == [["/bin/true", "true"]])
    }

    @Test("leaves nothing of itself inside", arguments: SandboxScene.Mode.available)
    func nothingInside(mode: SandboxScene.Mode) async throws {
        let (output, _) = try await SandboxScene(mode).recorded(
            [
                "/bin/sh", "-c",
                "ls -l /proc/$$/fd /proc/1/fd /proc/self/fd | grep -E 'seccomp|socket' ; echo end",
            ])
        #expect(output.stdoutText == "end\n")
    }

    @Test("cannot be replaced by a ledger of the agent's own", arguments: SandboxScene.Mode.available)
    func secondListener(mode: SandboxScene.Mode) async throws {
        let script = """
            import ctypes, struct
            libc = ctypes.CDLL(None, use_errno=True)
            program = struct.pack("HBBI", 6, 0, 0, 0x7fff0000)
            room = ctypes.create_string_buffer(program)
            class Program(ctypes.Structure):
                _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
            one = Program(1, ctypes.addressof(room))
            print(libc.syscall(\(try number("seccomp")), 1, 8, ctypes.byref(one)), ctypes.get_errno())
            """
        let (output, _) = try await SandboxScene(mode).recorded([Self.python, "-I", "-c", script])
        #expect(output.stdoutText == "-1 16\n", "\(output.stderrText)")
    }

    @Test("keeps up with a thousand programs", arguments: SandboxScene.Mode.available)
    func thousand(mode: SandboxScene.Mode) async throws {
        let (output, entries) = try await SandboxScene(mode).recorded(
            ["/bin/sh", "-c", "i=0; while [ $i -lt 1000 ]; do /bin/true $i; i=$((i+1)); done"])
        #expect(output.isSuccess, "\(output.stderrText)")
        #expect(allowed(entries) == (0..<1000).map { ["/bin/true", "/bin/true", "\($0)"] })
    }
}
