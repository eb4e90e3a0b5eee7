import Glibc
package import Seccomp

/// The system calls that are refused inside, and why: the one place where they are listed.
package enum SandboxFilter {
    /// One line of the table, in words a person can check.
    package struct Row: Hashable, Sendable {
        package var name: String
        package var reason: String
        package var rules: [SeccompRule]
        init(_ name: String, _ reason: String, _ rules: [SeccompRule]) {
            self.name = name
            self.reason = reason
            self.rules = rules
        }
    }

    /// Numbers from here on answer ENOSYS: calls newer than the library's knowledge cannot be judged, and
    /// programs are prepared for kernels that lack them. Below this number every call has a name.
    package static let firstUnknownNumber: UInt32 = 450

    package static let program = SeccompProgram(
        rules: rows.flatMap(\.rules), firstUnknownNumber: firstUnknownNumber)

    package static let rows: [Row] =
        refusals.flatMap { refusal in
            refusal.names.map { Row($0, refusal.reason, [SeccompRule($0, .fail(errno: refusal.errno))]) }
        } + [namespacesByClone, terminalInjection, socketFamilies, socketPairs] + coreLimit + specialBits

    /// The reasons, each with the calls it stands for, in the order of the table.
    package static let reasons: [(reason: String, names: [String])] = rows.reduce(into: []) { found, row in
        if let index = found.firstIndex(where: { $0.reason == row.reason }) {
            found[index].names.append(row.name)
        } else {
            found.append((row.reason, [row.name]))
        }
    }

    // MARK: Whole calls

    private struct Refusal {
        var errno: Int32
        var reason: String
        var names: [String]
    }

    private static let refusals: [Refusal] = [
        Refusal(
            errno: EPERM, reason: "would change what is mounted where",
            names: ["mount", "umount", "umount2", "pivot_root", "chroot"]),
        Refusal(errno: EPERM, reason: "enters or makes namespaces", names: ["setns", "unshare"]),
        Refusal(
            errno: EPERM, reason: "loads code into the kernel or restarts it",
            names: [
                "init_module", "finit_module", "delete_module", "create_module", "query_module",
                "get_kernel_syms",
                "kexec_load", "kexec_file_load", "reboot",
            ]),
        Refusal(
            errno: EPERM, reason: "keyrings are not divided by our namespaces",
            names: ["add_key", "request_key", "keyctl"]),
        Refusal(
            errno: EPERM, reason: "a large attack surface no build or agent needs",
            names: [
                "bpf", "perf_event_open", "userfaultfd", "lookup_dcookie", "nfsservctl", "sysfs", "_sysctl",
                "ustat", "uselib",
            ]),
        Refusal(
            errno: EPERM, reason: "reads or changes another process",
            names: [
                "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise",
            ]),
        Refusal(
            errno: EPERM, reason: "opens files past the mounts",
            names: ["open_by_handle_at", "fanotify_init"]),
        Refusal(
            errno: EPERM, reason: "sets the machine's clock or name",
            names: [
                "clock_settime", "clock_settime64", "settimeofday", "stime", "sethostname", "setdomainname",
            ]),
        Refusal(
            errno: EPERM, reason: "reaches hardware or old processor modes",
            names: ["iopl", "ioperm", "modify_ldt", "vm86", "vm86old", "vhangup"]),
        Refusal(
            errno: EPERM, reason: "moves memory between nodes",
            names: ["mbind", "migrate_pages", "move_pages", "set_mempolicy", "get_mempolicy"]),
        Refusal(
            errno: EPERM, reason: "accounts, swaps or reads the kernel's log",
            names: ["quotactl", "quotactl_fd", "swapon", "swapoff", "acct", "syslog"]),
        Refusal(
            errno: ENOSYS,
            reason: "its arguments are behind a pointer; libc falls back to clone, which can be judged",
            names: ["clone3"]),
        Refusal(
            errno: ENOSYS, reason: "its arguments are behind a pointer; libc falls back to openat",
            names: ["openat2"]),
        Refusal(
            errno: ENOSYS, reason: "does system calls that no filter sees",
            names: ["io_uring_setup", "io_uring_enter", "io_uring_register"]),
        Refusal(
            errno: ENOSYS, reason: "would change what is mounted where",
            names: ["fsopen", "fsconfig", "fsmount", "fspick", "move_mount", "open_tree", "mount_setattr"]),
        Refusal(errno: ENOSYS, reason: "memory that not even the host can look at", names: ["memfd_secret"]),
    ]

    // MARK: Calls judged by their arguments

    private static let namespacesByClone = Row(
        "clone", "makes namespaces",
        namespaceFlags.map { SeccompRule("clone", where: [hasBits(0, $0)], .fail(errno: EPERM)) })

    /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: <linux/sched.h>, which is not
    /// imported.
    private static let namespaceFlags: [UInt64] = [
        0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
    ]

    /// The kernel reads the request as 32 bits, so the upper half must not hide it.
    private static let terminalInjection = Row(
        "ioctl", "types into a terminal or takes it over: TIOCSTI, TIOCLINUX, TIOCSETD",
        [0x5412, 0x541C, 0x5423].map {
            SeccompRule(
                "ioctl", where: [SeccompArgument(1, .masked(mask: 0xffff_ffff, value: $0))],
                .fail(errno: EPERM))
        })

    /// Only UNIX, INET, INET6 and, of AF_NETLINK, NETLINK_ROUTE, without which node does not start. A network
    /// namespace does not stop AF_VSOCK. Values with upper bits set are above the last family, and so refused
    /// too.
    private static let socketFamilies = Row(
        "socket", "families that leave the network namespace or reach odd kernel code",
        ((0...maxAllowedFamily).filter { !allowedFamilies.contains($0) && $0 != netlink }).map {
            SeccompRule("socket", where: [SeccompArgument(0, .equal($0))], .fail(errno: EPERM))
        } + [
            SeccompRule("socket", where: [SeccompArgument(0, .above(maxAllowedFamily))], .fail(errno: EPERM)),
            SeccompRule(
                "socket",
                where: [SeccompArgument(0, .equal(netlink)), SeccompArgument(2, .notEqual(netlinkRoute))],
                .fail(errno: EPERM)),
        ])

    private static let socketPairs = Row(
        "socketpair", "only AF_UNIX has pairs worth having",
        [
            SeccompRule(
                "socketpair", where: [SeccompArgument(0, .notEqual(UInt64(AF_UNIX)))], .fail(errno: EPERM))
        ])

    private static let allowedFamilies: [UInt64] = [UInt64(AF_UNIX), UInt64(AF_INET), UInt64(AF_INET6)]
    private static let netlink = UInt64(AF_NETLINK)
    private static let netlinkRoute: UInt64 = 0
    private static let maxAllowedFamily = netlink

    /// sandbox-init set it to 1, at which the kernel dumps into no file and starts no program of the host's.
    /// Lowered to 0 it would start one, as root, with bytes of the agent's choice. Whoever sets it wants no
    /// dumps, and has none: the answer is success.
    private static let coreLimit: [Row] = {
        let reason = "would have the host's own program take core dumps: RLIMIT_CORE stays as it is"
        // The kernel reads the resource as 32 bits; 4 is RLIMIT_CORE.
        func isCore(_ index: UInt32) -> SeccompArgument {
            SeccompArgument(index, .masked(mask: 0xffff_ffff, value: 4))
        }
        return [
            Row("setrlimit", reason, [SeccompRule("setrlimit", where: [isCore(0)], .fail(errno: 0))]),
            Row(
                "prlimit64", reason,
                [
                    SeccompRule(
                        "prlimit64", where: [isCore(1), SeccompArgument(2, .notEqual(0))], .fail(errno: 0))
                ]),
        ]
    }()

    // MARK: Set-user-id and set-group-id bits

    /// They mean nothing inside, where no_new_privs holds, and everything outside, once the tree is there.
    private static let specialBits: [Row] = {
        let reason = "leaves a set-user-id or set-group-id program behind"
        let byMode: [(String, UInt32)] = [
            ("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("creat", 1), ("mknod", 1), ("mknodat", 2),
        ]
        let byFlags: [(String, flags: UInt32, mode: UInt32)] = [("open", 1, 2), ("openat", 2, 3)]
        let bits: [UInt64] = [0o4000, 0o2000]
        // O_CREAT and __O_TMPFILE: without one of these the mode is not read, and may be anything.
        let creating: [UInt64] = [UInt64(O_CREAT), 0o20000000]
        return byMode.map { name, mode in
            Row(name, reason, bits.map { SeccompRule(name, where: [hasBits(mode, $0)], .fail(errno: EPERM)) })
        }
            + byFlags.map { name, flags, mode in
                Row(
                    name, reason,
                    bits.flatMap { bit in
                        creating.map {
                            SeccompRule(
                                name, where: [hasBits(flags, $0), hasBits(mode, bit)], .fail(errno: EPERM))
                        }
                    })
            }
    }()

    private static func hasBits(_ index: UInt32, _ bits: UInt64) -> SeccompArgument {
        SeccompArgument(index, .masked(mask: bits, value: bits))
    }
}
