import ControlProtocol
import Linux
import Vocabulary

/// `run` and `plan`: shows what will happen, asks what must be asked once, starts the run and follows it.
struct RunCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext
    private var planOnly: Bool { command.specification.name == "plan" }

    func perform() async throws(Problem) -> ExitCode {
        try await Submitting(context: context, isYes: command.has("yes"), isPlain: command.has("plain"))
            .submit(try submission(), detaches: command.has("detach"))
    }

    private func submission() throws(Problem) -> RunSubmission {
        RunSubmission(
            repository: context.directory, goal: command.argument("GOAL") ?? "",
            workflow: try workflow(command.value("workflow")), into: command.value("into"),
            updateCheckout: command.choice("update-checkout", not: "no-update-checkout"),
            answersYes: command.has("yes"),
            planOnly: planOnly, allowsSameVendor: command.has("same-vendor") ? true : nil,
            rehearsalScript: try command.value("rehearse").map(existing),
            configurationFile: try command.value("config").map(existing), environment: context.environment,
            person: context.person)
    }

    /// A path is made absolute, because the server stands elsewhere; a name is looked up by the server.
    private func workflow(_ given: String?) throws(Problem) -> String {
        guard let given else { return "feature" }
        return given.contains("/") ? try existing(given) : given
    }

    private func existing(_ path: String) throws(Problem) -> String {
        let absolute = path.hasPrefix("/") ? path : context.directory + "/" + path
        do throws(SystemError) {
            return try Files.realPath(absolute)
        } catch {
            throw Problem.usage(
                "The file \(path) cannot be read: \(SystemError.text(of: error.code)).", hint: nil)
        }
    }
}
