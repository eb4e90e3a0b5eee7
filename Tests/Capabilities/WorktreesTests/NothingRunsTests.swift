import Fixtures
import Foundation
import Linux
import Testing
import Vocabulary
import Worktrees

@Suite("What a repository's configuration wants to run") struct NothingRunsTests {
    /// Plants a program that leaves a mark wherever git knows a place for one.
    private func plant(in repository: TestRepository) async throws -> String {
        let mark = "\(repository.folder.path)/mark"
        let program = "\(repository.folder.path)/evil"
        try Files.writeAtomically(program, text: "#!/bin/sh\necho \"$0 $@\" >> \(mark)\ncat\n", mode: 0o755)
        for hook in [
            "post-checkout", "post-commit", "pre-commit", "reference-transaction", "post-index-change",
            "post-merge", "pre-merge-commit",
            "post-rewrite", "pre-auto-gc", "prepare-commit-msg", "commit-msg", "update", "post-update",
            "fsmonitor-watchman",
        ] {
            try Files.writeAtomically(
                "\(repository.path)/.git/hooks/\(hook)", text: "#!/bin/sh\necho \(hook) >> \(mark)\n",
                mode: 0o755)
        }
        for (key, value) in [
            ("filter.evil.clean", program), ("filter.evil.smudge", program), ("filter.evil.process", program),
            ("filter.evil.required", "true"),
            ("merge.evil.driver", "\(program) %O %A %B"), ("diff.evil.textconv", program),
            ("diff.evil.command", program), ("diff.external", program),
            ("core.fsmonitor", program), ("core.sshCommand", program), ("core.editor", program),
            ("core.pager", program), ("gpg.program", program),
            ("commit.gpgSign", "true"), ("core.hooksPath", ".git/hooks"),
            ("core.alternateRefsCommand", program), ("core.askPass", program),
            ("credential.helper", "!\(program)"), ("alias.read-tree", "!\(program)"),
            ("alias.merge-tree", "!\(program)"),
            ("uploadpack.packObjectsHook", program),
        ] {
            try await repository.git("config", key, value)
        }
        return mark
    }

    @Test("does not run on any step from worktree to landing, nor does what an agent plants") func wholePath()
        async throws
    {
        let attributes = "* merge=evil diff=evil\n*.x filter=evil\n"
        let repository = try await TestRepository(files: [
            ".gitattributes": attributes, "a": "1\n", "b": "1\n", "f.x": "1\n",
        ])
        let store = try repository.store()
        // Made first, for they are made by the person's git, which springs the traps.
        let theirs = try await repository.commit(["a": "0\n1\n", "b": "9\n"], on: store)
        let landed = try await repository.commit(["a": "3\n", "c": "new\n"], on: store)
        let mark = try await plant(in: repository)
        try repository.write(".git/info/attributes", "x filter=evil\n")
        let base = try await repository.head()
        _ = try RepositoryStore.probe(path: repository.path)
        let worktree = try await store.prepareWorktree(run: RunID("r1"), task: "t1", base: base, owner: nil)
        // The agent's own git directory and attributes are as hostile as can be.
        let config = "\(worktree.privateGitDirectory)/config"
        let text = try Files.readText(config, bytesMax: 1 << 20)
        try Files.writeAtomically(
            config,
            text: text
                + "[core]\n\tfsmonitor = \(repository.folder.path)/evil\n"
                + "\thooksPath = \(repository.path)/.git/hooks\n"
        )
        try Files.writeAtomically("\(worktree.path)/.gitattributes", text: "* filter=evil merge=evil\n")
        try Files.writeAtomically("\(worktree.path)/a", text: "2\n")
        try Files.writeAtomically("\(worktree.path)/f.x", text: "2\n")
        let snapshot = try await store.snapshot(worktree, message: "m")
        let candidate = try await store.candidate(from: snapshot, base: base)
        _ = try await store.unifiedDiff(from: base, to: snapshot.tree, bytesMax: 10_000)
        _ = try await store.inspectRawTree(delta: candidate.delta, tree: candidate.tree)
        _ = try await store.whatRunsByItself(candidate.delta)
        try await store.materialise(tree: snapshot.tree, at: "\(repository.folder.path)/plain", owner: nil)
        // Both sides changed the same file, so a merge driver would be asked.
        _ = try await store.merge(candidate: candidate.commit, base: base, onto: theirs)
        let outcome = try await store.withLandingLock("refs/heads/main") { permit in
            try await store.land(commit: landed, expecting: base, permission: .moveAlong, permit: permit)
        }
        #expect(outcome == .landed)
        try await store.removeWorktree(worktree, keepSnapshots: false)
        let ran = Files.exists(mark) ? try Files.readText(mark, bytesMax: 10_000) : ""
        #expect(ran == "")
        // The traps are live: the person's own git springs them.
        _ = try? await repository.git(
            "-c", "core.hooksPath=.git/hooks", "-c", "commit.gpgSign=false", "commit", "-q", "--allow-empty",
            "-m", "mine")
        #expect(Files.exists(mark))
    }
}
