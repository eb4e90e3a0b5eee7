import ChildProcess
import Fixtures
import Glibc
import Linux
import Sandbox
import SandboxScene
import Testing
import Vocabulary

@Suite("An agent whose worktree is an overlay", bwrapIsHere)
struct OverlayAttackTests {
    @Test(
        "cannot change a pristine file, whatever it does, and sees its own changes",
        arguments: SandboxScene.Mode.available)
    func pristineFiles(mode: SandboxScene.Mode) async throws {
        let overlay = try OverlayScene(
            mode,
            files: [
                "write": "1\n", "cut": "1\n", "mode": "1\n", "move": "1\n", "link": "1\n", "mark": "1\n",
                "map": "1\n",
                "time": "1\n", "gone": "1\n", "folder/in": "1\n",
            ])
        let before = try OverlayScene.inventory(of: overlay.layers.lower)
        let seen = try await overlay.python(
            """
            import mmap, shutil
            with open('write', 'a') as file: file.write('more')
            os.truncate('cut', 0); os.chmod('mode', 0o777); os.rename('move', 'moved')
            os.link('link', 'hard')
            with open('hard', 'a') as file: file.write('more')
            os.setxattr('mark', 'user.mine', b'x'); os.utime('time', (1, 1)); os.unlink('gone')
            with open('map', 'r+b') as file:
                view = mmap.mmap(file.fileno(), 0); view[0] = 50; view.flush()
            shutil.rmtree('folder'); os.mkdir('folder')
            F = os.open('write', os.O_RDONLY)
            print(attempt(lambda: os.fchmod(F, 0o600)), attempt(lambda: os.chown('write', 1000, 1000)))
            print(open('write').read().split(), os.stat('cut').st_size, oct(os.stat('mode').st_mode), \
            os.getxattr('mark', 'user.mine'), open('map').read().strip(), os.listdir('folder'), \
            sorted(os.listdir('.')))
            """)
        #expect(
            seen == """
                done done
                ['1', 'more'] 0 0o100777 b'x' 2 [] ['.git', 'cut', 'folder', 'hard', 'link', 'map', 'mark', \
                'mode', 'moved', 'time', 'write']
                """)
        #expect(try OverlayScene.inventory(of: overlay.layers.lower) == before)
        // A second look, as the next session has it, shows the same.
        #expect(try await overlay.shell("cat write; ls folder; ls gone 2>/dev/null; cat moved") == "1\nmore1")
    }

    @Test(
        "cannot reach the layers by another way, unmount them, or name them to the kernel",
        arguments: SandboxScene.Mode.available)
    func otherWays(mode: SandboxScene.Mode) async throws {
        let overlay = try OverlayScene(mode)
        let layers = overlay.layers
        let seen = try await overlay.python(
            """
            layers = ['\(layers.lower)', '\(layers.upper)', '\(layers.work)']
            for path in layers: print(attempt(lambda: os.listdir(path)))
            here = os.getcwd()
            table = open('/proc/self/mountinfo').read()
            print(any(path in table for path in layers))
            print(call(\(try number("umount2")), here.encode(), 2), \
            call(\(try number("mount")), b'none', here.encode(), 0, 32, 0), \
            call(\(try number("open_tree")), 0, here.encode(), 1))
            for name in ('user.overlay.opaque', 'user.overlay.redirect', 'user.overlay.metacopy'):
                print(attempt(lambda: os.setxattr('folder', name, b'y')) != 'done' or \
                os.listdir('folder') == ['b.txt'])
            print(attempt(lambda: os.mknod('a.txt2', 0o20000, 0)))
            print(attempt(lambda: os.rename('.git', 'other')), attempt(lambda: os.unlink('.git')))
            print(open('a.txt').read().strip())
            """)
        #expect(
            seen == """
                ENOENT
                ENOENT
                ENOENT
                False
                EPERM EPERM ENOSYS
                True
                True
                True
                EPERM
                EBUSY EBUSY
                one
                """)
        // A mark it could set did not come to count when the layers were mounted anew.
        #expect(try await overlay.shell("cat folder/b.txt a.txt") == "two\none")
    }

    @Test(
        "gains no right by the namespaces around its own: no capability, no other uid, no new namespace",
        arguments: SandboxScene.Mode.available)
    func namespaces(mode: SandboxScene.Mode) async throws {
        let overlay = try OverlayScene(mode)
        let seen = try await overlay.python(
            """
            status = open('/proc/self/status').read()
            print([line.split()[1] for line in status.split('\\n') \
            if line.startswith(('CapEff', 'NoNewPrivs'))])
            print(open('/proc/self/uid_map').read().split()[::2], os.getuid())
            print(call(\(try number("unshare")), 0x10000000), call(\(try number("unshare")), 0x20000))
            print(attempt(lambda: os.setuid(0)), attempt(lambda: os.listdir('/proc/1/root/')))
            print(attempt(lambda: os.chown('a.txt', 0, 0)))
            """)
        #expect(
            seen.split(separator: "\n").map(String.init) == [
                "['0000000000000000', '1']", "['1000', '1'] 1000", "EPERM EPERM", "EINVAL EACCES", "EINVAL",
            ])
    }

    @Test(
        "leaves no mount on the host, neither after its end nor while it runs",
        arguments: SandboxScene.Mode.available)
    func mounts(mode: SandboxScene.Mode) async throws {
        let overlay = try OverlayScene(mode)
        var profile = overlay.scene.profile(["sh", "-c", "echo ready; cat"])
        overlay.show(in: &profile)
        let child = try overlay.scene.start(profile)
        let stream = LineStream(reading: try #require(child.stdout), lineBytesMax: 100)
        #expect(try await stream.next()?.text == "ready")
        let table = try Files.readText("/proc/self/mountinfo", bytesMax: 4 << 20)
        #expect(!table.contains(overlay.scene.folder.path))
        #expect(try Files.list(overlay.scene.worktree) == [])
        child.stdin?.close()
        #expect(await child.wait() == .exited(0))
        #expect(try Files.list(overlay.layers.upper) == [".git"])
    }

    @Test("dies with its launcher like any other", arguments: SandboxScene.Mode.available)
    func killed(mode: SandboxScene.Mode) async throws {
        let overlay = try OverlayScene(mode)
        var profile = overlay.scene.profile(["sh", "-c", "echo ready; sleep 1000 & sleep 1000"])
        overlay.show(in: &profile)
        let child = try overlay.scene.start(profile)
        let stream = LineStream(reading: try #require(child.stdout), lineBytesMax: 100)
        #expect(try await stream.next()?.text == "ready")
        child.signal(SandboxLauncher.killSignal)
        #expect(await child.wait() == .exited(128 + SIGKILL))
        // Nobody is left in it, so the same layers can be mounted at once.
        #expect(try await overlay.shell("cat a.txt") == "one")
    }

    @Test(
        "is shown packs of the server's that only it can read, and cannot write them",
        arguments: SandboxScene.Mode.available)
    func sharedObjects(mode: SandboxScene.Mode) async throws {
        let overlay = try OverlayScene(mode)
        let packs = overlay.scene.folder.path("packs/base")
        try overlay.scene.folder.write("packs/base/pack/p.pack", "objects\n", mode: 0o400)
        try Files.changeMode(packs, 0o700)
        if mode == .ordinaryUser { try overlay.scene.own(overlay.scene.folder.path("packs")) }
        let before = try OverlayScene.inventory(of: packs)
        let seen = try await overlay.shell(
            """
            cat \(packs)/pack/p.pack
            for act in "rm -f" "chmod 777" "touch"; do
                $act \(packs)/pack/p.pack 2>/dev/null && echo "$act"
            done
            (echo x > \(packs)/new) 2>/dev/null && echo wrote
            stat -c '%u %a' \(packs)/pack/p.pack
            """
        ) { $0.sharedObjects = packs }
        #expect(seen == "objects\n1000 400")
        #expect(try OverlayScene.inventory(of: packs) == before)
    }

    @Test(
        "has its worktree whatever the names of its folders mean to mount options",
        arguments: SandboxScene.Mode.available)
    func oddNames(mode: SandboxScene.Mode) async throws {
        let overlay = try OverlayScene(mode, in: #"a,b:c\d=e f'g"#)
        #expect(try await overlay.shell("cat a.txt; echo x > new; ls") == "one\na.txt\nfolder\nnew")
        #expect(try Files.list(overlay.layers.upper) == [".git", "new"])
    }
}
