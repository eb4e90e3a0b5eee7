import Fixtures
import Foundation
import Testing

/// Each ends in one sentence that names the thing, the next step, and the right exit code; nothing is half
/// made.
@Suite("Bad input", .serialized)
struct BadInputStories {
    @Test("a folder that is no repository")
    func noRepository() async throws {
        try await withWorld { world in
            let result = try await world.run(["run", "x", "--plain"], in: world.folder.path("home"))
            #expect(result.code == 2, "\(result)")
            #expect(result.stderr.contains("\(world.folder.path("home")) is not inside a git repository."))
            #expect(result.stderr.contains("git init"))
        }
    }

    @Test("a repository without a commit: an unborn branch")
    func emptyRepository() async throws {
        try await withWorld { world in
            let empty = try await TestRepository(in: world.folder, named: "empty")
            let result = try await world.run(["run", "x"], in: empty.path)
            #expect(result.code == 2, "\(result)")
            #expect(result.stderr.contains("has no commit yet"))
        }
    }

    @Test("a detached HEAD needs a branch to land on, and has one with --into")
    func detachedHead() async throws {
        try await withWorld { world in
            _ = try await world.repository.git("checkout", "--detach", "HEAD")
            let script = try world.script(RehearsalScripts.oneTask)
            let result = try await world.run("run", "x", "--rehearse", script)
            #expect(result.code == 2, "\(result)")
            #expect(result.stderr.contains("detached") && result.stderr.contains("--into BRANCH"))
            let named = try await world.run("run", "x", "--rehearse", script, "--into", "main")
            #expect(named.code == 0, "\(named)")
        }
    }

    @Test("a branch where the agents' branches need a folder, before a model is asked for a plan")
    func nameTaken() async throws {
        try await withWorld { world in
            _ = try await world.repository.git("branch", "graftwork")
            let script = try world.script(RehearsalScripts.oneTask)
            let result = try await world.run("run", "x", "--rehearse", script)
            #expect(result.code == 2, "\(result)")
            #expect(result.stderr.contains("The branch graftwork is in the way"), "\(result)")
            #expect(result.stderr.contains("git branch -m graftwork OTHER"))
            #expect(try WorktreeStories.json(try await world.run("status", "--json")).isEmpty)
            _ = try await world.repository.git("branch", "-m", "graftwork", "other")
            #expect(try await world.rehearse(script).code == 0)
        }
    }

    @Test("a branch that does not exist")
    func unknownBranch() async throws {
        try await withWorld { world in
            let result = try await world.run("run", "x", "--into", "nowhere")
            #expect(result.code == 2, "\(result)")
            #expect(result.stderr.contains("nowhere"))
        }
    }

