import ChildProcess
import Fixtures
import Linux
import Vocabulary
import Worktrees

/// The worktree as an agent sees it, without a sandbox: mounted in a namespace that ends with each script.
struct OverlayView {
    let worktree: PreparedWorktree

    static let isPossible = Requirement.has("unshare") && Requirement.has("mount")

    /// Runs a shell script in the worktree, with the agent's git directory, and answers what it printed.
    func shell(_ script: String) async throws -> String {
        guard let layers = worktree.layers else { throw ViewFailure(description: "it is no overlay") }
        let output = try await Child.run(
            ChildCommand(
                [
                    "unshare", "--user", "--map-root-user", "--mount", "sh", "-e", "-c",
                    """
                    exec 2>&1
                    mount -t overlay overlay -o "userxattr,lowerdir=$2,upperdir=$3,workdir=$4" "$1"
                    cd "$1"
                    """ + "\n" + script,
                    "view", worktree.path, layers.lower, layers.upper, layers.work,
                ],
                environment: TestRepository.environment.merging([
                    "GIT_DIR": worktree.privateGitDirectory, "GIT_WORK_TREE": worktree.path,
                    "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
                ]) { $1 }), timeout: .seconds(60))
        guard output.isSuccess else { throw ViewFailure(description: output.stderrText + output.stdoutText) }
        var text = output.stdoutText
        while text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}

struct ViewFailure: Error, CustomStringConvertible { let description: String }
