import Fixtures
import Glibc
import Sandbox
import SandboxScene
import Seccomp
import Testing

@Suite("The system call filter, from inside", bwrapIsHere)
struct SystemCallTests {
    /// The calls of this architecture; the others can only be made through a foreign ABI, which kills.
    private static func numbers(_ names: [String]) throws -> [(name: String, number: Int)] {
        try names.compactMap { name in
            // libseccomp may be older than a call; those are above the bound and tried by number.
            guard name != "set_mempolicy_home_node" else { return (name, 450) }
            return try SeccompCompiler.number(of: name).map { (name, $0) }
        }
    }

    @Test("is tried with every row of the list that it was agreed by") func rows() throws {
        let list = try SystemCallList.read()
        #expect(SystemCallRows.mustFail == list.mustFail)
        #expect(SystemCallRows.mustWork == list.mustWork)
        let clone = list.argumentsFiltered.first { $0.syscall == "clone" }
        #expect(SystemCallRows.cloneFlags.map(\.name) == clone?.arg0MaskAny)
    }

    @Test("refuses every call of the list, whatever its arguments", arguments: SandboxScene.Mode.available)
    func mustFail(mode: SandboxScene.Mode) async throws {
        let calls = try Self.numbers(SystemCallRows.mustFail)
        #expect(calls.count > 50)
        let table = calls.map { "('\($0.name)', \($0.number))" }.joined(separator: ", ")
        let seen = try await SandboxScene(mode).python(
            """
            for name, number in [\(table)]:
                answer = call(number, 0, 0, 0, 0, 0, 0)
                if answer not in ('EPERM', 'ENOSYS'): print(name, answer)
            print('all')
            """)
        #expect(seen == "all")
    }

    @Test("lets the calls every program needs work", arguments: SandboxScene.Mode.available)
    func mustWork(mode: SandboxScene.Mode) async throws {
        let n = Dictionary(
            uniqueKeysWithValues: try Self.numbers(SystemCallRows.mustWork).map { ($0.name, $0.number) })
        let seen = try await SandboxScene(mode).python(
            """
            N = {\(n.sorted { $0.key < $1.key }.map { "'\($0.key)': \($0.value)" }.joined(separator: ", "))}
            AT_FDCWD = -100 & 0xffffffffffffffff
            open('file', 'w').write('text')
            buffer = ctypes.create_string_buffer(64)
            answers = {}
            F = call(N['openat'], AT_FDCWD, b'file', 0, 0); answers['openat'] = F > 2
            answers['read'] = call(N['read'], F, buffer, 4) == 4 and buffer.value == b'text'
            answers['write'] = call(N['write'], 2, b'', 0) == 0
            answers['close'] = call(N['close'], F) == 0
            page = call(N['mmap'], 0, 4096, 3, 0x22, 0xffffffffffffffff, 0); \
            answers['mmap'] = isinstance(page, int)
            answers['munmap'] = call(N['munmap'], page, 4096) == 0
            answers['brk'] = call(N['brk'], 0) > 0
            answers['rt_sigaction'] = call(N['rt_sigaction'], 10, 0, 0, 8) == 0
            answers['rt_sigprocmask'] = call(N['rt_sigprocmask'], 0, 0, 0, 8) == 0
            answers['futex'] = call(N['futex'], buffer, 1, 1, 0, 0, 0) == 0
            def child(action):
                pid = call(N['fork'])
                if pid == 0:
                    action()
                status = ctypes.c_int()
                ended = call(N['wait4'], pid, ctypes.pointer(status), 0, 0) == pid
                return ended and os.waitstatus_to_exitcode(status.value)
            answers['exit'] = child(lambda: call(N['exit'], 7)) == 7
            answers['exit_group'] = child(lambda: call(N['exit_group'], 8)) == 8
            def replace():
                argv = (ctypes.c_char_p * 4)(b'sh', b'-c', b'exit 9', None)
                call(N['execve'], b'/bin/sh', argv, (ctypes.c_char_p * 1)(None)); os._exit(1)
            answers['execve'] = child(replace) == 9
            answers['fork'] = answers['wait4'] = answers['exit']
            print(sorted(name for name in N if answers.get(name) is not True))
            """)
        #expect(seen == "[]")
    }

