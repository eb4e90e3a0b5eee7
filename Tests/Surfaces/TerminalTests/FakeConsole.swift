import Synchronization

@testable import Terminal

/// A console that records what is written and types what it is told to.
final class FakeConsole: Sendable {
    private struct State {
        var output = ""
        var errors = ""
        var answers: [String]
        var now: Double = 1042
        var onSignal: (@Sendable (Console.Signal) -> Void)?
        var watchers: [(text: String, continuation: CheckedContinuation<Void, Never>)] = []
    }
    private let state: Mutex<State>
    private let size: Console.Screen?
    private let isInteractive: Bool

    init(typing answers: [String] = [], screen: Console.Screen? = nil, isInteractive: Bool = false) {
        state = Mutex(State(answers: answers))
        size = screen
        self.isInteractive = isInteractive
    }

    var output: String { state.withLock { $0.output } }
    var errors: String { state.withLock { $0.errors } }
    var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    var unusedAnswers: [String] { state.withLock { $0.answers } }

    func advance(by seconds: Double) { state.withLock { $0.now += seconds } }
    func send(_ signal: Console.Signal) { state.withLock { $0.onSignal }?(signal) }

    /// Returns once the text has been written, to either side.
    func waitFor(_ text: String) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.output.contains(text) || state.errors.contains(text) { return true }
                state.watchers.append((text, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func record(_ text: String, isError: Bool) {
        let found = state.withLock { state in
            if isError { state.errors += text } else { state.output += text }
            let all = state.output + "\n" + state.errors
            let found = state.watchers.filter { all.contains($0.text) }
            state.watchers.removeAll { all.contains($0.text) }
            return found.map(\.continuation)
        }
        for continuation in found { continuation.resume() }
    }

    var console: Console {
        Console(
            write: { self.record($0, isError: false) }, writeError: { self.record($0, isError: true) },
            readLine: { self.state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() } },
            listen: { onSignal, _ in
                self.state.withLock { $0.onSignal = onSignal }
                return { self.state.withLock { $0.onSignal = nil } }
            }, screen: { self.size }, errorColumns: { self.size?.columns },
            now: { self.state.withLock { $0.now } }, isInteractive: isInteractive,
            palette: Palette(isColoured: false), errorPalette: Palette(isColoured: false), secondsFromUTC: 0)
    }
}
