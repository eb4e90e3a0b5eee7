package import ChildProcess
import Linux

/// A real git repository in a temporary folder, untouched by the configuration of whoever runs the tests.
package final class TestRepository: Sendable {
    package let folder: TemporaryFolder
    package let path: String

    /// An empty repository whose branch `main` is yet unborn.
    package init(in folder: TemporaryFolder? = nil, named name: String = "repository") async throws {
        self.folder = try folder ?? TemporaryFolder()
        path = self.folder.path(name)
        try Files.makeDirectory(path, mode: 0o755)
        try await git("init", "--quiet", "--initial-branch=main")
        // Not in the environment: it would win over what a worktree of an agent says.
        try await git("config", "user.name", "Test Person")
        try await git("config", "user.email", "person@example.invalid")
    }

    /// A repository with one commit of these files.
    package convenience init(in folder: TemporaryFolder? = nil, files: [String: String]) async throws {
        try await self.init(in: folder)
        for (name, text) in files.sorted(by: { $0.key < $1.key }) { try write(name, text) }
        try await commit("begin")
    }

    /// The environment every git of the tests runs in: fixed dates, no user, no system
    /// configuration.
    package static let environment: [String: String] = [
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
    ]

    /// Runs git in the repository, or elsewhere, and answers what it printed, without the last line end.
    /// Throws when it fails.
    @discardableResult
    package func git(
        _ arguments: String..., at directory: String? = nil, environment: [String: String] = [:]
    ) async throws -> String {
        try await git(arguments, at: directory, environment: environment)
    }

    @discardableResult
    package func git(
        _ arguments: [String], at directory: String? = nil, environment: [String: String] = [:]
    ) async throws -> String {
        let output = try await tryGit(arguments, at: directory, environment: environment)
        guard output.isSuccess else {
            throw GitFailure(arguments: arguments, termination: output.termination, stderr: output.stderrText)
        }
        var text = output.stdoutText
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    /// Runs git in the repository; a failure is a result.
    package func tryGit(
        _ arguments: [String], at directory: String? = nil, environment: [String: String] = [:]
    ) async throws -> ChildOutput {
        // The user who runs the tests may not be the owner of what another test made: that is no attack here.
        let command = ChildCommand(
            ["git", "-c", "safe.directory=*", "-c", "commit.gpgSign=false"] + arguments,
            environment: Self.environment.merging(environment) { $1 }, workingDirectory: directory ?? path)
        return try await Child.run(command, outputBytesMax: 16 << 20, timeout: .seconds(120))
    }

    @discardableResult
    package func write(_ relative: String, _ text: String, mode: UInt32 = 0o644) throws -> String {
        let target = "\(path)/\(relative)"
        try Files.makeDirectory(Files.parent(of: target), mode: 0o755)
        try Files.writeAtomically(target, text: text, mode: mode)
        return target
    }

    /// Commits everything in the checkout and answers the commit's id.
    @discardableResult
    package func commit(_ message: String) async throws -> String {
        try await git("add", "--all")
        try await git("commit", "--quiet", "--allow-empty", "--message", message)
        return try await revParse("HEAD")
    }

    package func revParse(_ name: String) async throws -> String {
        try await git("rev-parse", "--verify", "--end-of-options", name)
    }

    /// The lines of `git status --porcelain`, untracked files included; empty for a clean checkout.
    package func status() async throws -> [String] {
        try await git("status", "--porcelain", "--untracked-files=all").split(separator: "\n").map(
            String.init)
    }

    /// A file as a commit has it.
    package func show(_ revision: String, _ file: String) async throws -> String {
        let output = try await tryGit(["show", "\(revision):\(file)"])
        guard output.isSuccess else {
            throw GitFailure(
                arguments: ["show", "\(revision):\(file)"], termination: output.termination,
                stderr: output.stderrText)
        }
        return output.stdoutText
    }

    /// The subjects of a branch, the newest first.
    package func subjects(_ revision: String = "HEAD") async throws -> [String] {
        try await git("log", "--format=%s", revision).split(separator: "\n").map(String.init)
    }
}

/// A git of a test that did not do what the test relies on.
package struct GitFailure: Error, CustomStringConvertible {
    package let arguments: [String]
    package let termination: Termination
    package let stderr: String
    package var description: String { "git \(arguments.joined(separator: " ")) \(termination): \(stderr)" }
}
