package import ControlProtocol
package import Vocabulary

/// Draws a run in place on a terminal, and takes a person's answers to what it asks.
package actor LiveDisplay: RunDisplay {
    /// A picture is drawn at most this often, however fast the run changes.
    static let redrawPause = Duration.milliseconds(50)
    /// The clocks on screen move this often.
    static let tick = Duration.milliseconds(500)
    /// Keys that come sooner than a person can have read the question are not an answer to it.
    static let readingSeconds = 0.6

    private let console: Console
    /// Sends an answer; what goes wrong is shown. nil: this view does not ask.
    private let answer: (@Sendable (ApprovalID, Bool) async -> Problem?)?
    /// Which questions this view asks; the others are answered elsewhere.
    private let asks: @Sendable (ApprovalView) -> Bool
    private let onInterrupt: @Sendable () -> Void
    private var painter = ScreenPainter()
    private var run: RunView?
    private var notice: String?
    private var asking: (id: ApprovalID, since: Double)?
    /// Answered here, but perhaps still in the next view.
    private var answered: Set<ApprovalID> = []
    private var isRedrawPlanned = false
    private var isFinished = false
    private var stopListening: (@Sendable () -> Void)?
    private var ticking: Task<Void, Never>?

    package init(
        console: Console, answer: (@Sendable (ApprovalID, Bool) async -> Problem?)?,
        asks: @escaping @Sendable (ApprovalView) -> Bool = { _ in true },
        onInterrupt: @escaping @Sendable () -> Void
    ) {
        self.console = console
        self.answer = answer
        self.asks = asks
        self.onInterrupt = onInterrupt
    }

    /// Begins to listen to the terminal and to move the clocks.
    package func begin() {
        let onInterrupt = onInterrupt
        stopListening = console.listen(
            { [weak self] signal in
                if signal == .interrupted { onInterrupt() }
                Task { [weak self] in await self?.receive(signal) }
            }, console.isInteractive && answer != nil)
        ticking = Task { [weak self] in
            while true {
                do { try await Task.sleep(for: Self.tick) } catch { return }
                await self?.redraw()
            }
        }
    }

    package func show(_ event: EventView) async {
        // What happened is in the next view's last action.
    }

    package func show(_ run: RunView) async {
        self.run = run
        await redrawSoon()
    }

    package func show(notice: String?) async {
        self.notice = notice
        await redraw()
    }

    package func finish() async {
        guard !isFinished else { return }
        asking = nil
        await redraw()
        isFinished = true
        ticking?.cancel()
        stopListening?()
    }

    /// A key or a signal of the terminal.
    func receive(_ signal: Console.Signal) async {
        switch signal {
        case .resized: await redraw()
        case .resumed:
            painter = ScreenPainter()
            await redraw()
        case .interrupted: break
        case .key(let key): await receive(key: key)
        }
    }

    private func receive(key: Character) async {
        guard let asking, let answer, console.now() - asking.since >= Self.readingSeconds else { return }
        let isAllowed: Bool
        switch key {
        case "y", "Y": isAllowed = true
        case "n", "N": isAllowed = false
        // Any other key is no answer.
        default: return
        }
        self.asking = nil
        answered.insert(asking.id)
        notice = isAllowed ? "Allowed." : "Denied."
        await redraw()
        if let problem = await answer(asking.id, isAllowed) {
            notice = SafeText.line(problem.description + " " + (problem.hint ?? ""))
            await redraw()
        }
    }

    private func redrawSoon() async {
        guard !isRedrawPlanned else { return }
        isRedrawPlanned = true
        await redraw()
        Task { [weak self] in
            // Cancelled or not, the pause is over.
            do { try await Task.sleep(for: Self.redrawPause) } catch {}
            await self?.endPause()
        }
    }

    private func endPause() async {
        isRedrawPlanned = false
        await redraw()
    }

    private func redraw() async {
        guard !isFinished, let run, let screen = console.screen() else { return }
        updateQuestion(run)
        let frame = RunFrame(
            run: shown(run), now: console.now(), columns: screen.columns, rows: screen.rows,
            palette: console.palette,
            asking: asking?.id, notice: notice)
        let bytes = painter.paint(frame.lines, columns: screen.columns)
        if !bytes.isEmpty { await console.write(bytes) }
    }

    /// Asks about the first thing that waits; the clock of a new question starts when it is first drawn.
    private func updateQuestion(_ run: RunView) {
        guard answer != nil, console.isInteractive else { return }
        let open = run.waiting.filter { !answered.contains($0.id) && asks($0) }
        if let asking, open.contains(where: { $0.id == asking.id }) { return }
        asking = open.first.map { ($0.id, console.now()) }
        if asking != nil { notice = nil }
    }

    private func shown(_ run: RunView) -> RunView {
        var shown = run
        shown.waiting.removeAll { answered.contains($0.id) }
        return shown
    }
}
