import FoundationEssentials
import Glibc
import Linux
package import Vocabulary

/// A session as the server holds it: its events, and the few things one can say to it.
///
/// Holds no connection: a server that lost its handle makes another from the session's directory and misses
/// nothing.
package final class RunnerHandle: Sendable {
    package let session: SessionID
    package let files: SessionFiles

    package init(session: SessionID, directory: String) {
        self.session = session
        files = SessionFiles(directory: directory)
    }

    /// The session's entries after this number, those to come included, to the last one.
    package func events(after number: Int = 0, patience: SpoolPatience = SpoolPatience()) -> SpoolEntries {
        SpoolEntries(session: session, files: files, after: number, patience: patience)
    }

    /// Whether a runner serves the session just now.
    package func isAtWork() async throws(AgentError) -> Bool {
        try await runBlocking { [files] () throws(AgentError) in
            try AgentError.naming(files.lock) { () throws(SystemError) in try files.lockIsHeld() }
        }
    }

    /// Brings a person's answer to an `asked` event; returns after the runner has recorded it.
    ///
    /// Throws ``AgentError/refused(session:reason:)`` when nobody waits for it any more.
    package func answer(
        approval: ApprovalID, allowed: Bool, by: String, message: String? = nil
    ) async throws(AgentError) {
        try await say(.answer(approval: approval, allowed: allowed, by: by, message: message))
    }

    /// Says something to the agent while it works; returns when the session has it for good. Its event
    /// `heard` or `unheard` tells what became of it.
    package func tell(_ text: String, files: [String], by person: String) async throws(AgentError) {
        do throws(AgentError) {
            try await say(.tell(text: text, files: files, by: person))
        } catch .refused(_, let reason) {
            throw .declined(session: session, wish: "be told anything", reason: reason)
        }
    }

    /// Ends the turn; the session then ends by itself.
    package func interrupt(by person: String) async throws(AgentError) {
        do throws(AgentError) {
            try await say(.interrupt(by: person))
        } catch .refused(_, let reason) {
            throw .declined(session: session, wish: "be interrupted", reason: reason)
        }
    }

    /// Makes every process of the session stand still; returns when they do. One whose turn is over is left
    /// in peace: it ends.
    package func pause(by person: String) async throws(AgentError) { try await say(.pause(by: person)) }

    package func resume(by person: String) async throws(AgentError) { try await say(.resume(by: person)) }

    /// Ends the session now. A session that has ended already is left in peace.
    package func stop() async { await sayIfItLives(.stop) }

    private func sayIfItLives(_ request: RunnerRequest) async {
        // Not a cause lost: what became of the session is told by its events.
        try? await say(request)
    }

    private func say(_ request: RunnerRequest) async throws(AgentError) {
        let reply: RunnerReply?
        do {
            let connection = try UnixSocket.connect(path: files.controlSocket)
            defer { connection.close() }
            try await LineWriter(writing: connection).write(Self.text(request))
            let line = try await LineStream(
                reading: connection, lineBytesMax: RunnerListener.requestBytesMax
            ).next()
            reply = try line.map { try JSONDecoder().decode(RunnerReply.self, from: Data($0.text.utf8)) }
        } catch let error as SystemError {
            let isGone = [ECONNREFUSED, ENOENT, EPIPE, ECONNRESET].contains(error.code)
            if isGone { throw .runnerLost(session: session) }
            throw .directoryUnusable(path: files.controlSocket, cause: SystemError.text(of: error.code))
        } catch {
            throw .refused(session: session, reason: "its answer cannot be understood")
        }
        switch reply {
        case .done: return
        case .refused(let reason): throw .refused(session: session, reason: reason)
        case nil: throw .runnerLost(session: session)
        }
    }

    static func text(_ request: RunnerRequest) throws -> String {
        try JSONText.line(encoding: request)
    }
}
