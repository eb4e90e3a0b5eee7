import Fixtures
import Glibc
import Linux
import Provisioning
import Testing
import Vocabulary
import Workflows
import Worktrees

@Suite("Copies of ignored files") struct CopyTests {
    private static let files = [
        "a.txt": "one\n", "src/main": "tracked\n",
        ".gitignore": ".env*\nlocal/\nnode_modules/\n*.pem\nconf.json\n",
    ]

    private func scene() async throws -> SetupScene {
        let scene = try await SetupScene(files: Self.files)
        try scene.repository.write(".env", "TOKEN=very-secret-value\nPORT=3000\n")
        try scene.repository.write("local/deep/data.txt", "data\n", mode: 0o755)
        try scene.repository.write("server.pem", "-----BEGIN\n")
        try scene.repository.write("conf.json", "{}\n")
        try scene.repository.write("node_modules/pkg/.env", "X=y\n")
        try scene.repository.write("untracked.txt", "not ignored\n")
        return scene
    }

    private func names(_ tree: SetupTree) throws -> [String] {
        try Files.list(tree.path).filter { $0 != ".gitignore" }
    }

    @Test(
        "go to the same places, with their modes; what looks like a secret becomes placeholders or stays out")
    func copies() async throws {
        let scene = try await scene()
        let setup = WorktreeSetup(
            copies: [".env", "local/", "*.pem", "untracked.txt", "conf.json", "a.txt"].map {
                .init(pattern: $0)
            })
        let tree = try await scene.tree("one")
        let record = try await scene.setUp(tree, setup)
        #expect(try scene.text(tree, ".env") == "TOKEN=graftwork-placeholder-token\nPORT=3000\n")
        #expect(try scene.text(tree, "local/deep/data.txt") == "data\n")
        #expect(try Files.status(of: "\(tree.path)/local/deep/data.txt").st_mode & 0o777 == 0o755)
        #expect(
            try Files.status(of: "\(tree.path)/.env").st_uid == tree.uid ?? SystemIdentity.effectiveUID)
        #expect(try names(tree) == [".env", "a.txt", "conf.json", "local", "src"])
        #expect((record.copied, record.replaced, record.leftOut) == (3, [".env"], ["server.pem"]))
        #expect(record.raw == [])
        #expect(
            record.notes == [
                "Not copied, for git does not ignore them and they would become part of every change: "
                    + "untracked.txt"
            ])
        // The user's own file is as it was.
        #expect(try Files.readText(scene.repository.path + "/.env", bytesMax: 1_000).hasPrefix("TOKEN=very"))
    }

    @Test("are not looked for without end: what there are too many of is said")
    func tooMany() async throws {
        let scene = try await scene()
        func excess(_ files: Int, _ names: Int) async throws -> IgnoredFiles.Excess? {
            try await scene.store.ignoredFiles(
                matching: [(".env", false), ("local/", false)], by: scene.base, filesMax: files,
                visitedMax: names
            ).excess
        }
        #expect(try await excess(100, 100) == nil)
        #expect(try await excess(1, 100) == .filesToCopy)
        #expect(try await excess(100, 3) == .namesInCheckout(limit: 3))
        #expect(
            SetupError.checkoutTooLarge(limit: 3).description
                == "The checkout has more than 3 names where files for `worktree: copy:` are looked for.")
    }

    @Test("never replace a file that a tree has of its own, and the record says so")
    func spareTheTree() async throws {
        let scene = try await scene()
        let setup = WorktreeSetup(
            copies: [".env", "local/", "conf.json"].map { .init(pattern: $0) },
            commands: [.script("cat conf.json > made")],
            inputs: ["src/main"])
        try await scene.setUp(try await scene.tree("one"), setup)
        let base = try await scene.tree("two")
        #expect(try await scene.setUp(base, setup).wasReused)
        #expect(try scene.text(base, "made") == "{}\n")
        for old in ["conf.json", "local", ".env"] { try Files.removeTree("\(scene.repository.path)/\(old)") }
        for path in ["conf.json", "local", ".env/own"] {
            try scene.repository.write(path, "its own\n")
            _ = try await scene.repository.git("add", "--force", path)
        }
        let candidate = ObjectID(try await scene.repository.commit("by an agent"))
        let tree = try await scene.tree("three", of: candidate)
        let record = try await scene.setUp(tree, setup)
        for path in ["conf.json", "local", ".env/own", "made"] {
            #expect(try scene.text(tree, path) == "its own\n", "\(path)")
        }
        #expect((record.wasReused, record.copied, record.replaced) == (false, 0, []))
        #expect(
            record.notes.first
                == "Not copied, for the tree has files of its own there: .env, conf.json, local/deep/data.txt"
        )
    }

    @Test("never lead out of the checkout, and never into another repository")
    func links() async throws {
        let scene = try await scene()
        try scene.folder.write("outside/secret", "outside\n")
        let local = scene.repository.path + "/local"
        try Files.makeLink(at: "\(local)/out", to: scene.folder.path("outside"))
        try Files.makeLink(at: "\(local)/up", to: "../../outside/secret")
        try Files.makeLink(at: "\(local)/inside", to: "deep/data.txt")
        try scene.repository.write("local/nested/.git/config", "[core]\n")
        try scene.repository.write("local/nested/file", "x\n")
        mkfifo("\(local)/pipe", 0o600)
        let tree = try await scene.tree("one")
        let record = try await scene.setUp(
            tree, WorktreeSetup(copies: [.init(pattern: "local/")]))
        #expect(try Files.list("\(tree.path)/local") == ["deep", "inside"])
        #expect(record.leftOut == ["local/out", "local/up"])
    }

    @Test("of a pattern without a slash do not reach into folders that are ignored whole")
    func ignoredFolders() async throws {
        let scene = try await scene()
        let tree = try await scene.tree("one")
        try await scene.setUp(tree, WorktreeSetup(copies: [.init(pattern: ".env*")]))
        #expect(try names(tree) == [".env", "a.txt", "src"])
        let named = try await scene.setUp(
            try await scene.tree("two"), WorktreeSetup(copies: [.init(pattern: "node_modules/pkg/.env")]),
            order: "other")
        #expect(named.replaced == ["node_modules/pkg/.env"])
    }

    @Test("stay those of the run's beginning, whatever becomes of the checkout")
    func frozen() async throws {
        let scene = try await scene()
        let setup = WorktreeSetup(copies: [.init(pattern: "local/")])
        _ = try await scene.provisioner.gatherCopies(for: setup)
        try scene.repository.write("local/deep/data.txt", "changed\n")
        let tree = try await scene.tree("one")
        try await scene.setUp(tree, setup)
        #expect(try scene.text(tree, "local/deep/data.txt") == "data\n")
    }

    @Test("of secrets as they are need a yes to exactly these bytes")
    func raw() async throws {
        let scene = try await scene()
        let setup = WorktreeSetup(copies: [.init(pattern: ".env", isRaw: true), .init(pattern: "*.pem")])
        let set = try #require(try await scene.provisioner.gatherCopies(for: setup))
        #expect(set.raw.map(\.path) == [".env"] && set.leftOut == ["server.pem"])
        let digest = try #require(set.rawDigest)
        await #expect(throws: SetupError.rawCopiesNotApproved(paths: [".env"])) {
            try await scene.setUp(try await scene.tree("one"), setup)
        }
        await #expect(throws: SetupError.rawCopiesNotApproved(paths: [".env"])) {
            try await scene.setUp(try await scene.tree("two"), setup, approved: Digest("another"))
        }
        let tree = try await scene.tree("three")
        let record = try await scene.setUp(tree, setup, approved: digest)
        #expect(try scene.text(tree, ".env") == "TOKEN=very-secret-value\nPORT=3000\n")
        #expect(record.raw == set.raw)
        // Other bytes, another question.
        try scene.repository.write(".env", "TOKEN=rotated\n")
        let again = try #require(try await scene.provisioner.gatherCopies(for: setup))
        #expect(again.rawDigest != digest)
        await #expect(throws: SetupError.rawCopiesNotApproved(paths: [".env"])) {
            try await scene.setUp(try await scene.tree("four"), setup, approved: digest)
        }
    }

    @Test("are part of what a kept outcome depends on")
    func keyed() async throws {
        let scene = try await scene()
        let setup = WorktreeSetup(
            copies: [.init(pattern: "local/")], commands: [.script("cp local/deep/data.txt conf.json")])
        try await scene.setUp(try await scene.tree("one"), setup)
        #expect(try await scene.setUp(try await scene.tree("two"), setup).wasReused)
        try scene.repository.write("local/deep/data.txt", "changed\n")
        _ = try await scene.provisioner.gatherCopies(for: setup)
        let tree = try await scene.tree("three")
        #expect(try await scene.setUp(tree, setup).wasReused == false)
        #expect(try scene.text(tree, "conf.json") == "changed\n")
    }

    @Test("are bounded in number")
    func bounded() async throws {
        let scene = try await scene()
        for index in 0..<20_001 {
            let file = scene.repository.path + "/local/f\(index)"
            close(open(file, O_CREAT | O_WRONLY, 0o600))
        }
        await #expect(throws: SetupError.copiesTooMany(limit: 20_000)) {
            try await scene.provisioner.gatherCopies(for: WorktreeSetup(copies: [.init(pattern: "local/")]))
        }
    }

    @Test("are bounded in bytes, and nothing of them is kept")
    func boundedInBytes() async throws {
        let scene = try await scene()
        let file = open(scene.repository.path + "/local/large", O_CREAT | O_WRONLY, 0o600)
        // Nothing but its length: it is looked at before it is copied.
        #expect(ftruncate(file, 1 << 30) == 0)
        close(file)
        await #expect(throws: SetupError.copiesTooLarge(bytes: 1 << 30)) {
            try await scene.provisioner.gatherCopies(for: WorktreeSetup(copies: [.init(pattern: "local/")]))
        }
        #expect(try Files.list(scene.folder.path("state/setup-copies")) == [])
    }
}
