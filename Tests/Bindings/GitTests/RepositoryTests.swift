import Fixtures
import Git
import Glibc
import Linux
import Testing

@Suite("An open repository") struct RepositoryTests {
    @Test("is found from inside, opened as what it is, and tells where its parts are") func opens()
        async throws
    {
        let scratch = try await TestRepository()
        try scratch.write("a/b", "x")
        #expect(try GitRepository.discover(from: "\(scratch.path)/a") == "\(scratch.path)/.git")
        #expect(try GitRepository.discover(from: scratch.folder.path) == nil)
        let repository = try GitRepository(at: scratch.path)
        #expect(repository.workingDirectory == scratch.path)
        #expect(repository.gitDirectory == "\(scratch.path)/.git")
        #expect(repository.isBare == false)
        #expect(try repository.head() == .unborn(ref: "refs/heads/main"))
        let bare = try GitRepository(bareAt: "\(scratch.path)/.git")
        #expect(bare.isBare && bare.workingDirectory == nil)
    }

    @Test("says what went wrong with the name of what was tried") func errors() async throws {
        let scratch = try await TestRepository()
        let error = #expect(throws: GitError.self) { try GitRepository(at: scratch.folder.path) }
        #expect(error?.operation == "open \(scratch.folder.path)")
        #expect(error?.isNotFound == true)
    }

    @Test("moves a ref only from where it is expected") func swap() async throws {
        let scratch = try await TestRepository()
        let first = try await scratch.commit(["a": "1"])
        let second = try await scratch.commit(["a": "2"])
        let repository = try GitRepository(at: scratch.path)
        let ref = "refs/heads/x"
        #expect(try repository.swap(ref, from: first, to: second, log: "m") == .moved(actual: nil))
        #expect(try repository.swap(ref, from: nil, to: first, log: "m") == .swapped)
        #expect(try repository.swap(ref, from: nil, to: second, log: "m") == .moved(actual: first))
        #expect(try repository.swap(ref, from: second, to: second, log: "m") == .moved(actual: first))
        #expect(try repository.swap(ref, from: first, to: second, log: "m") == .swapped)
        try await scratch.git("pack-refs", "--all")
        #expect(try repository.swap(ref, from: first, to: first, log: "m") == .moved(actual: second))
        #expect(try repository.delete(ref, ifAt: first) == .moved(actual: second))
        #expect(try repository.delete(ref, ifAt: second) == .swapped)
        #expect(try repository.delete(ref, ifAt: second) == .swapped)
        #expect(try repository.target(of: ref) == nil)
        #expect(try repository.references(withPrefix: "refs/heads/") == ["refs/heads/main"])
        #expect(try repository.isAncestor(first, of: second) && !repository.isAncestor(second, of: first))
        #expect(try repository.isAncestor(first, of: first))
    }

    @Test("keeps objects byte for byte") func objects() async throws {
        let scratch = try await TestRepository()
        let repository = try GitRepository(at: scratch.path)
        let id = try repository.write(.blob, [0, 255, 10])
        #expect(try await scratch.git("cat-file", "-s", id.hex) == "3")
        #expect(try repository.read(id, bytesMax: 3)?.bytes == [0, 255, 10])
        #expect(try repository.read(id, bytesMax: 2) == nil)
        #expect(try repository.header(of: .zero) == nil)
        #expect(GitID(hex: id.hex) == id)
        #expect(GitID(hex: "HEAD") == nil)
    }

