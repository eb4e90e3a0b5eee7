import ChildProcess
import Fixtures
import Glibc
import Linux
import Testing

@Suite("`graftwork sandbox run`", .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"))
struct SandboxRunStories {
    @Test("passes input, both outputs and the exit code through, and leaves nothing behind")
    func passesThrough() async throws {
        let world = try await ProductWorld()
        let result = try await world.run(
            ["sandbox", "run", "--", "sh", "-c", "cat; echo problem >&2; touch left; exit 7"],
            input: Array("said\n".utf8))
        #expect(result.code == 7)
        #expect(result.stdout == "said\n")
        #expect(result.stderr == "problem\n")
        #expect(try Files.list(world.folder.path("state/graftwork/s")).isEmpty)
        try await world.end()
    }

    @Test("runs behind an agent's walls: nobody's home, no network, no secret, and a worktree to write in")
    func walls() async throws {
        let world = try await ProductWorld(variables: ["SECRET_KEY": "sk-1"])
        let secret = try world.folder.write("secret", "not for agents\n")
        let script = """
            env | grep -c SECRET_KEY; cat \(secret); ls /root /home/*; id -u; touch here && echo wrote
            python3 -c 'import socket; socket.create_connection(("192.0.2.1", 80))' 2>&1 | tail -1
            """
        let result = try await world.run(["sandbox", "run", "sh", "-c", script])
        #expect(
            result.stdout.hasPrefix("0\n/home/agent:\n") || result.stdout.hasPrefix("0\n1000\n"), "\(result)")
        #expect(result.stdout.contains("1000\nwrote\n"))
        #expect(result.stdout.contains("Network is unreachable"))
        #expect(!result.text.contains("not for agents"))
        try await world.end()
    }

    /// Runs a shell script inside, with standard output to read, and returns once it said that it is ready.
    private func ready(_ script: String, in world: ProductWorld) async throws -> (RunningChild, LineStream) {
        let child = try Child.spawn(
            ChildCommand(
                [try builtProduct(named: "graftwork"), "sandbox", "run", "--", "sh", "-c", script],
                environment: world.environment, workingDirectory: world.repository.path),
            stdin: .null, stdout: .pipe, stderr: .inherited)
        let lines = LineStream(reading: try #require(child.stdout), lineBytesMax: 1000)
        #expect(try await lines.next()?.text == "ready")
        return (child, lines)
    }

    @Test(
        "passes an interrupt and an end on to the command, whose answer counts",
        arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    func signals(number: Int32) async throws {
        let world = try await ProductWorld()
        let (polite, lines) = try await ready(
            "trap 'echo tidy; exit 9' INT TERM HUP QUIT; echo ready; while :; do sleep 0.01; done",
            in: world)
        polite.signal(number)
        #expect(try await lines.next()?.text == "tidy")
        #expect(await polite.wait() == .exited(9))
        let (plain, _) = try await ready("echo ready; exec sleep 1000000", in: world)
        plain.signal(number)
        #expect(await plain.wait() == .exited(128 + number))
        #expect(try Files.list(world.folder.path("state/graftwork/s")).isEmpty)
        try await world.end()
    }

    @Test("shows a folder and a tool that were named, and lets a reviewer write nothing")
    func shown() async throws {
        let world = try await ProductWorld()
        let tool = try world.folder.write("tools/hello", "#!/bin/sh\necho \"hello $NAME\"\n", mode: 0o755)
        let tree = world.folder.path("tree")
        try Files.makeDirectory(tree, mode: 0o777)
        try Files.changeMode(tree, 0o777)
        let shown = ["--worktree", tree, "--read", Files.parent(of: tool), "--env", "NAME=you"]
        let author = try await world.run(["sandbox", "run"] + shown + ["--", "sh", "-c", "\(tool) > made"])
        #expect(author.code == 0, "\(author)")
        #expect(try Files.readText("\(tree)/made", bytesMax: 100) == "hello you\n")
        let reviewer = try await world.run(
            ["sandbox", "run", "--profile", "reviewer"] + shown + ["--", "sh", "-c", "cat made; touch more"])
        #expect(reviewer.stdout == "hello you\n")
        #expect(reviewer.code == 1 && reviewer.stderr.contains("Read-only file system"), "\(reviewer)")
        try await world.end()
    }

    @Test("prints the plan: every mount, variable, limit and refused call, and runs nothing")
    func plan() async throws {
        let world = try await ProductWorld()
        let result = try await world.run("sandbox", "run", "--print-plan", "--profile", "check")
        #expect(result.code == 0)
        for line in [
            "  read-only   /usr", "  memory      /tmp, 268435456 bytes, mode 0700", "  sealed      /",
            "  HOME=/home/agent", "  core dumps 0 bytes, open files 4096",
            "  setns unshare: enters or makes namespaces", "  number 450 and above: ENOSYS",
        ] {
            #expect(result.lines.contains(line), "\(line) is missing in \(result.stdout)")
        }
        let json = try await world.run("sandbox", "run", "--print-plan", "--json")
        #expect(json.stdout.contains("\"killsForeignABIs\" : true"))
        try await world.end()
    }

    @Test(
        "says where there is no room left, and what to do, when the disk of the state is full",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func fullDisk() async throws {
        let world = try await ProductWorld()
        let state = world.folder.path("state/graftwork")
        try await world.mountSmallDisk(at: state, bytes: 1 << 20)
        do {
            try world.fillDisk(at: state)
            for command in [["sandbox", "run", "--", "true"], ["doctor"]] {
                let result = try await world.run(command)
                #expect(result.code == 1, "\(result)")
                #expect(result.text.contains("No space left on device"), "\(result)")
                #expect(result.text.contains("Free some space"), "\(result)")
                #expect(!result.text.contains("Please report"), "\(result)")
            }
        } catch {
            try await world.unmount(state)
            throw error
        }
        try await world.unmount(state)
    }

    @Test(
        "runs nothing where no sandbox can be proven, and says how to mend that",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func unproven() async throws {
        let world = try await ProductWorld()
        let forbid = "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\""
        let result = try await world.run(
            ["sandbox", "run", "--", "echo", "inside"],
            prefix: ["/usr/bin/unshare", "--user", "--map-root-user", "/bin/sh", "-c", forbid, "sh"])
        #expect(result.code == 1 && result.stdout == "", "\(result)")
        #expect(result.stderr.contains("user namespaces") && result.stderr.contains("next:"), "\(result)")
        try await world.end()
    }

    @Test(
        "says in one sentence what it cannot do",
        arguments: [
            (["sandbox", "run"], "`graftwork sandbox run` needs a command."),
            (["sandbox", "run", "--profile", "root", "--", "true"], "“root” is no profile"),
            (["sandbox", "run", "--worktree", "/nowhere", "--", "true"], "“/nowhere” cannot be shown"),
            (["sandbox", "run", "--read", "/etc", "--", "true"], "'/etc' cannot be shown in a sandbox"),
            (["sandbox", "run", "--env", "LD_PRELOAD=x", "--", "true"], "The variable LD_PRELOAD is never"),
            (["sandbox", "run", "--env", "NAME", "--", "true"], "“NAME” is no variable with a value"),
        ])
    func refused(arguments: [String], sentence: String) async throws {
        let world = try await ProductWorld()
        let result = try await world.run(arguments)
        #expect(result.code != 0)
        #expect(result.stderr.contains(sentence), "\(result)")
        try await world.end()
    }
}
