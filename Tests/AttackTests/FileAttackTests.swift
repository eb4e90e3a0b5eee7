import Fixtures
import Glibc
import Linux
import Sandbox
import SandboxScene
import Testing

let bwrapIsHere: ConditionTrait = .enabled(
    if: Requirement.has("bwrap") && Requirement.has("python3"), "needs the programs bwrap and python3")

@Suite("An agent that attacks files", bwrapIsHere)
struct FileAttackTests {
    @Test("cannot read a secret that everybody outside may read", arguments: SandboxScene.Mode.available)
    func readSecret(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        try scene.folder.write("worktree/own", "mine")
        let seen = try await scene.shell("cat \(scene.secret) || true; cat own; ls -A \(scene.folder.path)")
        #expect(!seen.contains(SandboxScene.secretText))
        #expect(seen == "mineworktree")
    }

    @Test(
        "cannot write beside its worktree, to programs or to settings", arguments: SandboxScene.Mode.available
    )
    func writeOutside(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let seen = try await scene.shell(
            """
            # Beside the worktree there is nothing but the sandbox's own memory, if anything.
            (echo x > \(scene.folder.path)/new) 2>/dev/null
            for place in /new /usr/bin/new /usr/local/bin/new /etc/new /dev/new /run/new /home/new; do
                (echo x > $place) 2>/dev/null && echo "wrote $place"
            done
            (echo x >> /etc/passwd) 2>/dev/null && echo "wrote passwd"
            echo tree > new && echo home > ~/new && echo temporary > /tmp/new && \
            echo shared > /dev/shm/new && cat /tmp/new
            """)
        #expect(seen == "temporary")
        #expect(try scene.folder.read("worktree/new") == "tree\n")
        #expect(try scene.folder.read("home/new") == "home\n")
        #expect(!Files.exists(scene.folder.path("new")))
    }

    @Test("cannot get out through a symbolic link", arguments: SandboxScene.Mode.available)
    func symlinkOut(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        // One link lies there already, as in a hostile repository; the others the agent makes.
        try Files.makeLink(at: scene.worktree + "/planted", to: scene.secret)
        let seen = try await scene.shell(
            """
            ln -s \(scene.folder.path) folder; ln -s /proc/1/root/\(scene.secret) through; \
            echo inside > target; ln -s target link
            cat planted folder/secret through 2>/dev/null
            (echo x > folder/new) 2>/dev/null
            cat link
            """)
        #expect(seen == "inside")
        #expect(!Files.exists(scene.folder.path("new")))
    }

    @Test(
        "cannot write a tree that is shown read-only, and writes its home",
        arguments: SandboxScene.Mode.available)
    func readOnlyTree(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        try scene.folder.write("worktree/file", "kept")
        try scene.own()
        let seen = try await scene.shell(
            """
            (echo x > file) 2>&1 | grep -o 'Read-only'; (echo x > new) 2>&1 | grep -o 'Read-only'
            rm -f file 2>/dev/null; chmod 777 file 2>/dev/null; echo home > ~/new; cat file
            """
        ) { $0.treeIsReadOnly = true }
        #expect(seen == "Read-only\nRead-only\nkept")
        #expect(try Files.list(scene.worktree) == ["file"])
        #expect(try scene.folder.read("home/new") == "home\n")
    }

    @Test("cannot write a toolchain, and runs it", arguments: SandboxScene.Mode.available)
    func toolchain(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let tool = try scene.folder.write("tools/bin/hello", "#!/bin/sh\necho hello\n", mode: 0o755)
        try scene.own(scene.folder.path("tools"))
        let seen = try await scene.shell(
            "\(tool); (echo x > \(tool)) 2>/dev/null || rm \(tool) 2>/dev/null || echo refused"
        ) {
            $0.readOnlyPaths = [scene.folder.path("tools")]
        }
        #expect(seen == "hello\nrefused")
    }

    @Test(
        "cannot set the kernel's core pattern or another of its switches",
        arguments: SandboxScene.Mode.available)
    func corePattern(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let before = try Files.readText("/proc/sys/kernel/core_pattern", bytesMax: 4096)
        let seen = try await scene.shell(
            """
            for file in kernel/core_pattern kernel/hostname vm/overcommit_memory net/ipv4/ip_forward; do
                (echo x > /proc/sys/$file) 2>/dev/null && echo "wrote $file"
            done
            (echo b > /proc/sysrq-trigger) 2>/dev/null
            umount /proc/sys 2>/dev/null && echo unmounted; mount -o remount,rw /proc/sys 2>/dev/null && \
            echo remounted
            cat /proc/sys/kernel/ostype
            """)
        #expect(seen == "Linux")
        #expect(try Files.readText("/proc/sys/kernel/core_pattern", bytesMax: 4096) == before)
    }

