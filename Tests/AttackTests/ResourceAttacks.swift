import SandboxScene

extension AttackArea {
    static let resources = AttackArea(
        name: "resources", needsRepository: false, attacks: limits + ended)

    private static let becomeDaemon = """
        ready, told = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork(): os._exit(0)
            for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
            nothing = os.open('/dev/null', os.O_RDWR)
            for stream in (0, 1, 2): os.dup2(nothing, stream)
            os.write(told, b'x')
            os.closerange(3, 200)
            while True: time.sleep(1000)
        os.read(ready, 1)
        """

    private static func coreLimit(_ limits: String) -> String {
        """
        resource.setrlimit(resource.RLIMIT_CORE, \(limits))
        if resource.getrlimit(resource.RLIMIT_CORE) != \(limits): refused('it stays')
        """
    }

    private static let limits: [Attack] = [
        Attack(
            "leaves a daemon behind that ignores signals", stoppedBy: [.ownProcesses, .launcher],
            tries: becomeDaemon,
            neighbour: "subprocess.run('true & wait', shell=True, check=True)",
            harm: { try !$0.scene.processesInside().isEmpty }),
        Attack(
            "forks without end", stoppedBy: [.processLimit], refusal: "EAGAIN",
            tries: """
                for made in range(100):
                    if os.fork() == 0:
                        libc.prctl(1, 9)
                        while True: time.sleep(1000)
                """, neighbour: "[os.waitpid(pid, 0) for pid in [os.fork() or os._exit(0) for _ in '123']]"),
        Attack(
            "raises its own limit on processes", stoppedBy: [.processLimit], refusal: "not allowed to raise",
            tries: "resource.setrlimit(resource.RLIMIT_NPROC, (200, 200))",
            neighbour: "resource.setrlimit(resource.RLIMIT_NPROC, (50, 50))"),
        Attack(
            "raises its own limit on core dumps", stoppedBy: [.coreLimit, .systemCallFilter],
            refusal: "it stays", tries: coreLimit("(1 << 16, 1 << 16)"),
            neighbour: "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"),
        // At 0 the kernel dumps into no file, and yet starts the program that the host has for dumps.
        Attack(
            "lowers its own limit on core dumps, so that the host's own program takes them",
            stoppedBy: [.systemCallFilter], refusal: "it stays", tries: coreLimit("(0, 0)"),
            neighbour: "resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))"),
        Attack(
            "lowers that limit with more bits than the kernel reads", stoppedBy: [.systemCallFilter],
            refusal: "it stays",
            tries: """
                call(number['prlimit64'], 0, 1 << 32 | resource.RLIMIT_CORE, struct.pack('QQ', 0, 0), 0)
                if resource.getrlimit(resource.RLIMIT_CORE) != (0, 0): refused('it stays')
                """, neighbour: "resource.prlimit(0, resource.RLIMIT_CORE)"),
        Attack(
            "opens files without end", stoppedBy: [.openFilesLimit], refusal: "EMFILE",
            tries: "for number in range(300): os.open('/dev/null', os.O_RDONLY)",
            neighbour: "for number in range(100): os.open('/dev/null', os.O_RDONLY)"),
        Attack(
            "writes a file without end", stoppedBy: [.fileLimit], refusal: "EFBIG",
            tries: """
                with open(tree + '/large', 'wb', 0) as file:
                    for piece in range(10): file.write(bytes(1 << 20))
                """,
            neighbour: "open(tree + '/small', 'wb').write(bytes(1 << 20))"),
        Attack(
            "makes a file long without writing it", stoppedBy: [.fileLimit], refusal: "EFBIG",
            tries: "open(tree + '/long', 'wb').truncate(1 << 29)",
            neighbour: "open(tree + '/short', 'wb').truncate(1 << 20)"),
        Attack(
            "raises its own limit on a file", stoppedBy: [.fileLimit], refusal: "not allowed to raise",
            tries: "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 28, 1 << 28))",
            neighbour: "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))"),
        Attack(
            "fills the machine's memory through /tmp", stoppedBy: [.temporaryLimit], refusal: "ENOSPC",
            tries: """
                try:
                    for part in range(5): open('/tmp/large%d' % part, 'wb', 0).write(bytes(4 << 20))
                finally:
                    # No process is started for it: what forked without end may still count.
                    for name in os.listdir('/tmp'):
                        if name.startswith('large'): os.unlink('/tmp/' + name)
                """, neighbour: "open('/tmp/small', 'wb', 0).write(bytes(1 << 20))"),
        Attack(
            "fills the machine's memory through /dev/shm", stoppedBy: [.sharedMemoryLimit],
            refusal: "ENOSPC",
            tries: """
                try:
                    with open('/dev/shm/large', 'wb', 0) as file:
                        for piece in range(2): file.write(bytes(1 << 20))
                finally: os.unlink('/dev/shm/large')
                """, neighbour: "open('/dev/shm/small', 'wb', 0).write(bytes(1 << 10))"),
    ]

    /// What is ended as a whole: by the kernel, or by whoever looks at it once a second.
    private static let ended: [Attack] = [
        Attack(
            "holds memory without end", stoppedBy: [.memoryLimit],
            refusal: "It used more than 128 MiB of memory.",
            tries: """
                held = bytearray(200 << 20)
                used(lambda: None)
                """, neighbour: "bytearray(48 << 20)", endsSandbox: true),
        Attack(
            "fills the disk file by file", stoppedBy: [.diskLimit],
            refusal: "It wrote more than 16 MiB to the disk.",
            tries: """
                made = 0
                def write():
                    nonlocal made
                    made += 1
                    with open(tree + '/large%d' % made, 'wb', 0) as file: file.write(bytes(1 << 20))
                for piece in range(24): write()
                used(write)
                """, neighbour: "open(tree + '/small', 'wb', 0).write(bytes(4 << 20))", endsSandbox: true),
        Attack(
            "takes every inode of the disk with empty files", stoppedBy: [.filesLimit],
            refusal: "It made more than 500 files.",
            tries: """
                made = 0
                def touch():
                    nonlocal made
                    for file in range(10):
                        made += 1
                        os.close(os.open(tree + '/empty%d' % made, os.O_CREAT))
                for piece in range(60): touch()
                used(touch)
                """, neighbour: "[open(tree + '/%d' % n, 'w').close() for n in range(100)]",
            endsSandbox: true),
    ]
}
