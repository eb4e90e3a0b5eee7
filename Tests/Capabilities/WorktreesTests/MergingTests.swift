import ChildProcess
import Fixtures
import Foundation
import Linux
import Testing
import Vocabulary
@testable import Worktrees

@Suite("Merging a candidate with the target's head") struct MergingTests {
    func tree(_ repository: TestRepository, _ commit: ObjectID) async throws -> ObjectID {
        try await repository.head("\(commit)^{tree}")
    }

    @Test("gives git's own merge, whose objects come into the user's repository only with the commit")
    func merges() async throws {
        let lines = (1...30).map { "line \($0)\n" }.joined()
        let repository = try await TestRepository(files: ["a": lines, "b": "1\n"])
        let store = try repository.store()
        let base = try await repository.head()
        let candidate = try await repository.commit(
            ["a": lines.replacingOccurrences(of: "line 1\n", with: "first\n"), "c": "3\n"], on: store)
        try repository.write("a", lines.replacingOccurrences(of: "line 30\n", with: "last\n"))
        let head = try await repository.commitAll("mine")
        let outcome = try await store.merge(candidate: candidate, base: base, onto: head)
        guard case .merged(let merged) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        await #expect(throws: GitFailure.self) { try await repository.git("cat-file", "-e", merged.rawValue) }
        let commit = try await store.commit(
            tree: merged, parents: [head], message: "land", author: .agent, committer: .graftwork,
            secondsSince1970: 1_700_000_000)
        try await repository.git("merge", "-q", "--no-edit", candidate.rawValue)
        #expect(try await tree(repository, repository.head()) == merged)
        try await repository.git("fsck", "--strict", "--no-dangling")
        #expect(
            try await repository.git("log", "-1", "--format=%P %s %an %cn %ct", commit.rawValue)
                == "\(head) land Graftwork agent Graftwork 1700000000")
        #expect(
            try await store.commit(
                tree: merged, parents: [head], message: "land", author: .agent, committer: .graftwork,
                secondsSince1970: 1_700_000_000)
                == commit)
    }

    /// No git writes such a tree, and one that is fetched without `fsck` may have it all the same.
    @Test("writes no attributes of a target outside its own folder, whatever the tree calls its folders")
    func attributesOutside() async throws {
        let repository = try await TestRepository(files: ["a": "1\n", "b": "1\n"])
        let store = try repository.store()
        let base = try await repository.head()
        let candidate = try await repository.commit(["a": "2\n"], on: store)
        func object(_ kind: String, _ bytes: [UInt8]) async throws -> ObjectID {
            let file = repository.folder.path("object")
            try Files.writeAtomically(file, bytes)
            return try ObjectID(
                await repository.git("hash-object", "-t", kind, "-w", "--literally", file))
        }
        func entry(_ mode: String, _ name: String, _ id: ObjectID) -> [UInt8] {
            let digits = Array(id.rawValue.utf8)
            let raw = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
            }
            return Array("\(mode) \(name)".utf8) + [0] + raw
        }
        let attributes = try await object("blob", Array("* text=auto\n".utf8))
        let inner = try await object("tree", entry("100644", ".gitattributes", attributes))
        let changed = try await object("blob", Array("3\n".utf8))
        let outer = try await object(
            "tree", entry("40000", "..", inner) + entry("100644", "b", changed))
        let head = try await repository.head(
            repository.git("commit-tree", "-p", base.rawValue, "-m", "hostile", outer.rawValue))
        // What git makes of such a tree is git's; nothing may lie beside the folder.
        _ = try? await store.merge(candidate: candidate, base: base, onto: head)
        #expect(try Files.list("\(repository.state)/temporary") == [])
    }

    @Test("ends with an error, and not with the machine's memory, where files are made to be hard to merge")
    func bombs() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        await store.limitMerges(memoryBytesMax: 128 << 20)
        let base = try await repository.head()
        var sides: [ObjectID] = []
        // Nothing but line ends, each of which takes git some fifty bytes.
        for letter in "xy" {
            try await repository.git("checkout", "-q", "--detach", base.rawValue)
            let block = Array(String(repeating: "\(letter)\n", count: 1 << 14).utf8)
            var bytes: [UInt8] = []
            for _ in 0..<128 { bytes += block }
            try Files.writeAtomically("\(repository.path)/bomb", bytes)
            sides.append(try await repository.commitAll("bomb"))
        }
        let error = await worktreeError {
            _ = try await store.merge(candidate: sides[0], base: base, onto: sides[1])
        }
        #expect(error?.description.contains("needed more than 128 MiB of memory") == true, "\(error as Any)")
        #expect(try Files.list("\(repository.state)/temporary") == [])
    }

    @Test("names the paths that need a decision") func conflicts() async throws {
        let repository = try await TestRepository(files: [
            "a": "1\n", "b c\n": "1\n", "gone": "1\n", "same": "1\n",
        ])
        let store = try repository.store()
        let base = try await repository.head()
        let candidate = try await repository.commit(
            ["a": "2\n", "b c\n": "2\n", "gone": nil, "same": "2\n"], on: store)
        for name in ["a", "b c\n", "gone"] { try repository.write(name, "3\n") }
        try repository.write("same", "2\n")
        let head = try await repository.commitAll("mine")
        let outcome = try await store.merge(candidate: candidate, base: base, onto: head)
        guard case .conflicted(_, let paths) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(paths == ["a", "b c\n", "gone"])
    }

    @Test("is the other side where one side changed nothing") func trivial() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        let base = try await repository.head()
        let candidate = try await repository.commit(["new": "x\n"], on: store)
        #expect(
            try await store.merge(candidate: candidate, base: base, onto: base)
                == .merged(tree: tree(repository, candidate)))
        #expect(
            try await store.merge(candidate: base, base: base, onto: candidate)
                == .merged(tree: tree(repository, candidate)))
        #expect(
            try await store.merge(candidate: candidate, base: base, onto: candidate)
                == .merged(tree: tree(repository, candidate)))
    }

    @Test("has exactly the given base in common, whatever history says") func base() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        let base = try await repository.head()
        let candidate = try await repository.commit(["a": "2\n"], on: store)
        // The target was rewritten: the same tree, without any history in common.
        let rewritten = try await store.commit(
            tree: tree(repository, base), parents: [], message: "rewritten", author: .agent,
            committer: .graftwork, secondsSince1970: 1)
        #expect(
            try await store.merge(candidate: candidate, base: base, onto: rewritten)
                == .merged(tree: tree(repository, candidate)))
    }

    @Test("follows the target's attributes, not those of any working directory") func attributes()
        async throws
    {
        let repository = try await TestRepository(files: [
            ".gitattributes": "log merge=union\n", "log": "1\n",
        ])
        let store = try repository.store()
        let base = try await repository.head()
        let candidate = try await repository.commit(["log": "1\ntheirs\n"], on: store)
        try repository.write("log", "1\nmine\n")
        let head = try await repository.commitAll("mine")
        try repository.write(".gitattributes", "")
        guard case .merged(let merged) = try await store.merge(candidate: candidate, base: base, onto: head)
        else {
            Issue.record("the union driver was not used")
            return
        }
        let commit = try await store.commit(
            tree: merged, parents: [head], message: "m", author: .agent, committer: .graftwork,
            secondsSince1970: 1)
        #expect(try await repository.git("cat-file", "blob", "\(commit):log") == "1\nmine\ntheirs")
    }
}

