import Dispatch
import Glibc
import Linux
import Synchronization

extension Console {
    /// The console of this process.
    package static func ofThisProcess(environment: [String: String]) -> Console {
        let isOutputTerminal = TerminalScreen.isTerminal(1)
        return Console(
            write: { await StandardOutput.write($0, to: 1) },
            writeError: { await StandardOutput.write($0, to: 2) },
            readLine: { await runBlocking { Swift.readLine(strippingNewline: true) } },
            listen: { TerminalListener.start($0, keys: $1) },
            screen: { TerminalScreen(descriptor: 1).map { Screen(columns: $0.columns, rows: $0.rows) } },
            errorColumns: { TerminalScreen(descriptor: 2)?.columns },
            now: { WallClock.nowSeconds() },
            // A background job may not read the terminal (SIGTTIN), nor change its mode.
            isInteractive: isOutputTerminal && TerminalScreen.isTerminal(0) && tcgetpgrp(0) == getpgrp(),
            palette: .fitting(isTerminal: isOutputTerminal, environment: environment),
            errorPalette: .fitting(isTerminal: TerminalScreen.isTerminal(2), environment: environment),
            secondsFromUTC: localSecondsFromUTC())
    }

    private static func localSecondsFromUTC() -> Int {
        var moment = time(nil)
        var parts = tm()
        return localtime_r(&moment, &parts) == nil ? 0 : Int(parts.tm_gmtoff)
    }
}

/// Writes to a standard descriptor without occupying a thread of the cooperative pool while a pipe is full.
enum StandardOutput {
    static func write(_ text: String, to number: Int32) async {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { return }
        do throws(SystemError) {
            try await Descriptor(owning: copy).write(Array(text.utf8))
        } catch {
            guard error.isBrokenPipe else { return leave(because: error, number) }
            // `graftwork logs | head`: end as any filter does. The binding ignores the signal, so it is sent
            // again here.
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        }
    }

    /// What cannot be said on standard output is an error of the command: a full disk must not look like
    /// success.
    private static func leave(because error: SystemError, _ number: Int32) {
        guard number == 1 else { return }
        let text = "graftwork: The output cannot be written: \(SystemError.text(of: error.code)).\n"
        _ = text.withCString { Glibc.write(2, $0, strlen($0)) }
        exit(1)
    }
}

/// Delivers keys and signals of the terminal while a live view is drawn, and gives the terminal back
/// afterwards.
final class TerminalListener: Sendable {
    private struct State {
        var sources: [any DispatchSourceProtocol] = []
        var saved: termios?
        var isStopped = false
    }
    // Safe because the state is only reached through the mutex; `termios` and the sources are not marked
    // Sendable.
    private nonisolated(unsafe) var state = State()
    private let mutex = Mutex(())
    private let queue = DispatchQueue(label: "terminal")
    static let keysPerReadMax = 64

    static func start(_ onSignal: @escaping @Sendable (Console.Signal) -> Void, keys: Bool)
        -> @Sendable () -> Void
    {
        let listener = TerminalListener()
        listener.begin(onSignal, keys: keys)
        return { listener.stop() }
    }

    private func begin(_ onSignal: @escaping @Sendable (Console.Signal) -> Void, keys: Bool) {
        for (number, meaning) in [
            (SIGINT, Console.Signal.interrupted), (SIGTERM, .interrupted), (SIGHUP, .interrupted),
            (SIGWINCH, .resized),
        ] {
            listen(to: number) { onSignal(meaning) }
        }
        guard keys else { return }
        setKeyMode()
        // After Ctrl-Z and `fg` the shell has put its own mode in place.
        listen(to: SIGCONT) { [weak self] in
            self?.setKeyMode()
            onSignal(.resumed)
        }
        let source = DispatchSource.makeReadSource(fileDescriptor: 0, queue: queue)
        source.setEventHandler {
            var bytes = [UInt8](repeating: 0, count: Self.keysPerReadMax)
            let count = read(0, &bytes, bytes.count)
            if count == 0 { source.cancel() }
            guard count > 0 else { return }
            for character in String(decoding: bytes.prefix(count), as: UTF8.self) {
                onSignal(.key(character))
            }
        }
        keep(source)
    }

    private func listen(to number: Int32, _ body: @escaping @Sendable () -> Void) {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler(handler: body)
        keep(source)
    }

    private func keep(_ source: any DispatchSourceProtocol) {
        mutex.withLock { _ in state.sources.append(source) }
        source.activate()
    }

    /// Keys come at once and are not echoed; Ctrl-C and Ctrl-Z stay signals.
    private func setKeyMode() {
        mutex.withLock { _ in
            guard !state.isStopped else { return }
            var mode = termios()
            guard tcgetattr(0, &mode) == 0 else { return }
            if state.saved == nil { state.saved = mode }
            mode.c_lflag &= ~tcflag_t(ICANON | ECHO)
            tcsetattr(0, TCSADRAIN, &mode)
        }
    }

    private func stop() {
        mutex.withLock { _ in
            guard !state.isStopped else { return }
            state.isStopped = true
            for source in state.sources { source.cancel() }
            state.sources = []
            // What was typed while nothing was asked is thrown away, not left for the shell.
            if var saved = state.saved { tcsetattr(0, TCSAFLUSH, &saved) }
            for number in [SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT] { signal(number, SIG_DFL) }
        }
    }
}
