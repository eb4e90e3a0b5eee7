import ControlProtocol
import Vocabulary

/// `worktree import`: what other tools' files say about set-up, and the YAML that says it here.
///
/// The YAML alone goes to standard output, so that it can be added to a file; what was understood and what
/// not is for the person and goes to standard error.
struct WorktreeImportCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    func perform() async throws(Problem) -> ExitCode {
        guard command.argument("RUN") == nil else {
            throw Problem.usage(
                "`graftwork worktree import` takes no run.", hint: "It reads the repository you are in.")
        }
        var found: ImportedSetupView?
        let exit = try await context.client.ask(.importSetup(repository: context.directory)) {
            if case .importedSetup(let setup) = $0 { found = setup }
        }
        guard let found else { return exit }
        let console = context.console
        if context.asJSON {
            await console.say(JSONOutput.document(found))
            return exit
        }
        await console.writeError(Self.lines(of: found).map { $0 + "\n" }.joined())
        if !found.yaml.isEmpty { await console.write(SafeText.block(found.yaml)) }
        return exit
    }

    static func lines(of found: ImportedSetupView) -> [String] {
        guard !found.files.isEmpty else {
            return ["No other tool's set-up was found in the last commit of this repository."]
        }
        var lines: [String] = []
        for file in found.files {
            lines.append("\(SafeText.line(file.path)) (\(SafeText.line(file.tool)))")
            lines += file.understood.map { "  understood: \(SafeText.line($0))" }
            lines += file.notUnderstood.map { "  not understood: \(SafeText.line($0))" }
            if file.understood.isEmpty, file.notUnderstood.isEmpty { lines.append("  nothing is in it") }
        }
        return lines + found.notes.map { SafeText.line($0) }
    }
}