    @Test("reads trees as they are written, and writes those that git would") func trees() async throws {
        let scratch = try await TestRepository()
        let commit = try await scratch.commit(["z": "1", "a/b/c": "2", "a.b": "3"])
        try await scratch.git("update-index", "--chmod=+x", "z")
        let repository = try GitRepository(at: scratch.path)
        let tree = try repository.tree(of: commit)
        let files = try repository.flatten(tree: tree, entriesMax: 10)
        #expect(files.map(\.path.text) == ["a.b", "a/b/c", "z"])
        #expect(throws: GitError.self) { try repository.flatten(tree: tree, entriesMax: 2) }
        #expect(try repository.entry(at: GitPath("a/b/c"), inTree: tree) == files[1])
        #expect(try repository.entry(at: GitPath("a/x"), inTree: tree) == nil)
        let edit = GitTreeEdit(of: try repository.write(.tree, []))
        for file in files.reversed() { edit.set(file.path, mode: file.mode, id: file.id) }
        #expect(try edit.write(reading: repository, to: repository) == tree)
        let index = try GitMemoryIndex()
        #expect(throws: GitError.self) {
            try index.add(GitEntry(path: GitPath("x/.git/config"), mode: GitEntry.fileMode, id: files[0].id))
        }
    }

    @Test("changes single paths of a tree, whatever stood there, and keeps no empty folder") func edits()
        async throws
    {
        let scratch = try await TestRepository()
        let base = try await scratch.commit([
            "a/x": "1", "a/y/z": "2", "a.b": "3", "a0": "4", "f": "5", "only/one": "6",
        ])
        let repository = try GitRepository(at: scratch.path)
        let tree = try repository.tree(of: base)
        let blob = try repository.write(.blob, [10])
        func paths(_ body: (GitTreeEdit) -> Void) throws -> [String] {
            let edit = GitTreeEdit(of: tree)
            body(edit)
            let written = try edit.write(reading: repository, to: repository)
            return try repository.flatten(tree: written, entriesMax: 20).map(\.path.text)
        }
        func set(_ edit: GitTreeEdit, _ path: String) {
            edit.set(GitPath(path), mode: GitEntry.fileMode, id: blob)
        }
        #expect(try paths { _ in } == ["a.b", "a/x", "a/y/z", "a0", "f", "only/one"])
        // A file for a folder, a folder for a file, and what was below goes.
        #expect(try paths { set($0, "a") } == ["a", "a.b", "a0", "f", "only/one"])
        #expect(try paths { set($0, "f/g/h") } == ["a.b", "a/x", "a/y/z", "a0", "f/g/h", "only/one"])
        #expect(
            try paths {
                $0.remove(GitPath("a"))
                set($0, "a/n")
            } == ["a.b", "a/n", "a0", "f", "only/one"])
        #expect(
            try paths {
                set($0, "a/n")
                $0.remove(GitPath("a"))
            } == ["a.b", "a0", "f", "only/one"])
        // Removing the last file removes the folder; removing what is not there removes nothing.
        #expect(try paths { $0.remove(GitPath("only/one")) } == ["a.b", "a/x", "a/y/z", "a0", "f"])
        #expect(try paths { $0.remove(GitPath("f/none")) } == ["a.b", "a/x", "a/y/z", "a0", "f", "only/one"])
        // git itself finds nothing to complain of.
        let edit = GitTreeEdit(of: tree)
        for path in ["a-", "a/", "a0/b", "a.b/c", "b"] where path != "a/" { set(edit, path) }
        let written = try edit.write(reading: repository, to: repository)
        try await scratch.git("fsck", "--strict", written.hex)
        let same = GitTreeEdit(of: tree)
        for path in ["a/x", "f"] {
            let entry = try #require(try repository.entry(at: GitPath(path), inTree: tree))
            same.remove(entry.path)
            same.set(entry.path, mode: entry.mode, id: entry.id)
        }
        #expect(try same.write(reading: repository, to: repository) == tree)
    }

    @Test("changes several refs together or none") func transactions() async throws {
        let scratch = try await TestRepository()
        let first = try await scratch.commit(["a": "1"])
        let second = try await scratch.commit(["a": "2"])
        let repository = try GitRepository(at: scratch.path)
        #expect(
            try repository.change(
                [
                    GitRefChange(ref: "refs/x/1", old: nil, new: first),
                    GitRefChange(ref: "refs/x/2", old: nil, new: second),
                ], log: "m") == .swapped)
        try await scratch.git("pack-refs", "--all")
        // One of the two does not stand where it is expected, so the other stays too.
        #expect(
            try repository.change(
                [
                    GitRefChange(ref: "refs/x/1", old: first, new: nil),
                    GitRefChange(ref: "refs/x/2", old: first, new: nil),
                ], log: "m") == .moved(actual: second))
        #expect(try repository.references(withPrefix: "refs/x/") == ["refs/x/1", "refs/x/2"])
        // One that somebody holds keeps all.
        try scratch.write(".git/refs/x/2.lock", "")
        let error = #expect(throws: GitError.self) {
            try repository.change(
                [
                    GitRefChange(ref: "refs/x/1", old: first, new: nil),
                    GitRefChange(ref: "refs/x/2", old: second, new: nil),
                ], log: "m")
        }
        #expect(error?.operation == "lock refs/x/2")
        try Files.removeFile("\(scratch.path)/.git/refs/x/2.lock")
        #expect(try repository.references(withPrefix: "refs/x/") == ["refs/x/1", "refs/x/2"])
        #expect(
            try repository.change(
                [
                    GitRefChange(ref: "refs/x/1", old: first, new: nil),
                    GitRefChange(ref: "refs/x/2", old: second, new: first),
                ], log: "m") == .swapped)
        #expect(try await scratch.git("for-each-ref", "--format=%(refname)", "refs/x/") == "refs/x/2")
        #expect(try repository.target(of: "refs/x/2") == first)
    }

    @Test("makes the same commit from the same inputs, and moves nothing") func commits() async throws {
        let scratch = try await TestRepository()
        let parent = try await scratch.commit(["a": "1"])
        let repository = try GitRepository(at: scratch.path)
        let person = GitSignature(name: "N", email: "n@example.org", secondsSince1970: 1_700_000_000)
        func make() throws -> GitID {
            try repository.commit(
                tree: repository.tree(of: parent), parents: [parent], message: "subject\n\nbody\n",
                author: person, committer: person)
        }
        let commit = try make()
        #expect(try make() == commit)
        #expect(
            try repository.commit(commit) == GitCommit(tree: repository.tree(of: parent), parents: [parent]))
        #expect(
            try await scratch.git("log", "-1", "--format=%an <%ae> %ct %s|%b", commit.hex)
                == "N <n@example.org> 1700000000 subject|body\n")
        #expect(try repository.head() == .branch(ref: "refs/heads/main", commit: parent))
    }

    @Test("lists every checkout with its branch, also one that is suspended, locked or gone") func checkouts()
        async throws
    {
        let scratch = try await TestRepository()
        _ = try await scratch.commit(["a": "1"])
        for name in ["one", "two", "three"] {
            try await scratch.git(
                "worktree", "add", "-q", "-b", "b-\(name)", "\(scratch.folder.path)/\(name)")
        }
        try await scratch.git("worktree", "lock", "\(scratch.folder.path)/one")
        try await scratch.git("checkout", "-q", "--detach", at: "\(scratch.folder.path)/two")
        try Files.makeDirectory("\(scratch.path)/.git/worktrees/two/rebase-merge")
        try Files.writeAtomically(
            "\(scratch.path)/.git/worktrees/two/rebase-merge/head-name", text: "refs/heads/b-two\n")
        try Files.removeTree("\(scratch.folder.path)/three")
        let repository = try GitRepository(at: scratch.path)
        let found = try repository.checkouts()
        #expect(found.map(\.name) == [nil, "one", "three", "two"])
        #expect(found.map(\.branch) == ["refs/heads/main", "refs/heads/b-one", "refs/heads/b-three", nil])
        #expect(found.map(\.isLocked) == [false, true, false, false])
        #expect(found[3].isConcerned(by: "refs/heads/b-two"))
        #expect(found[1].workingDirectory == "\(scratch.folder.path)/one")
        try repository.forget(worktree: "one")
        try repository.forget(worktree: "one")
        #expect(try await !scratch.git("worktree", "list").contains("/one"))
        #expect(Files.exists("\(scratch.folder.path)/one/a"))
    }

    @Test("names what a change does as git does, whatever it is applied to") func patchID() async throws {
        let scratch = try await TestRepository()
        let lines = (1...40).map { "line \($0)\n" }
        func text(_ changes: [Int: String]) -> String {
            lines.enumerated().map { changes[$0.offset] ?? $0.element }.joined()
        }
        let first = try await scratch.commit(["a": text([:])])
        let second = try await scratch.commit(["a": text([30: "changed\n"])])
        let third = try await scratch.commit(["a": text([0: "another base\n"])])
        let fourth = try await scratch.commit(["a": text([0: "another base\n", 30: "changed\n"])])
        let repository = try GitRepository(at: scratch.path)
        func id(_ old: GitID, _ new: GitID) throws -> GitID {
            try repository.patchID(
                from: repository.tree(of: old), to: repository.tree(of: new), fileBytesMax: 1 << 20)
        }
        let said = try await scratch.git(
            "-c", "alias.name=!git diff \(first) \(second) | git patch-id --stable", "name")
        #expect(try id(first, second).hex == said.prefix(40))
        #expect(try id(first, second) == id(third, fourth))
        #expect(try id(first, second) != id(first, third))
    }

    @Test("cuts a patch off at the end of a line") func patch() async throws {
        let scratch = try await TestRepository()
        let first = try await scratch.commit(["a": "1\n", "b": "1\n"])
        let second = try await scratch.commit(["a": "2\n", "b": "2\n"])
        let repository = try GitRepository(at: scratch.path)
        let trees = (try repository.tree(of: first), try repository.tree(of: second))
        let whole = try repository.patch(from: trees.0, to: trees.1, bytesMax: 1 << 20, fileBytesMax: 1 << 20)
        #expect(!whole.wasTruncated)
        #expect(
            try await String(decoding: whole.bytes, as: UTF8.self) == scratch.git(
                "diff", first.hex, second.hex) + "\n")
        for limit in [0, 1, 50, whole.bytes.count - 1] {
            let cut = try repository.patch(from: trees.0, to: trees.1, bytesMax: limit, fileBytesMax: 1 << 20)
            #expect(cut.wasTruncated && cut.bytes.count <= limit && whole.bytes.starts(with: cut.bytes))
            #expect(cut.bytes.last == nil || cut.bytes.last == 0x0A)
        }
        #expect(
            try repository.patch(from: trees.0, to: trees.0, bytesMax: 10, fileBytesMax: 10).bytes.isEmpty)
    }
}

