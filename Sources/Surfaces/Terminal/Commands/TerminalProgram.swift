import ControlProtocol
import Linux
package import Vocabulary

/// The program `graftwork`: reads the command line, does what it says, says what went wrong.
package enum TerminalProgram {
    /// - Parameter arguments: Those after the program's name.
    package static func run(arguments: [String], environment: [String: String], console: Console) async
        -> ExitCode
    {
        var asJSON = arguments.contains("--json")
        do {
            switch try ArgumentParser(commands: CommandTable.commands).parse(arguments) {
            case .help(let command): await help(command, console)
            case .version(let isJSON):
                await console.say(
                    isJSON
                        ? JSONOutput.line(["version": ProductVersion.current])
                        : "graftwork \(ProductVersion.current)")
            case .command(let command):
                asJSON = command.has("json")
                return try await perform(command, try context(command, environment, console))
            }
            return .done
        } catch {
            await report(Problem(error), asJSON: asJSON, console)
            return Problem(error).exitCode
        }
    }

    /// Dispatches to the command's own code.
    package static func perform(_ command: ParsedCommand, _ context: CommandContext) async throws(Problem)
        -> ExitCode
    {
        switch command.specification.name {
        case "run", "plan": try await RunCommand(command: command, context: context).perform()
        case "demo": try await DemoCommand(command: command, context: context).perform()
        case "status": try await StatusCommand(command: command, context: context).perform()
        case "watch", "land", "stop", "resume":
            try await FollowCommand(command: command, context: context).perform()
        case "steer", "interrupt", "pause":
            try await SteeringCommand(command: command, context: context).perform()
        case "logs": try await LogsCommand(command: command, context: context).perform()
        case "diff": try await DiffCommand(command: command, context: context).perform()
        case "inbox", "approve", "deny": try await InboxCommand(command: command, context: context).perform()
        case "worktree": try await WorktreeCommand(command: command, context: context).perform()
        case "cost": try await CostCommand(command: command, context: context).perform()
        case "audit": try await AuditCommand(command: command, context: context).perform()
        case "sandbox": try await ServerCommand(command: command, context: context).runSandbox()
        case "doctor", "serve": try await ServerCommand(command: command, context: context).perform()
        case "completion":
            await CompletionCommand.perform(command, context)
        // A row of the table that nobody has given code: our own mistake, found by the test that calls each.
        case let name:
            throw Problem("The command \(name) is not built in.", hint: "Please report this.", blame: .us)
        }
    }

    private static func help(_ command: CommandSpecification?, _ console: Console) async {
        guard let command else {
            let version = ProductVersion.current
            return await console.write(
                ManualPage.overview(of: CommandTable.commands, version: version, palette: console.palette))
        }
        await console.write(ManualPage.text(of: command, columns: console.columns, palette: console.palette))
    }

    private static func context(
        _ command: ParsedCommand, _ environment: [String: String], _ console: Console
    ) throws(Problem) -> CommandContext {
        let locations = Locations(
            environment: environment,
            home: environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
                ?? SystemIdentity.homeDirectory, isRoot: SystemIdentity.isRoot)
        let files = try InstalledFiles.ofThisProgram(share: environment["GRAFTWORK_SHARE"])
        let client = ServerClient(socket: locations.socket) { () async throws(Problem) in
            let program = try files.program("graftwork-server")
            try await ServerLaunch(program: program, locations: locations, environment: environment).start()
        }
        return CommandContext(
            console: console, environment: environment, directory: try directory(command.value("directory")),
            locations: locations, files: files, client: client, person: SystemIdentity.userName,
            asJSON: command.has("json"))
    }

    private static func directory(_ given: String?) throws(Problem) -> String {
        let path: String
        do throws(SystemError) {
            if let given {
                path = try Files.realPath(given)
            } else {
                path = try SystemIdentity.currentDirectory
            }
        } catch {
            let name = SafeText.line(given ?? ".")
            throw Problem.usage(
                "The folder \(name) cannot be used: \(SystemError.text(of: error.code)).", hint: nil)
        }
        guard Files.isDirectory(path) else {
            throw Problem.usage("\(SafeText.line(path)) is no folder.", hint: nil)
        }
        return path
    }

    /// One sentence that names the thing, and the next step; on standard error, and as JSON where JSON is
    /// expected.
    static func report(_ problem: Problem, asJSON: Bool, _ console: Console) async {
        if asJSON { await console.say(JSONOutput.line(["problem": problem])) }
        let name = "graftwork:"
        var text = name + " " + SafeText.block(problem.description)
        if let hint = problem.hint { text += "\n  next: " + SafeText.block(hint) }
        if problem.blame == .us, problem.hint?.contains("report") != true {
            text += "\n  This is a fault in graftwork; please report it."
        }
        let lines = Prose.text(text, columns: console.errorColumns())
        // Painted after the width was measured.
        await console.writeError(
            console.errorPalette.paint(name, .red) + lines.dropFirst(name.count) + "\n")
    }
}
