import ControlProtocol
import Glibc
import Linux
import Vocabulary

/// `serve`, `doctor` and `sandbox`: become the server's own program, which has what this one leaves out.
///
/// `serve --stop` ends the server.
struct ServerCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    func perform() async throws(Problem) -> ExitCode {
        if command.has("stop") { return try await stop() }
        let program = try context.files.program("graftwork-server")
        try become([program, command.specification.name] + (context.asJSON ? ["--json"] : []))
        return .failed
    }

    /// Passes on what the table has understood, so that the other program reads nothing but its own order.
    func runSandbox() async throws(Problem) -> ExitCode {
        guard command.has("print-plan") || !command.rest.isEmpty else {
            throw Problem.usage(
                "`graftwork sandbox run` needs a command.", hint: "graftwork sandbox run -- COMMAND ARGUMENTS"
            )
        }
        guard command.has("print-plan") || !context.asJSON else {
            throw Problem.usage(
                "Only the plan can be printed as JSON.", hint: "graftwork sandbox run --print-plan --json")
        }
        var argv = [try context.files.program("graftwork-server"), "sandbox"]
        for option in ["profile", "worktree", "read", "env"] {
            for value in command.values(option) { argv += ["--" + option, value] }
        }
        if command.has("print-plan") { argv.append("--print-plan") }
        if context.asJSON { argv.append("--json") }
        try become(argv + ["--"] + command.rest)
        return .failed
    }

    private func stop() async throws(Problem) -> ExitCode {
        guard let running = try context.client.connectIfRunning() else {
            if !command.has("if-replaced") { await context.console.say("No server runs.") }
            return .done
        }
        let isOutdated = running.serverIsOutdated
        running.close()
        if command.has("if-replaced"), !isOutdated { return .done }
        let exit = try await context.client.ask(.shutdown, startsServer: false)
        await context.console.say(
            "The server has ended. The next command starts it again; `graftwork resume` goes on with runs.")
        return exit
    }

    /// Replaces this process; returns only by throwing.
    private func become(_ argv: [String]) throws(Problem) {
        guard chdir(context.directory) == 0 else {
            throw Problem.usage(
                "The folder \(SafeText.line(context.directory)) cannot be entered.", hint: nil)
        }
        // The program expects the signals as any program finds them.
        signal(SIGPIPE, SIG_DFL)
        let pointers = argv.map { strdup($0) } + [nil]
        execv(argv[0], pointers)
        let code = errno
        for pointer in pointers { free(pointer) }
        throw Problem(
            "The program \(argv[0]) cannot be started: \(SystemError.text(of: code)).",
            hint: "Install again with `scripts/install`.", blame: .environment)
    }
}
