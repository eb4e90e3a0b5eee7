package import Vocabulary

/// What a client asks a runner, one JSON object per line of the control socket.
///
/// `attach` turns the connection into a stream of ``SpoolEntry`` lines that ends after `ended`. Every other
/// request is answered by one ``RunnerReply`` line, after what it asks for has been recorded.
package enum RunnerRequest: Hashable, Sendable, Codable {
    /// Stream the entries after this number, those to come included.
    case attach(after: Int)
    /// A person's answer to an `asked` event. `message` is shown to the agent when the answer is no.
    case answer(approval: ApprovalID, allowed: Bool, by: String, message: String?)
    /// Say something to the agent while it works. The files are copied from these paths into its home.
    case tell(text: String, files: [String], by: String)
    /// End the turn and keep what was done.
    case interrupt(by: String)
    /// Make every process of the sandbox stand still; answered when they do.
    case pause(by: String)
    case resume(by: String)
    /// End the session now.
    case stop
}

/// What the runner says to a request.
package enum RunnerReply: Hashable, Sendable, Codable {
    case done
    case refused(reason: String)
}
