import ControlProtocol
import Glibc
import Linux
import Vocabulary

/// `steer`, `interrupt` and `pause`, and the end of one task's pause.
struct SteeringCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    private struct Pause: Codable {
        var run: RunID
        var task: TaskID?
        var paused: Bool
    }

    func perform() async throws(Problem) -> ExitCode {
        let (run, task) = try await TaskChoice(context: context).choose(command.argument("RUN/TASK"), nil)
        switch command.specification.name {
        case "steer": return try await steer(run, task)
        case "interrupt": return try await interrupt(run, task)
        // `perform` of the program sends only these three here.
        default: return try await pause(run, task)
        }
    }

    private func steer(_ run: RunID, _ task: TaskID?) async throws(Problem) -> ExitCode {
        let text = command.argument("TEXT") ?? ""
        guard text.utf8.count <= ToldMessage.textBytesMax else {
            throw Problem.usage(
                "The message has more than \(ToldMessage.textBytesMax >> 10) KiB.",
                hint: "Put it into a file and bring that along with --file.")
        }
        let files = try files()
        let request = ControlRequest.tell(
            run: run, task: task, text: text, files: files, by: context.person)
        return try await reach(request) { session in
            let count = files.isEmpty ? "" : " and \(Amounts.count(files.count, "file"))"
            return "\(name(of: session)) has your message\(count). See what becomes of it: graftwork logs "
                + SafeText.line([session.run.rawValue, session.task?.rawValue ?? ""].joined(separator: " "))
        }
    }

    private func interrupt(_ run: RunID, _ task: TaskID?) async throws(Problem) -> ExitCode {
        try await reach(.interrupt(run: run, task: task, by: context.person)) { session in
            let id = SafeText.line(session.run.rawValue, charactersMax: 40)
            return "\(name(of: session)) was told to end its turn; what it did is kept. Go on with it: "
                + "graftwork resume \(id)"
        }
    }

    private func reach(
        _ request: ControlRequest, _ words: (SessionView) -> String
    ) async throws(Problem) -> ExitCode {
        var reached: SessionView?
        let exit = try await context.client.ask(request) {
            if case .reached(let session) = $0 { reached = session }
        }
        if let reached {
            await context.console.say(context.asJSON ? JSONOutput.document(reached) : words(reached))
        }
        return exit
    }

    private func pause(_ run: RunID, _ task: TaskID?) async throws(Problem) -> ExitCode {
        let exit = try await context.client.ask(.pause(run: run, task: task, by: context.person))
        let name = self.name(run, task)
        await context.console.say(
            context.asJSON
                ? JSONOutput.document(Pause(run: run, task: task, paused: true))
                : "\(name) is paused: nothing of it runs and nothing begins. Go on with it: graftwork resume "
                    + name)
        return exit
    }

    func unpause(_ run: RunID, _ task: TaskID) async throws(Problem) -> ExitCode {
        let exit = try await context.client.ask(.unpause(run: run, task: task, by: context.person))
        await context.console.say(
            context.asJSON
                ? JSONOutput.line(Pause(run: run, task: task, paused: false))
                : "\(name(run, task)) goes on.")
        return exit
    }

    private func name(_ run: RunID, _ task: TaskID?) -> String {
        SafeText.line(task.map { "\(run)/\($0)" } ?? run.rawValue, charactersMax: 120)
    }

    private func name(of session: SessionView) -> String {
        let whose =
            session.task.map { "The \(session.role.rawValue) of \(session.run)/\($0)" }
            ?? "The \(session.role.rawValue) of \(session.run)"
        return SafeText.line("\(whose) (\(session.agent))", charactersMax: 160)
    }

    /// Absolute paths: the server stands elsewhere. Looked at here, for a person wants to know at once.
    private func files() throws(Problem) -> [String] {
        let given = command.values("file")
        guard given.count <= ToldMessage.filesMax else {
            throw Problem.usage(
                "\(given.count) files are more than the \(ToldMessage.filesMax) a message may bring.",
                hint: "Put them into an archive, or say it in two messages.")
        }
        var paths: [String] = []
        for path in given { paths.append(try look(at: path)) }
        return paths
    }

    private func look(at path: String) throws(Problem) -> String {
        let shown = SafeText.line(path, charactersMax: 200)
        let (real, status) = try read(path, shown)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Problem.usage("\(shown) is no file.", hint: nil)
        }
        guard status.st_size <= ToldMessage.fileBytesMax else {
            throw Problem.usage(
                "\(shown) has more than \(ToldMessage.fileBytesMax >> 20) MiB.",
                hint: "Commit it, or tell the agent how to get it.")
        }
        return real
    }

    private func read(_ path: String, _ shown: String) throws(Problem) -> (String, stat) {
        do throws(SystemError) {
            let real = try Files.realPath(path.hasPrefix("/") ? path : context.directory + "/" + path)
            // Without waiting for a writer, should it be a pipe.
            try Descriptor.open(real, flags: O_RDONLY | O_NONBLOCK).close()
            return (real, try Files.status(of: real))
        } catch {
            throw Problem.usage("\(shown) cannot be read: \(SystemError.text(of: error.code)).", hint: nil)
        }
    }
}
