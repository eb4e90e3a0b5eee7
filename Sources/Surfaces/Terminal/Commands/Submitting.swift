import ControlProtocol
import Vocabulary

/// Brings a submission to the server: prepare, show, ask, run, follow.
struct Submitting: Sendable {
    var context: CommandContext
    /// Whatever would be asked is answered with yes.
    var isYes: Bool
    var isPlain: Bool

    func submit(_ submission: RunSubmission, detaches: Bool) async throws(Problem) -> ExitCode {
        let console = context.console
        var submission = submission
        let preparation = try await prepare(submission)
        if !context.asJSON {
            await console.say(
                PreparationText.lines(
                    of: preparation, goal: submission.goal, into: submission.into, columns: console.columns,
                    palette: console.palette))
            await console.say("")
        }
        await decide(&submission, preparation)
        let run = try await start(submission)
        let id = SafeText.line(run.rawValue, charactersMax: 40)
        if context.asJSON {
            await console.say(JSONOutput.line(["accepted": run]))
        } else if detaches {
            await console.say("Run \(id) has started. Follow it: graftwork watch \(id)")
        } else if isPlain || console.screen() == nil {
            await console.say("run \(id)")
        }
        if detaches { return .done }
        return try await Following(context: context, isPlain: isPlain, isYes: isYes, answersHere: true)
            .follow(run)
    }

    private func prepare(_ submission: RunSubmission) async throws(Problem) -> RunPreparation {
        var prepared: RunPreparation?
        _ = try await context.client.ask(.prepare(submission: submission)) {
            if case .prepared(let preparation) = $0 { prepared = preparation }
        }
        guard let prepared else { throw Problem("The server did not say what the run would do.", blame: .us) }
        return prepared
    }

    private func start(_ submission: RunSubmission) async throws(Problem) -> RunID {
        var accepted: RunID?
        let exit = try await context.client.ask(.run(submission: submission)) {
            if case .accepted(let run) = $0 { accepted = run }
        }
        guard let accepted else {
            throw Problem(
                "The server did not accept the run.", hint: "`graftwork status` shows the runs.", blame: .us,
                exitCode: exit == .done ? .failed : exit)
        }
        return accepted
    }

    /// What must be asked once. Without a person nothing is decided that was not said on the command line:
    /// the server then holds what it may not do.
    private func decide(_ submission: inout RunSubmission, _ preparation: RunPreparation) async {
        await decideConfiguration(&submission, preparation)
        await decideVendor(&submission, preparation)
        await decideCheckout(&submission, preparation)
    }

    private func decideConfiguration(_ submission: inout RunSubmission, _ preparation: RunPreparation) async {
        guard let proposed = preparation.proposedConfiguration else { return }
        let path = SafeText.line(preparation.proposedConfigurationPath ?? "your configuration folder")
        if isYes {
            submission.savesProposal = true
        } else if context.asks {
            let lines = SafeText.block(proposed).split(separator: "\n", omittingEmptySubsequences: false).map
            { "    " + $0 }
            await context.console.say([
                "There is no configuration yet. This one fits what is installed here:", "",
            ])
            await context.console.say(lines)
            submission.savesProposal = await context.console.confirm(
                "Save it as \(path)?", defaultsToYes: true)
        }
    }

    private func decideVendor(_ submission: inout RunSubmission, _ preparation: RunPreparation) async {
        guard preparation.needsSameVendorDecision, submission.allowsSameVendor == nil, context.asks else {
            return
        }
        await context.console.say("Only one vendor is at hand, so no other vendor can review.")
        submission.allowsSameVendor = await context.console.confirm(
            "Let a second model of the same vendor review, marked same-vendor in every record? No holds "
                + "the run.",
            defaultsToYes: false)
    }

    private func decideCheckout(_ submission: inout RunSubmission, _ preparation: RunPreparation) async {
        guard !submission.planOnly, submission.updateCheckout == nil,
            preparation.updateCheckoutConfigured == nil,
            let path = preparation.checkedOutAt
        else { return }
        let target = SafeText.line(preparation.target, charactersMax: 80)
        let place = path == preparation.repository ? "here" : "at " + SafeText.line(path)
        guard preparation.checkoutIsClean else {
            if !context.asJSON {
                await context.console.say(
                    "\(target) is checked out \(place) and not clean: landings on it are held until you "
                        + "commit or stash, or land elsewhere with --into BRANCH."
                )
            }
            return
        }
        if isYes {
            submission.updateCheckout = true
        } else if context.asks {
            submission.updateCheckout = await context.console.confirm(
                "\(target) is checked out \(place) and clean: move it along?", defaultsToYes: true)
        }
    }
}
