import SandboxScene

extension AttackArea {
    static let processes = AttackArea(
        name: "processes", needsRepository: false, attacks: others + watchers + limits)

    private static func meetsVictim(_ name: String, _ refusal: String, _ tries: String, neighbour: String)
        -> Attack
    {
        Attack(name, stoppedBy: [.ownProcesses], refusal: refusal, tries: tries, neighbour: neighbour)
    }

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

    /// Another program of the same user runs on the host.
    private static let others: [Attack] = [
        meetsVictim(
            "reads the arguments of the machine's programs", "ENOENT",
            "open('/proc/%s/cmdline' % victim).read()", neighbour: "open('/proc/self/cmdline').read()"),
        meetsVictim(
            "signals a program of the same user", "ESRCH", "os.kill(int(victim), signal.SIGCONT)",
            neighbour: "os.kill(os.getpid(), signal.SIGCONT)"),
        meetsVictim(
            "makes a program of the same user slow", "ESRCH",
            "os.setpriority(os.PRIO_PROCESS, int(victim), 19)",
            neighbour: "os.setpriority(os.PRIO_PROCESS, 0, 11)"),
        meetsVictim(
            "ties a program of the same user to one processor", "ESRCH",
            "os.sched_setaffinity(int(victim), os.sched_getaffinity(0))",
            neighbour: "os.sched_setaffinity(0, os.sched_getaffinity(0))"),
        meetsVictim(
            "holds a program of the same user by its descriptor", "ESRCH", "os.pidfd_open(int(victim))",
            neighbour: "os.pidfd_open(os.getpid())"),
        Attack(
            "leaves a daemon behind that ignores signals", stoppedBy: [.ownProcesses, .launcher],
            tries: becomeDaemon,
            neighbour: "subprocess.run('true & wait', shell=True, check=True)",
            harm: { try !$0.scene.processesInside().isEmpty }),
    ]

    /// The exec ledger's filter is the command's and not that of who watches over it: whoever could write
    /// there could have programs executed that nobody records.
    private static let watchers: [Attack] =
        ["mem", "environ", "maps", "fd/0", "cwd/", "root/"].map { name in
            Attack(
                "opens \(name) of process 1", stoppedBy: [.closedFirstProcess], refusal: "EACCES",
                tries: """
                    if '\(name)' == 'mem': os.open('/proc/1/mem', os.O_RDWR)
                    elif '\(name)'.endswith('/'): os.listdir('/proc/1/\(name)')
                    elif '\(name)' == 'fd/0': os.readlink('/proc/1/\(name)')
                    else: open('/proc/1/\(name)').read(1)
                    """, neighbour: "open('/proc/1/status').read(); os.open('/proc/self/mem', os.O_RDWR)")
        } + [
            Attack(
                "writes into the memory of the relay", stoppedBy: [], refusal: "EACCES",
                tries: """
                    for process in filter(str.isdigit, os.listdir('/proc')):
                        if process != '1' and open('/proc/%s/comm' % process).read() == 'sandbox-init\\n':
                            os.open('/proc/%s/mem' % process, os.O_RDWR)
                    """, neighbour: "socket.create_connection(('127.0.0.1', int(relay_port)))",
                unshown: "it closes its memory itself, and a plan cannot say otherwise")
        ]

    private static func coreLimit(_ limits: String) -> String {
        """
        resource.setrlimit(resource.RLIMIT_CORE, \(limits))
        if resource.getrlimit(resource.RLIMIT_CORE) != \(limits): refused('it stays')
        """
    }

    private static let limits: [Attack] = [
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
                finally: subprocess.run('rm -f /tmp/large*', shell=True)
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
}
