internal import Lifecycle
internal import Vocabulary

extension RunConductor {
    /// Starts a session, having written down that it is started, and follows it to its end.
    func begin(_ specification: SessionSpecification, attempt: Int) async throws -> SessionOutcome {
        try await waitForPauseToEnd(of: specification.task)
        var specification = specification
        // Taken and kept in one step: another session may begin while this one is written down.
        specification.limits.spend = run.allowance(beside: Array(beginning.values))
        let session = SessionRecord(
            id: specification.session, role: specification.role, task: specification.task, attempt: attempt,
            agent: specification.agent, directory: specification.directory, uid: specification.uid,
            spendLimit: specification.limits.spend)
        beginning[session.id] = session
        defer { beginning[session.id] = nil }
        try await record([.sessionStarted(session: session)])
        let link: SessionLink
        do {
            link = try await host.start(specification)
        } catch {
            let problem = Problem(error)
            let outcome = SessionOutcome(result: .failed(reason: .sandbox, message: Self.words(problem)))
            return try await end(session, outcome)
        }
        if run.pause(of: session.task) != nil { await align(session, link) }
        return try await follow(session, link)
    }

    /// Takes up a session that an earlier conductor began and drew nothing from; nil where there is nothing
    /// to take up.
    func rejoin(role: SessionRole, task: TaskID?, attempt: Int) async throws -> SessionOutcome? {
        // Whoever listens for ends of turns waits for the end of the session: of one that ended in an earlier
        // life no event comes any more.
        defer { stopListening(for: role, task) }
        guard let ledger = run.unusedSession(role: role, task: task, attempt: attempt) else { return nil }
        if let outcome = ledger.outcome { return outcome }
        guard let link = try await host.attach(ledger.record) else {
            // The server died before its runner began: nobody failed, and another session begins.
            _ = try await end(ledger.record, Self.lost(ledger.record.id, SessionSums()))
            return nil
        }
        await align(ledger.record, link)
        let outcome = try await follow(ledger.record, link)
        // What a stop cut short says nothing about the task, also when the stop was long ago.
        if ledger.isCutShort, case .failed(.stopped, _) = outcome.result { return nil }
        return outcome
    }

