import Linux

extension AttackArea {
    static let files = AttackArea(
        name: "files", needsRepository: false,
        attacks: waysOut + generatedFiles + kernelFiles + sharedPlaces + whatIsShown + careless)

    private static let readsOwn = "if open(tree + '/own').read() != 'mine': refused('not mine')"
    private static let writesOwn = "open(tree + '/new', 'w').write('mine')"

    private static func reads(
        _ name: String, _ path: String, stoppedBy protections: Set<Protection> = [.nothingUnnamed]
    ) -> Attack {
        Attack(
            name, stoppedBy: protections, refusal: "ENOENT", "EACCES",
            tries: "if open(\(path)).read() != secret_text: refused('another text')", neighbour: readsOwn)
    }

    /// What lies beside the worktree is not there, whichever way is taken.
    private static let waysOut: [Attack] = [
        reads("reads a secret by its path", "secret"),
        reads("reads a secret by a path with dots", "tree + '/../secret'"),
        reads(
            "reads a secret through the root of process 1", "'/proc/1/root' + secret",
            stoppedBy: [.nothingUnnamed, .closedFirstProcess]),
        reads("reads a secret through its own root", "'/proc/self/root' + secret"),
        reads("reads a secret through its own working folder", "'/proc/self/cwd/' + '../' * 30 + secret"),
        reads("reads a secret through a link that lay in the repository", "tree + '/planted'"),
        Attack(
            "reads a secret through a link of its own", stoppedBy: [.nothingUnnamed], refusal: "ENOENT",
            tries: "os.symlink(secret, 'link'); open('link').read()",
            neighbour: "os.symlink(tree + '/own', 'inside'); open('inside').read()"),
        Attack(
            "reads a secret from the folder above, held as a descriptor", stoppedBy: [.nothingUnnamed],
            refusal: "ENOENT",
            tries: """
                above = os.open(tree + '/..', os.O_PATH)
                os.open('secret', os.O_RDONLY, dir_fd=above)
                """,
            neighbour: "os.open('own', os.O_RDONLY, dir_fd=os.open(tree, os.O_PATH))"),
        Attack(
            "gives a secret a second name that it can read later", stoppedBy: [.nothingUnnamed],
            refusal: "ENOENT", tries: "os.link(secret, outside + '/second-name')",
            neighbour: "os.link(tree + '/own', tree + '/second-name')",
            harm: { $0.hasOutside("second-name") }),
        Attack(
            "writes beside its worktree", stoppedBy: [.nothingUnnamed],
            tries: "open(outside + '/new', 'w').write('x')", neighbour: writesOwn,
            harm: { $0.hasOutside("new") }),
        Attack(
            "writes beside its worktree through a link in it", stoppedBy: [.nothingUnnamed],
            tries: """
                os.symlink(outside, tree + '/way')
                open(tree + '/way/through', 'w').write('x')
                """,
            neighbour: "os.mkdir(tree + '/folder'); open(tree + '/folder/file', 'w').write('x')",
            harm: { $0.hasOutside("through") }),
        Attack(
            "makes a file without a name outside and names it then", stoppedBy: [.nothingUnnamed],
            tries: nameless("outside", "nameless"), neighbour: nameless("tree", "nameless"),
            harm: { $0.hasOutside("nameless") }),
        Attack(
            "changes a secret's time and mode", stoppedBy: [.nothingUnnamed], refusal: "ENOENT",
            tries: "os.utime(secret); os.chmod(secret, 0o666)",
            neighbour: "os.utime(tree + '/own'); os.chmod(tree + '/own', 0o640)"),
        Attack(
            "connects to the gateway of another session", stoppedBy: [.nothingUnnamed], refusal: "ENOENT",
            tries: "socket.socket(socket.AF_UNIX).connect(other_socket)",
            neighbour: "socket.socket(socket.AF_UNIX).connect('/run/egress.sock')"),
    ]

    private static func nameless(_ folder: String, _ name: String) -> String {
        """
        made = os.open(\(folder), os.O_TMPFILE | os.O_RDWR, 0o600)
        path = (\(folder) + '/\(name)').encode()
        if libc.linkat(-100, b'/proc/self/fd/%d' % made, -100, path, 0x400):
            raise OSError(ctypes.get_errno(), 'linkat')
        """
    }

