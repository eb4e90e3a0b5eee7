import ChildProcess
import ControlProtocol
import Glibc
import Linux
import Vocabulary

/// `demo`: a small repository in a temporary folder, and on it an ordinary run with a scripted model.
struct DemoCommand: Sendable {
    static let goal = "Add a slugify function, and let word counts ignore stop words"
    static let gitTimeout = Duration.seconds(30)
    static let templateBytesMax = 1 << 20

    let command: ParsedCommand
    let context: CommandContext

    func perform() async throws(Problem) -> ExitCode {
        let template = try context.files.shipped("Templates/demo")
        let folder = try makeFolder()
        do throws(SystemError) {
            try copy(template + "/repository", to: folder)
        } catch {
            throw Problem(
                "The demo's repository cannot be written to \(folder): \(error).",
                hint: "Name another place with --folder DIR.",
                blame: .environment)
        }
        for arguments in Self.gitSteps { try await git(arguments, in: folder) }
        if !context.asJSON { await introduce(folder) }

        var context = context
        context.directory = folder
        let submission = RunSubmission(
            repository: folder, goal: Self.goal, updateCheckout: true, answersYes: command.has("yes"),
            rehearsalScript: template + "/rehearsal.yaml", configurationFile: template + "/config.yaml",
            environment: context.environment, person: context.person)
        let exit = try await Submitting(
            context: context, isYes: command.has("yes"), isPlain: command.has("plain")
        )
        .submit(submission, detaches: false)
        if !context.asJSON { await conclude(folder, exit) }
        return exit
    }

    private func introduce(_ folder: String) async {
        await say("A small Python package is in \(folder).")
        await say(
            """
            Two agents of two vendors will change it, each in its own sandbox; each diff is reviewed by the \
            other vendor. The models are played from a script, so nothing is spent. Everything else is real.
            """)
        await context.console.say("")
    }

    private func conclude(_ folder: String, _ exit: ExitCode) async {
        let place = PreparationText.quoted(folder)
        await context.console.say("")
        await say("The repository stays in \(folder); delete it when you have seen enough.")
        await context.console.say(["  cd \(place) && git log --stat", "  cd \(place) && python3 -m unittest"])
        if exit == .done {
            await say("In a repository of your own: graftwork doctor, then graftwork run \"GOAL\"")
        }
    }

    private func say(_ text: String) async {
        await context.console.say(
            DisplayWidth.wrap(text, to: min(context.console.columns, RunSummary.columnsMax)))
    }

    // MARK: The repository

    private func makeFolder() throws(Problem) -> String {
        do throws(SystemError) {
            if let given = command.value("folder") {
                let path = given.hasPrefix("/") ? given : context.directory + "/" + given
                try Files.makeDirectory(path, mode: 0o755)
                guard try Files.list(path).isEmpty else {
                    throw SystemError(code: ENOTEMPTY, call: "open", subject: path)
                }
                return try Files.realPath(path)
            }
            let parent = context.environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
            var template = Array((parent + "/graftwork-demo-XXXXXX").utf8CString)
            guard mkdtemp(&template) != nil else { throw SystemError(call: "mkdtemp", subject: parent) }
            return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        } catch {
            throw Problem(
                "The folder of the demo cannot be made: \(error).",
                hint: "Name an empty one with --folder DIR.",
                blame: .environment)
        }
    }

    /// Copies the shipped tree, regular files and folders only.
    private func copy(_ source: String, to destination: String) throws(SystemError) {
        for name in try Files.list(source).sorted() {
            // Named without its dot where it ships: a `.graftwork` in our own repository would govern our own
            // repository.
            let target = destination + "/" + (name.hasPrefix("dot-") ? "." + name.dropFirst(4) : name)
            if Files.isDirectory(source + "/" + name) {
                try Files.makeDirectory(target, mode: 0o755)
                try copy(source + "/" + name, to: target)
            } else {
                let bytes = try Files.read(source + "/" + name, bytesMax: Self.templateBytesMax)
                try Files.writeAtomically(target, bytes, mode: 0o644)
            }
        }
    }

    static let gitSteps: [[String]] = [
        ["init", "--quiet", "--initial-branch=main", "--template="], ["add", "--all"],
        ["commit", "--quiet", "--no-gpg-sign", "--message=words: count words"],
    ]

    /// git with nothing of the user's: no configuration, no hooks, no templates, an author of its own.
    private func git(_ arguments: [String], in folder: String) async throws(Problem) {
        let environment = [
            "PATH": context.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "Demo", "GIT_AUTHOR_EMAIL": "demo@graftwork.invalid",
            "GIT_COMMITTER_NAME": "Demo", "GIT_COMMITTER_EMAIL": "demo@graftwork.invalid",
        ]
        let output: ChildOutput
        do throws(SpawnError) {
            output = try await Child.run(
                ChildCommand(
                    ["git", "-c", "core.hooksPath=/dev/null"] + arguments, environment: environment,
                    workingDirectory: folder),
                timeout: Self.gitTimeout)
        } catch {
            throw Problem(
                "git cannot be started: \(error).", hint: "Install git (2.38 or newer).", blame: .environment)
        }
        guard output.isSuccess else {
            throw Problem(
                "git \(arguments[0]) failed in \(folder): "
                    + "\(SafeText.line(output.stderrText, charactersMax: 300))",
                hint: "Name another place with --folder DIR.", blame: .environment)
        }
    }
}
