import Glibc

extension ProcessTree {
    /// How long everything below may take to stand still. A process that waits for the disk stops when it
    /// has what it waits for, and one that waits for a processor when it gets one.
    package static let haltLimit: Duration = .seconds(10)
    private static let firstPauseMicroseconds: UInt32 = 500
    private static let pauseMicrosecondsMax: UInt32 = 20_000

    /// Stops every process below this one, and returns those it stopped; some may have been stopped before.
    ///
    /// A process that is not stopped yet may start another, or wake one that is. So it is done again until
    /// two walks in a row find nobody who could run. Blocks. When that does not come about within
    /// ``haltLimit``, what was stopped is let go on and `EBUSY` thrown.
    package static func halt(below root: Int32) throws(SystemError) -> [Member] {
        var halted: [Member] = []
        do throws(SystemError) {
            let clock = ContinuousClock()
            let deadline = clock.now + haltLimit
            var pause = firstPauseMicroseconds
            var quietWalks = 0
            while quietWalks < 2 {
                quietWalks = try haltOnce(below: root, &halted) ? quietWalks + 1 : 0
                guard quietWalks < 2 else { break }
                if clock.now >= deadline {
                    throw SystemError(code: EBUSY, call: "stop", subject: "the processes below \(root)")
                }
                usleep(pause)
                pause = min(pause * 2, pauseMicrosecondsMax)
            }
            return halted
        } catch {
            try release(halted)
            throw error
        }
    }

    /// Lets those that were stopped go on, children first; who is gone is passed over.
    package static func release(_ halted: [Member]) throws(SystemError) {
        var failure: SystemError?
        for member in halted.reversed() {
            do throws(SystemError) {
                _ = try signal(SIGCONT, to: member)
            } catch {
                failure = failure ?? error  // The others go on all the same.
            }
        }
        if let failure { throw failure }
    }

    /// True when nobody was found who could run.
    private static func haltOnce(below root: Int32, _ halted: inout [Member]) throws(SystemError) -> Bool {
        var known = Set(halted)
        var isQuiet = true
        for member in try descendants(of: root) {
            let states = try threadStates(of: member)
            guard !states.allSatisfy(isStill) else { continue }
            // In an uninterruptible wait, as a parent is in vfork, nothing of its own program runs, and a
            // signal that waits for it stops it before that would.
            let waitsInKernel = states.allSatisfy { isStill($0) || $0 == UInt8(ascii: "D") }
            if !waitsInKernel || !known.contains(member) { isQuiet = false }
            if try signal(SIGSTOP, to: member), known.insert(member).inserted { halted.append(member) }
        }
        return isQuiet
    }

    /// Stopped, traced, or dead.
    private static func isStill(_ state: UInt8) -> Bool {
        [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: "Z"), UInt8(ascii: "X")].contains(state)
    }
}