    /// Only files of the sandbox's own memory are at stake here.
    private static let generatedFiles: [Attack] =
        [
            ("adds a file to the root folder", "open('/new', 'w')", "open('/tmp/new', 'w')"),
            (
                "makes itself root in the list of users",
                "os.unlink('/etc/passwd'); open('/etc/passwd', 'w').write('agent::0:0:::')",
                "open('/etc/passwd').read()"
            ),
            (
                "leads a host name elsewhere",
                "os.unlink('/etc/hosts'); open('/etc/hosts', 'w').write('192.0.2.1 a')",
                "open('/etc/hosts').read()"
            ),
            (
                "preloads a library into every program",
                "open('/etc/ld.so.preload', 'w').write('/tmp/evil.so')",
                "subprocess.run(['true'], env={'LD_PRELOAD': '/tmp/none.so'}, check=True, stderr=-3)"
            ),
            (
                "puts other programs in the place of /bin", "os.unlink('/bin'); os.symlink('/tmp', '/bin')",
                "os.symlink('/usr/bin', 'bin'); subprocess.run(['bin/true'], check=True)"
            ),
            (
                "puts a socket beside the gateway's", "socket.socket(socket.AF_UNIX).bind('/run/other.sock')",
                "socket.socket(socket.AF_UNIX).bind('other.sock')"
            ),
            ("makes a home for another user", "os.mkdir('/home/other')", "os.mkdir('/home/agent/other')"),
        ].map { name, tries, neighbour in
            Attack(name, stoppedBy: [.sealedRoot], refusal: "EROFS", tries: tries, neighbour: neighbour)
        } + [
            Attack(
                "adds a file to /dev", stoppedBy: [.sealedDevices], refusal: "EROFS",
                tries: "open('/dev/new', 'w')", neighbour: "open('/dev/null', 'w').write('x')"),
            Attack(
                "leads /dev/stdout elsewhere", stoppedBy: [.sealedDevices], refusal: "EROFS",
                tries: "os.unlink('/dev/stdout'); os.symlink('/tmp/all', '/dev/stdout')",
                neighbour: "open('/dev/zero', 'rb').read(1)"),
        ]

    private static func looksInto(_ file: String) -> Attack {
        Attack(
            "reads \(file)", stoppedBy: [.hiddenKernelFiles], refusal: "empty", "EACCES",
            tries: "if not open('\(file)', 'rb').read(1): refused('empty')",
            neighbour: "open('/proc/meminfo').read(1); open('/proc/self/maps').read(1)")
    }

    /// Opened, never written: they are switches of the whole machine.
    private static func opensSwitch(_ name: String, _ file: String) -> Attack {
        Attack(
            name, stoppedBy: [.readOnlyKernelSwitches, .launcher], refusal: "EROFS", "EACCES",
            tries: "os.open('/proc/sys/\(file)', os.O_WRONLY)", neighbour: "open('/proc/sys/\(file)').read()")
    }

    private static let kernelFiles: [Attack] =
        ["/proc/kallsyms", "/proc/config.gz"]
        // A kernel without such a file has nothing to hide.
        .filter { Files.exists($0) }.map(looksInto) + [
            opensSwitch("opens the core pattern, a program that the kernel runs", "kernel/core_pattern"),
            opensSwitch("opens the switch of address randomization", "kernel/randomize_va_space"),
            opensSwitch("opens the machine's overcommit switch", "vm/overcommit_memory"),
        ] + (Files.exists("/proc/sysrq-trigger") ? [restart] : [])

    private static let restart = Attack(
        "opens the trigger that restarts the machine", stoppedBy: [.hiddenKernelFiles, .launcher],
        refusal: "a mask", "EACCES",
        tries: """
            opened = os.open('/proc/sysrq-trigger', os.O_WRONLY)
            if os.fstat(opened).st_rdev: refused('a mask')
            """, neighbour: "os.open('/proc/self/comm', os.O_WRONLY)")

