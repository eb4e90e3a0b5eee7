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
        guard case .unsupportedExtension("extensions.objectformat", _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
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