    @Test(
        "one vendor only: held before anything is spent, or reviewed by the same vendor when a person says so"
    )
    func oneVendor() async throws {
        let one = """
            version: 1
            agents:
              builder: { harness: graftwork, upstream: anthropic, model: claude-sonnet-4-5 }

            """
        try await withWorld(configuration: one) { world in
            let script = try world.script(RehearsalScripts.oneTask)
            let held = try await world.rehearse(script)
            #expect(held.code == 3, "\(held)")
            #expect(held.stderr.contains("anthropic"))
            let accepted = try await world.rehearse(script, goal: "Add mul", "--same-vendor")
            #expect(accepted.code == 0, "\(accepted)")
            #expect(
                try await world.repository.git("log", "-1", "--format=%B").contains(
                    "Graftwork-Review: same-vendor"))
        }
    }

    @Test("no configuration and no key: says what is missing and proposes nothing that cannot work")
    func noConfiguration() async throws {
        try await withWorld(configuration: nil) { world in
            let result = try await world.run("run", "x")
            #expect(result.code == 1, "\(result)")
            #expect(result.stderr.contains("ANTHROPIC_API_KEY"))
        }
    }

    @Test("a harness that is not installed")
    func missingHarness() async throws {
        let configuration = """
            version: 1
            agents:
              writer: { harness: claude }
              other: { harness: codex }

            """
        try await withWorld(configuration: configuration) { world in
            let result = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(result.code == 1, "\(result)")
            #expect(result.stderr.contains("claude, which is not installed"))
        }
    }

    @Test(
        "a harness that crashes, and one that prints garbage: tried again, then held with its words",
        arguments: [
            ["/bin/false"], ["/bin/sh", "-c", "while :; do echo '}garbage{'; done"],
        ])
    func brokenHarness(command: [String]) async throws {
        let argv = command.map { "\"\($0.replacingOccurrences(of: "\"", with: "\\\""))\"" }.joined(
            separator: ", ")
        let configuration = """
            version: 1
            agents:
              planner: { harness: graftwork, upstream: anthropic, model: claude-sonnet-4-5 }
              builder: { harness: acp, upstream: openai, command: [\(argv)] }
              second: { harness: acp, upstream: openai, command: [\(argv)] }

            """
        try await withWorld(configuration: configuration) { world in
            let result = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(result.code == 1 || result.code == 3, "\(result)")
            #expect(result.text.contains("The author of task mul failed"))
            let base = try await world.repository.git("rev-list", "--count", "main")
            #expect(base == "1")
        }
    }

    @Test(
        "a plan that is no JSON, and one whose tasks wait for each other",
        arguments: [
            """
            version: 1
            scenes:
              - match: { role: planner }
                steps: [{ final: I would rather not. }]

            """,
            RehearsalScripts.plan(["mul", "sub"], dependsOn: ["mul": "sub", "sub": "mul"]),
        ])
    func badPlan(script: String) async throws {
        try await withWorld { world in
            let result = try await world.rehearse(try world.script(script))
            #expect(result.code == 1, "\(result)")
            #expect(result.text.contains("plan"))
            #expect(try await world.repository.git("for-each-ref", "refs/heads/graftwork").isEmpty)
        }
    }

    @Test("a workflow nobody has, with the names of those there are")
    func unknownWorkflow() async throws {
        try await withWorld { world in
            let result = try await world.run("run", "x", "--workflow", "featur")
            #expect(result.code == 2, "\(result)")
            #expect(result.stderr.contains("Did you mean \"feature\"?"))
        }
    }

    @Test("broken YAML, by file, line and column")
    func brokenYAML() async throws {
        try await withWorld(configuration: "version: 1\nagents:\n  builder: { harnes: claude }\n") { world in
            let result = try await world.run("run", "x")
            #expect(result.code == 1, "\(result)")
            #expect(result.stderr.contains("config.yaml:3:14: "))
            #expect(result.stderr.contains("Did you mean \"harness\"?"))
        }
    }

    @Test("no checks to be found: held, with how to state them")
    func noChecks() async throws {
        try await withWorld(files: ["README": "text\n"]) { world in
            let result = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(result.code == 3, "\(result)")
            #expect(result.stderr.contains("No checks were found"))
            #expect(result.stderr.contains(".graftwork/config.yaml"))
        }
    }

    @Test("a second server of the same user")
    func secondServer() async throws {
        try await withWorld { world in
            #expect(try await world.run("status").code == 0)
            let result = try await world.run("serve")
            #expect(result.code == 1, "\(result)")
            #expect(result.stderr.contains("Another server of this user is running"))
        }
    }

    @Test("no bubblewrap on the machine", .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func noBwrap() async throws {
        try await withWorld { world in
            let hide = "mount --bind /dev/null /usr/bin/bwrap; exec \"$@\""
            let result = try await world.run(
                ["run", "x", "--rehearse", try world.script(RehearsalScripts.oneTask)],
                prefix: ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", hide, "sh"])
            #expect(result.code == 1, "\(result)")
            #expect(result.stderr.contains("bwrap is not installed"))
            #expect(result.stderr.contains("apt-get install bubblewrap"))
        }
    }

    @Test("user namespaces switched off", .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func noUserNamespaces() async throws {
        try await withWorld { world in
            // Counts for the namespace it is set in and what is made below it; the machine's own stays as it
            // is.
            let forbid = "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\""
            let result = try await world.run(
                ["run", "x", "--rehearse", try world.script(RehearsalScripts.oneTask)],
                prefix: ["/usr/bin/unshare", "--user", "--map-root-user", "/bin/sh", "-c", forbid, "sh"])
            #expect(result.code == 1, "\(result)")
            #expect(result.stderr.contains("user namespaces"))
        }
    }

    @Test(
        "a full disk: nothing begins without a place to write, and all is well when there is room",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func fullDisk() async throws {
        try await withWorld { world in
            let state = world.folder.path("state")
            try await world.mountSmallDisk(at: state, bytes: 24 << 20)
            do {
                let script = try world.script(RehearsalScripts.oneTask)
                try world.fillDisk(at: state)
                let unready = try await world.rehearse(script)
                #expect(unready.code == 1, "\(unready)")
                #expect(unready.stderr.contains("\(state)/graftwork"), "\(unready)")
                try world.emptyDisk(at: state)
                #expect(try await world.run("plan", "Add mul", "--rehearse", script).code == 0)
                try world.fillDisk(at: state)
                let full = try await world.rehearse(script)
                #expect(full.code == 1, "\(full)")
                #expect(
                    full.stderr.contains("No space left on device")
                        || full.stderr.contains("the disk is full"), "\(full)")
                #expect(try await world.repository.git("for-each-ref", "refs/heads/graftwork").isEmpty)
                try world.emptyDisk(at: state)
                let landed = try await world.rehearse(script)
                #expect(landed.code == 0, "\(landed)")
            } catch {
                try await world.unmount(state)
                throw error
            }
            try await world.unmount(state)
        }
    }

    @Test(
        "a full disk under a snapshot: the task is held, its files stay, and it lands when there is room",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func fullDiskAtSnapshot() async throws {
        let large = """
              - match: { role: author, task: mul }
                steps:
                  - shell: "head -c 12000000 /dev/urandom > large.bin"
                  - final: Written.

            """
        try await withWorld { world in
            let objects = world.folder.path("repository/.git/objects")
            try await world.mountSmallDisk(at: objects, bytes: 6 << 20, keepingFiles: true)
            do {
                let script = try world.script(
                    RehearsalScripts.plan(["mul"]) + large + RehearsalScripts.approve)
                let held = try await world.rehearse(script)
                #expect(held.code == 1 || held.code == 3, "\(held)")
                #expect(held.text.contains("no space left on the disk"), "\(held)")
                let path = try await world.run("worktree", "open")
                let kept = path.stdout.trimmingCharacters(in: .whitespacesAndNewlines) + "/large.bin"
                #expect(FileManager.default.fileExists(atPath: kept), "\(path)")
                try await world.resizeDisk(at: objects, bytes: 64 << 20)
                #expect(try await world.run("resume").code == 0)
                let landed = try await world.run("watch")
                #expect(landed.code == 0, "\(landed)")
            } catch {
                try await world.unmount(objects)
                throw error
            }
            try await world.unmount(objects)
        }
    }

    @Test(
        "a full disk at `worktree rm`: nothing is removed that cannot be saved first",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func fullDiskAtRemoval() async throws {
        let policy = """
            version: 1
            policies:
              - { name: no, on: [land], when: 'true', then: deny, reason: Not today. }

            """
        let files = ProductWorld.sample.merging([".graftwork/policies/no.yaml": policy]) { $1 }
        try await withWorld(files: files) { world in
            let objects = world.folder.path("repository/.git/objects")
            try await world.mountSmallDisk(at: objects, bytes: 16 << 20, keepingFiles: true)
            do {
                let held = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
                #expect(held.code == 4, "\(held)")
                let opened = try await world.run("worktree", "open", "mul")
                let path = try #require(opened.lines.first)
                let name = try #require(
                    path.split(separator: "/").last?.replacingOccurrences(of: ".", with: "/"))
                try "by hand\n".write(toFile: "\(path)/note", atomically: true, encoding: .utf8)
                let before = try await world.repository.git("for-each-ref")
                try world.fillDisk(at: objects)
                let full = try await world.run("worktree", "rm", name)
                #expect(full.code == 1, "\(full)")
                #expect(full.stderr.contains("no space left on the disk"), "\(full)")
                #expect(try String(contentsOfFile: "\(path)/note", encoding: .utf8) == "by hand\n")
                #expect(try await world.repository.git("for-each-ref") == before)
                #expect(try await world.run("worktree", "ls").stdout.contains(name))
                try world.emptyDisk(at: objects)
                let removed = try await world.run("worktree", "rm", name)
                #expect(removed.code == 0, "\(removed)")
                #expect(!FileManager.default.fileExists(atPath: path))
                let last = try #require(
                    try await world.repository.git(
                        "for-each-ref", "--sort=-refname", "--format=%(refname)", "refs/graftwork/snapshots"
                    ).split(separator: "\n").first)
                #expect(try await world.repository.git("show", "\(last):note") == "by hand")
            } catch {
                try await world.unmount(objects)
                throw error
            }
            try await world.unmount(objects)
        }
    }
}