    /// The ends of turns in a task's author sessions; who listens later takes the place of who did before.
    func endedTurns(of task: TaskID) -> AsyncStream<EndedTurn> {
        turnListeners[task]?.finish()
        // A turn that nobody got to before the next ended is saved together with that one.
        let (stream, continuation) = AsyncStream<EndedTurn>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.turnBacklogMax))
        turnListeners[task] = continuation
        return stream
    }
    private static let turnBacklogMax = 64

    /// Writes down that a session has ended, and only then tidies up after it.
    private func end(_ session: SessionRecord, _ outcome: SessionOutcome) async throws -> SessionOutcome {
        try await record([.sessionEnded(session: session.id, outcome: outcome)])
        stopListening(for: session.role, session.task)
        await host.tidy(session)
        return outcome
    }

    private func stopListening(for role: SessionRole, _ task: TaskID?) {
        guard role == .author, let task else { return }
        turnListeners.removeValue(forKey: task)?.finish()
    }

    private func follow(_ session: SessionRecord, _ link: SessionLink) async throws -> SessionOutcome {
        // A cancelled task may not read a stream to its end, so an uncancelled one follows; a stop reaches
        // the runner, and its `ended` event ends the following.
        let following = Task { try await self.take(link.events(), of: session) }
        return try await withTaskCancellationHandler {
            try await following.value
        } onCancel: {
            Task { await link.stop() }
        }
    }

    private func take(
        _ events: AsyncThrowingStream<NumberedEvent, any Error>, of session: SessionRecord
    ) async throws -> SessionOutcome {
        var sums = SessionSums()
        // What a decision was about came in an earlier event.
        var calls: [ToolCallID: ToolCall] = [:]
        var refused: Set<String> = []
        do {
            for try await numbered in events {
                notify(
                    .session(id: session.id, role: session.role, task: session.task, event: numbered.event))
                if case .modelAnswered(let answer) = numbered.event { sums.add(answer) }
                if case .toolRequested(let call) = numbered.event { calls[call.id] = call }
                if let outcome = try await take(numbered, of: session, calls: calls, refused: &refused) {
                    return outcome
                }
                if case .toolFinished(let id, _, _) = numbered.event { calls[id] = nil }
            }
        } catch let error where !(error is IllegalTransition) && stall == nil {
            notify(.activity(task: session.task, text: Problem(error).description))
        }
        if let stall { throw stall }
        return try await end(session, Self.lost(session.id, sums))
    }

    /// Records what of one event belongs in the journal; returns the outcome when it was the last.
    private func take(
        _ numbered: NumberedEvent, of session: SessionRecord, calls: [ToolCallID: ToolCall],
        refused: inout Set<String>
    ) async throws -> SessionOutcome? {
        switch numbered.event {
        case .asked(let approval, let call, let evaluation):
            // Seen again after a restart: the question stands already, or was answered.
            guard numbered.number > lastNumber(session.id) else { return nil }
            try await record([
                .approvalRequested(
                    approval: ApprovalRequest(
                        id: approval, task: session.task, subject: .tool(session: session.id, call: call),
                        text: Self.describe(call), evaluation: evaluation)),
                .toolDecided(
                    session: session.id, number: numbered.number,
                    call: call ?? Self.unknownCall(ToolCallID("")),
                    evaluation: evaluation),
            ])
        case .answered(let approval, _, _):
            if run.openApprovals.contains(where: { $0.id == approval }) {
                try await record([.answerDelivered(approval: approval)])
            }
        case .toolDecided(let id, let evaluation):
            guard evaluation.decision == .deny, numbered.number > lastNumber(session.id) else { return nil }
            try await record([
                .toolDecided(
                    session: session.id, number: numbered.number, call: calls[id] ?? Self.unknownCall(id),
                    evaluation: evaluation)
            ])
        case .executed(let program, let refusal?):
            // A loop that is refused ten thousand times is one thing to know; the spool has each of them.
            guard numbered.number > lastNumber(session.id), refused.count < Self.refusedExecsMax,
                refused.insert(program.line).inserted
            else { return nil }
            let call = ToolCall(
                id: ToolCallID("exec-\(numbered.number)"), kind: .shell, rawName: "exec",
                command: program.line,
                input: .null)
            try await record([
                .toolDecided(
                    session: session.id, number: numbered.number, call: call, evaluation: refusal)
            ])
        case .ended(let outcome): return try await end(session, outcome)
        case .turnEnded(let number):
            if session.role == .author, let task = session.task {
                turnListeners[task]?.yield(EndedTurn(session: session.id, number: number))
            }
        case .started, .ready, .said, .toolRequested, .toolFinished, .executed, .modelAnswered, .noticed,
            .told, .heard, .unheard, .paused, .resumed, .interrupted:
            break
        }
        return nil
    }

    /// Different programs of one session whose refusals are written down.
    private static let refusedExecsMax = 1_000

    private func lastNumber(_ session: SessionID) -> Int { run.session(session)?.lastNumber ?? 0 }

    private static func lost(_ session: SessionID, _ sums: SessionSums) -> SessionOutcome {
        sums.outcome(
            .failed(reason: .crashed, message: "The runner of session \(session) ended without a result."))
    }
    private static func words(_ problem: Problem) -> String {
        problem.hint.map { "\(problem.description) \($0)" } ?? problem.description
    }
    private static func unknownCall(_ id: ToolCallID) -> ToolCall {
        ToolCall(id: id, kind: .other, rawName: "unknown", input: .null)
    }
    private static func describe(_ call: ToolCall?) -> String {
        guard let call else { return "Go on" }
        return call.command ?? "\(call.rawName) \(call.paths.joined(separator: " "))"
    }
}