@Suite("A delta") struct DeltaTests {
    @Test("names every changed path once, with modes, blobs and lines") func entries() async throws {
        let repository = try await TestRepository(files: ["a": "1\n2\n", "b/c": "x\n", "same": "s\n"])
        let store = try repository.store()
        let base = try await repository.head()
        let commit = try await repository.commit(
            ["a": "1\n3\n4\n", "b/c": nil, "b": "now a file\n", "zero": "\0binary"], on: store)
        func blob(_ commit: ObjectID, _ path: String) async throws -> ObjectID {
            try await repository.head("\(commit):\(path)")
        }
        let delta = try await store.delta(from: base, to: commit)
        #expect(
            try await delta.entries == [
                Delta.Entry(
                    path: "a", oldMode: 0o100644, newMode: 0o100644, oldBlob: blob(base, "a"),
                    newBlob: blob(commit, "a"), addedLines: 2, removedLines: 1),
                Delta.Entry(
                    path: "b", oldMode: 0, newMode: 0o100644, oldBlob: nil, newBlob: blob(commit, "b"),
                    addedLines: 1, removedLines: 0),
                Delta.Entry(
                    path: "b/c", oldMode: 0o100644, newMode: 0, oldBlob: blob(base, "b/c"), newBlob: nil,
                    addedLines: 0, removedLines: 1),
                Delta.Entry(
                    path: "zero", oldMode: 0, newMode: 0o100644, oldBlob: nil, newBlob: blob(commit, "zero"),
                    addedLines: 0, removedLines: 0),
            ])
        #expect(try await store.delta(from: base, to: base).isEmpty)
    }

    @Test("has a digest of documented bytes") func digest() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        let base = try await repository.head()
        let commit = try await repository.commit(["a": "2\n", "b": "3\n"], on: store)
        let zero = String(repeating: "0", count: 40)
        let (old, new, added) = (
            try await repository.head("\(base):a"), try await repository.head("\(commit):a"),
            try await repository.head("\(commit):b")
        )
        let encoding =
            "graftwork-delta 1\na\u{0}100644 \(old) 100644 \(new)\nb\u{0}000000 \(zero) 100644 \(added)\n"
        let sum = try await Child.run(
            ChildCommand(["sha256sum"], environment: ["PATH": "/usr/bin:/bin"]), input: Array(encoding.utf8),
            timeout: .seconds(60))
        let expected = String(sum.stdoutText.prefix(64))
        #expect(try await store.delta(from: base, to: commit).digest == Digest(expected))
    }

    @Test("is the same on a moved base, and another for any other byte") func carriesOver() async throws {
        let repository = try await TestRepository(files: ["a": "1\n", "other": "o\n"])
        let store = try repository.store()
        let base = try await repository.head()
        let candidate = try await repository.commit(["a": "2\n"], on: store)
        try repository.write("other", "p\n")
        let head = try await repository.commitAll("mine")
        guard case .merged(let merged) = try await store.merge(candidate: candidate, base: base, onto: head)
        else { return }
        let first = try await store.delta(from: base, to: candidate)
        #expect(try await store.delta(from: head, to: merged).digest == first.digest)
        let changed = try await repository.commit(["a": "2 \n"], on: store)
        #expect(try await store.delta(from: head, to: changed).digest != first.digest)
    }

    @Test("is shown as a patch, cut off at a line's end where it is too long") func patch() async throws {
        let repository = try await TestRepository(files: ["a": "1\n"])
        let store = try repository.store()
        let base = try await repository.head()
        let commit = try await repository.commit(["a": "2\n"], on: store)
        let whole = try await store.unifiedDiff(from: base, to: commit, bytesMax: 10_000)
        #expect(whole.wasTruncated == false)
        #expect(whole.text.hasSuffix("--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n"))
        let cut = try await store.unifiedDiff(from: base, to: commit, bytesMax: whole.text.utf8.count - 1)
        #expect(cut.wasTruncated)
        #expect(whole.text.hasPrefix(cut.text) && cut.text.hasSuffix("\n"))
    }

    @Test("makes a candidate of a snapshot") func candidate() async throws {
        let scene = try await SnapshotTests.Scene()
        try scene.write("new", "x\n")
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
        let candidate = try await scene.store.candidate(from: snapshot, base: scene.base)
        #expect(try await candidate.baseTree == scene.repository.head("\(scene.base)^{tree}"))
        #expect(
            (candidate.base, candidate.commit, candidate.tree) == (scene.base, snapshot.commit, snapshot.tree)
        )
        #expect(candidate.delta.paths == ["new"])
    }
}

@Suite("Materialising a tree") struct MaterialisingTests {
    @Test("writes plain files into a fresh folder, without any .git") func writes() async throws {
        let repository = try await TestRepository(files: [
            "a/b": "1\n", "eol.txt": "x\n", ".gitattributes": "eol.txt eol=crlf\n",
        ])
        let store = try repository.store()
        let place = "\(repository.folder.path)/plain"
        try await store.materialise(tree: repository.head(), at: place, owner: nil)
        #expect(try Files.list(place) == [".gitattributes", "a", "eol.txt"])
        #expect(try Files.readText("\(place)/eol.txt", bytesMax: 10) == "x\r\n")
        let error = await worktreeError {
            try await store.materialise(tree: repository.head(), at: place, owner: nil)
        }
        #expect(error == .file(path: place, message: "it is not empty"))
        let missing = ObjectID(String(repeating: "1", count: 40))
        #expect(
            await worktreeError {
                try await store.materialise(tree: missing, at: "\(repository.folder.path)/x", owner: nil)
            } != nil)
        #expect(!Files.exists("\(repository.folder.path)/x"))
    }
}