    @Test("sees none of the kernel's confidences", arguments: SandboxScene.Mode.available)
    func procMasks(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let present = SandboxPlan.procHidden.filter { Files.exists($0) }
        let seen = try await scene.shell(
            """
            for file in \(present.joined(separator: " ")); do head -c 1 $file 2>/dev/null; done; \
            ls /sys 2>/dev/null; head -c 9 /proc/self/status
            """
        )
        #expect(!present.isEmpty)
        #expect(seen == "Name:\thea")
    }

    @Test("cannot leave a set-user-id program behind", arguments: SandboxScene.Mode.available)
    func specialBits(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let seen = try await scene.python(
            """
            open('file', 'w').close()
            F = os.open('file', os.O_RDONLY)
            AT_FDCWD = -100 & 0xffffffffffffffff
            answers = []
            for bits in (0o4755, 0o2755, 0o6755, 0o4000):
                answers += [
                    attempt(lambda: os.chmod('file', bits)), attempt(lambda: os.fchmod(F, bits)),
                    attempt(lambda: os.chmod('file', bits, dir_fd=os.open('.', os.O_PATH))),
                    attempt(lambda: os.close(os.open('new', os.O_CREAT | os.O_WRONLY, bits))),
                    attempt(lambda: os.close(os.open('.', os.O_TMPFILE | os.O_WRONLY, bits))),
                    attempt(lambda: os.mknod('new', bits | 0o100000)),
                    str(call(\(try number("creat")), b'new', bits)),
                    str(call(\(try number("open")), b'new', os.O_CREAT | 2, bits)),
                ]
            print(sorted(set(answers)), os.path.exists('new'))
            # Its neighbours: plain modes, and flags without O_CREAT, where the mode is not read at all.
            os.chmod('file', 0o755); os.mknod('fifo', 0o10644)
            print(call(\(try number("open")), b'file', 0, 0o6755) > 2, \
            os.stat('file').st_mode & 0o7777 == 0o755)
            """)
        #expect(seen == "['EPERM'] False\nTrue True")
    }

    @Test("cannot make a device", arguments: SandboxScene.Mode.available)
    func devices(mode: SandboxScene.Mode) async throws {
        let seen = try await SandboxScene(mode).python(
            """
            print(attempt(lambda: os.mknod('disk', 0o60644, os.makedev(8, 0))), \
            attempt(lambda: os.mknod('fifo', 0o10644)))
            print(sorted(n for n in os.listdir('/dev') if not os.path.islink('/dev/' + n)))
            """)
        #expect(
            seen
                == "EPERM done\n['full', 'null', 'ptmx', 'pts', 'random', 'shm', 'tty', 'urandom', 'zero']"
                || seen == "EPERM done\n['full', 'null', 'pts', 'random', 'shm', 'tty', 'urandom', 'zero']")
    }

    @Test("cannot fill the machine's memory through /tmp", arguments: SandboxScene.Mode.available)
    func temporaryFolder(mode: SandboxScene.Mode) async throws {
        let seen = try await SandboxScene(mode).shell(
            """
            head -c 500000 /dev/zero > /tmp/small && echo small
            head -c 2000000 /dev/zero > /tmp/large 2>/dev/null || echo full
            stat -c %a /tmp
            """
        ) { $0.limits.temporaryBytesMax = 1 << 20 }
        #expect(seen == "small\nfull\n700")
    }

    @Test("cannot write a file beyond its limit, nor dump core", arguments: SandboxScene.Mode.available)
    func fileLimit(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let seen = try await scene.shell(
            """
            (head -c 2000000 /dev/zero > large) 2>/dev/null || echo stopped; \
            head -c 1000 /dev/zero > small && echo small; ulimit -c; ulimit -n
            """
        ) { $0.limits.fileBytesMax = 1 << 20 }
        #expect(seen == "stopped\nsmall\n0\n4096")
        #expect(try Files.status(of: scene.worktree + "/large").st_size == 1 << 20)
    }

    /// Where the host pipes dumps to a program of its own, the kernel heeds no limit but this one: 1
    /// (core(5)). That is the machine's to set, so it is the limit that is looked at, and what is left of a
    /// crash here.
    @Test(
        "a crash leaves no dump, and has none taken by the host's own program",
        arguments: SandboxScene.Mode.available)
    func coreDump(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let script = """
            import os, resource
            for limits in [None, (0, 0), (1 << 20, 1 << 20)]:
                if limits: resource.setrlimit(resource.RLIMIT_CORE, limits)
                pid = os.fork()
                if pid == 0: os.abort()
                status = os.waitpid(pid, 0)[1]
                print(resource.getrlimit(resource.RLIMIT_CORE), os.WTERMSIG(status), os.WCOREDUMP(status))
            print(os.listdir('.'))
            """
        let seen = try await scene.python(script)
        #expect(
            seen == "(1, 1) 6 False\n(1, 1) 6 False\n(1, 1) 6 False\n[]")
    }
}