    @Test(
        "refuses namespaces by clone, and lets threads and processes be made",
        arguments: SandboxScene.Mode.available)
    func namespaces(mode: SandboxScene.Mode) async throws {
        let flags = SystemCallRows.cloneFlags.map { String($0.flag) }.joined(separator: ", ")
        let seen = try await SandboxScene(mode).python(
            """
            import threading
            SIGCHLD = 17
            print(sorted({call(\(try number("clone")), flag | SIGCHLD, 0, 0, 0, 0) for flag in [\(flags)]}))
            print(call(\(try number("clone3")), 0, 0), call(\(try number("unshare")), 0x10000000), \
            call(\(try number("setns")), 0, 0))
            pid = call(\(try number("clone")), SIGCHLD, 0, 0, 0, 0)
            if pid == 0: os._exit(3)
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            thread = threading.Thread(target=lambda: print('thread')); thread.start(); thread.join()
            """)
        #expect(seen == "['EPERM']\nENOSYS EPERM EPERM\n3\nthread")
    }

    @Test("answers ENOSYS to every call that is newer than the list", arguments: SandboxScene.Mode.available)
    func newCalls(mode: SandboxScene.Mode) async throws {
        let seen = try await SandboxScene(mode).python(
            """
            new = list(range(450, 700)) + [1000, 65535, 1 << 20, (1 << 30) - 1]
            print({call(number, 0, 0, 0, 0, 0, 0) for number in new})
            # The last numbers below the bound still reach the kernel: landlock_create_ruleset names its \
            version.
            print(call(444, 0, 0, 1) not in ('ENOSYS', 'EPERM') or call(444, 0, 0, 1))
            # fchmodat2 and cachestat fall back in libc.
            open('file', 'w').close(); os.chmod('file', 0o640); print(oct(os.stat('file').st_mode & 0o777))
            """)
        #expect(seen.hasPrefix("{'ENOSYS'}\n"))
        #expect(seen.hasSuffix("\n0o640"))
    }

    @Test("does not let a program look into or hold another", arguments: SandboxScene.Mode.available)
    func otherPrograms(mode: SandboxScene.Mode) async throws {
        let seen = try await SandboxScene(mode).python(
            """
            child = os.fork()
            if child == 0:
                import time; time.sleep(1000)
            print(call(\(try number("ptrace")), 16, child, 0, 0), call(\(try number("ptrace")), 0, 0, 0, 0))
            print(call(\(try number("process_vm_readv")), child, 0, 0, 0, 0, 0), call(\(try number("kcmp")), \
            child, child, 0, 0, 0))
            handle = os.pidfd_open(child)
            print(call(\(try number("pidfd_getfd")), handle, 0, 0))
            os.kill(child, 9); print(os.waitpid(child, 0)[1])
            """)
        #expect(seen == "EPERM EPERM\nEPERM EPERM\nEPERM\n9")
    }

    @Test("keeps keyrings, io_uring and file handles away", arguments: SandboxScene.Mode.available)
    func keyrings(mode: SandboxScene.Mode) async throws {
        let seen = try await SandboxScene(mode).python(
            """
            print(call(\(try number("keyctl")), 0, 0xfffffffffffffffd, 0), call(\(try number("add_key")), \
            b'user', b'k', b'v', 1, 0))
            print(call(\(try number("io_uring_setup")), 8, ctypes.create_string_buffer(256)), \
            call(\(try number("memfd_secret")), 0))
            print(call(\(try number("open_by_handle_at")), 0, 0, 0), call(\(try number("userfaultfd")), 1))
            print(call(\(try number("memfd_create")), b'own', 0) > 2)
            """)
        #expect(seen == "EPERM EPERM\nENOSYS ENOSYS\nEPERM EPERM\nTrue")
    }

    /// `mov eax, 20; int 0x80; ret` would answer getpid in the i386 ABI.
    private static let i386 = "b8 14 00 00 00 cd 80 c3"
    /// `mov eax, 39; syscall; ret` answers it in the native one.
    private static let native = "b8 27 00 00 00 0f 05 c3"
    /// The same with x32's bit in the number.
    private static let x32 = "b8 27 00 00 40 0f 05 c3"

    @Test(
        "kills whoever calls through the i386 or the x32 ABI", AttackNeed.x86.trait,
        arguments: SandboxScene.Mode.available)
    func foreignABIs(mode: SandboxScene.Mode) async throws {
        let seen = try await SandboxScene(mode).python(
            """
            import mmap
            def run(code):
                pid = os.fork()
                if pid == 0:
                    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
                    page.write(bytes.fromhex(code))
                    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
                    os._exit(0 if ctypes.CFUNCTYPE(ctypes.c_int)(address)() == os.getpid() else 1)
                return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            print(run('\(Self.i386)'), run('\(Self.x32)'), run('\(Self.native)'))
            """)
        // SIGSYS is 31.
        #expect(seen == "-31 -31 0")
    }
}
