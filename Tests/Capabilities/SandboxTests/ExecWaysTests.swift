import ChildProcess
import Fixtures
import Glibc
import Linux
import Sandbox
import SandboxScene
import Seccomp
import Testing

/// Every way to execute a program, and every way to fail at it: what runs has one entry, what the kernel
/// would refuse is refused with the kernel's own answer and leaves none.
@Suite(
    "The exec ledger, by every way to execute",
    .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"))
struct ExecWaysTests {
    /// Runs a Python script inside, in a scene that `prepare` fills first.
    ///
    /// `run(action)` does something in a child; `fails(path, …)` says with which error an exec fails.
    private func recorded(
        _ mode: SandboxScene.Mode, _ script: String, _ prepare: (SandboxScene) throws -> Void = { _ in }
    ) async throws -> (said: String, allowed: [[String]]) {
        let scene = try SandboxScene(mode)
        try prepare(scene)
        try scene.own()
        let execve = try #require(try SeccompCompiler.number(of: "execve"))
        let execveat = try #require(try SeccompCompiler.number(of: "execveat"))
        let prelude = """
            import ctypes, errno, os, sys, threading
            libc = ctypes.CDLL(None, use_errno=True)
            AT_FDCWD, EMPTY = -100, 0x1000
            none = (ctypes.c_char_p * 1)()
            def words(*given): return (ctypes.c_char_p * (len(given) + 1))(*given)
            def run(action):
                pid = os.fork()
                if pid == 0:
                    action()
                    os._exit(99)
                return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            def failed(): return errno.errorcode.get(ctypes.get_errno(), '?')
            def fails(path, arguments=words(b'x'), environment=none):
                libc.syscall(\(execve), path, arguments, environment)
                return failed()
            def fails_at(folder, path, flags=0):
                libc.syscall(\(execveat), folder, path, words(b'x'), none, flags)
                return failed()

            """
        let (output, entries) = try await scene.recorded(
            ["/usr/bin/python3", "-I", "-c", prelude + script])
        #expect(output.stderrText == "")
        #expect(output.isSuccess)
        // The first is python itself.
        let allowed = entries.dropFirst().map { entry in
            switch entry {
            case .allowed(let request): [request.path] + request.arguments
            case .refused(let request): ["refused: \(request)"]
            case .unreadable(_, let reason): ["unreadable: \(reason)"]
            }
        }
        return (output.stdoutText, allowed)
    }

    @Test(
        "a script whose interpreter is a script: one entry, the script's",
        arguments: SandboxScene.Mode.available)
    func nestedInterpreters(mode: SandboxScene.Mode) async throws {
        let seen = try await recorded(mode, "run(lambda: os.execv('./outer', ['outer', 'word']))") { scene in
            let tree = scene.worktree
            try scene.folder.write("worktree/outer", "#!\(tree)/middle one\n", mode: 0o755)
            try scene.folder.write("worktree/middle", "#!/bin/sh\necho \"$@\"\n", mode: 0o755)
        }
        #expect(seen.said.hasSuffix("/middle one ./outer word\n") || seen.said == "one ./outer word\n")
        #expect(seen.allowed == [["./outer", "outer", "word"]])
    }

    @Test(
        "vfork and posix_spawn, which lend their memory, and a search they make on their own",
        arguments: SandboxScene.Mode.available)
    func vforks(mode: SandboxScene.Mode) async throws {
        let seen = try await recorded(
            mode,
            """
            for number in range(3):
                os.waitpid(os.posix_spawn('/bin/true', ['true', str(number)], {}), 0)
            os.waitpid(os.posix_spawnp('true', ['true', 'found'], {}), 0)
            try: os.posix_spawnp('no-such-program', ['x'], {})
            except FileNotFoundError: print('not found')
            """)
        #expect(seen.said == "not found\n")
        #expect(
            seen.allowed.map { Array($0.dropFirst()) } == [
                ["true", "0"], ["true", "1"], ["true", "2"], ["true", "found"],
            ])
    }

    @Test("a thread that is not the first of its process", arguments: SandboxScene.Mode.available)
    func otherThread(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let script = """
            import os, threading
            print(os.getpid(), flush=True)
            def go():
                assert threading.get_native_id() != os.getpid()
                os.execv('/bin/echo', ['echo', 'from a thread'])
            threading.Thread(target=go).start()
            threading.Event().wait()
            """
        let (output, entries) = try await scene.recorded(["/usr/bin/python3", "-I", "-c", script])
        #expect(output.stdoutText.hasSuffix("\nfrom a thread\n"), "\(output.stderrText)")
        guard case .allowed(let first)? = entries.first, case .allowed(let last)? = entries.last else {
            Issue.record("two entries were expected: \(entries)")
            return
        }
        #expect(last.arguments == ["echo", "from a thread"])
        // The entry is the process's and not the thread's.
        #expect((last.process, last.parent) == (first.process, first.parent))
    }

    @Test(
        "a program written in Go, and what it starts",
        .enabled(if: Requirement.has("direnv"), "needs direnv, which scripts/packages --tests installs"),
        arguments: SandboxScene.Mode.available)
    func golang(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        try scene.folder.write("worktree/.envrc", "export WORD=$(/bin/echo inner)\n")
        try scene.own()
        // It starts a shell by vfork from one of its threads, and at the end becomes another program in one.
        let (output, entries) = try await scene.recorded(
            ["/bin/sh", "-c", "direnv allow . && exec direnv exec . /bin/sh -c 'echo \"$WORD\"'"])
        #expect(output.stdoutText == "inner\n", "\(output.stderrText)")
        let programs = entries.map { entry in
            switch entry {
            case .allowed(let request):
                "\(request.path.split(separator: "/").last ?? "") "
                    + (request.arguments.dropFirst().first ?? "")
            case .refused, .unreadable: "\(entry)"
            }
        }
        #expect(
            programs == [
                "sh -c", "direnv allow", "direnv exec", "bash -c", "direnv stdlib", "direnv watch",
                "echo inner", "direnv dump", "sh -c",
            ])
    }

    @Test(
        "the longest words and the longest lists that the kernel takes, and none longer",
        arguments: SandboxScene.Mode.available)
    func longest(mode: SandboxScene.Mode) async throws {
        let seen = try await recorded(
            mode,
            """
            word = b'w' * (131072 - 1)
            print(run(lambda: os.execv('/bin/true', [b'true', word])))
            print(run(lambda: os.execv('/bin/true', [b'true'] + [word] * 15)))
            print(fails(b'/bin/true', words(b'true', word + b'w')))
            print(run(lambda: os.execv('/bin/true', [b'n'] * 100000)))
            """)
        #expect(seen.said == "0\n0\nE2BIG\n0\n")
        #expect(seen.allowed.map(\.count) == [3, 17, 100_001])
        #expect(
            seen.allowed.dropLast().allSatisfy { $0.dropFirst(2).allSatisfy { $0.utf8.count == 131_071 } })
    }

    @Test(
        "what is no text: in the path, in the words, and no words at all",
        arguments: SandboxScene.Mode.available)
    func noText(mode: SandboxScene.Mode) async throws {
        let seen = try await recorded(
            mode,
            """
            os.symlink('/bin/true', b'a\\xff\\xfe\\n')
            print(run(lambda: os.execv(b'./a\\xff\\xfe\\n', [b'\\x80', b'\\xc3\\xa9', b'tab\\t\\x1b[0m'])))
            print(run(lambda: fails(b'/bin/true', None, None)))
            """)
        #expect(seen.said == "0\n0\n")
        #expect(
            seen.allowed == [
                ["./a\\xff\\xfe\n", "\\x80", "é", "tab\t\u{1b}[0m"], ["/bin/true"],
            ])
    }

    @Test(
        "a relative path means what it means to its caller, wherever that went",
        arguments: SandboxScene.Mode.available)
    func relative(mode: SandboxScene.Mode) async throws {
        let seen = try await recorded(
            mode,
            """
            os.makedirs('deep/er')
            os.symlink('/bin/true', 'deep/tool')
            os.chdir('deep/er')
            print(fails(b'./tool'), run(lambda: os.execv('../tool', ['t', 'up'])))
            os.chdir('/bin')
            print(run(lambda: os.execv('true', ['t', 'here'])))
            os.makedirs('/tmp/gone'); os.chdir('/tmp/gone'); os.rmdir('/tmp/gone')
            print(fails(b'./true'))
            """)
        #expect(seen.said == "ENOENT 0\n0\nENOENT\n")
        #expect(seen.allowed == [["../tool", "t", "up"], ["true", "t", "here"]])
    }

    @Test(
        "a call that cannot work fails as the kernel says, and leaves no entry",
        arguments: SandboxScene.Mode.available)
    func failures(mode: SandboxScene.Mode) async throws {
        let seen = try await recorded(
            mode,
            """
            open('plain', 'w').close()
            os.symlink('loop', 'loop')
            os.symlink('/nowhere', 'dangling')
            plain = os.open('plain', os.O_RDONLY)
            folder = os.open('.', os.O_RDONLY)
            print('empty', fails(b''))
            print('bad path', fails(ctypes.c_void_p(8)))
            print('bad words', fails(b'/bin/true', ctypes.c_void_p(8)))
            bad = (ctypes.c_void_p * 3)(ctypes.addressof(ctypes.create_string_buffer(b'x')), 8, None)
            print('bad word', fails(b'/bin/true', bad))
            print('absent', fails(b'/nowhere'), fails(b'./dangling'))
            print('below a file', fails(b'./plain/x'))
            print('no program', fails(b'./plain'), fails(b'.'), fails(b'/bin'))
            print('loop', fails(b'./loop'))
            print('too long', fails(b'/' + b'x' * 4095), fails(b'./' + b'x' * 300))
            print('no descriptor', fails_at(77, b'', EMPTY), fails_at(77, b'x'))
            print('no folder', fails_at(plain, b'x'))
            print('no flag', fails_at(folder, b''))
            print('folder itself', fails_at(folder, b'', EMPTY), fails_at(AT_FDCWD, b'', EMPTY))
            print('file itself', fails_at(plain, b'', EMPTY))
            """)
        #expect(
            seen.said == """
                empty ENOENT
                bad path EFAULT
                bad words EFAULT
                bad word EFAULT
                absent ENOENT ENOENT
                below a file ENOTDIR
                no program EACCES EACCES EACCES
                loop ELOOP
                too long ENAMETOOLONG ENAMETOOLONG
                no descriptor EBADF EBADF
                no folder ENOTDIR
                no flag ENOENT
                folder itself EACCES EACCES
                file itself EACCES

                """)
        #expect(seen.allowed == [])
    }

    /// The kernel takes back the question of a process that is killed; what is read of it afterwards may be
    /// another's.
    @Test("a caller that is killed meanwhile leaves no false entry", arguments: SandboxScene.Mode.available)
    func killed(mode: SandboxScene.Mode) async throws {
        let seen = try await recorded(
            mode,
            """
            for turn in range(500):
                pid = os.fork()
                if pid == 0:
                    os.execv('/bin/true', ['true', str(turn)])
                os.kill(pid, 9)
                os.waitpid(pid, 0)
            print('over')
            """)
        #expect(seen.said == "over\n")
        // As many as the ledger was in time for; each of them one that was asked.
        let numbers = seen.allowed.compactMap { $0.count == 3 ? Int($0[2]) : nil }
        #expect(numbers.count == seen.allowed.count, "\(seen.allowed)")
        #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
    }

    @Test(
        "a thousand from ten processes at once: each exactly once, and each process's in its order",
        arguments: SandboxScene.Mode.available)
    func manyAtOnce(mode: SandboxScene.Mode) async throws {
        let seen = try await recorded(
            mode,
            """
            import subprocess
            script = 'i=0; while [ $i -lt 100 ]; do /bin/true $0 $i; i=$((i+1)); done'
            shells = [subprocess.Popen(['/bin/sh', '-c', script, str(n)]) for n in range(10)]
            print({shell.wait() for shell in shells})
            """)
        #expect(seen.said == "{0}\n")
        let execs = seen.allowed.filter { $0.first == "/bin/true" }
        #expect(seen.allowed.count == 1010 && execs.count == 1000)
        for shell in 0..<10 {
            #expect(
                execs.filter { $0[2] == "\(shell)" }.map { $0[3] } == (0..<100).map { "\($0)" })
        }
    }

    @Test("a plan that records and a launch without a ledger, or the other way round, start nothing")
    func mismatch() async throws {
        let scene = try SandboxScene(#require(SandboxScene.Mode.available.first))
        var recording = scene.profile(["touch", "ran"])
        recording.recordsExecs = true
        let reason = SandboxError.launchFailed(
            reason: "a profile that records execs and a ledger belong together")
        #expect(throws: reason) { try scene.start(recording) }
        await #expect(throws: reason) { try await scene.run(recording) }
        let ledger = try ExecLedger(decide: { _ in true }, record: { _ in })
        #expect(throws: reason) { try scene.start(scene.profile(["touch", "ran"]), ledger: ledger) }
        await ledger.ended()
        #expect(!Files.exists(scene.worktree + "/ran"))
    }
}
