import ChildProcess
import Git
import Linux
import Testing

/// A folder with a repository made by the git program; gone when the test ends.
final class ScratchFolder: Sendable {
    struct Failed: Error { let said: String }
    let folder: String
    var path: String { "\(folder)/r" }

    init() async throws {
        folder = try Files.realPath("/tmp") + "/graftwork-git-\(RandomBytes.hex(count: 8))"
        try Files.makeDirectory(path)
        try await git("init", "-q", "-b", "main")
        try await git("config", "user.name", "P")
        try await git("config", "user.email", "p@example.org")
    }

    deinit {
        do {
            try Files.removeTree(folder)
        } catch {
            Issue.record("\(folder) is left behind: \(error)")
        }
    }

    @discardableResult
    func git(_ arguments: String..., at directory: String? = nil) async throws -> String {
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
        ]
        let output = try await Child.run(
            ChildCommand(["git"] + arguments, environment: environment, workingDirectory: directory ?? path),
            timeout: .seconds(60))
        guard output.isSuccess else { throw Failed(said: output.stderrText) }
        return output.stdoutText.hasSuffix("\n") ? String(output.stdoutText.dropLast()) : output.stdoutText
    }

    func write(_ name: String, _ text: String) throws {
        try Files.makeDirectory(Files.parent(of: "\(path)/\(name)"))
        try Files.writeAtomically("\(path)/\(name)", text: text)
    }

    func commit(_ files: [String: String]) async throws -> GitID {
        for (name, text) in files { try write(name, text) }
        try await git("add", "-A")
        try await git("commit", "-q", "--allow-empty", "-m", "m")
        return try id(try await git("rev-parse", "HEAD"))
    }

    func id(_ hex: String) throws -> GitID { try #require(GitID(hex: hex)) }
}
