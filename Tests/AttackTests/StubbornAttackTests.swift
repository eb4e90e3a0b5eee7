import ChildProcess
import Fixtures
import Glibc
import Linux
import Sandbox
import SandboxScene
import Testing

@Suite("An agent that will not end, or says too much", bwrapIsHere, .timeLimit(.minutes(10)))
struct StubbornAttackTests {
    private func firstLine(of child: RunningChild) async throws -> String? {
        try await LineStream(reading: try #require(child.stdout), lineBytesMax: 100).next()?.text
    }

    @Test(
        "stops itself and everything around it, and is ended all the same",
        arguments: SandboxScene.Mode.available)
    func stopped(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let child = try scene.start(
            scene.profile([
                "sh", "-c", "sleep 1000000 & echo up; kill -STOP -1; kill -STOP $$; echo never",
            ]))
        #expect(try await firstLine(of: child) == "up")
        child.signal(SandboxLauncher.killSignal)
        #expect(await child.wait() == .exited(128 + 9))
        #expect(try scene.processesInside() == [])
        // Its neighbour: a program may stop another and let it go on.
        #expect(
            try await scene.shell("sleep 1000 & kill -STOP $! && kill -CONT $! && kill $! && echo tidy")
                == "tidy")
    }

    @Test("a program outside that ignores signals lives on: it is the sandbox that ends it")
    func unboxed() async throws {
        let child = try Child.spawn(
            ChildCommand(
                ["/bin/sh", "-c", "trap '' TERM HUP INT; echo up; while :; do read line || exit 7; done"],
                environment: [:]), stdin: .pipe, stdout: .pipe, stderr: .null)
        #expect(try await firstLine(of: child) == "up")
        child.signal(SIGTERM)
        child.stdin?.close()
        // Not the signal ended it, but its own input.
        #expect(await child.wait() == .exited(7))
    }

    @Test(
        "cannot kill or stop what watches over it; where that is not process 1, it could",
        arguments: SandboxScene.Mode.available)
    func killsItsWatcher(mode: SandboxScene.Mode) async throws {
        let script = "kill -KILL $PPID; kill -STOP $PPID; exec 1>&-; exit 7"
        #expect(try await SandboxScene(mode).run("sh", "-c", script).termination == .exited(7))
        let open = try SandboxScene(mode, sharing: [.firstProcess])
        #expect(try await open.run("sh", "-c", script).termination != .exited(7))
        #expect(try open.processesInside() == [])
    }

    @Test(
        "floods its output, which is kept up to a bound, and ends as it likes",
        arguments: SandboxScene.Mode.available)
    func flood(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let output = try await scene.run(
            "sh", "-c", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 5")
        #expect(output.termination == .exited(5))
        #expect(output.stdoutWasTruncated && output.stderrWasTruncated)
        #expect(output.stdout.count == 1 << 20 && output.stderr.count == 1 << 20)
        // With a higher bound all of it arrives: it is the bound that held it.
        let all = try await scene.run(
            scene.plan(scene.profile(["head", "-c", "3000000", "/dev/zero"])), outputBytesMax: 4 << 20)
        #expect(all.stdout.count == 3_000_000)
    }

    @Test(
        "sends a line without an end, which is cut, and the next line is read",
        arguments: SandboxScene.Mode.available)
    func endlessLine(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let child = try scene.start(
            scene.profile(["sh", "-c", "head -c 3000000 /dev/zero; echo; echo next"]))
        let lines = LineStream(reading: try #require(child.stdout), lineBytesMax: 1000)
        let first = try await lines.next()
        #expect(first?.wasTruncated == true)
        #expect(first?.text.utf8.count == 1000)
        #expect(try await lines.next() == Line(text: "next", wasTruncated: false))
        #expect(await child.wait() == .exited(0))
    }
}
