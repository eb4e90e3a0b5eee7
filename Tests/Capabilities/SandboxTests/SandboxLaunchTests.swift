import ChildProcess
import Fixtures
import Glibc
import Linux
import Sandbox
import SandboxScene
import Testing

@Suite("A sandbox", .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"))
struct SandboxLaunchTests {
    @Test("ends with the command's own exit code", arguments: [0, 1, 3, 126, 255])
    func exitCode(code: Int32) async throws {
        for mode in SandboxScene.Mode.available {
            let output = try await SandboxScene(mode).run("sh", "-c", "exit \(code)")
            #expect(output.termination == .exited(code), "\(mode): \(output.stderrText)")
        }
    }

    @Test("says with 128 + n that a signal ended the command", arguments: SandboxScene.Mode.available)
    func signalled(mode: SandboxScene.Mode) async throws {
        let output = try await SandboxScene(mode).run("sh", "-c", "kill -USR1 $$")
        #expect(output.termination == .exited(128 + 10))
    }

    @Test(
        "says in one sentence that the command is not there, or is no program",
        arguments: SandboxScene.Mode.available)
    func missingCommand(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let missing = try await scene.run("no-such-program")
        #expect(missing.termination == .exited(127))
        #expect(
            missing.stderrText
                == "sandbox-init: cannot execute 'no-such-program': No such file or directory.\n")
        try scene.folder.write("worktree/text", "not a program", mode: 0o644)
        let refused = try await scene.run("./text")
        #expect(refused.termination == .exited(126))
        #expect(refused.stderrText == "sandbox-init: cannot execute './text': Permission denied.\n")
    }

    @Test("passes input, output and error on, and all of them", arguments: SandboxScene.Mode.available)
    func streams(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let input = [UInt8](repeating: 0x61, count: 300_000)
        let output = try await scene.run(scene.profile(["sh", "-c", "cat; echo problem >&2"]), input: input)
        #expect(output.stdout == input)
        #expect(output.stderrText == "problem\n")
    }

    @Test(
        "shows the user, the home and the folder that a program expects",
        arguments: SandboxScene.Mode.available)
    func identity(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let seen = try await scene.shell(
            "id -un; id -u; id -gn; hostname; echo ~; pwd; getent hosts localhost | head -1")
        #expect(seen.hasPrefix("agent\n1000\nagent\nagent\n/home/agent\n\(scene.worktree)\n"))
        #expect(seen.hasSuffix("localhost") || seen.hasSuffix("localhost agent"))
    }

    @Test("gives files to the host's uid of the session", arguments: SandboxScene.Mode.available)
    func ownership(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        _ = try await scene.shell("echo made > made")
        #expect(try Files.read(scene.worktree + "/made", bytesMax: 10) == Array("made\n".utf8))
        #expect(try Files.status(of: scene.worktree + "/made").st_uid == scene.uid)
    }

    @Test(
        "works in a folder whose name has spaces, quotes and line breaks",
        arguments: SandboxScene.Mode.available)
    func oddNames(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let odd = scene.folder.path("a 'b' \"c\"\n$d --bind *")
        try Files.makeDirectory(odd, mode: 0o755)
        try scene.own(odd)
        let output = try await scene.shell("echo inside > file; pwd") { $0.worktree = odd }
        #expect(output == odd)
        #expect(try Files.readText(odd + "/file", bytesMax: 100) == "inside\n")
    }

    @Test("listens for the harness before the harness runs", arguments: SandboxScene.Mode.available)
    func relay(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let gateway = try EchoGateway(at: scene.folder.path("gateway.sock"), uid: scene.uid)
        // bash connects at once and never tries again.
        let output = try await scene.shell(
            "bash -c 'exec 3<>/dev/tcp/127.0.0.1/\(SandboxLauncher.relayPort); echo hello >&3; head -1 <&3'"
        ) { $0.gatewaySocket = gateway.path }
        #expect(output == "hello")
    }

    @Test(
        "carries many connections at once, and cuts them off when the gateway is gone",
        arguments: SandboxScene.Mode.available)
    func manyConnections(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let gateway = try EchoGateway(at: scene.folder.path("gateway.sock"), uid: scene.uid)
        // More than the relay carries at once: the rest waits its turn.
        let seen = try await scene.python(
            """
            first = [socket.create_connection(('127.0.0.1', \(SandboxLauncher.relayPort)), \
            600) for _ in range(300)]
            for c in first[:256]: c.sendall(b'x' * 1000)
            def read(c):
                got = b''
                while len(got) < 1000: got += c.recv(1000)
                return len(got)
            print(sum(read(c) for c in first[:256]))
            for c in first[:256]: c.close()
            for c in first[256:]: c.sendall(b'y' * 1000)
            print(sum(read(c) for c in first[256:]))
            """
        ) { $0.gatewaySocket = gateway.path }
        #expect(seen == "256000\n44000")
    }

    @Test(
        "resets a connection when nobody listens at the gateway's socket",
        arguments: SandboxScene.Mode.available)
    func goneGateway(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        // A plain file stands where the socket was.
        let path = try scene.folder.write("gateway.sock", "")
        let seen = try await scene.python(
            """
            # The reset may come before connect has returned.
            print(attempt(lambda: socket.create_connection(('127.0.0.1', \(SandboxLauncher.relayPort)), \
            20).recv(1)))
            """
        ) { $0.gatewaySocket = path }
        #expect(seen == "ECONNRESET")
    }
}
