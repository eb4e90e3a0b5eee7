import Foundation

/// `Tests/Data/sandbox/syscalls.json`: what was agreed, which the rows here are held against.
struct SystemCallList: Decodable {
    struct Filtered: Decodable {
        let syscall: String
        let arg0MaskAny: [String]?
    }
    let mustFail: [String]
    let mustWork: [String]
    let argumentsFiltered: [Filtered]

    static func read() throws -> SystemCallList {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try decoder.decode(
            SystemCallList.self,
            from: Data(contentsOf: tests.appending(path: "Data/sandbox/syscalls.json")))
    }
}

/// System calls that must fail inside the sandbox, and calls that must keep working.
enum SystemCallRows {
    static let mustFail = [
        "init_module", "finit_module", "delete_module", "create_module", "query_module", "get_kernel_syms",
        "mount", "umount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen",
        "fsconfig", "fsmount", "fspick", "mount_setattr", "open_by_handle_at", "nfsservctl", "sysfs",
        "_sysctl", "ustat", "uselib", "quotactl", "quotactl_fd", "unshare", "setns", "bpf",
        "perf_event_open", "userfaultfd", "kcmp", "lookup_dcookie", "fanotify_init", "clock_settime",
        "clock_settime64", "settimeofday", "stime", "reboot", "kexec_load", "kexec_file_load", "syslog",
        "swapon", "swapoff", "acct", "mbind", "migrate_pages", "move_pages", "set_mempolicy",
        "get_mempolicy", "set_mempolicy_home_node", "ioperm", "iopl", "vm86", "vm86old", "sethostname",
        "setdomainname", "vhangup", "pidfd_getfd", "process_madvise", "add_key", "request_key", "keyctl",
        "ptrace", "process_vm_readv", "process_vm_writev",
    ]

    static let mustWork = [
        "read", "write", "openat", "close", "mmap", "munmap", "brk", "exit", "exit_group", "rt_sigaction",
        "rt_sigprocmask", "fork", "execve", "wait4", "futex",
    ]

    /// Refused for what their arguments say.
    static let cloneFlags: [(name: String, flag: UInt64)] = [
        ("NEWNS", 0x0002_0000), ("NEWCGROUP", 0x0200_0000), ("NEWUTS", 0x0400_0000), ("NEWIPC", 0x0800_0000),
        ("NEWUSER", 0x1000_0000), ("NEWPID", 0x2000_0000), ("NEWNET", 0x4000_0000),
    ]
}
