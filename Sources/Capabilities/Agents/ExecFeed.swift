import Dispatch
import Policies
import Sandbox
import Synchronization
import Vocabulary

/// Answers the exec ledger by the policies, and brings what it saw to the session in the order it was seen.
///
/// The ledger must not get far ahead of the record: it waits when ``backlogMax`` entries are not written yet,
/// and with it the sandbox.
final class ExecFeed: Sendable {
    static let backlogMax = 256

    private let policy: SessionPolicy
    private let facts: SharedFacts
    private let entries: AsyncStream<SessionFact>
    private let continuation: AsyncStream<SessionFact>.Continuation
    private let room = DispatchSemaphore(value: backlogMax)
    /// Of the exec that is answered just now; the ledger asks and records on one thread.
    private let decided = Mutex<Evaluation?>(nil)
    /// Nothing can be recorded any more.
    private let isOver = Atomic(false)

    init(policy: SessionPolicy, facts: SharedFacts) {
        self.policy = policy
        self.facts = facts
        (entries, continuation) = AsyncStream.makeStream()
    }

    func decide(_ request: ExecRequest) -> Bool {
        let evaluation =
            isOver.load(ordering: .acquiring) ? Self.unrecorded : policy.decide(request, facts.current)
        decided.withLock { $0 = evaluation }
        return evaluation.decision == .allow
    }

    private static let unrecorded = Evaluation(
        decision: .deny,
        matched: [
            RuleMatch(
                rule: "built-in: record", decision: .deny, reason: "The record of its session is full.")
        ])

    /// Refuses every exec from here on: none goes unrecorded.
    func refuseAll() { isOver.store(true, ordering: .releasing) }

    func record(_ entry: ExecEntry) {
        room.wait()
        let fact: SessionFact
        switch entry {
        case .allowed(let request): fact = .executed(ExecutedProgram(request), refusedBy: nil)
        case .refused(let request):
            fact = .executed(ExecutedProgram(request), refusedBy: decided.withLock { $0 })
        case .unreadable(let process, let reason): fact = .execUnreadable(process: process, reason: reason)
        }
        continuation.yield(fact)
    }

    /// Nothing more will be recorded.
    func finish() { continuation.finish() }

    /// Reports every entry; returns after the last one.
    func report(to loop: SessionLoop) async {
        await report { await loop.report($0) }
    }

    func report(_ take: (SessionFact) async -> Void) async {
        for await fact in entries {
            await take(fact)
            room.signal()
        }
    }
}

extension ExecutedProgram {
    init(_ request: ExecRequest) {
        self.init(
            path: request.path, arguments: request.arguments, process: request.process, parent: request.parent
        )
    }
}
