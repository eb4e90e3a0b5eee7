package import ChildProcess
import FoundationEssentials
import Glibc
import Linux

/// The built product in a world of its own: its state, its configuration, a user's repository and a server
/// that ends with the world.
///
/// The programs are the real ones, and so are git, the journal and the sandbox. Only the models are played.
package final class ProductWorld: Sendable {
    package let folder: TemporaryFolder
    package let repository: TestRepository
    package let environment: [String: String]
    private let graftwork: String

    /// A Python package with one test, on branch `main`, checked out and clean.
    package static let sample = [
        "calc.py": "def add(a, b):\n    return a + b\n",
        "tests/__init__.py": "",
        "tests/test_calc.py": """
        import unittest

        from calc import add


        class AddTests(unittest.TestCase):
            def test_adds(self):
                self.assertEqual(add(1, 2), 3)

        """,
        ".gitignore": "__pycache__/\n",
    ]

    /// Two built-in agents of two vendors.
    package static let twoVendors = """
        version: 1
        agents:
          planner: { harness: graftwork, upstream: anthropic, model: claude-sonnet-4-5 }
          builder: { harness: graftwork, upstream: openai, model: gpt-5 }
          second: { harness: graftwork, upstream: anthropic, model: claude-sonnet-4-5 }

        """

    package init(
        files: [String: String] = ProductWorld.sample, configuration: String? = ProductWorld.twoVendors,
        variables: [String: String] = [:]
    ) async throws {
        folder = try TemporaryFolder(reachable: true)
        repository = try await TestRepository(in: folder, files: files)
        graftwork = try builtProduct(named: "graftwork")
        try Files.makeDirectory(folder.path("home"))
        environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path("home"), "LANG": "C.UTF-8",
            "TERM": "dumb",
            "XDG_STATE_HOME": folder.path("state"), "XDG_CONFIG_HOME": folder.path("config"),
            "XDG_CACHE_HOME": folder.path("cache"),
        ].merging(variables) { _, given in given }
        if let configuration { _ = try folder.write("config/graftwork/config.yaml", configuration) }
        if SystemIdentity.isRoot { try Files.makeDirectory(folder.path("state"), mode: 0o711) }
    }

    /// Ends the server and with it everything of this world; called once by whoever made it.
    package func end() async throws {
        try await killServer(SIGTERM)
        // Sessions outlive their server by design; here they end with the world.
        for pid in try sessionPIDs() { kill(pid, SIGKILL) }
        try await wait { try sessionPIDs().isEmpty }
    }

    /// Writes a Rehearsal script and returns its path.
    package func script(_ text: String, named name: String = "script.yaml") throws -> String {
        try folder.write(name, text)
    }

    // MARK: Commands

    /// Runs `graftwork` in the repository and collects what it prints.
    package func run(
        _ arguments: [String], in directory: String? = nil, input: [UInt8]? = nil, prefix: [String] = []
    ) async throws -> CommandResult {
        let output = try await Child.run(
            ChildCommand(
                prefix + [graftwork] + arguments, environment: environment,
                workingDirectory: directory ?? repository.path),
            input: input, outputBytesMax: 32 << 20, timeout: Self.patience)
        return CommandResult(
            arguments: arguments, exit: output.termination, stdout: output.stdoutText,
            stderr: output.stderrText,
            timedOut: output.timedOut)
    }
    package func run(_ arguments: String...) async throws -> CommandResult { try await run(arguments) }

    /// No test waits for time; this only ends what would never end.
    private static let patience: Duration = .seconds(300)

    /// `graftwork run` with a script in place of the models, checkout moved along.
    package func rehearse(
        _ script: String, goal: String = "Add two functions", _ more: String...
    ) async throws -> CommandResult {
        try await run(["run", goal, "--rehearse", script, "--update-checkout"] + more)
    }

    // MARK: The server

    /// The server's process, as the kernel names it; nil when none answers.
    package func serverPID() throws -> Int32? {
        let socket = folder.path("state/graftwork/server.sock")
        do throws(SystemError) {
            return try UnixListener.peerCredentials(of: try UnixSocket.connect(path: socket)).pid
        } catch {
            guard error.isNotFound || error.code == ECONNREFUSED else { throw error }
            return nil
        }
    }

    /// Ends the server, by default as a crash does, and returns when it is gone.
    package func killServer(_ signal: Int32 = SIGKILL) async throws {
        guard let pid = try serverPID() else { return }
        kill(pid, signal)
        try await wait { try serverPID() == nil }
        // One that was killed could not take away the folder of its self-test.
        for name in try Files.list("/var/tmp") where name.hasPrefix("graftwork-self-test-\(pid)-") {
            try Files.removeTree("/var/tmp/\(name)")
        }
    }

    /// Runners and scripted models of this world that live: those whose command line or folder names it.
    package func sessionPIDs() throws -> [Int32] {
        try Files.list("/proc").compactMap(Int32.init).filter { pid in
            // A process that ends while we look is none of ours any more.
            guard let line = try? Files.readText("/proc/\(pid)/cmdline", bytesMax: 64 << 10),
                line.contains("graftwork-runner") || line.contains("graftwork-server")
                    || line.contains("bwrap")
            else { return false }
            if line.contains(folder.path) { return true }
            guard let descriptors = try? Files.list("/proc/\(pid)/fd") else { return false }
            return descriptors.contains { number in
                (try? Files.linkTarget("/proc/\(pid)/fd/\(number)"))?.hasPrefix(folder.path) ?? false
            }
        }
    }
}

/// What a command printed and how it ended.
package struct CommandResult: Sendable, CustomStringConvertible {
    package let arguments: [String]
    package let exit: Termination
    package let stdout: String
    package let stderr: String
    package let timedOut: Bool

    package var code: Int32? { if case .exited(let code) = exit { code } else { nil } }
    package var lines: [String] { stdout.split(separator: "\n").map(String.init) }
    /// Everything a person would see.
    package var text: String { stdout + stderr }
    package var description: String {
        """
        graftwork \(arguments.joined(separator: " ")) \
        \(exit)\(timedOut ? ", timed out" : "")\n\(stdout)\(stderr)
        """
    }
}
