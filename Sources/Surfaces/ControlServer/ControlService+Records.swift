internal import ControlProtocol
internal import Journal
internal import Lifecycle
internal import Linux
internal import Vocabulary

extension ControlService {
    /// Sends the journal's events as they stand there.
    func audit(_ run: RunID?, after: Int64, _ client: ControlClient) async throws {
        var last = after
        while true {
            let page = try await journal.events(run: run, after: last, limit: 500)
            for event in page {
                try await client.send(
                    .audit(
                        entry: AuditEntry(
                            sequence: event.sequence, at: event.recordedAt, run: event.run, kind: event.kind,
                            payload: try JSONText.parse(event.payload),
                            hash: event.hash)))
                last = event.sequence
            }
            if page.count < 500 { return }
        }
    }

    /// Sends what the agents said and did, session by session, from their spools.
    func logs(of id: RunID, task: TaskID?, follow: Bool, _ client: ControlClient) async throws {
        var sent: [SessionID: Int] = [:]
        let (_, live) = try await runs.watch(id, after: .max)
        try await sendLogs(of: id, task: task, sent: &sent, client)
        // Of a run that is over nothing changes any more.
        guard follow, try await !runs.view(id).isOver else { return }
        for await item in live {
            guard case .changed = item else { continue }
            try await sendLogs(of: id, task: task, sent: &sent, client)
            if try await runs.view(id).isOver { return }
        }
    }

    private func sendLogs(
        of id: RunID, task: TaskID?, sent: inout [SessionID: Int], _ client: ControlClient
    ) async throws {
        for session in try await runs.lifecycle(id).sessions where task == nil || session.record.task == task
        {
            let spool = SessionSpool(directory: session.record.directory)
            for entry in try spool.entries(after: sent[session.record.id] ?? 0) {
                sent[session.record.id] = entry.number
                guard let (kind, text) = Self.describe(entry.event) else { continue }
                try await client.send(
                    .logLine(
                        line: LogLine(
                            at: entry.at, task: session.record.task, session: session.record.id,
                            role: session.record.role,
                            kind: kind, text: text)))
            }
        }
    }

    /// Whole texts here: a log is read to know what an agent said.
    private static func describe(_ event: SessionEvent) -> (kind: String, text: String)? {
        if case .said(let text) = event { return ("said", text) }
        if case .executed(let program, nil) = event { return ("exec", program.line) }
        return EventWording.describe(event).map { ($0.kind, $0.wording.text) }
    }
}
