/// What happens in a session, one line of its spool each. Strings are bounded and escaped before they get
/// here.
package enum SessionEvent: Hashable, Sendable, Codable {
    /// The sandbox is up and the harness runs in it. `limits` says how its limits are kept; nil: it was
    /// started by a version that did not say.
    case started(harness: HarnessKind, runnerPID: Int32, limits: LimitMeans?)
    /// The harness named its own session, by which it can be resumed.
    case ready(resumeToken: String?, model: String?)
    case said(text: String)
    case toolRequested(call: ToolCall)
    case toolDecided(call: ToolCallID, evaluation: Evaluation)
    /// A person must answer; the runner holds the call until the server brings the answer.
    case asked(approval: ApprovalID, call: ToolCall?, evaluation: Evaluation)
    case answered(approval: ApprovalID, allowed: Bool, by: String)
    case toolFinished(call: ToolCallID, succeeded: Bool, summary: String)
    /// A process inside executed a program, or was refused it by a policy.
    case executed(program: ExecutedProgram, refusedBy: Evaluation?)
    case modelAnswered(answer: ModelAnswer)
    case noticed(text: String)
    /// A person says something to the agent; the session has it from here on.
    case told(message: ToldMessage)
    /// The harness took that message in.
    case heard(message: Int)
    /// The session ended before the harness took that message in.
    case unheard(message: Int, reason: String)
    /// Every process of the sandbox stands still, and no limit of time runs.
    case paused(by: String)
    case resumed(by: String)
    /// A person wants the turn to end.
    case interrupted(by: String)
    /// The harness answered a prompt to its end. Counts the session's turns from 1.
    case turnEnded(number: Int)
    /// Always the last event.
    case ended(outcome: SessionOutcome)
}
