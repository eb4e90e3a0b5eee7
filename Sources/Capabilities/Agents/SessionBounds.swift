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
/// at once, and again. A launcher that does not end even so, or a process that does not die, must not hold up
/// the session for ever: `killLauncher` ends the one, and `abandon` waits for neither any more.
package struct TeardownLadder: Hashable, Sendable {
    package enum Signal: Hashable, Sendable { case terminate, kill, killLauncher, abandon }
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
    package static let patient = TeardownLadder([Rung(.terminate, after: .seconds(1))] + killing)
    /// For a session that nothing more can be recorded of.
    package static let immediate = TeardownLadder([Rung(.kill, after: .zero)] + leaving)
    /// For a program that hangs, floods or was told to stop.
    package static let firm = TeardownLadder([Rung(.terminate, after: .zero)] + killing)

    private static let killing = [Rung(.kill, after: .seconds(5))] + leaving
    /// A killed sandbox ends process by process, each when the kernel lets go of it.
    private static let leaving = [
        Rung(.killLauncher, after: .seconds(30)), Rung(.abandon, after: .seconds(30)),
    ]
}
