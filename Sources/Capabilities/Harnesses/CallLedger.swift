internal import Vocabulary

/// The tool calls of a session that wait for an answer or had one. Each call is decided once, by however many
/// channels the harness asks.
///
/// A harness may ask twice about one call (Claude does, by hook and by permission prompt). The second
/// question gets the first answer only by that second channel, for the same tool with the same input, and
/// before the call has finished; otherwise it is a call of its own, or an allowed identifier could be used
/// again.
struct CallLedger<Reply: Hashable & Sendable>: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case decide(ToolCall)
        /// The same call is being decided; its answer will serve this question too.
        case waiting
        case answered(ToolAnswer)
        /// More calls are open than ``HarnessBounds/openCallsMax``.
        case tooMany
    }

    private struct Open: Hashable, Sendable {
        var call: ToolCall
        var replies: [Reply]
    }
    private struct Answered: Hashable, Sendable {
        var call: ToolCall
        var answer: ToolAnswer
        var hasFinished = false
    }

    private var open: [ToolCallID: Open] = [:]
    private var answered: [ToolCallID: Answered] = [:]
    /// The keys of ``answered``, oldest first.
    private var order: [ToolCallID] = []

    /// `isSecondChannel`: the harness asks here about calls that it also asks about elsewhere.
    mutating func ask(_ call: ToolCall, reply: Reply, isSecondChannel: Bool = false) -> Step {
        var call = call
        let name = call.id.rawValue
        var count = 1
        while true {
            if let known = open[call.id] {
                if isSecondChannel, known.call == call {
                    open[call.id]?.replies.append(reply)
                    return .waiting
                }
            } else if let known = answered[call.id] {
                if isSecondChannel, !known.hasFinished, known.call == call { return .answered(known.answer) }
            } else {
                break
            }
            count += 1
            call.id = ToolCallID("\(name)#\(count)")
        }
        guard open.count < HarnessBounds.openCallsMax else { return .tooMany }
        open[call.id] = Open(call: call, replies: [reply])
        return .decide(call)
    }

    /// Records the answer and returns the questions it answers; none for a call that is not open.
    mutating func settle(_ id: ToolCallID, _ answer: ToolAnswer) -> [Reply] {
        guard let known = open.removeValue(forKey: id) else { return [] }
        if order.count >= HarnessBounds.answersMax { answered[order.removeFirst()] = nil }
        order.append(id)
        answered[id] = Answered(call: known.call, answer: answer)
        return known.replies
    }

    /// The harness no longer wants these answers.
    mutating func withdraw(where isMeant: (Reply) -> Bool) {
        for id in open.keys.sorted() { open[id]?.replies.removeAll(where: isMeant) }
    }

    /// Every question that waits, for an end that answers them all the same way.
    mutating func drain() -> [Reply] {
        let replies = open.keys.sorted().flatMap { open[$0]?.replies ?? [] }
        open = [:]
        return replies
    }

    /// The call is over: its answer serves no other question.
    mutating func finish(_ id: ToolCallID) { answered[id]?.hasFinished = true }

    /// Whether somebody was asked about this call. One that runs without is the harness going past the
    /// policy.
    func wasAsked(_ id: ToolCallID) -> Bool { answered[id] != nil || open[id] != nil }
}