    private static let sharedPlaces: [Attack] = [
        Attack(
            "opens a device of the machine", stoppedBy: [.ownDevices, .sealedDevices, .launcher],
            refusal: "ENOENT",
            tries: """
                names = ['fuse', 'loop-control', 'kvm', 'hwrng', 'vsock', 'autofs']
                for name in names:
                    try:
                        os.open('/dev/' + name, os.O_RDONLY | os.O_NONBLOCK)
                        return
                    except OSError as error: last = error
                raise last
                """,
            neighbour: "os.read(os.open('/dev/urandom', os.O_RDONLY), 1)"),
        Attack(
            "reads shared memory of another program", stoppedBy: [.ownSharedMemory], refusal: "ENOENT",
            tries: "if open(shared_file).read() != 'shared': refused('empty')",
            neighbour: "open('/dev/shm/own', 'w').write('x')"),
        Attack(
            "attaches a System V segment of another program", stoppedBy: [.ownIPC], refusal: "ENOENT",
            tries: """
                if libc.shmget(int(shared_memory), 0, 0) < 0: raise OSError(ctypes.get_errno(), '')
                """,
            neighbour: """
                made = libc.shmget(77, 4096, 0o1600)
                if made < 0: raise OSError(ctypes.get_errno(), '')
                libc.shmctl(made, 0, None)
                """),
        Attack(
            "makes a device", stoppedBy: [], refusal: "EPERM",
            tries: "os.mknod('disk', 0o60600, os.makedev(8, 0))", neighbour: "os.mkfifo('queue')",
            unshown: "only root of the machine itself may make a device, and no sandbox runs as it"),
    ]

    private static func changesTool(_ name: String, _ tries: String) -> Attack {
        Attack(
            name, stoppedBy: [.readOnlyBinds], refusal: "EROFS", tries: tries,
            neighbour: "subprocess.run([toolchain + '/hello'], check=True, stdout=-3)")
    }

    /// Without their protection these are all the same file, so each leaves it usable.
    private static let whatIsShown: [Attack] = [
        changesTool("writes to a tool", "open(toolchain + '/hello', 'a').write('# x')"),
        changesTool(
            "writes to a tool through a descriptor it has for reading",
            """
            held = os.open(toolchain + '/hello', os.O_RDONLY)
            open('/proc/self/fd/%d' % held, 'a').write('# x')
            """),
        changesTool(
            "writes to a tool through memory it maps",
            """
            held = os.open(toolchain + '/hello', os.O_RDWR)
            mmap.mmap(held, 0)[0:1] = b'#'
            """),
        changesTool("changes the mode of a tool", "os.chmod(toolchain + '/hello', 0o777)"),
        changesTool("changes the time of a tool", "os.utime(toolchain + '/hello')"),
        changesTool("marks a tool with an attribute", "os.setxattr(toolchain + '/hello', 'user.x', b'x')"),
        changesTool("adds a tool", "open(toolchain + '/new', 'w')"),
        changesTool(
            "moves a tool away and back",
            """
            os.rename(toolchain + '/hello', toolchain + '/away')
            os.rename(toolchain + '/away', toolchain + '/hello')
            """),
        changesTool("opens the gateway's socket to everybody", "os.chmod('/run/egress.sock', 0o777)"),
    ]

    /// A server that left much lying open when it started the sandbox.
    private static let careless: [Attack] = [
        Attack(
            "reads a file that was open where it was started", stoppedBy: [.launcher], refusal: "EBADF",
            tries: "if os.pread(38, 100, 0) != secret_text.encode(): refused('another text')",
            neighbour: "os.pread(os.open(tree + '/own', os.O_RDONLY), 100, 0)"),
        Attack(
            "leaves through a folder that was open where it was started", stoppedBy: [.launcher],
            refusal: "EBADF", tries: "os.open(secret[1:], os.O_RDONLY, dir_fd=39)",
            neighbour: "os.open(tree[1:] + '/own', os.O_RDONLY, dir_fd=os.open('/', os.O_RDONLY))"),
        Attack(
            "reads the environment that process 1 was started with",
            stoppedBy: [.launcher, .closedFirstProcess], refusal: "EACCES",
            tries: "if secret_text not in open('/proc/1/environ').read(): refused('no secret')",
            neighbour: "open('/proc/self/environ').read()"),
    ]
}
