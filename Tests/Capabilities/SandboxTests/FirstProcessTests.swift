import ChildProcess
import Fixtures
import Glibc
import Linux
import Seccomp
import Testing

@Suite(
    "sandbox-init as the first process of a sandbox",
    .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"), .timeLimit(.minutes(10)))
struct FirstProcessTests {
    private static let python = ["/usr/bin/python3", "-I", "-c"]

    /// As anything else it would kill, at its end, all that its user has running.
    @Test("is the first process or nothing")
    func notFirst() async throws {
        // Within a process namespace all the same, for the day on which it does not refuse.
        let output = try await Child.run(
            FirstProcess.command(["/bin/sh", "-c", "'\(FirstProcess.program)' init -- echo ran; echo $?"]),
            timeout: .seconds(300))
        #expect(output.stdoutText == "71\n")
        #expect(
            output.stderrText
                == "sandbox-init: init is the first process of a sandbox and nothing else.\n")
    }

    @Test(
        "ends as its command ended: its code, 126, 127, or 128 and the signal",
        arguments: [
            (["/bin/true"], 0, ""), (["/bin/sh", "-c", "exit 3"], 3, ""),
            (["/bin/sh", "-c", "exit 255"], 255, ""),
            (["/bin/sh", "-c", "kill -KILL $$"], 137, ""), (["/bin/sh", "-c", "kill -SEGV $$"], 139, ""),
            (["/bin/sh", "-c", "kill -TERM $$"], 143, ""),
            (["/nowhere"], 127, "cannot execute '/nowhere': No such file or directory"),
            (["no-such-program"], 127, "cannot execute 'no-such-program': No such file or directory"),
            (["/etc/passwd/x"], 127, "cannot execute '/etc/passwd/x': Not a directory"),
            (["/etc/passwd"], 126, "cannot execute '/etc/passwd': Permission denied"),
            (["/usr"], 126, "cannot execute '/usr': Permission denied"),
        ] as [([String], Int32, String)])
    func codes(command: [String], code: Int32, sentence: String) async throws {
        let output = try await FirstProcess.run(command)
        #expect(output.termination == .exited(code))
        #expect(output.stderrText == (sentence.isEmpty ? "" : "sandbox-init: \(sentence).\n"))
    }

    @Test("passes these signals on to its command, and no other signal from inside does anything to it")
    func signals() async throws {
        let script = """
            import os, signal, time
            passed = [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1,
                signal.SIGUSR2, signal.SIGCONT, signal.SIGWINCH]
            seen = []
            for number in range(1, 65):
                if number not in passed: os.kill(1, number)
            for number in passed: signal.signal(number, lambda number, frame: seen.append(number))
            for number in passed:
                os.kill(1, number)
                for look in range(30000):
                    if number in seen: break
                    time.sleep(0.001)
            print(seen == passed, flush=True)
            os._exit(7)
            """
        let output = try await FirstProcess.run(Self.python + [script])
        #expect(output.stdoutText == "True\n", "\(output.stderrText)")
        #expect(output.termination == .exited(7))
    }

    @Test("gives its command the signals, the group and the memory that a shell would give it")
    func inheritance() async throws {
        let script = """
            import os, re
            print(os.getpgrp() == os.getpid(), os.getppid(), os.access('/proc/self/mem', os.W_OK))
            status = open('/proc/self/status').read()
            print(re.findall('SigBlk:\\\\s*0*([0-9a-f])', status))
            """
        let output = try await FirstProcess.run(Self.python + [script])
        #expect(output.stdoutText == "True 1 True\n['0']\n", "\(output.stderrText)")
    }

    @Test("collects whatever its parent left behind, and goes on")
    func orphans() async throws {
        let script = """
            import os, time
            orphans, told = os.pipe()
            for number in range(20):
                if os.fork() == 0:
                    parent = os.getpid()
                    if os.fork() > 0: os._exit(0)
                    while os.getppid() == parent: time.sleep(0.001)
                    os.write(told, b'%d %d;' % (os.getpid(), os.getppid()))
                    os._exit(number)
            for number in range(20): os.wait()
            os.close(told)
            seen = b''
            while piece := os.read(orphans, 4096): seen += piece
            pairs = [pair.split() for pair in seen.decode().split(';') if pair]
            print(len(pairs), {parent for _, parent in pairs})
            # A zombie would still be there.
            for process, _ in pairs:
                for look in range(30000):
                    if not os.path.exists('/proc/' + process): break
                    time.sleep(0.001)
            print([process for process, _ in pairs if os.path.exists('/proc/' + process)])
            """
        let output = try await FirstProcess.run(Self.python + [script])
        #expect(output.stdoutText == "20 {'1'}\n[]\n", "\(output.stderrText)")
        #expect(output.isSuccess)
    }

    @Test("limits the processes of its command, and never raises a limit that is lower")
    func processes() async throws {
        let show = Self.python + ["import resource; print(resource.getrlimit(resource.RLIMIT_NPROC))"]
        #expect(try await FirstProcess.run(show, with: ["--processes", "77"]).stdoutText == "(77, 77)\n")
        let lower = try await FirstProcess.run(
            after: "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (50, 60)); "
                + "start('--processes', '77')", show)
        #expect(lower.stdoutText == "(60, 60)\n", "\(lower.stderrText)")
    }

    @Test("says that a port is taken, and starts nothing")
    func portTaken() async throws {
        let output = try await FirstProcess.run(
            after: """
                import socket
                taken = socket.create_server(('127.0.0.1', 17300))
                os.set_inheritable(taken.fileno(), True)
                start('--relay', '17300', '/run/none.sock')
                """, ["/bin/echo", "ran"])
        #expect(output.termination == .exited(73))
        #expect(
            output.stderrText
                == "sandbox-init: the relay cannot listen on 127.0.0.1:17300: Address already in use.\n")
        #expect(output.stdout.isEmpty)
    }

    // MARK: The exec ledger's end inside

    @Test("hands over the filter before its command begins, and keeps neither it nor the channel")
    func handsOver() async throws {
        let (ours, theirs) = try Descriptor.socketPair()
        let child = try Child.spawn(
            FirstProcess.command(
                [
                    FirstProcess.program, "init", "--ledger", "\(FirstProcess.ledgerDescriptor)", "--",
                    "/bin/sh", "-c",
                    """
                    for n in 3 4 5 6 7 8 9 10 11; do [ -L /proc/$$/fd/$n ] && echo "$n is open"; done
                    read line; exec /bin/true
                    """,
                ], channel: theirs), stdin: .pipe, stdout: .pipe, stderr: .pipe)
        theirs.close()
        let listener = try #require(
            try await runBlocking { () throws(SystemError) in try ExecListener(comingThrough: ours) })
        let first = try await runBlocking { () throws(SystemError) in
            guard let notice = try listener.next() else { return [UInt8]() }
            // While it waits, for then it is another program's memory.
            let path = try notice.path()
            try listener.answer(notice)
            return path
        }
        #expect(first == Array("/bin/sh".utf8))
        // The command waits for its input: nobody inside has the channel any more.
        #expect(try await ours.read(upTo: 1) == [])
        child.stdin?.close()
        let rest = try await runBlocking { () throws(SystemError) in
            var paths: [[UInt8]] = []
            while let notice = try listener.next() {
                paths.append(try notice.path())
                try listener.answer(notice)
            }
            return paths
        }
        #expect(rest == [Array("/bin/true".utf8)])
        #expect(await child.wait() == .exited(0))
        #expect(try await child.stdout?.read(upTo: 1000) == [])
    }

    @Test("a caller that is killed while it waits is known to be gone")
    func callerGone() async throws {
        let (ours, theirs) = try Descriptor.socketPair()
        let child = try Child.spawn(
            FirstProcess.command(
                [
                    FirstProcess.program, "init", "--ledger", "\(FirstProcess.ledgerDescriptor)", "--",
                    "/bin/true",
                ], channel: theirs), stdin: .null, stdout: .null, stderr: .null)
        theirs.close()
        let listener = try #require(
            try await runBlocking { () throws(SystemError) in try ExecListener(comingThrough: ours) })
        let notice = try #require(
            try await runBlocking { () throws(SystemError) in try listener.next() })
        #expect(try listener.stands(notice))
        kill(notice.thread, SIGKILL)
        #expect(await child.wait() == .exited(128 + SIGKILL))
        #expect(try !listener.stands(notice))
        // And an answer is nobody's, which is no error.
        try listener.answer(notice)
    }

    @Test("executes nothing more when whoever listened is gone")
    func listenerGone() async throws {
        let (ours, theirs) = try Descriptor.socketPair()
        let child = try Child.spawn(
            FirstProcess.command(
                [
                    FirstProcess.program, "init", "--ledger", "\(FirstProcess.ledgerDescriptor)", "--",
                    "/bin/sh", "-c", "read line; /bin/echo ran; exit 4",
                ], channel: theirs), stdin: .pipe, stdout: .pipe, stderr: .pipe)
        theirs.close()
        try await runBlocking { () throws(SystemError) in
            let listener = try ExecListener(comingThrough: ours)
            if let notice = try listener?.next() { try listener?.answer(notice) }
        }
        child.stdin?.close()
        #expect(await child.wait() == .exited(4))
        #expect(try await child.stdout?.read(upTo: 1000) == [])
        let said = String(decoding: try await child.stderr?.read(upTo: 1000) ?? [], as: UTF8.self)
        #expect(said.contains("Function not implemented"), "\(said)")
    }

    @Test("starts nothing where the filter cannot be handed over")
    func channelClosed() async throws {
        let (ours, theirs) = try Descriptor.socketPair()
        ours.close()
        let line = ["--ledger", "\(FirstProcess.ledgerDescriptor)"]
        let closed = try await FirstProcess.run(["/bin/echo", "ran"], with: line, channel: theirs)
        #expect(closed.termination == .exited(71))
        #expect(
            closed.stderrText
                == "sandbox-init: cannot hand over the filter of the exec ledger: Broken pipe.\n")
        let absent = try await FirstProcess.run(["/bin/echo", "ran"], with: line)
        #expect(absent.termination == .exited(71))
        #expect(
            absent.stderrText
                == "sandbox-init: cannot hand over the filter of the exec ledger: Bad file descriptor.\n")
        #expect(closed.stdout.isEmpty && absent.stdout.isEmpty)
    }

    @Test("starts nothing where somebody listens already, or the filter is refused")
    func filterRefused() async throws {
        let call = try #require(try SeccompCompiler.number(of: "seccomp"))
        // A filter of one's own first: one that listens, or one that answers EPERM to seccomp(2).
        let prelude = """
            import ctypes, struct
            libc = ctypes.CDLL(None, use_errno=True)
            libc.prctl(38, 1, 0, 0, 0)
            def install(flags, *instructions):
                code = b''.join(struct.pack('HBBI', *one) for one in instructions)
                room = ctypes.create_string_buffer(code)
                program = struct.pack('HxxxxxxQ', len(instructions), ctypes.addressof(room))
                listener = libc.syscall(\(call), 1, flags, program)
                assert listener >= 0, ctypes.get_errno()
                if flags: os.set_inheritable(listener, True)
            allowed = (6, 0, 0, 0x7fff0000)

            """
        let options = "start('--ledger', '\(FirstProcess.ledgerDescriptor)')"
        let second = try await FirstProcess.run(
            after: prelude + "install(8, allowed)\n" + options, ["/bin/echo", "ran"])
        #expect(second.termination == .exited(71))
        #expect(
            second.stderrText
                == "sandbox-init: cannot install the filter of the exec ledger: Device or resource busy.\n")
        let refused = try await FirstProcess.run(
            after: prelude
                + "install(0, (0x20, 0, 0, 0), (0x15, 0, 1, \(call)), (6, 0, 0, 0x50001), allowed)\n"
                + options, ["/bin/echo", "ran"])
        #expect(refused.termination == .exited(71))
        #expect(
            refused.stderrText
                == "sandbox-init: cannot install the filter of the exec ledger: Operation not permitted.\n")
        #expect(second.stdout.isEmpty && refused.stdout.isEmpty)
    }
}
