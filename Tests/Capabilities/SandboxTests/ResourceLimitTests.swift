import ChildProcess
import Fixtures
import Linux
import SandboxScene
import Testing
import Vocabulary

@testable import Sandbox

@Suite("What a sandbox uses of the machine", .timeLimit(.minutes(10)))
struct ResourceLimitTests {
    private static let mebibyte: UInt64 = 1 << 20

    private func run(
        _ mode: SandboxScene.Mode, _ script: String, _ change: (inout SandboxLimits) -> Void
    ) async throws -> SandboxOutput {
        let scene = try SandboxScene(mode)
        var profile = scene.profile(["/usr/bin/python3", "-I", "-c", script])
        change(&profile.limits)
        return try await scene.run(scene.plan(profile))
    }

    @Test(
        "is not charged for each process with what they share",
        arguments: SandboxScene.Mode.available.filter { $0 != .sessionUID })
    func sharedMemory(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let script = """
            import os, signal, sys
            b = bytearray(60 << 20)
            for _ in range(4):
                if os.fork() == 0: signal.pause()
            print("forked", flush=True)
            sys.stdin.read()
            os.kill(0, 9)
            """
        var profile = scene.profile(["/usr/bin/python3", "-I", "-c", script])
        profile.limits.resources.memoryBytesMax = 128 * Self.mebibyte
        let plan = try scene.plan(profile)
        let sandbox = try scene.launcher.start(plan, stdin: .pipe, stdout: .pipe, stderr: .null)
        let lines = LineStream(reading: try #require(sandbox.stdout), lineBytesMax: 100)
        #expect(try await lines.next()?.text == "forked")
        let watch = ResourceWatch(sandbox.child, limits: plan.limits, folders: [], countsMemory: true)
        #expect(watch.look() == nil)
        // Together they hold more than the limit if what is shared is counted five times.
        var limits = plan.limits
        limits.resources.memoryBytesMax = 50 * Self.mebibyte
        let strict = ResourceWatch(sandbox.child, limits: limits, folders: [], countsMemory: true)
        #expect(strict.look() == .memory(bytesMax: 50 * Self.mebibyte))
        sandbox.stdin?.close()
        _ = await sandbox.wait()
        #expect(sandbox.excess == nil)
    }

    @Test("is ended for files that it deletes and keeps open", arguments: SandboxScene.Mode.available)
    func deletedFiles(mode: SandboxScene.Mode) async throws {
        let output = try await run(
            mode,
            """
            import os, time
            f = open("hidden", "wb")
            os.unlink("hidden")
            while True:
                f.write(b"x" * (1 << 20)); f.flush()
                time.sleep(0.01)
            """
        ) { $0.resources.diskBytesMax = 16 * Self.mebibyte }
        #expect(output.excess == .disk(bytesMax: 16 * Self.mebibyte))
    }

    @Test("is ended for what it writes into a folder that it shuts", arguments: SandboxScene.Mode.available)
    func shutFolder(mode: SandboxScene.Mode) async throws {
        let output = try await run(
            mode,
            """
            import os, time
            os.mkdir("shut")
            f = open("shut/file", "wb")
            os.chmod("shut", 0)
            while True:
                f.write(b"x" * (1 << 20)); f.flush()
                time.sleep(0.01)
            """
        ) { $0.resources.diskBytesMax = 16 * Self.mebibyte }
        #expect(output.excess == .disk(bytesMax: 16 * Self.mebibyte))
    }

    @Test(
        "is ended for empty files without end in memory", arguments: SandboxScene.Mode.available,
        ["/tmp", "/dev/shm"])
    func temporaryFiles(mode: SandboxScene.Mode, folder: String) async throws {
        let output = try await run(
            mode,
            """
            import itertools, os, time
            for n in itertools.count():
                for m in range(100): os.close(os.open(f"\(folder)/{n}.{m}", os.O_CREAT))
                time.sleep(0.01)
            """
        ) { $0.temporaryFilesMax = 500 }
        #expect(output.excess == .temporaryFiles(folder: folder, max: 500))
    }

    @Test(
        "has no more processes than it may, by its control group alone",
        .enabled(if: groupsAreHere, groupsMissing))
    func processes() async throws {
        let scene = try SandboxScene(.sessionUID)
        let script = """
            import os, signal
            made = 0
            try:
                while made < 200:
                    if os.fork() == 0: signal.pause()
                    made += 1
            except OSError as e: print(e.errno, made, flush=True)
            """
        var profile = scene.profile(["/usr/bin/python3", "-I", "-c", script])
        profile.limits.resources.processesMax = 30
        var plan = try scene.plan(profile)
        let at = try #require(plan.command.firstIndex(of: "--processes"))
        plan.command.removeSubrange(at...(at + 1))
        let words = try await scene.run(plan).stdoutText.split(whereSeparator: \.isWhitespace).map(
            String.init)
        #expect(words.first == "11")
        #expect(words.last.flatMap { Int($0) }.map { (20...34).contains($0) } == true, "\(words)")
    }

    @Test("is gone with its control groups when it ends", .enabled(if: groupsAreHere, groupsMissing))
    func noGroupsLeft() async throws {
        let scene = try SandboxScene(.sessionUID)
        let plan = try scene.plan(scene.profile(["cat"]))
        let sandbox = try scene.launcher.start(plan, stdin: .pipe)
        #expect(sandbox.means != .watchdog)
        let group = try #require(sandbox.group)
        try await wait(until: { try group.members().count >= 2 })
        sandbox.stdin?.close()
        #expect(await sandbox.wait() == .exited(0))
        #expect(group.paths.allSatisfy { !Files.exists($0) })
    }

    @Test(
        "does not begin where control groups are asked for and there are none",
        arguments: SandboxScene.Mode.available)
    func required(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let launcher = SandboxLauncher(
            tools: scene.launcher.tools,
            findGroups: { () throws(ControlGroups.Absence) in
                throw ControlGroups.Absence(description: "no cgroup file system is mounted")
            })
        var profile = scene.profile(["touch", "ran"])
        profile.limits.resources.requiresGroups = true
        let plan = try scene.plan(profile)
        #expect(throws: SandboxError.noControlGroups(reason: "no cgroup file system is mounted")) {
            try launcher.start(plan)
        }
        profile.limits.resources.requiresGroups = false
        let weaker = try launcher.start(scene.plan(profile))
        #expect(weaker.means == .watchdog)
        #expect(await weaker.wait() == .exited(0))
        #expect(Files.exists(scene.folder.path("worktree/ran")))
    }
}

private let groupsMissing: Comment = "control groups can be made by root only, where they are mounted"
private let groupsAreHere =
    SystemIdentity.isRoot && (try? ControlGroups.find(name: SandboxLauncher.groupFolder)) != nil
