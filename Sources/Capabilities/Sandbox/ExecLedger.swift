import Glibc
package import Linux
import Seccomp

/// Records every exec of one sandbox's whole process tree, whichever harness runs in it, and refuses those it
/// is told to refuse.
///
/// Every candidate of a PATH search is an exec of its own; those that are not there are answered as the
/// kernel would answer, and leave no entry. The interpreter of a script is no exec of its own: the entry is
/// the script's. What is refused here is a guard rail: a second thread may change the arguments after they
/// were read. The walls are the mounts, the namespaces and the gateway.
package final class ExecLedger: Sendable {
    /// Whether it may go on. Called on the ledger's own thread, one at a time; the caller waits for it.
    package typealias Decide = @Sendable (ExecRequest) -> Bool
    /// Called on the same thread, in order, before the caller is answered. While it blocks, the caller waits.
    package typealias Record = @Sendable (ExecEntry) -> Void

    private let finished: AsyncStream<Void>
    /// The end of the channel that the sandbox inherits.
    let channel: Descriptor

    package init(decide: @escaping Decide, record: @escaping Record) throws(SystemError) {
        let (ours, theirs) = try Descriptor.socketPair()
        channel = theirs
        let (finished, ending) = AsyncStream<Void>.makeStream()
        self.finished = finished
        try startThread(named: "exec ledger") {
            do throws(SystemError) {
                let listener = try ExecListener(comingThrough: ours)
                ours.close()
                if let listener { try Self.serve(listener, decide, record) }
            } catch {
                record(.unreadable(process: 0, reason: "The exec ledger ended: \(error)"))
            }
            ending.finish()
        }
    }

    /// Returns after the last entry, when no process of the sandbox is left, or none was started.
    package func ended() async {
        channel.close()
        for await _ in finished {}
    }

    private static func serve(_ listener: ExecListener, _ decide: Decide, _ record: Record)
        throws(SystemError)
    {
        while let notice = try listener.next() {
            let code = try verdict(on: ExecReading.of(notice), of: notice.thread, decide, record) {
                () throws(SystemError) in try listener.stands(notice)
            }
            if let code { try listener.answer(notice, errno: code) }
        }
    }

    /// What the caller is answered, 0 or an errno, once it is recorded. nil: nobody waits for an answer any
    /// more, and whoever has the caller's number now, of whom all this was read, may be another.
    static func verdict(
        on reading: ExecReading, of thread: Int32, _ decide: Decide, _ record: Record,
        stands: () throws(SystemError) -> Bool
    ) throws(SystemError) -> Int32? {
        switch reading {
        case .failing(let code): return code
        case .found(let request):
            guard try stands() else { return nil }
            guard decide(request) else {
                record(.refused(request))
                return EACCES
            }
            record(.allowed(request))
            return 0
        case .unreadable(let reason):
            guard try stands() else { return nil }
            record(.unreadable(process: thread, reason: reason))
            return EACCES
        }
    }
}
