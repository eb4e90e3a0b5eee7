import ControlProtocol
import Synchronization
import Vocabulary

/// Follows a run on the display that fits, ends with the summary and the run's exit code.
struct Following: Sendable {
    /// How long a run without anybody at a terminal may wait for a person before its command ends.
    static let personPatience = Duration.seconds(3)

    var context: CommandContext
    /// One line per event, whatever the terminal.
    var isPlain: Bool
    /// `--yes` was given: the server answers every question of a policy itself.
    var isYes = false
    /// Questions are asked here, and without a terminal a run that only waits for answers is left.
    var answersHere: Bool

    func follow(_ run: RunID) async throws(Problem) -> ExitCode {
        let console = context.console
        let isLive = !isPlain && !context.asJSON && console.screen() != nil
        var watcher = RunWatcher(client: context.client)
        watcher.isYes = isYes
        if answersHere, !(isLive && console.isInteractive) {
            watcher.personPatience = Self.personPatience
        }
        let end = isLive ? try await live(run, watcher) : try await lines(run, watcher)
        return await conclude(run, end)
    }

    private func live(_ run: RunID, _ watcher: RunWatcher) async throws(Problem) -> RunWatcher.End {
        let context = context
        let leaving = Leaving()
        var answer: (@Sendable (ApprovalID, Bool) async -> Problem?)?
        if answersHere { answer = { await Self.answer($0, $1, context) } }
        let display = LiveDisplay(
            console: context.console, answer: answer,
            asks: { [isYes] in !isYes || $0.needsOwnAnswer }, onInterrupt: { leaving.leave() })
        let watching = watch(run, watcher, display, leaving)
        await display.begin()
        let result = await watching.value
        await display.finish()
        return try result.get()
    }

    private func lines(_ run: RunID, _ watcher: RunWatcher) async throws(Problem) -> RunWatcher.End {
        let display: any RunDisplay =
            context.asJSON
            ? JSONDisplay(console: context.console) : LineDisplay(console: context.console, isAnswered: isYes)
        let leaving = Leaving()
        let stopListening = context.console.listen({ if $0 == .interrupted { leaving.leave() } }, false)
        defer { stopListening() }
        return try await watch(run, watcher, display, leaving).value.get()
    }

    /// A task of its own, so that leaving the view can cancel it.
    private func watch(
        _ run: RunID, _ watcher: RunWatcher, _ display: any RunDisplay, _ leaving: Leaving
    ) -> Task<Result<RunWatcher.End, Problem>, Never> {
        let watching = Task {
            do throws(Problem) {
                return Result<RunWatcher.End, Problem>.success(try await watcher.watch(run, on: display))
            } catch {
                return .failure(error)
            }
        }
        leaving.attach { watching.cancel() }
        return watching
    }

    private static func answer(_ approval: ApprovalID, _ isAllowed: Bool, _ context: CommandContext) async
        -> Problem?
    {
        do throws(Problem) {
            let request = ControlRequest.answer(
                approval: approval, allowed: isAllowed, by: context.person, note: nil)
            _ = try await context.client.ask(request, startsServer: false)
            return nil
        } catch {
            return error
        }
    }

    private func conclude(_ run: RunID, _ end: RunWatcher.End) async -> ExitCode {
        let console = context.console
        let id = SafeText.line(run.rawValue, charactersMax: 40)
        switch end.reason {
        case .settled:
            if context.asJSON {
                await console.say(JSONOutput.line(["exit": end.exit.rawValue]))
            } else if let view = end.run {
                await console.say(
                    RunSummary.lines(of: view, columns: console.columns, palette: console.palette))
            }
        case .left:
            await console.warn("\nThe run goes on. Come back to it: graftwork watch \(id)")
        case .needsPerson:
            if context.asJSON {
                await console.say(JSONOutput.line(["exit": ExitCode.held.rawValue]))
            } else if let view = end.run {
                await console.say(
                    RunSummary.lines(of: view, columns: console.columns, palette: console.palette))
            }
            await console.warn(
                "The run waits for you; nothing else goes on in it. After answering: graftwork watch \(id)")
        }
        return end.exit
    }
}

/// Connects the terminal's interrupt with the task that it ends, whichever of the two comes first.
private final class Leaving: Sendable {
    private struct State {
        var isLeft = false
        var cancel: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    func leave() {
        let cancel = state.withLock { state in
            state.isLeft = true
            return state.cancel
        }
        cancel?()
    }

    func attach(_ cancel: @escaping @Sendable () -> Void) {
        let isLeft = state.withLock { state in
            state.cancel = cancel
            return state.isLeft
        }
        if isLeft { cancel() }
    }
}