@Suite("The git program, hardened") struct HardenedGitTests {
    private func place(_ scratch: TestRepository) -> HardenedGit.Place {
        .init(gitDirectory: "\(scratch.path)/.git", workTree: scratch.path)
    }

    @Test("answers with what git printed, or with what it complained") func runs() async throws {
        let scratch = try await TestRepository()
        let commit = try await scratch.commit(["a": "1"])
        let git = try HardenedGit()
        let answer = try await git.run(["rev-parse", "HEAD"], in: place(scratch))
        #expect(String(decoding: answer.stdout, as: UTF8.self) == "\(commit.hex)\n")
        await #expect(
            throws: GitProgramError.failed(
                operation: "git cat-file", how: "exited with code 128",
                said: "fatal: Not a valid object name nonsense")
        ) { try await git.run(["cat-file", "-e", "nonsense"], in: place(scratch)) }
        #expect(
            try await git.run(["diff", "--quiet", "--exit-code"], in: place(scratch), accepted: [0, 1])
                .exitCode == 0)
    }

    @Test("inherits nothing and reads no configuration but the repository's own") func environment()
        async throws
    {
        let scratch = try await TestRepository()
        _ = try await scratch.commit(["a": "1"])
        let git = try HardenedGit()
        let listed = try await git.run(["config", "--list", "--show-scope"], in: place(scratch))
        let scopes = Set(
            String(decoding: listed.stdout, as: UTF8.self).split(separator: "\n").compactMap {
                $0.split(separator: "\t").first
            })
        #expect(scopes == ["local", "command"])
        try await scratch.git("config", "alias.env", "!env")
        let variables = String(decoding: try await git.run(["env"], in: place(scratch)).stdout, as: UTF8.self)
        #expect(
            !variables.contains("SSH_") && !variables.contains("USER=")
                && variables.contains("HOME=/nonexistent\n"))
    }

    @Test("runs no hook and talks to no remote") func noHooks() async throws {
        let scratch = try await TestRepository()
        let commit = try await scratch.commit(["a": "1"])
        let mark = "\(scratch.folder.path)/mark"
        for hook in ["post-checkout", "reference-transaction", "post-index-change"] {
            try Files.writeAtomically(
                "\(scratch.path)/.git/hooks/\(hook)", text: "#!/bin/sh\ntouch \(mark)\n", mode: 0o755)
        }
        let git = try HardenedGit()
        _ = try await git.run(
            ["worktree", "add", "-b", "x", "\(scratch.folder.path)/w", commit.hex], in: place(scratch))
        _ = try await git.run(["update-ref", "refs/heads/y", commit.hex], in: place(scratch))
        _ = try await git.run(["read-tree", "--reset", "-u", commit.hex], in: place(scratch))
        #expect(!Files.exists(mark))
        await #expect(throws: GitProgramError.self) {
            try await git.run(["fetch", "ext::touch \(mark)"], in: place(scratch))
        }
        await #expect(throws: GitProgramError.self) {
            try await git.run(["fetch", scratch.path], in: place(scratch))
        }
        #expect(!Files.exists(mark))
        // The person's own git does run them.
        try await scratch.git("update-ref", "refs/heads/z", commit.hex)
        #expect(Files.exists(mark))
    }

    @Test("ends what takes too long and what says too much") func limits() async throws {
        let scratch = try await TestRepository()
        _ = try await scratch.commit(["a": String(repeating: "x\n", count: 10_000)])
        let git = try HardenedGit()
        try await scratch.git("config", "alias.forever", "!sleep 1000")
        await #expect(throws: GitProgramError.timedOut(operation: "git forever", limit: .milliseconds(50))) {
            try await git.run(["forever"], in: place(scratch), timeout: .milliseconds(50))
        }
        await #expect(throws: GitProgramError.tooMuchOutput(operation: "git cat-file", limit: 1000)) {
            try await git.run(["cat-file", "blob", "HEAD:a"], in: place(scratch), outputBytesMax: 1000)
        }
    }
}
