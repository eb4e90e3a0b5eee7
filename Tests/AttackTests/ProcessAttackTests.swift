import ChildProcess
import Fixtures
import Linux
import Sandbox
import SandboxScene
import Testing
import Vocabulary

@Suite("An agent that attacks processes", bwrapIsHere, .timeLimit(.minutes(10)))
struct ProcessAttackTests {
    @Test(
        "finds no secret in the environment it or process 1 was started with",
        arguments: SandboxScene.Mode.available)
    func environment(mode: SandboxScene.Mode) async throws {
        // What stands in front of sandbox-init has a secret in its environment, as a careless server might.
        let scene = try SandboxScene(mode, wrapper: ["env", "SECRET_KEY=\(SandboxScene.secretText)"])
        let seen = try await scene.shell(
            """
            cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -c '\(SandboxScene.secretText)'; \
            tr '\\0' '\\n' < /proc/1/environ; env | sort
            """
        ) { $0.environment = ["DECLARED": "yes"] }
        #expect(
            seen == """
                0
                DECLARED=yes
                GIT_CONFIG_NOSYSTEM=1
                GIT_TERMINAL_PROMPT=0
                HOME=/home/agent
                LANG=C.UTF-8
                LOGNAME=agent
                PATH=/usr/local/bin:/usr/bin:/bin
                PWD=\(scene.worktree)
                PYTHONDONTWRITEBYTECODE=1
                TERM=dumb
                TMPDIR=/tmp
                USER=agent
                """)
    }

    @Test("inherits no descriptor that somebody left open", arguments: SandboxScene.Mode.available)
    func inheritedDescriptor(mode: SandboxScene.Mode) async throws {
        let outer = try TemporaryFolder(reachable: true)
        let secret = try outer.write("secret", SandboxScene.secretText)
        let leak = try outer.write("leak", "#!/bin/sh\nexec 8<\(secret) 9</ \"$@\"\n", mode: 0o755)
        let scene = try SandboxScene(mode, wrapper: [leak])
        let seen = try await scene.python(
            """
            print(sorted(int(n) for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + \
            n)))\n
            """
                + "print(attempt(lambda: os.read(8, 100)), attempt(lambda: os.fchdir(9)))")
        #expect(seen == "[0, 1, 2]\nEBADF EBADF")
    }

    @Test("sees no process but its own, and cannot signal another", arguments: SandboxScene.Mode.available)
    func otherProcesses(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let seen = try await scene.python(
            """
            pids = sorted(int(n) for n in os.listdir('/proc') if n.isdigit())
            print(len(pids) <= 3, pids[0], attempt(lambda: os.kill(\(SystemIdentity.pid), 0)))
            child = os.fork()
            if child == 0:
                import time; time.sleep(1000)
            os.kill(child, 15); print(os.waitpid(child, 0)[1])
            """)
        #expect(seen == "True 1 ESRCH\n15")
    }

    @Test(
        "has no terminal to type into, and cannot inject into one it makes",
        arguments: SandboxScene.Mode.available)
    func terminal(mode: SandboxScene.Mode) async throws {
        let seen = try await SandboxScene(mode).python(
            """
            import pty, struct
            print(attempt(lambda: os.open('/dev/tty', os.O_RDWR)))
            master, slave = pty.openpty()
            high = 1 << 32
            for request in (0x5412, 0x541C, 0x5423):
                print(call(\(try number("ioctl")), slave, request, b'x'),
                    call(\(try number("ioctl")), slave, request | high, b'x'))
            print(call(\(try number("ioctl")), slave, 0x5414, struct.pack('HHHH', 24, 80, 0, 0)))
            print(os.get_terminal_size(slave).columns)
            """)
        #expect(seen == "ENXIO\nEPERM EPERM\nEPERM EPERM\nEPERM EPERM\n0\n80")
    }

    @Test(
        "cannot have more processes than its limit, and the host still can",
        arguments: SandboxScene.Mode.available)
    func forkBomb(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let seen = try await scene.python(
            """
            import time
            made = 0
            try:
                while made < 500:
                    if os.fork() == 0:
                        time.sleep(1000)
                    made += 1
                print("no limit")
            except BlockingIOError:
                print("limited", 20 <= made < 40)
            """
        ) { $0.limits.resources.processesMax = 40 }
        #expect(seen == "limited True")
    }

    @Test("leaves no process behind that goes on writing", arguments: SandboxScene.Mode.available)
    func leftovers(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        // A daemon in a session of its own that ignores every signal it can.
        // Nice, so that those who look at it get their turn.
        let seen = try await scene.shell(
            """
            renice -n 19 $$ > /dev/null
            setsid sh -c 'trap "" TERM HUP INT; echo $$ > started; while :; do echo x > beat; \
            done' >/dev/null 2>&1 &
            # And many more, so that taking them down takes long enough to be seen.
            for i in $(seq 300); do sleep 1000 & done
            while [ ! -s beat ]; do :; done; echo ended
            """)
        #expect(seen == "ended")
        // The sandbox has ended, so nobody holds or changes the file any more.
        #expect(try scene.processesInside() == [])
    }

    @Test("dies with whoever started it, even by kill -9", arguments: SandboxScene.Mode.available)
    func diesWithParent(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let child = try scene.start(
            scene.profile(["sh", "-c", "renice -n 19 $$ > beat; echo up; while :; do echo x > beat; done"]))
        let lines = LineStream(reading: try #require(child.stdout), lineBytesMax: 100)
        #expect(try await lines.next()?.text == "up")
        #expect(try scene.processesInside() != [])
        child.signal(9)
        #expect(await child.wait() == .signalled(9))
        // The last end of the pipe closes when the last process inside is gone.
        #expect(try await lines.next() == nil)
        try await scene.waitUntilNobodyIsInside()
    }

    @Test(
        "can clean up when it is asked to end, and is killed when it does not",
        arguments: SandboxScene.Mode.available)
    func ending(mode: SandboxScene.Mode) async throws {
        let polite = try SandboxScene(mode)
        let child = try polite.start(
            polite.profile([
                "sh", "-c", "trap 'echo tidy > tidied; exit 5' TERM; echo up; while :; do sleep 0.01; done",
            ]))
        let lines = LineStream(reading: try #require(child.stdout), lineBytesMax: 100)
        #expect(try await lines.next()?.text == "up")
        child.signalGroup(15)
        #expect(await child.wait() == .exited(5))
        #expect(try polite.folder.read("worktree/tidied") == "tidy\n")

        let stubborn = try SandboxScene(mode)
        let second = try stubborn.start(
            stubborn.profile(["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.01; done"]))
        let more = LineStream(reading: try #require(second.stdout), lineBytesMax: 100)
        #expect(try await more.next()?.text == "up")
        second.signalGroup(15)
        #expect(await second.wait() == .exited(128 + 9))
        #expect(try stubborn.processesInside() == [])
    }

    /// The candidate is read as soon as the launcher has ended.
    @Test(
        "is gone to the last process when the hard end is reported, however many write",
        arguments: SandboxScene.Mode.available)
    func hardEnd(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let child = try scene.start(
            scene.profile([
                "sh", "-c",
                """
                trap '' TERM HUP INT; renice -n 19 $$ > beat
                for i in $(seq 24); do
                    setsid sh -c "trap '' TERM; while :; do echo x > beat.$i; done" &
                done
                echo up; wait
                """,
            ]))
        let lines = LineStream(reading: try #require(child.stdout), lineBytesMax: 100)
        #expect(try await lines.next()?.text == "up")
        #expect(try scene.processesInside() != [])
        child.signal(SandboxLauncher.killSignal)
        #expect(await child.wait() == .exited(128 + 9))
        #expect(try scene.processesInside() == [])
    }

    @Test(
        "keeps the values of its environment out of every argument others can read",
        arguments: SandboxScene.Mode.available)
    func arguments(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        var profile = scene.profile(["sh", "-c", "echo $PLACEHOLDER; read line"])
        profile.environment = ["PLACEHOLDER": "value-of-placeholder"]
        let child = try scene.start(profile)
        let lines = LineStream(reading: try #require(child.stdout), lineBytesMax: 100)
        #expect(try await lines.next()?.text == "value-of-placeholder")
        for name in try Files.list("/proc") where Int32(name) != nil {
            let line = (try? Files.readText("/proc/\(name)/cmdline", bytesMax: 1 << 20)) ?? ""
            #expect(!line.contains("value-of-placeholder"), "process \(name)")
        }
        child.stdin?.close()
        _ = await child.wait()
    }
}

extension SandboxScene {
    /// The processes of this host that live in a sandbox of this scene: its folder is among their mounts.
    func processesInside() throws -> [String] {
        try Files.list("/proc").filter { name in
            guard Int32(name) != nil,
                let mounts = try? Files.readText("/proc/\(name)/mountinfo", bytesMax: 1 << 20)
            else { return false }  // Gone by now, or not ours to look at and so not from here.
            return mounts.contains(folder.path)
        }
    }

    /// Waits for a fact that needs no more than the kernel to come true.
    func waitUntilNobodyIsInside() async throws {
        try await wait { try processesInside().isEmpty }
    }
}
