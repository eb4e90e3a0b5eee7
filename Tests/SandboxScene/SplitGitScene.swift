import ChildProcess
package import Fixtures
import Linux
package import Sandbox

/// A user's repository with private things in it, a worktree of it, and the agent's own git directory: the
/// split view.
package struct SplitGitScene: Sendable {
    package let scene: SandboxScene
    /// The user's repository, on the host.
    package let repository: TestRepository
    package let privateGitDirectory: String
    package let pointerFile: String
    package let base: String

    package init(_ mode: SandboxScene.Mode, sharing shared: Set<HostShare> = []) async throws {
        let scene = try SandboxScene(mode, sharing: shared)
        let repository = try await TestRepository(
            in: scene.folder, files: ["README": "hello\n", "src/a.txt": "one\n"])
        let base = try await repository.revParse("HEAD")
        // What an agent must not see: a private branch, a stash, a hook and a remote with a token.
        try await repository.git("switch", "--quiet", "--create", "private-branch")
        try repository.write("private.txt", "private\n")
        try await repository.commit("private work")
        try await repository.git("switch", "--quiet", "main")
        try repository.write("README", "stashed\n")
        try await repository.git("stash", "push", "--quiet")
        try repository.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n", mode: 0o755)
        try await repository.git(
            "config", "remote.origin.url", "https://token@example.invalid/repository.git")
        // The worktree is where the scene has its folder.
        try Files.removeTree(scene.worktree)
        try await repository.git("worktree", "add", "--quiet", "-b", "task", scene.worktree, base)

        let privateGit = scene.folder.path("private-git")
        try await repository.git("init", "--quiet", "--bare", "--initial-branch=task", privateGit)
        let pack = try await repository.git("rev-list", "--objects", base)
        try scene.folder.write("objects", pack + "\n")
        let fill = try await Child.run(
            ChildCommand(
                [
                    "sh", "-c",
                    """
                    git -C "$1" pack-objects --quiet --stdout --revs <<E | git --git-dir="$2" index-pack \
                    --stdin\n$3\nE
                    """,
                    "fill", repository.path, privateGit, base,
                ], environment: TestRepository.environment),
            timeout: .seconds(60))
        guard fill.isSuccess else {
            throw SceneFailure("filling the private git directory: \(fill.stderrText)")
        }
        for arguments in [
            ["update-ref", "refs/heads/task", base], ["config", "core.bare", "false"],
            ["config", "core.worktree", scene.worktree], ["config", "user.name", "Agent"],
            ["config", "user.email", "agent@example.invalid"],
            ["--work-tree", scene.worktree, "read-tree", base],
        ] {
            try await repository.git(["--git-dir", privateGit] + arguments)
        }
        pointerFile = try scene.folder.write("pointer", "gitdir: \(privateGit)\n")
        try scene.own(privateGit, pointerFile)
        self.scene = scene
        self.repository = repository
        self.base = base
        privateGitDirectory = privateGit
    }

    /// Shows the split view in a profile.
    package func show(in profile: inout SandboxProfile) {
        profile.privateGitDirectory = privateGitDirectory
        profile.gitPointerFile = pointerFile
    }

    package func shell(_ script: String) async throws -> String {
        try await scene.shell(script) { show(in: &$0) }
    }
}
