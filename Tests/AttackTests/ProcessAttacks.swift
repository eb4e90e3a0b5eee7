import SandboxScene

extension AttackArea {
    static let processes = AttackArea(
        name: "processes", needsRepository: false, attacks: others + watchers)

    private static func meetsVictim(_ name: String, _ refusal: String, _ tries: String, neighbour: String)
        -> Attack
    {
        Attack(name, stoppedBy: [.ownProcesses], refusal: refusal, tries: tries, neighbour: neighbour)
    }

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
}
