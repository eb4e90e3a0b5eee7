import Fixtures
import Foundation
import Git
import Glibc
import Linux
import Testing
import Vocabulary

@testable import Worktrees

@Suite("Inspecting a raw tree") struct InspectionTests {
    /// A tree written byte by byte, as no git program would write it.
    private func tree(_ entries: [(mode: String, name: [UInt8], id: GitID)], _ database: GitRepository) throws
        -> GitID
    {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes += Array("\(entry.mode) ".utf8) + entry.name + [0]
            bytes += stride(from: 0, to: 40, by: 2).compactMap {
                UInt8(entry.id.hex.dropFirst($0).prefix(2), radix: 16)
            }
        }
        return try database.write(.tree, bytes)
    }

    private func objections(_ entries: [(mode: String, name: [UInt8], content: String)]) async throws
        -> [TreeObjection]
    {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        let database = try GitRepository(at: repository.path)
        let objects = try entries.map {
            (mode: $0.mode, name: $0.name, id: try database.write(.blob, Array($0.content.utf8)))
        }
        let root = ObjectID(try tree(objects, database))
        let empty = ObjectID(try tree([], database))
        return try await store.inspectRawTree(delta: store.delta(from: empty, to: root), tree: root)
    }

    @Test("takes ordinary files, scripts and links inside") func ordinary() async throws {
        let found = try await objections([
            ("100644", Array("README.md".utf8), "x"), ("100755", Array("run.sh".utf8), "x"),
            ("120000", Array("link".utf8), "README.md"),
            ("100644", Array("straße – größer.txt".utf8), "x"), ("100644", Array("日本語".utf8), "x"),
            ("100644", Array(".gitignore".utf8), "x"),
        ])
        #expect(found == [])
    }

    static let badNames: [[UInt8]] = [
        [0xFF], Array("a\nb".utf8), Array("a\u{7F}".utf8), Array("a\\b".utf8), Array("a:b".utf8),
        Array("-rf".utf8), Array("dot.".utf8),
        Array("space ".utf8), Array(".GiT".utf8), Array("GIT~1".utf8), Array(".git ".utf8),
        Array(".g\u{200C}it".utf8), Array("..".utf8),
        Array("AUX".utf8), Array("com1.txt".utf8), Array("nul .c".utf8), Array("evil\u{202E}txt.exe".utf8),
        Array("\u{FEFF}bom".utf8),
        Array("ｆｕｌｌ".utf8), Array("a\u{2028}b".utf8),
    ]

    @Test("objects to names that mean something else somewhere", arguments: badNames)
    func names(_ name: [UInt8]) async throws {
        let found = try await objections([("100644", name, "x")])
        #expect(found.map(\.rule) == [.name], "\(GitPath(bytes: name).text)")
    }

    static let linkCases: [(target: String, isFine: Bool)] = [
        ("a", true), ("./a/b", true), ("/etc/passwd", false), ("..", false), ("../x", false),
        ("a/../b", false), ("a/../../b", false),
        (".git/hooks", false), ("a/.GIT/config", false), ("", false),
    ]

    @Test("takes only links that stay inside", arguments: linkCases.map(\.target))
    func links(_ target: String) async throws {
        let isFine = Self.linkCases.first { $0.target == target }?.isFine
        let found = try await objections([("120000", Array("link".utf8), target)])
        #expect(found.isEmpty == isFine, "\(target)")
    }

    @Test("objects to a link that goes up after it went down, deep inside too") func climbingLink()
        async throws
    {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        let database = try GitRepository(at: repository.path)
        let target = try database.write(.blob, Array("x/../y".utf8))
        let inner = try tree([("120000", Array("link".utf8), target)], database)
        let root = ObjectID(try tree([("40000", Array("d".utf8), inner)], database))
        let empty = ObjectID(try tree([], database))
        let found = try await store.inspectRawTree(delta: store.delta(from: empty, to: root), tree: root)
        #expect(found.map(\.rule) == [.symlink])
    }

    @Test("objects to submodules and to modes that git does not write") func modes() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        let database = try GitRepository(at: repository.path)
        let blob = try database.write(.blob, [])
        let commit = try GitID(await repository.head())
        let root = ObjectID(
            try tree(
                [
                    ("100666", Array("a".utf8), blob), ("104755", Array("b".utf8), blob),
                    ("160000", Array("sub".utf8), commit),
                ], database))
        let empty = ObjectID(try tree([], database))
        let delta = try await store.delta(from: empty, to: root)
        #expect(
            try await store.inspectRawTree(delta: delta, tree: root).map(\.rule) == [.mode, .mode, .mode])
    }

    @Test("objects to a changed path that is another's twin elsewhere, in files and in folders")
    func collisions() async throws {
        let repository = try await TestRepository(files: [
            "Makefile": "x\n", "docs/a": "x\n", "e\u{301}": "x\n", "file": "x\n", "A": "1", "a": "2",
        ])
        let store = try repository.store()
        let base = try await repository.head()
        let commit = try await repository.commit(
            ["makefile": "y\n", "Docs/b": "y\n", "\u{E9}": "y\n", "\u{FB01}le": "y\n", "fine": "z\n"],
            on: store)
        let found = try await store.inspectRawTree(delta: store.delta(from: base, to: commit), tree: commit)
        #expect(found.map(\.path) == ["Docs/b", "makefile", "\u{E9}", "\u{FB01}le"])
        #expect(found.allSatisfy { $0.rule == .collision })
    }

    @Test("asks about what runs by itself") func selfRunning() async throws {
        let repository = try await TestRepository(files: [
            "package.json": #"{"version": "1", "scripts": {"test": "x"}}"#,
            "web/package.json": #"{"version": "1"}"#, "tools/hooks/x": "1\n",
        ])
        let store = try repository.store()
        let base = try await repository.head()
        let runs = [
            ".gitattributes", ".github/workflows/ci.yml", ".gitmodules", ".vscode/tasks.json",
            ".CLAUDE/settings.json", ".envrc",
            "sub/.mcp.json", "setup.py", "x/evil.pth", "CODEOWNERS", ".graftwork/policies.yaml",
            ".husky/pre-commit", "tools/hooks/y",
        ]
        let doesNot = [
            "Makefile", "AGENTS.md", "src/main.py", "conftest.py", ".gitignore", "github/x", "hooks.md",
        ]
        try await repository.git("config", "core.hooksPath", "tools/hooks")
        var files: [String: String?] = Dictionary(uniqueKeysWithValues: (runs + doesNot).map { ($0, "x\n") })
        files["package.json"] = #"{"version": "2", "scripts": {"test": "x"}}"#
        files["web/package.json"] = #"{"version": "1", "scripts": {"postinstall": "curl"}}"#
        let commit = try await repository.commit(files, on: store)
        let found = try await store.whatRunsByItself(store.delta(from: base, to: commit))
        #expect(Set(found) == Set(runs + ["web/package.json"]))
    }
}
