import ChildProcess
import Fixtures
import Glibc
import Linux
import Sandbox
import SandboxScene
import Seccomp
import Testing

/// The ledger is a record and a guard rail. What it cannot do is shown here too, with the wall that holds.
@Suite("An agent that attacks the exec ledger", bwrapIsHere)
struct LedgerAttackTests {
    private static let python = ["/usr/bin/python3", "-I", "-c"]

    private func arguments(_ entries: [ExecEntry]) -> [[String]] {
        entries.compactMap { if case .allowed(let request) = $0 { request.arguments } else { nil } }
    }

    private static func listener() throws -> String {
        """
        import ctypes, struct
        libc = ctypes.CDLL(None, use_errno=True)
        program = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000))
        one = struct.pack('HxxxxxxQ', 1, ctypes.addressof(program))
        print(libc.syscall(\(try number("seccomp")), 1, 8, one) > 2, ctypes.get_errno())
        """
    }

    @Test(
        "cannot listen in its place; without it, it could", arguments: SandboxScene.Mode.available)
    func secondListener(mode: SandboxScene.Mode) async throws {
        let command = Self.python + [try Self.listener()]
        let (output, _) = try await SandboxScene(mode).recorded(command)
        // EBUSY is 16.
        #expect(output.stdoutText == "False 16\n", "\(output.stderrText)")
        let scene = try SandboxScene(mode)
        #expect(try await scene.run(scene.profile(command)).stdoutText == "True 0\n")
    }

    @Test(
        "cannot hide a program in memory, behind a link, a loader or a script, and runs all of them",
        arguments: SandboxScene.Mode.available)
    func hidden(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let script = """
            import os, subprocess
            def run(action):
                pid = os.fork()
                if pid == 0: action()
                os.waitpid(pid, 0)
            kept = os.memfd_create('nothing')
            os.write(kept, open('/usr/bin/echo', 'rb').read())
            run(lambda: os.execve(kept, ['memory', 'one'], {}))
            os.symlink('/usr/bin/echo', 'harmless')
            run(lambda: os.execv('./harmless', ['harmless', 'two']))
            loader = [n for n in os.listdir('/lib64') if n.startswith('ld-linux')][0]
            run(lambda: os.execv('/lib64/' + loader, ['loader', '/usr/bin/echo', 'three']))
            open('script', 'w').write('#!/usr/bin/echo four'); os.chmod('script', 0o755)
            run(lambda: os.execv('./script', ['script']))
            """
        let (output, entries) = try await scene.recorded(Self.python + [script])
        #expect(output.stdoutText == "one\ntwo\nthree\nfour ./script\n", "\(output.stderrText)")
        #expect(
            arguments(entries).dropFirst() == [
                ["memory", "one"], ["harmless", "two"], ["loader", "/usr/bin/echo", "three"], ["script"],
            ])
    }

    @Test(
        "is refused a program by whatever name, and may run the one beside it",
        arguments: SandboxScene.Mode.available)
    func refused(mode: SandboxScene.Mode) async throws {
        let command = ["/bin/sh", "-c", "for p in a/ls b/../a/ls ./a/ls; do $p run; done; /bin/echo end"]
        let decide: ExecLedger.Decide = { $0.arguments.last != "run" }
        func prepared() throws -> SandboxScene {
            let scene = try SandboxScene(mode)
            try scene.folder.write("worktree/a/ls", "#!/bin/sh\necho ran\n", mode: 0o755)
            try scene.folder.write("worktree/b/x", "")
            try scene.own()
            return scene
        }
        let (output, _) = try await prepared().recorded(command, decide: decide)
        #expect(output.stdoutText == "end\n")
        let scene = try prepared()
        #expect(try await scene.run(scene.profile(command)).stdoutText == "ran\nran\nran\nend\n")
    }

    @Test(
        "finds nothing of the ledger to close, stop or kill", arguments: SandboxScene.Mode.available)
    func reader(mode: SandboxScene.Mode) async throws {
        let script = """
            import os, signal, subprocess
            found = []
            for process in filter(str.isdigit, os.listdir('/proc')):
                try:
                    for name in os.listdir('/proc/%s/fd' % process):
                        kind = os.readlink('/proc/%s/fd/%s' % (process, name))
                        if 'seccomp' in kind or kind.startswith('socket'): found.append(kind)
                except OSError: pass
            print(found)
            try: os.kill(\(SystemIdentity.pid), signal.SIGSTOP)
            except ProcessLookupError: print('nobody', flush=True)
            os.closerange(3, 200)
            # All it can reach it may stop, and only itself is hurt.
            subprocess.run(['/bin/echo', 'still recorded'])
            """
        let (output, entries) = try await SandboxScene(mode).recorded(Self.python + [script])
        #expect(output.stdoutText.hasPrefix("[]\nnobody\n"), "\(output.stdoutText) \(output.stderrText)")
        #expect(arguments(entries).last == ["/bin/echo", "still recorded"])
    }

    /// A thread changes the arguments when they were read and before the kernel reads them again. That is
    /// why no decision about a secret or a push rests on the ledger: what runs then is behind the same walls.
    @Test(
        "can run other arguments than it showed, and is behind the same walls",
        arguments: SandboxScene.Mode.available)
    func race(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let script = """
            import ctypes, os, threading, time
            room = ctypes.create_string_buffer(b'/home/agent/harmless', 4096)
            def change():
                # Both sides tell each other by files, so that it does not depend on luck.
                while not os.path.exists('asked'): time.sleep(0.001)
                room.value = b'\(scene.secret)'
                open('changed', 'w').close()
            threading.Thread(target=change).start()
            words = (ctypes.c_char_p * 3)()
            pointers = ctypes.cast(words, ctypes.POINTER(ctypes.c_void_p))
            name = ctypes.create_string_buffer(b'cat')
            pointers[0], pointers[1] = ctypes.addressof(name), ctypes.addressof(room)
            ctypes.CDLL(None).execv(b'/bin/cat', words)
            """
        let asked = scene.folder.path("worktree/asked")
        let changed = scene.folder.path("worktree/changed")
        let (output, entries) = try await scene.recorded(
            Self.python + [script],
            decide: { request in
                guard request.arguments.first == "cat" else { return true }
                do throws(SystemError) { try Files.create(asked, mode: 0o644) } catch { return false }
                while !Files.exists(changed) { usleep(1000) }
                return true
            })
        // The record shows what was asked; what ran looked for the secret, and it is not there.
        #expect(arguments(entries).last == ["cat", "/home/agent/harmless"])
        #expect(output.stderrText.contains("\(scene.secret): No such file"), "\(output.stderrText)")
        #expect(!output.stdoutText.contains(SandboxScene.secretText))
    }
}
