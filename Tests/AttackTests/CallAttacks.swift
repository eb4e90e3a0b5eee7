extension AttackArea {
    static let calls = AttackArea(
        name: "calls", needsRepository: false, attacks: otherPrograms + kernelParts + walls + specialBits)

    private static func filtered(
        _ name: String, _ refusal: String, _ tries: String, neighbour: String
    ) -> Attack {
        Attack(
            name, stoppedBy: [.systemCallFilter], refusal: refusal, tries: tries, neighbour: neighbour)
    }

    private static let signalsSibling = "pid, _ = sibling(); os.kill(pid, 9); os.waitpid(pid, 0)"

    /// Other processes of the same sandbox, as one that its own harness runs.
    private static let otherPrograms: [Attack] = [
        filtered(
            "holds another program by ptrace", "EPERM",
            "pid, _ = sibling(); call(number['ptrace'], 16, pid, 0, 0)", neighbour: signalsSibling),
        filtered(
            "reads another program's memory", "EPERM",
            """
            pid, place = sibling()
            room = ctypes.create_string_buffer(14)
            ours = (ctypes.c_ulong * 2)(ctypes.addressof(room), 14)
            theirs = (ctypes.c_ulong * 2)(place, 14)
            call(number['process_vm_readv'], pid, ours, 1, theirs, 1, 0)
            if room.raw != b'sibling secret': refused('another text')
            """, neighbour: signalsSibling),
        filtered(
            "writes another program's memory", "EPERM",
            """
            pid, place = sibling()
            ours = (ctypes.c_ulong * 2)(ctypes.addressof(ctypes.create_string_buffer(b'changed')), 7)
            theirs = (ctypes.c_ulong * 2)(place, 7)
            call(number['process_vm_writev'], pid, ours, 1, theirs, 1, 0)
            """, neighbour: signalsSibling),
        filtered(
            "takes an open file from another program", "EPERM",
            "pid, _ = sibling(); call(number['pidfd_getfd'], call(number['pidfd_open'], pid, 0), 1, 0)",
            neighbour: "pid, _ = sibling(); call(number['pidfd_open'], pid, 0)"),
        filtered(
            "compares the kernel's objects of two programs", "EPERM",
            "pid, _ = sibling(); call(number['kcmp'], pid, os.getpid(), 1, 0, 0)",
            neighbour: signalsSibling),
    ]

    private static let makesThread = """
        import threading
        thread = threading.Thread(target=lambda: None); thread.start(); thread.join()
        """

    private static let kernelParts: [Attack] =
        [
            filtered(
                "joins the keyring of the session", "EPERM", "call(number['keyctl'], 0, -3 & 0xffffffff, 1)",
                neighbour: "open('/proc/self/status').read()"),
            filtered(
                "adds a key to the kernel's keyrings", "EPERM",
                "call(number['add_key'], b'user', b'k', b'v', 1, -2 & 0xffffffff)",
                neighbour: "os.setxattr(tree, 'user.k', b'v')"),
            filtered(
                "does system calls past the filter by io_uring", "ENOSYS",
                "call(number['io_uring_setup'], 8, ctypes.create_string_buffer(256))",
                neighbour: "import select; select.epoll().close()"),
            filtered(
                "holds the kernel at a page of its own by userfaultfd", "EPERM",
                "call(number['userfaultfd'], 1)", neighbour: "mmap.mmap(-1, 4096).madvise(4)"),
            filtered(
                "watches a whole file system by fanotify", "EPERM",
                "call(number['fanotify_init'], 0x200, 0)", neighbour: "libc.inotify_init1(0)"),
            filtered(
                "asks for the kernel's file systems", "EPERM", "call(number['sysfs'], 3)",
                neighbour: "os.statvfs('/')"),
            filtered(
                "reads its local descriptor table", "EPERM",
                "call(number['modify_ldt'], 0, ctypes.create_string_buffer(64), 64)", neighbour: makesThread),
            filtered(
                "moves its memory between nodes", "EPERM", "call(number['set_mempolicy'], 0, 0, 0)",
                neighbour: "mmap.mmap(-1, 4096)"),
            filtered(
                "opens a file by a call whose arguments no filter sees", "ENOSYS",
                """
                how = struct.pack('QQQ', 0, 0, 0)
                call(number['openat2'], -100 & (1 << 64) - 1, b'/usr', how, len(how))
                """, neighbour: "os.open('/usr', os.O_RDONLY)"),
            filtered(
                "uses a call that is newer than the filter", "ENOSYS",
                """
                try: call(450, 0, 0, 0, 0)
                except OSError as error:
                    if error.errno == errno.ENOSYS: raise
                """, neighbour: makesThread),
            filtered(
                "types into a terminal", "EPERM",
                """
                import pty
                call(number['ioctl'], pty.openpty()[1], 0x5423, struct.pack('i', 0))
                """,
                neighbour: """
                    import pty
                    call(number['ioctl'], pty.openpty()[1], 0x5414, struct.pack('HHHH', 24, 80, 0, 0))
                    """),
            filtered(
                "types into a terminal by a request with upper bits", "EPERM",
                """
                import pty
                call(number['ioctl'], pty.openpty()[1], 0x5423 | 1 << 32, struct.pack('i', 0))
                """, neighbour: "import pty; os.ttyname(pty.openpty()[1])"),
            filtered(
                "lays a filter of its own over ours that allows everything", "EPERM",
                """
                program = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000))
                ours = struct.pack('HxxxxxxQ', 1, ctypes.addressof(program))
                call(number['seccomp'], 1, 0, ours)
                call(number['keyctl'], 0, -3 & 0xffffffff, 1)
                """,
                neighbour: """
                    # A program may make its own walls narrower.
                    program = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000))
                    call(number['seccomp'], 1, 0, struct.pack('HxxxxxxQ', 1, ctypes.addressof(program)))
                    """),
        ] + foreign

    /// `mov eax, 20; int 0x80; ret` answers getpid in the i386 ABI, and `mov eax, 39; syscall; ret` in the
    /// native one.
    private static func machineCode(_ code: String) -> String {
        """
        page = mmap.mmap(-1, 4096, prot=7); page.write(bytes.fromhex('\(code)'))
        function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
        if function() != os.getpid(): refused('another answer')
        """
    }
    private static let foreign = [
        Attack(
            "calls the kernel as an i386 program", stoppedBy: [.systemCallFilter],
            refusal: "ended with -31", tries: machineCode("b814000000cd80c3"),
            neighbour: machineCode("b8270000000f05c3"), need: .x86)
    ]

    /// With a user namespace of its own a program has all capabilities in it.
    private static func apart(_ name: String, _ refusals: String, _ tries: String, neighbour: String)
        -> Attack
    {
        Attack(
            name, stoppedBy: [.systemCallFilter, .noFurtherNamespaces], refusal: refusals,
            tries: tries, neighbour: neighbour)
    }

    /// Each first tries for the capabilities that the call needs, and goes on without where it gets none.
    private static let tryApart = """
        uid, gid = os.getuid(), os.getgid()
        try:
            apart(0x10020000)
            for file, text in ('setgroups', 'deny'), ('uid_map', '0 %d 1' % uid), ('gid_map', '0 %d 1' % gid):
                open('/proc/self/' + file, 'w').write(text)
        except OSError: pass

        """

    private static let walls: [Attack] = [
        apart(
            "makes a user namespace by unshare", "EPERM", "apart(0x10000000)", neighbour: makesThread),
        apart(
            "makes a user namespace by clone", "EPERM",
            """
            pid = call(number['clone'], 0x10000000 | 17, 0, 0, 0, 0)
            if pid == 0: os._exit(0)
            """,
            neighbour: """
                pid = call(number['clone'], 17, 0, 0, 0, 0)
                if pid == 0: os._exit(0)
                os.waitpid(pid, 0)
                """),
        apart(
            "makes a user namespace by clone3, behind a pointer", "ENOSYS",
            """
            if call(number['clone3'], struct.pack('QQQQQQQQ', 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64) == 0:
                os._exit(0)
            """, neighbour: makesThread),
        apart(
            "makes a network of its own, where it is root", "EPERM", "apart(0x50000000)",
            neighbour: "socket.if_nameindex()"),
        apart(
            "enters the namespaces of another program", "EPERM",
            """
            ready, told = os.pipe()
            pid = os.fork()
            if pid == 0:
                libc.prctl(1, 9)
                try: apart(0x10000000)
                finally: os.write(told, b'x')
                time.sleep(1000)
            os.read(ready, 1)
            call(number['setns'], os.open('/proc/%d/ns/user' % pid, os.O_RDONLY), 0)
            """, neighbour: "os.readlink('/proc/self/ns/user')"),
        apart(
            "mounts a file system", "EPERM",
            tryApart + "call(number['mount'], b'none', b'/mnt' if os.path.isdir('/mnt') else b'/tmp',"
                + " b'tmpfs', 0, 0)", neighbour: "os.mkdir('folder')"),
        apart(
            "lays its worktree over a system folder", "EPERM",
            tryApart + "call(number['mount'], tree.encode(), b'/usr', 0, 0x1000, 0)",
            neighbour: "os.symlink('/usr', 'link')"),
        apart(
            "makes a file system by the newer calls", "ENOSYS",
            tryApart + "call(number['fsopen'], b'tmpfs', 0)", neighbour: "os.statvfs('/tmp')"),
        apart(
            "copies a tree of mounts by the newer calls", "ENOSYS",
            tryApart + "call(number['open_tree'], -100 & (1 << 64) - 1, b'/usr', 1)",
            neighbour: "os.open('/usr', os.O_PATH)"),
        apart(
            "unmounts what hides the host's files", "EPERM",
            tryApart + """
                call(number['mount'], b'none', b'/tmp', b'tmpfs', 0, 0)
                call(number['umount2'], b'/tmp', 2)
                """, neighbour: "os.stat('/tmp')"),
        apart(
            "changes its root folder", "EPERM", tryApart + "call(number['chroot'], b'/tmp')",
            neighbour: "os.chdir('/tmp')"),
        apart(
            "exchanges its root folder", "EPERM",
            tryApart + """
                os.mkdir('/tmp/new-root')
                call(number['mount'], b'none', b'/tmp/new-root', b'tmpfs', 0, 0)
                os.mkdir('/tmp/new-root/old')
                call(number['pivot_root'], b'/tmp/new-root', b'/tmp/new-root/old')
                """, neighbour: "os.chdir('/')"),
    ]

    private static func setsBits(_ name: String, _ tries: String) -> Attack {
        filtered(
            name, "EPERM", "open('file', 'w').close()\n" + tries,
            neighbour: "open('file', 'w').close(); os.chmod('file', 0o755); os.mkdir('folder', 0o755)")
    }

    private static let specialBits: [Attack] = [
        setsBits("makes a set-user-id program", "os.chmod('file', 0o4755)"),
        setsBits(
            "makes a set-user-id program through a descriptor",
            "os.fchmod(os.open('file', os.O_RDONLY), 0o4755)"),
        setsBits(
            "makes a set-group-id program by a folder's descriptor",
            "os.chmod('file', 0o2755, dir_fd=os.open('.', os.O_PATH))"),
        setsBits(
            "makes a set-user-id program as it opens it",
            "os.open('new', os.O_CREAT | os.O_WRONLY, 0o4755)"),
        setsBits(
            "makes a set-user-id program without a name",
            "os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o4755)"),
        setsBits("makes a set-user-id program as a node", "os.mknod('new', 0o104755)"),
        apart(
            "gives a program capabilities by an attribute", "EPERM",
            "open('file', 'w').close()\n" + tryApart
                + "os.setxattr('file', 'security.capability', struct.pack('<5I', 0x2000001, 1, 0, 0, 0))",
            neighbour: "open(tree + '/marked', 'w').close(); os.setxattr(tree + '/marked', 'user.x', b'x')"),
    ]
}
