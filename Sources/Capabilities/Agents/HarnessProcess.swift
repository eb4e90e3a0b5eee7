package import Vocabulary

/// A running harness as the session loop sees it: a sandbox in earnest, a script in tests.
package struct HarnessProcess: Sendable {
    package struct Ending: Hashable, Sendable {
        /// The exit status; negative: the signal.
        package var status: Int32
        package var stderrTail: String
        package var overuse: Overuse
        package init(status: Int32, stderrTail: String, overuse: Overuse = Overuse()) {
            self.status = status
            self.stderrTail = stderrTail
            self.overuse = overuse
        }
    }
    package enum Output: Hashable, Sendable {
        case line(String)
        /// A line longer than the limit; its rest is gone.
        case truncated
    }

    /// The next line of stdout; nil at its end.
    package var nextOutput: @Sendable () async -> Output?
    /// Writes one line to stdin; waits while the harness does not read. False when nobody will read it any
    /// more.
    package var send: @Sendable (String) async -> Bool
    package var closeInput: @Sendable () -> Void
    /// Acts on the whole sandbox; never waits.
    package var signal: @Sendable (TeardownLadder.Signal) -> Void
    /// Returns when no process of the sandbox can run.
    package var halt: @Sendable () async throws(HaltFailure) -> Void
    /// Lets those that were halted go on.
    package var release: @Sendable () async throws(HaltFailure) -> Void
    /// Waits until nothing of the sandbox is left.
    package var ending: @Sendable () async -> Ending
    /// Sent first, and then stdin is closed; nil: stdin is a conversation.
    package var standardInput: String?
    /// How its limits are kept; nil: it has none.
    package var limits: LimitMeans?

    package init(
        nextOutput: @escaping @Sendable () async -> Output?, send: @escaping @Sendable (String) async -> Bool,
        closeInput: @escaping @Sendable () -> Void,
        signal: @escaping @Sendable (TeardownLadder.Signal) -> Void,
        halt: @escaping @Sendable () async throws(HaltFailure) -> Void = {},
        release: @escaping @Sendable () async throws(HaltFailure) -> Void = {},
        ending: @escaping @Sendable () async -> Ending, standardInput: String? = nil,
        limits: LimitMeans? = nil
    ) {
        self.nextOutput = nextOutput
        self.send = send
        self.closeInput = closeInput
        self.signal = signal
        self.halt = halt
        self.release = release
        self.ending = ending
        self.standardInput = standardInput
        self.limits = limits
    }
}

/// What a sandbox used too much of.
package struct Overuse: Hashable, Sendable {
    /// What it was ended for; nil: for nothing of this.
    package var excess: String?
    /// How many of its processes the kernel has ended for want of memory.
    package var memoryKills: Int
    package init(excess: String? = nil, memoryKills: Int = 0) {
        self.excess = excess
        self.memoryKills = memoryKills
    }
}

/// Why the processes of a sandbox could not be made to stand still, or to go on.
package struct HaltFailure: Error, Hashable {
    package var reason: String
    package init(_ reason: String) { self.reason = reason }
}

/// Why a harness could not be started, in the session's own terms.
package struct LaunchFailure: Error, Hashable {
    package var failure: SessionFailure
    package var message: String
    package init(_ failure: SessionFailure, _ message: String) {
        self.failure = failure
        self.message = message
    }
}

/// The time of a session, counted from any fixed instant.
package struct SessionClock: Sendable {
    package var now: @Sendable () -> Duration
    /// Returns at that time, or at once when the task is cancelled.
    package var wait: @Sendable (Duration) async -> Void
    package init(now: @escaping @Sendable () -> Duration, wait: @escaping @Sendable (Duration) async -> Void)
    {
        self.now = now
        self.wait = wait
    }

    /// Stands still while the machine sleeps: a closed lid is no silence of the harness.
    package static func suspending() -> SessionClock {
        let start = SuspendingClock.now
        return SessionClock(
            now: { start.duration(to: SuspendingClock.now) },
            wait: { instant in
                // Not a cause lost: cancellation is the only way this sleep throws, and then nobody waits.
                try? await SuspendingClock().sleep(until: start.advanced(by: instant))
            })
    }
}
