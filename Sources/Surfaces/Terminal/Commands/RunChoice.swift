import ControlProtocol
import Vocabulary

/// Decides which run a command means when none is named, and says so.
struct RunChoice: Sendable {
    enum Preference: Hashable, Sendable {
        case mostRecent
        /// The most recent that is not settled, else the most recent.
        case going
        /// Exactly one that is not settled; more than one is not guessed.
        case onlyGoing
    }
    var context: CommandContext
    var preference: Preference

    func choose(_ named: String?) async throws(Problem) -> RunID {
        if let named { return RunID(named) }
        let all = try await Self.runs(context)
        guard !all.isEmpty else {
            throw Problem.usage(
                "There is no run yet.",
                hint: "Start one with `graftwork run \"GOAL\"`, or see `graftwork demo`.")
        }
        // Runs of the repository one stands in come first.
        let here = all.filter {
            context.directory == $0.repository || context.directory.hasPrefix($0.repository + "/")
        }
        let runs = here.isEmpty ? all : here
        let going = runs.filter { !$0.state.isSettled }
        switch preference {
        case .mostRecent: return await take(runs[0], of: runs.count)
        case .going: return await take(going.first ?? runs[0], of: runs.count)
        case .onlyGoing:
            guard let only = going.first else {
                throw Problem.usage("No run is going on.", hint: "`graftwork status` lists the runs.")
            }
            guard going.count == 1 else {
                let ids = going.map { SafeText.line($0.id.rawValue, charactersMax: 40) }.joined(
                    separator: ", ")
                throw Problem.usage(
                    "More than one run is going on: \(ids).", hint: "Name the one that you mean.")
            }
            return await take(only, of: runs.count)
        }
    }

    /// Every run, newest first.
    static func runs(_ context: CommandContext, _ run: RunID? = nil) async throws(Problem) -> [RunView] {
        var runs: [RunView] = []
        _ = try await context.client.ask(.status(run: run)) {
            if case .runs(let views) = $0 { runs += views }
        }
        return runs
    }

    private func take(_ run: RunView, of count: Int) async -> RunID {
        if count > 1 {
            let goal = DisplayWidth.cut(SafeText.line(run.goal), to: 50)
            await context.console.warn(
                "Taking run \(SafeText.line(run.id.rawValue, charactersMax: 40)): \(goal)")
        }
        return run.id
    }
}
