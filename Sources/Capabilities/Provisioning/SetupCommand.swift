import ChildProcess
import Linux
import Sandbox
import Synchronization
import Vocabulary

/// One command of a set-up at work: its lines are told as they come, and the last of them kept.
struct SetupCommand: Sendable {
    static let minutesMax = 30
    static let lineBytesMax = 2_000
    /// Of what it printed, shown when it fails.
    static let lastLinesMax = 12
    /// How often a line is told at most; what comes between is not shown live.
    static let tellingIntervalSeconds = 0.1

    let launcher: SandboxLauncher
    let profile: SandboxProfile
    /// As the configuration states it.
    let line: String
    let report: @Sendable (String) -> Void
    /// After it the command is ended.
    var limit = Duration.seconds(minutesMax * 60)

    func run() async throws {
        // What the session could not reach is copied first, which may take long.
        let plan = try await runBlocking { () throws(SandboxError) -> SandboxPlan in
            try launcher.plan(profile)
        }
        let sandbox = try launcher.start(plan, stdout: .pipe, stderr: .pipe)
        let child = sandbox.child
        let tail = LineTail(report: report)
        let readers = [child.stdout, child.stderr].map { pipe in Task { await tail.follow(pipe) } }
        let (termination, timedOut) = await withTaskCancellationHandler {
            if let ended = await child.wait(upTo: limit) { return (ended, false) }
            return (await child.tearDown(), true)
        } onCancel: {
            Task { await child.tearDown() }
        }
        // The sandbox is gone with all its processes, so nobody holds the pipes open any more.
        for reader in readers { await reader.value }
        _ = await sandbox.wait()
        try Task.checkCancellation()
        if timedOut {
            throw SetupError.commandTookTooLong(
                command: line, minutes: Self.minutesMax, lastLines: tail.lines)
        }
        if let excess = sandbox.excess {
            throw SetupError.commandFailed(
                command: line, ending: "was ended: \(excess.sentence)", lastLines: tail.lines)
        }
        switch termination {
        case .exited(0): return
        case .exited(let code):
            throw SetupError.commandFailed(
                command: line, ending: "failed with exit code \(code)", lastLines: tail.lines)
        case .signalled(let number):
            throw SetupError.commandFailed(
                command: line, ending: "was ended by signal \(number)", lastLines: tail.lines)
        }
    }
}

/// The last lines that a command printed on either of its outputs.
private final class LineTail: Sendable {
    private struct State {
        var lines: [String] = []
        var toldAt = 0.0
    }
    private let state = Mutex(State())
    private let report: @Sendable (String) -> Void

    init(report: @escaping @Sendable (String) -> Void) { self.report = report }

    var lines: [String] { state.withLock { $0.lines } }

    func follow(_ pipe: Descriptor?) async {
        guard let pipe else { return }
        let stream = LineStream(reading: pipe, lineBytesMax: SetupCommand.lineBytesMax)
        // A cancelled task reads nothing; the command is torn down then, and its lines are nobody's.
        while let line = try? await stream.next() {
            take(VisibleText.oneLine(line.text, limit: SetupCommand.lineBytesMax))
        }
        pipe.close()
    }

    private func take(_ line: String) {
        guard !line.isEmpty else { return }
        let now = MonotonicClock.nowSeconds()
        let isTold = state.withLock { state in
            state.lines.append(line)
            if state.lines.count > SetupCommand.lastLinesMax { state.lines.removeFirst() }
            guard now - state.toldAt >= SetupCommand.tellingIntervalSeconds else { return false }
            state.toldAt = now
            return true
        }
        if isTold { report("set-up: \(line)") }
    }
}
