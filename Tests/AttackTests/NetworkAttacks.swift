extension AttackArea {
    static let network = AttackArea(
        name: "network", needsRepository: false, attacks: hostSockets + families + otherMachines)

    private static let servesItself = """
        own = socket.create_server(('127.0.0.1', 0)); socket.create_connection(own.getsockname())
        """

    /// Servers of the host that every program of the machine may reach.
    private static let hostSockets: [Attack] = [
        Attack(
            "connects to a server on the host's loopback", stoppedBy: [.ownNetwork], refusal: "ECONNREFUSED",
            tries: "socket.create_connection(('127.0.0.1', int(tcp)))", neighbour: servesItself),
        Attack(
            "connects to a server on the host's IPv6 loopback", stoppedBy: [.ownNetwork],
            refusal: "ECONNREFUSED", "EADDRNOTAVAIL",
            tries: "socket.create_connection(('::1', int(tcp6)))",
            neighbour: "socket.socket(socket.AF_INET6, socket.SOCK_STREAM)", need: .ipv6),
        Attack(
            "connects to the host's loopback by an IPv4 address in IPv6 clothes", stoppedBy: [.ownNetwork],
            refusal: "ECONNREFUSED",
            tries: "socket.socket(socket.AF_INET6).connect(('::ffff:127.0.0.1', int(tcp)))",
            neighbour: servesItself, need: .ipv6),
        Attack(
            "connects to the host's loopback by the address of all interfaces", stoppedBy: [.ownNetwork],
            refusal: "ECONNREFUSED", tries: "socket.create_connection(('0.0.0.0', int(tcp)))",
            neighbour: servesItself),
        Attack(
            "carries a secret out in questions to a resolver, by UDP", stoppedBy: [.ownNetwork],
            refusal: "ECONNREFUSED",
            tries: """
                asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                asking.connect(('127.0.0.1', int(udp))); asking.send(b'secret.example')
                asking.recv(100)
                """,
            neighbour: """
                own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); own.bind(('127.0.0.1', 0))
                own.sendto(b'x', own.getsockname()); own.recv(1)
                """),
        Attack(
            "connects to a socket of the host that has no file", stoppedBy: [.ownNetwork],
            refusal: "ECONNREFUSED",
            tries: "socket.socket(socket.AF_UNIX).connect('\\0' + abstract)",
            neighbour: """
                own = socket.socket(socket.AF_UNIX); own.bind('\\0own'); own.listen()
                socket.socket(socket.AF_UNIX).connect('\\0own')
                """),
        Attack(
            "sends a datagram to a socket of the host that has no file", stoppedBy: [.ownNetwork],
            refusal: "ECONNREFUSED",
            tries: """
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '\\0' + datagrams)
                """,
            neighbour: "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); a.send(b'x')"),
        Attack(
            "lists the sockets of the host", stoppedBy: [.ownNetwork], refusal: "not there",
            tries: "if abstract not in open('/proc/net/unix').read(): refused('not there')",
            neighbour: """
                own = socket.socket(socket.AF_UNIX); own.bind('\\0listed')
                if '@listed' not in open('/proc/net/unix').read(): refused('its own is not there')
                """),
        Attack(
            "takes a port of the host's before its server does", stoppedBy: [.ownNetwork],
            refusal: "not the host's",
            tries: """
                # Where the host's server listens, nobody else can: here one can, because it is another place.
                try: socket.create_server(('127.0.0.1', int(tcp)))
                except OSError: return
                refused("not the host's")
                """,
            neighbour: servesItself),
        Attack(
            "sees the machine's connections", stoppedBy: [.ownNetwork], refusal: "not there",
            tries: """
                if ':%04X ' % int(tcp) not in open('/proc/net/tcp').read(): refused('not there')
                """,
            neighbour: """
                own = socket.create_server(('127.0.0.1', 0))
                if ':%04X ' % own.getsockname()[1] not in open('/proc/net/tcp').read(): refused('own')
                """),
    ]

    /// A network namespace alone does not stop these, or they reach odd kernel code.
    private static let families: [Attack] =
        [
            ("talks to the hypervisor by vsock", "socket.socket(40, 1)"),
            ("listens to the kernel's device events", "socket.socket(socket.AF_NETLINK, 3, 15)"),
            ("asks the kernel for its sockets by netlink", "socket.socket(socket.AF_NETLINK, 3, 4)"),
            (
                "talks to vsock with upper bits that the kernel does not read",
                "call(number['socket'], (1 << 32) | 40, 1, 0)"
            ),
        ].map { name, tries in
            Attack(
                name, stoppedBy: [.systemCallFilter], refusal: "EPERM", tries: tries,
                neighbour: "socket.socket(socket.AF_NETLINK, 3, 0); socket.socketpair()")
        } + [
            Attack(
                "reads every packet", stoppedBy: [.systemCallFilter, .noFurtherNamespaces],
                refusal: "EPERM",
                tries: """
                    try: apart(0x50000000)
                    except OSError: pass
                    socket.socket(17, 3, 0x0300)
                    """,
                neighbour: "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"),
            Attack(
                "makes packets of its own", stoppedBy: [.systemCallFilter, .noFurtherNamespaces],
                refusal: "EPERM",
                tries: """
                    try: apart(0x50000000)
                    except OSError: pass
                    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
                    """,
                neighbour: "socket.socket(socket.AF_INET, socket.SOCK_STREAM)"),
        ]

    private static let noShow = """
        a packet would leave this machine; that there is no interface but its own loopback is shown by the \
        attacks on the host's loopback, which the same namespace stops
        """

    private static let otherMachines: [Attack] = [
        ("connects to another machine", "socket.create_connection(('192.0.2.1', 443))", nil),
        (
            "connects to the address where clouds keep credentials",
            "socket.create_connection(('169.254.169.254', 80))", nil
        ),
        ("connects to another machine by IPv6", "socket.socket(10).connect(('2001:db8::1', 443))", .ipv6),
        ("asks a resolver of the internet", "socket.socket(2, 2).connect(('192.0.2.53', 53))", nil),
    ].map { (name, tries, need: AttackNeed?) in
        Attack(
            name, stoppedBy: [.ownNetwork], refusal: "ENETUNREACH", "EADDRNOTAVAIL", tries: tries,
            neighbour: servesItself, unshown: noShow, need: need)
    }
}
