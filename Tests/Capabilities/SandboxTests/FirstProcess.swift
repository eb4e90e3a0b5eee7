import ChildProcess
import Fixtures
import Linux
import Sandbox
import SandboxScene

/// sandbox-init as process 1 of namespaces with nothing else around it: the host's files, no filter, no
/// launcher.
enum FirstProcess {
    static let ledgerDescriptor: Int32 = 9

    static var program: String { get throws { try builtProduct(named: "sandbox-init") } }

    /// A command line as process 1; `channel` is the descriptor that `--ledger` names.
    static func command(_ line: [String], channel: Descriptor? = nil) throws -> ChildCommand {
        let bwrap = try SandboxTools.locate(beside: Files.parent(of: program)).bwrap
        return ChildCommand(
            [
                bwrap, "--unshare-all", "--as-pid-1", "--die-with-parent", "--bind", "/", "/", "--dev",
                "/dev", "--proc", "/proc", "--",
            ] + line, environment: ["PATH": "/usr/bin:/bin"],
            passedDescriptors: channel.map { [.init($0, as: ledgerDescriptor)] } ?? [])
    }

    /// `init` with these options and this command, to its end.
    static func run(
        _ command: [String], with options: [String] = [], channel: Descriptor? = nil
    ) async throws -> ChildOutput {
        try await ended(
            [program, "init"] + options + ["--"] + command, channel: channel)
    }

    /// The same after a Python script, which becomes it with `start(option…)`.
    static func run(after script: String, _ command: [String]) async throws -> ChildOutput {
        let words = (["--"] + command).map { "'\($0)'" }.joined(separator: ", ")
        let prelude = """
            import os
            def start(*options):
                program = '\(try program)'
                os.execv(program, [program, 'init', *options, \(words)])

            """
        return try await ended(["/usr/bin/python3", "-I", "-c", prelude + script], channel: nil)
    }

    private static func ended(_ line: [String], channel: Descriptor?) async throws -> ChildOutput {
        let output = try await Child.run(
            Self.command(line, channel: channel), timeout: SandboxScene.patience)
        guard !output.timedOut else { throw SceneFailure("it did not end: \(output.stderrText)") }
        return output
    }
}
