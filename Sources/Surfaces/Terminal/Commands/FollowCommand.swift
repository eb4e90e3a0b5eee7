import ControlProtocol
import Vocabulary

/// `watch`, `land`, `stop` and `resume`: requests about a run that exists, most of which are then followed.
struct FollowCommand: Sendable {
    let command: ParsedCommand
    let context: CommandContext

    func perform() async throws(Problem) -> ExitCode {
        switch command.specification.name {
        case "watch": try await follow(try await choose(.going), answersHere: false)
        case "stop": try await stop(try await choose(.onlyGoing))
        case "land": try await land(try await choose(.mostRecent))
        // `perform` of the program sends only these four here.
        default: try await resume()
        }
    }

    private func choose(_ preference: RunChoice.Preference) async throws(Problem) -> RunID {
        try await RunChoice(context: context, preference: preference).choose(command.argument("RUN"))
    }

    private func follow(_ run: RunID, answersHere: Bool) async throws(Problem) -> ExitCode {
        try await Following(context: context, isPlain: command.has("plain"), answersHere: answersHere).follow(
            run)
    }

    private func stop(_ run: RunID) async throws(Problem) -> ExitCode {
        let exit = try await context.client.ask(.stop(run: run))
        let id = SafeText.line(run.rawValue, charactersMax: 40)
        await context.console.say(
            context.asJSON
                ? JSONOutput.line(["stopped": run])
                : "Run \(id) is stopped; nothing is lost. Go on with it: graftwork resume \(id)")
        return exit
    }

    private func land(_ run: RunID) async throws(Problem) -> ExitCode {
        let task = command.argument("TASK").map { TaskID($0) }
        let request = ControlRequest.land(
            run: run, task: task,
            updateCheckout: command.choice("update-checkout", not: "no-update-checkout"),
            into: command.value("into"))
        let exit = try await context.client.ask(request)
        // What the server refused at once needs no following.
        guard exit == .done, !command.has("detach") else { return exit }
        return try await follow(run, answersHere: true)
    }

    private func resume() async throws(Problem) -> ExitCode {
        guard let named = command.argument("RUN") else { return try await resume(nil) }
        if let (run, task) = TaskChoice.parts(named), let task {
            return try await SteeringCommand(command: command, context: context).unpause(run, task)
        }
        return try await resume(RunID(named))
    }

    private func resume(_ run: RunID?) async throws(Problem) -> ExitCode {
        var accepted: [RunID] = []
        let exit = try await context.client.ask(.resume(run: run, environment: context.environment)) {
            if case .accepted(let run) = $0 { accepted.append(run) }
        }
        if let run, accepted.isEmpty, exit == .done { accepted = [run] }
        if accepted.count == 1, exit == .done, !command.has("detach") {
            return try await follow(accepted[0], answersHere: true)
        }
        if context.asJSON {
            await context.console.say(JSONOutput.line(["accepted": accepted]))
        } else if accepted.isEmpty {
            await context.console.say("There is nothing to resume.")
        } else {
            let ids = accepted.map { SafeText.line($0.rawValue, charactersMax: 40) }
            await context.console.say(ids.map { "Run \($0) goes on. Follow it: graftwork watch \($0)" })
        }
        return exit
    }
}
