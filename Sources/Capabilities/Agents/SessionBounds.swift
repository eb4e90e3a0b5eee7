/// The limits of a session that no configuration moves. Everything a harness says is a stranger's, so all of
/// it is bounded.
package struct SessionBounds: Hashable, Sendable {
    /// More lines than this within one second are a flood, not a conversation.
    package var linesPerSecondMax = 20_000
    /// All of the harness's stdout together.
    package var outputBytesMax = 1 << 30
    /// The end of the harness's stderr that is kept for a message.
    package var stderrTailBytesMax = 4 << 10
    /// The most bytes a closing sentence shows of it.
    package var messageBytesMax = 2 << 10
    /// Questions open at once; further ones are denied.
    package var openApprovalsMax = 64
    /// Messages that a person may send into one session.
    package var messagesMax = 200
    /// How long an interrupted turn may take to end by itself.
    package var interruptGrace: Duration = .seconds(10)
    /// How long the end of a killed sandbox may take, process by process.
    package var launcherPatience: Duration = .seconds(30)
    /// Lines that wait for the harness to read its stdin.
    package var inputBytesMax = 16 << 20
    /// From here on the spool drops `said` and `noticed` events.
    package var spoolBytesQuiet = 32 << 20
    /// From here on the session ends, and the spool takes only what must not be missing.
    package var spoolBytesMax = 64 << 20
    /// What that may take beyond, but for the end: programs that were let run before it was known that the
    /// record is full, and what is refused on the way down.
    package var spoolBytesInReserve = 8 << 20
    package init() {}
}

/// How a harness is ended, as data: each rung waits, then acts on the whole sandbox. The way down begins with
/// its stdin closed. The sandbox's own launcher kills three seconds after `terminate`; `kill` makes it do so
/// at once, and again.
package struct TeardownLadder: Hashable, Sendable {
    package enum Signal: Hashable, Sendable { case terminate, kill }
    package struct Rung: Hashable, Sendable {
        package var after: Duration
        package var signal: Signal
        package init(_ signal: Signal, after: Duration) {
            self.signal = signal
            self.after = after
        }
    }
    package var rungs: [Rung]
    package init(_ rungs: [Rung]) { self.rungs = rungs }

    /// After a turn that ended: the program may save its session first.
    package static let patient = TeardownLadder([
        Rung(.terminate, after: .seconds(1)), Rung(.kill, after: .seconds(5)),
    ])
    /// For a session that nothing more can be recorded of.
    package static let immediate = TeardownLadder([Rung(.kill, after: .zero)])
    /// For a program that hangs, floods or was told to stop.
    package static let firm = TeardownLadder([
        Rung(.terminate, after: .zero), Rung(.kill, after: .seconds(5)),
    ])
}
