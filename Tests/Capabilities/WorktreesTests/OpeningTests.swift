import ChildProcess
import Fixtures
import Foundation
import Linux
import Testing
import Vocabulary
import Worktrees

@Suite("Looking at a repository") struct OpeningTests {
    @Test("finds root, branch, head and checkouts from any folder inside") func probe() async throws {
        let repository = try await TestRepository(files: ["src/a": "1\n"])
        try await repository.git("branch", "side")
        try await repository.git("worktree", "add", "-q", "\(repository.folder.path)/linked", "side")
        let head = try await repository.head()
        let expected = RepositoryProbe(
            root: repository.path, gitDirectory: "\(repository.path)/.git", headBranch: "main",
            headCommit: head,
            checkedOutBranches: ["main": repository.path, "side": "\(repository.folder.path)/linked"],
            isDirty: false,
            unsupported: [])
        #expect(try RepositoryStore.probe(path: "\(repository.path)/src") == expected)
        let linked = try RepositoryStore.probe(path: "\(repository.folder.path)/linked/src")
        #expect(linked.root == "\(repository.folder.path)/linked")
        #expect(linked.gitDirectory == "\(repository.path)/.git")
        #expect(linked.headBranch == "side")
    }

    @Test("calls a checkout dirty for tracked files only") func dirty() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        try repository.write("untracked", "x")
        #expect(try RepositoryStore.probe(path: repository.path).isDirty == false)
        try repository.write("README", "other\n")
        #expect(try RepositoryStore.probe(path: repository.path).isDirty)
    }

    @Test("says what is wrong with what cannot be worked with") func badPlaces() async throws {
        let repository = try await TestRepository()
        let folder = repository.folder.path
        #expect(
            await worktreeError { _ = try RepositoryStore.probe(path: "\(folder)/none") }
                == .notARepository(path: "\(folder)/none"))
        #expect(
            await worktreeError { _ = try RepositoryStore.probe(path: folder) }
                == .notARepository(path: folder))
        let empty = await worktreeError { _ = try RepositoryStore.probe(path: repository.path) }
        #expect(empty == .emptyRepository(path: repository.path, branch: "main"))
        #expect(empty?.hint == "Make a first commit, for example with `git commit --allow-empty -m start`.")
        #expect(empty?.exitCode == .usage)
        try await repository.git("init", "-q", "--bare", "\(folder)/bare.git")
        #expect(
            await worktreeError { _ = try RepositoryStore.probe(path: "\(folder)/bare.git") }
                == .bareRepository(path: "\(folder)/bare.git"))
    }

    @Test("needs a named target when HEAD is detached, and only then") func detached() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        try await repository.git("checkout", "-q", "--detach")
        #expect(try RepositoryStore.probe(path: repository.path).headBranch == nil)
        let store = try repository.store()
        #expect(
            await worktreeError { _ = try await store.resolve(branch: nil) }
                == .detachedHead(path: repository.path))
        let target = try await store.resolve(branch: "main")
        #expect(target.ref == "refs/heads/main")
        #expect(try await target.commit == repository.head())
    }

    @Test("refuses formats that it would handle wrongly, and says what to do") func formats() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        for (key, value) in [
            ("extensions.partialClone", "origin"), ("extensions.worktreeConfig", "true"),
            ("extensions.fromTheFuture", "1"),
        ] {
            try await repository.git("config", "core.repositoryFormatVersion", "1")
            try await repository.git("config", key, value)
            let error = await worktreeError { _ = try RepositoryStore.probe(path: repository.path) }
            guard case .unsupportedExtension(let name, _, let hint) = error else {
                Issue.record("\(key): \(String(describing: error))")
                continue
            }
            #expect(name == key.lowercased() && !hint.isEmpty)
            try await repository.git(
                "config", "--file", "\(repository.path)/.git/config", "--unset", key,
                at: repository.folder.path)
        }
        try await repository.git("init", "-q", "--object-format=sha256", "\(repository.folder.path)/long")
        let error = await worktreeError {
            _ = try RepositoryStore.probe(path: "\(repository.folder.path)/long")
        }
        guard case .unsupportedExtension("extensions.objectformat", _, let hint) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(hint.contains("git fast-export --all | git -C NEW fast-import"))
    }

    @Test("what it says about a repository named by SHA-256 works") func objectFormat() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let (long, new) = ("\(repository.folder.path)/long", "\(repository.folder.path)/new")
        try await repository.git("init", "-q", "--object-format=sha256", "-b", "main", long)
        try await repository.git(
            "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m",
            "start", at: long)
        try await repository.git("init", "-q", "-b", "main", new)
        let copied = try await Child.run(
            ChildCommand(
                ["/bin/sh", "-c", "git fast-export --all | git -C '\(new)' fast-import --quiet"],
                environment: ["PATH": "/usr/bin:/bin", "HOME": repository.folder.path],
                workingDirectory: long),
            timeout: .seconds(300))
        #expect(copied.isSuccess, "\(copied.stderrText)")
        #expect(try RepositoryStore.probe(path: new).headBranch == "main")
    }

    @Test("a sparse checkout is refused with a way that does not break it, and that way works")
    func sparse() async throws {
        let repository = try await TestRepository(files: ["a/in": "1\n", "b/out": "2\n"])
        try await repository.git("sparse-checkout", "set", "a")
        let error = await worktreeError { _ = try RepositoryStore.probe(path: repository.path) }
        #expect(error?.hint?.contains("git sparse-checkout disable") == true, "\(String(describing: error))")
        try await repository.git("sparse-checkout", "disable")
        try await repository.git("config", "--unset", "extensions.worktreeConfig")
        let probe = try RepositoryStore.probe(path: repository.path)
        #expect(!probe.isDirty && probe.unsupported == [])
        #expect(Files.exists(repository.path + "/b/out"))
    }

    @Test("a split index, whoever asked for it, is refused with a way out, and that way works")
    func splitIndex() async throws {
        let byHand = try await TestRepository(files: ["a": "1\n"])
        try await byHand.git("update-index", "--split-index")
        let byUser = try await TestRepository(files: ["a": "1\n"])
        let configuration = "\(byUser.folder.path)/gitconfig"
        try Files.writeAtomically(configuration, text: "[core]\n\tsplitIndex = true\n")
        try byUser.write("b", "2\n")
        try await byUser.git("add", "b", environment: ["GIT_CONFIG_GLOBAL": configuration])
        try await byUser.git("commit", "-q", "-m", "b")
        for repository in [byHand, byUser] {
            let error = await worktreeError { _ = try RepositoryStore.probe(path: repository.path) }
            guard case .unsupportedExtension(let name, _, let hint) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(name == "a split index" && hint.contains("`git update-index --no-split-index`"))
            try await repository.git("update-index", "--no-split-index")
            #expect(try RepositoryStore.probe(path: repository.path).isDirty == false)
        }
    }

    @Test("a sparse index whose extension is switched off is refused with a way out, and that way works")
    func sparseIndex() async throws {
        let repository = try await TestRepository(files: ["a/in": "1\n", "b/c/out": "2\n"])
        try await repository.git("sparse-checkout", "set", "--cone", "--sparse-index", "a")
        try await repository.git("config", "--unset", "extensions.worktreeConfig")
        for key in ["core.sparseCheckout", "core.sparseCheckoutCone", "index.sparse"] {
            try await repository.git("config", key, "true")
        }
        let error = await worktreeError { _ = try RepositoryStore.probe(path: repository.path) }
        guard case .unsupportedExtension(let name, _, let hint) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(name == "a sparse index" && hint.contains("`git sparse-checkout reapply --no-sparse-index`"))
        try await repository.git("sparse-checkout", "reapply", "--no-sparse-index")
        #expect(
            try RepositoryStore.probe(path: repository.path).unsupported
                == ["Sparse checkout is ignored in worktrees: they hold all files."])
    }

    @Test("a ref where our own need a folder is refused before anything is planned, with a way out")
    func namesTaken() async throws {
        for ref in ["refs/heads/graftwork", "refs/graftwork", "refs/graftwork/snapshots"] {
            let repository = try await TestRepository(files: ["README": "hello\n"])
            try await repository.git("update-ref", ref, "HEAD")
            let error = await worktreeError { _ = try RepositoryStore.probe(path: repository.path) }
            #expect(error == .nameTaken(ref: ref))
            let hint = try #require(error?.hint)
            let isBranch = ref.hasPrefix("refs/heads/")
            #expect(hint.contains(isBranch ? "git branch -m graftwork OTHER" : "git update-ref -d \(ref)"))
            if isBranch {
                try await repository.git("branch", "-m", "graftwork", "other")
            } else {
                try await repository.git("branch", "other", ref)
                try await repository.git("update-ref", "-d", ref)
            }
            _ = try RepositoryStore.probe(path: repository.path)
            try await repository.git("update-ref", "refs/heads/graftwork/a/b", "HEAD")
            try await repository.git("update-ref", "refs/graftwork/snapshots/a/b/1", "HEAD")
            _ = try RepositoryStore.probe(path: repository.path)
        }
    }

    @Test(
        "refuses somebody else's repository, even to root and with safe.directory",
        .enabled(if: SystemIdentity.isRoot, "only root can give a file away"))
    func owner() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        try Files.changeOwner(tree: repository.path, uid: 12345, gid: 12345)
        let error = await worktreeError { _ = try RepositoryStore.probe(path: repository.path) }
        #expect(error == .wrongOwner(path: "\(repository.path)/.git", owner: 12345, user: 0))
        #expect(error?.hint?.contains("user 12345") == true)
    }

    @Test("tells what is handled only in part") func peculiarities() async throws {
        let repository = try await TestRepository(files: [".gitattributes": "*.bin filter=lfs\n", "a": "1"])
        #expect(try RepositoryStore.probe(path: repository.path).unsupported.count == 1)
    }

    @Test("takes exactly the branch names that git takes") func branchNames() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        for (name, isName) in BranchNames.cases {
            if isName { try await repository.git("update-ref", "refs/heads/\(name)", "HEAD") }
            let error = await worktreeError {
                let target = try await store.resolve(branch: name)
                #expect(target.ref == "refs/heads/\(name)")
            }
            #expect(error == (isName ? nil : .invalidBranchName(name: name)), "\(name)")
        }
        #expect(
            await worktreeError { _ = try await store.resolve(branch: "nowhere") }
                == .noSuchBranch(name: "nowhere", path: repository.path))
    }
}
