package import Vocabulary

/// Something that happened to a session; the only thing its course reacts to.
package enum SessionFact: Hashable, Sendable {
    /// Spool, sockets and gateway stand; the session may begin.
    case opened
    /// The sandbox runs, with the harness in it.
    case launched(runnerPID: Int32, limits: LimitMeans? = nil)
    case launchFailed(SessionFailure, message: String)
    /// One line of the harness's stdout.
    case lineReceived(String)
    /// The harness wrote what a bound forbids; `reason` names the bound.
    case outputRefused(reason: String)
    /// Nothing more of it can be recorded.
    case recordFilled
    /// Nothing of the sandbox is left.
    case exited(status: Int32, stderrTail: String, overuse: Overuse = Overuse())
    /// A request or a piece of an answer passed the gateway.
    case gatewayActive
    case modelAnswered(ModelAnswer)
    /// A model request got no answer; `message` holds the upstream's status.
    case modelFailed(message: String)
    /// An answer came whose price nobody can tell: from here on the session's cost is unknown.
    case modelUnmetered(message: String)
    case budgetReached(message: String)
    /// A process inside is about to execute a program, or was refused it.
    case executed(ExecutedProgram, refusedBy: Evaluation?)
    case execUnreadable(process: Int32, reason: String)
    /// A person's answer, brought by the server.
    case answered(ApprovalID, allowed: Bool, by: String, message: String?)
    /// A person says something to the agent; its files lie in the home already.
    case told(ToldMessage)
    case interruptAsked(by: String)
    case pauseAsked(by: String)
    /// Every process of the sandbox stands still.
    case halted
    case haltFailed(reason: String)
    case resumeAsked(by: String)
    case stopAsked(reason: String)
    /// The gateway is down; no further answer can come.
    case gatewayStopped
    case timePassed
}

/// What a session's course wants done, in order.
package enum SessionEffect: Hashable, Sendable {
    case launch
    /// One line for the harness's stdin.
    case send(String)
    case record(SessionEvent)
    case closeInput
    /// Make every process of the sandbox stand still; ``SessionFact/halted`` or its failure follows.
    case halt
    /// Let them go on.
    case release
    case signal(TeardownLadder.Signal)
    case stopGateway
    /// The last event is recorded: nothing is left to do.
    case end
}
