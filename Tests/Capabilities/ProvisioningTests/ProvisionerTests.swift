import ChildProcess
import Fixtures
import Glibc
import Linux
import Provisioning
import Sandbox
import Testing
import Vocabulary
import Workflows

@Suite("Set-up of a tree") struct ProvisionerTests {
    private static func script(_ lines: String...) -> WorktreeSetup {
        WorktreeSetup(commands: lines.map { .script($0) })
    }

    @Test("runs its commands in order, in a sandbox without a network, and tells their lines")
    func runs() async throws {
        let scene = try await SetupScene()
        let told = Told()
        let tree = try await scene.tree("one")
        let record = try await scene.setUp(
            tree,
            WorktreeSetup(
                commands: [
                    .argv(["mkdir", "made"]),
                    .script("echo working; echo $FLAVOUR > made/out; cat a.txt >> made/out"),
                    .script("wc -l < /proc/net/route > made/routes"),
                ], variables: [.init(name: "FLAVOUR", value: "salt")]), told)
        #expect(try scene.text(tree, "made/out") == "salt\none\n")
        // A heading, and no way to anywhere.
        #expect(try scene.text(tree, "made/routes") == "1\n")
        #expect(told.lines.contains("set-up: working"))
        #expect(record.wasReused == false && record.commands.count == 3)
        #expect(
            try Files.status(of: "\(tree.path)/made/out").st_uid == tree.uid ?? SystemIdentity.effectiveUID)
    }

    @Test("that fails says the command, its exit code and its last lines, and keeps nothing")
    func fails() async throws {
        let scene = try await SetupScene()
        let tree = try await scene.tree("one")
        await #expect(
            throws: SetupError.commandFailed(
                command: "echo out; echo err >&2; exit 3", ending: "failed with exit code 3",
                lastLines: ["out", "err"])
        ) { try await scene.setUp(tree, Self.script("echo out; echo err >&2; exit 3")) }
        #expect(try scene.outcomes() == [])
    }

    @Test("that fails says so though the home it had cannot be removed either")
    func failsTwice() async throws {
        let scene = try await SetupScene()
        let tree = try await scene.tree("one")
        let folder = Files.parent(of: scene.places.path(of: "x"))
        let before = Set(try scene.places.names())
        // What nobody may remove: a file that cannot change, or a folder that nothing may leave.
        func hold(_ holds: Bool) async throws {
            guard SystemIdentity.isRoot else { return try Files.changeMode(folder, holds ? 0o500 : 0o700) }
            for name in try scene.places.names() where !before.contains(name) {
                let changed = try await Child.run(
                    ChildCommand(
                        ["/usr/bin/chattr", holds ? "+i" : "-i", "\(folder)/\(name)/home"],
                        environment: [:]),
                    timeout: .seconds(60))
                #expect(changed.isSuccess, "\(changed.stderrText)")
            }
        }
        let (shared, told) = (scene.folder.path("shared"), Told())
        try Files.makeDirectory(shared, mode: 0o755)
        let command = "while [ ! -e \(shared)/go ]; do sleep 0.01; done; exit 3"
        let setup = WorktreeSetup(shares: [shared], commands: [.script(command)])
        let work = Task<SetupRecord, any Error> { try await scene.setUp(tree, setup, told) }
        try await wait { told.lines.contains { $0.contains("exit 3") } }
        try await hold(true)
        try scene.folder.write("shared/go", "")
        let result = await work.result
        try await hold(false)
        #expect(
            throws: SetupError.commandFailed(
                command: command, ending: "failed with exit code 3", lastLines: [])
        ) { try result.get() }
        #expect(told.lines.contains { $0.contains("its home was not removed") }, "\(told.lines)")
    }

    @Test("is reused for the same tree: what it made, changed and removed, with modes and links")
    func reused() async throws {
        let scene = try await SetupScene(files: ["a.txt": "one\n", "gone.txt": "", ".gitignore": "made/\n"])
        let setup = Self.script(
            "mkdir -p made/deep; echo x > made/deep/tool; chmod 750 made/deep/tool",
            "ln -s deep/tool made/link",
            "echo two >> a.txt; rm gone.txt")
        let first = try await scene.setUp(try await scene.tree("one"), setup)
        let told = Told()
        let tree = try await scene.tree("two")
        let second = try await scene.setUp(tree, setup, told)
        #expect(first.wasReused == false && second.wasReused)
        #expect(
            first.notes == ["Git does not ignore what it makes, which becomes part of every change: a.txt"])
        // The record says that it was reused, and nothing says it twice.
        #expect(told.lines == [])
        #expect(try scene.text(tree, "a.txt") == "one\ntwo\n")
        #expect(try Files.list(tree.path) == [".gitignore", "a.txt", "made"])
        #expect(try Files.linkTarget("\(tree.path)/made/link") == "deep/tool")
        let status = try Files.status(of: "\(tree.path)/made/deep/tool")
        #expect(status.st_mode & 0o777 == 0o750)
        #expect(status.st_uid == tree.uid ?? SystemIdentity.effectiveUID)
        // Written on, a copy leaves what is kept as it is.
        try Files.writeAtomically("\(tree.path)/made/deep/tool", text: "evil")
        let third = try await scene.tree("three")
        try await scene.setUp(third, setup)
        #expect(try scene.text(third, "made/deep/tool") == "x\n")
    }

    @Test("is not reused when a command, a variable or the tree is another")
    func otherKeys() async throws {
        let scene = try await SetupScene()
        var setup = Self.script("mkdir made; cp a.txt made/copy")
        try await scene.setUp(try await scene.tree("one"), setup)
        setup.variables = [.init(name: "A", value: "b")]
        #expect(try await scene.setUp(try await scene.tree("two"), setup).wasReused == false)
        setup.commands.append(.argv(["true"]))
        #expect(try await scene.setUp(try await scene.tree("three"), setup).wasReused == false)
        try scene.repository.write("a.txt", "changed\n")
        let other = ObjectID(try await scene.repository.commit("change"))
        let tree = try await scene.tree("four", of: other)
        #expect(try await scene.setUp(tree, setup).wasReused == false)
        #expect(try scene.text(tree, "made/copy") == "changed\n")
    }

    @Test("with setup-inputs, is reused until one of those files changes")
    func inputs() async throws {
        let scene = try await SetupScene(files: ["lock": "1\n", "src/a": "a\n", ".gitignore": "made\n"])
        var setup = Self.script("cp lock made")
        setup.inputs = ["lock"]
        try await scene.setUp(try await scene.tree("one"), setup)
        try scene.repository.write("src/a", "b\n")
        let second = ObjectID(try await scene.repository.commit("source"))
        #expect(try await scene.setUp(try await scene.tree("two", of: second), setup).wasReused)
        try scene.repository.write("lock", "2\n")
        let third = ObjectID(try await scene.repository.commit("lock"))
        #expect(try await scene.setUp(try await scene.tree("three", of: third), setup).wasReused == false)
        setup.inputs = ["no-such-file"]
        let record = try await scene.setUp(try await scene.tree("four", of: third), setup)
        #expect(record.notes == ["No file of the tree is named by setup-inputs"])
    }

    @Test("of another tree than the run's base says with setup-inputs only for that tree what came of it")
    func notOfTheBase() async throws {
        let scene = try await SetupScene(files: ["lock": "1\n", "generate": "echo good > made\n"])
        var setup = Self.script("sh ./generate")
        setup.inputs = ["lock"]
        try scene.repository.write("lock", "2\n")
        try scene.repository.write("generate", "echo evil > made\n")
        let candidate = ObjectID(try await scene.repository.commit("by an agent"))
        try await scene.setUp(try await scene.tree("one", of: candidate), setup)
        let again = try await scene.tree("two", of: candidate)
        #expect(try await scene.setUp(again, setup).wasReused)
        #expect(try scene.text(again, "made") == "evil\n")
        try scene.repository.write("generate", "echo good > made\n")
        let later = ObjectID(try await scene.repository.commit("the same lock file"))
        let tree = try await scene.tree("three", of: later)
        #expect(try await scene.setUp(tree, setup).wasReused == false)
        #expect(try scene.text(tree, "made") == "good\n")
    }

    @Test(
        "that changes or removes files of its tree is not kept with setup-inputs, and says so",
        arguments: ["echo set up > src", "rm src", "rm src; mkdir src; touch src/a", "rm -r deep"])
    func touchesTracked(_ line: String) async throws {
        let scene = try await SetupScene(files: ["lock": "1\n", "src": "a\n", "deep/src": "a\n"])
        var setup = Self.script("\(line); touch made")
        setup.inputs = ["lock"]
        let record = try await scene.setUp(try await scene.tree("one"), setup)
        let touched = line == "rm -r deep" ? "deep/src" : "src"
        #expect(
            record.notes == [
                "It is run again for each tree: it changes or removes the tracked file \(touched)"
            ])
        #expect(try scene.outcomes() == [])
    }

    @Test(
        "is run again in a tree that has files of its own where the outcome has some",
        arguments: ["made/file", "made", "made/file/below", ".env"])
    func neverReplaces(_ path: String) async throws {
        let scene = try await SetupScene(files: ["lock": "1\n", ".gitignore": "made\n.env\n"])
        try scene.repository.write(".env", "PORT=80\n")
        var setup = Self.script("rm -f .env; [ -e made ] || { mkdir made; echo base > made/file; }")
        setup.inputs = ["lock"]
        setup.copies = [.init(pattern: ".env", isRaw: false)]
        try await scene.setUp(try await scene.tree("one"), setup)
        #expect(try await scene.setUp(try await scene.tree("two"), setup).wasReused)
        try scene.repository.write(path, "its own\n")
        _ = try await scene.repository.git("add", "--force", path)
        let candidate = ObjectID(try await scene.repository.commit("by an agent"))
        let tree = try await scene.tree("three", of: candidate)
        #expect(try await scene.setUp(tree, setup).wasReused == false)
        if path != ".env" { #expect(try scene.text(tree, path) == "its own\n") }
    }

    @Test("whose outcome names its own folder or ports is run again for each tree, and says so")
    func boundToItsPlace() async throws {
        let scene = try await SetupScene()
        let path = Self.script("mkdir made; echo \"#!$PWD/made/python\" > made/pip")
        let first = try await scene.setUp(try await scene.tree("one"), path)
        #expect(
            first.notes == ["It is run again for each tree: made/pip holds the path of its own tree"])
        let tree = try await scene.tree("two")
        #expect(try await scene.setUp(tree, path).wasReused == false)
        #expect(try scene.text(tree, "made/pip") == "#!\(tree.path)/made/python\n")

        var ports = Self.script("mkdir made; echo \"port=$GRAFTWORK_PORT\" > made/conf")
        ports.ports = 1
        try await scene.setUp(try await scene.tree("three", firstPort: 21_000), ports)
        let other = try await scene.tree("four", firstPort: 21_001)
        #expect(try await scene.setUp(other, ports).wasReused == false)
        #expect(try scene.text(other, "made/conf") == "port=21001\n")
        // The same ports, the same outcome.
        #expect(try await scene.setUp(try await scene.tree("five", firstPort: 21_000), ports).wasReused)

        // A script that writes it down without naming it on the command line is found out.
        var hidden = Self.script("env | sed -n s/^GRAFTWORK_P[O]RT=//p > .env")
        hidden.ports = 1
        let record = try await scene.setUp(try await scene.tree("six", firstPort: 21_005), hidden)
        #expect(record.notes == ["It is run again for each tree: .env holds the port of its own tree"])
    }

    @Test("in a tree that is not fresh fills nothing")
    func notPristine() async throws {
        let scene = try await SetupScene()
        let setup = Self.script("mkdir -p made; echo x > made/file")
        var tree = try await scene.tree("one")
        tree.isPristine = false
        try Files.makeDirectory("\(tree.path)/made")
        try Files.writeAtomically("\(tree.path)/made/planted", text: "by an agent")
        if let uid = tree.uid { try Files.changeOwner(tree: tree.path, uid: uid, gid: uid) }
        try await scene.setUp(tree, setup)
        #expect(try scene.outcomes() == [])
        let fresh = try await scene.tree("two")
        #expect(try await scene.setUp(fresh, setup).wasReused == false)
        #expect(Files.exists("\(fresh.path)/made/planted") == false)
    }

    @Test("that a crash cut short while it was kept is made anew")
    func cutShort() async throws {
        let scene = try await SetupScene()
        let setup = Self.script("mkdir made; echo x > made/file")
        try await scene.setUp(try await scene.tree("one"), setup)
        let kept = try #require(try scene.outcomes().first)
        let place = scene.folder.path("state/setup/\(kept)")
        // As a server that was killed before the last step leaves it.
        try Files.makeDirectory(scene.folder.path("state/setup/drafts"))
        try Files.move(place, to: scene.folder.path("state/setup/drafts/half"))
        let next = try await scene.restarted().setUp(
            try await scene.tree("two"), as: setup, allowance: SandboxAllowance(), report: { _ in })
        #expect(next.wasReused == false)
        #expect(try scene.outcomes() == [kept])
        #expect(try Files.list(scene.folder.path("state/setup/drafts")) == [])
    }

    @Test("is kept a bounded number of times, the longest unused removed first")
    func bounded() async throws {
        let scene = try await SetupScene()
        for number in 0..<18 {
            try await scene.setUp(
                try await scene.tree("t\(number)"), Self.script("mkdir made; echo \(number) > made/file"))
        }
        #expect(try scene.outcomes().count == 16)
        let last = Self.script("mkdir made; echo 17 > made/file")
        #expect(try await scene.setUp(try await scene.tree("again"), last).wasReused)
        let first = Self.script("mkdir made; echo 0 > made/file")
        #expect(try await scene.setUp(try await scene.tree("gone"), first).wasReused == false)
    }

    @Test("refuses a shared path that is not there")
    func shares() async throws {
        let scene = try await SetupScene()
        let tree = try await scene.tree("one")
        await #expect(throws: SetupError.shareMissing(path: "/no/such/cache")) {
            try await scene.setUp(
                tree, WorktreeSetup(shares: ["/no/such/cache"], commands: [.argv(["true"])]))
        }
        let cache = try TemporaryFolder(reachable: true)
        try cache.write("package", "left-pad\n")
        try await scene.setUp(
            tree,
            WorktreeSetup(
                shares: [cache.path],
                commands: [.script("cp \(cache.path)/package a.txt; ! touch \(cache.path)/x 2>/dev/null")]))
        #expect(try scene.text(tree, "a.txt") == "left-pad\n")
    }
}
