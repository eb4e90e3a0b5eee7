package import Conductor
internal import ControlProtocol
internal import FoundationEssentials
package import Journal
package import Lifecycle
internal import Linux
internal import Synchronization
package import Telemetry
internal import Vocabulary

/// What a watcher of a run is sent.
enum WatchItem: Sendable {
    case event(EventView)
    /// The view changed; the watcher asks for it when it has sent what came before.
    case changed
}

/// Every run of this server: its state folded from the journal, and the conductor that drives it once it is
/// begun.
package actor LiveRuns {
    private struct Entry {
        var run: RunLifecycle
        var chronicle = RunChronicle()
        var stall: Problem?
        /// nil: nothing drives the run in this server yet.
        var conductor: RunConductor?
        /// The conductor was told to begin; before that it only takes facts.
        var isDriven = false
        var watchers: [Int: AsyncStream<WatchItem>.Continuation] = [:]
    }
    /// What a slow watcher may be behind; it then misses the oldest lines, which the journal still has.
    static let watcherBacklogMax = 4_096
    /// Notices not taken yet, above which what is only shown is dropped. What is recorded never is.
    static let noticeBacklogMax = 16_384

    private let journal: EventJournal
    private let stages: StageActions
    let host: SessionHost
    private let log: Log
    /// Called when nothing more happens in a run by itself.
    private let settled: @Sendable (RunLifecycle) async -> Void
    /// Called with the repository in which a live worktree was saved, made or given back.
    private let moved: @Sendable (String) -> Void
    private var entries: [RunID: Entry] = [:]
    /// Newest last.
    private var order: [RunID] = []
    private var nextWatcher = 0
    /// Runs of the journal whose facts could not be read.
    private(set) var unreadable: [RunID] = []

    package init(
        journal: EventJournal, stages: StageActions, host: SessionHost, log: Log,
        settled: @escaping @Sendable (RunLifecycle) async -> Void,
        moved: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.journal = journal
        self.stages = stages
        self.host = host
        self.log = log
        self.settled = settled
        self.moved = moved
        (notices, inbox) = AsyncStream<Posted>.makeStream()
    }

    /// Folds what the journal holds. Nothing is begun: a person resumes what a crash interrupted. What should
    /// have ended is ended.
    package func load() async throws {
        for id in try await journal.runs() {
            var stored: [EventJournal.Stored] = []
            while true {
                let page = try await journal.events(run: id, after: stored.last?.sequence ?? 0, limit: 1_000)
                stored += page
                if page.count < 1_000 { break }
            }
            do {
                try take(id, stored)
            } catch {
                let problem = Problem(error)
                unreadable.append(id)
                log.error(
                    "A run in the journal cannot be read and is left alone.",
                    ["run": id.rawValue, "why": problem.description])
            }
        }
        for run in lifecycles() {
            if run.isStopped { await endSessions(of: run) } else { await align(run) }
        }
    }

    /// A stop that a server did not live to carry out.
    private func endSessions(of run: RunLifecycle) async {
        for session in run.sessions where session.outcome == nil {
            do {
                await (try host.attach(session.record))?.stop()
            } catch {
                log.error(
                    "A session of a stopped run could not be ended.",
                    ["session": session.record.id.rawValue, "why": Problem(error).description])
            }
        }
    }

    private func take(_ id: RunID, _ stored: [EventJournal.Stored]) throws {
        let decoder = JSONDecoder()
        let facts = try stored.map { try decoder.decode(RunFact.self, from: Data($0.payload.utf8)) }
        guard case .runRequested(let request)? = facts.first else { return }
        var entry = Entry(run: RunLifecycle(request: request))
        for (fact, record) in zip(facts, stored) {
            if case .runRequested = fact {} else { try entry.run.apply(fact) }
            entry.chronicle.note(
                fact, sequence: record.sequence, at: try Self.seconds(of: record.recordedAt), run: entry.run)
        }
        if !entry.run.state.isSettled {
            entry.stall = Problem(
                "The server ended while run \(id) was at work.", hint: "Go on with `graftwork resume \(id)`.",
                blame: .environment, exitCode: .held)
        }
        entries[id] = entry
        order.append(id)
    }

    // MARK: Driving

    /// Writes the request down, and only then begins.
    func begin(_ request: RunRequest) async throws {
        guard entries[request.run] == nil else {
            throw Problem(
                "The name \(request.run) is taken by another run.", hint: "Run the command again.",
                blame: .environment)
        }
        let sequences = try await append([.runRequested(request: request)], to: request.run)
        var entry = Entry(run: RunLifecycle(request: request))
        entry.chronicle.note(
            .runRequested(request: request), sequence: sequences.first ?? 0, at: WallClock.nowSeconds(),
            run: entry.run)
        entries[request.run] = entry
        order.append(request.run)
        entries[request.run]?.isDriven = true
        await conductor(of: request.run)?.start()
    }

    /// Goes on with a run: begins what a crash interrupted, and clears stops and holds.
    func resume(_ id: RunID, by person: String) async throws {
        guard let entry = entries[id] else { throw Self.unknown(id) }
        let wasDriven = entry.isDriven
        entries[id]?.stall = nil
        guard let conductor = conductor(of: id) else { return }
        // A run at work is not told to go on: that would be a fact about nothing. One that is paused goes on
        // from there; what is held besides needs another word.
        if !entry.run.pauses.isEmpty {
            try Self.check(try await conductor.unpause(nil, by: person))
        } else if entry.run.needsResuming || wasDriven && entry.stall != nil {
            try await conductor.resume(by: person)
        }
        if !wasDriven {
            entries[id]?.isDriven = true
            await conductor.start()
        }
        await taken()
    }

    /// Appends facts a person's command led to.
    func record(_ facts: [RunFact], in id: RunID) async throws {
        guard entries[id] != nil else { throw Self.unknown(id) }
        let wasDriven = entries[id]?.isDriven == true
        guard let conductor = conductor(of: id) else { throw Self.unknown(id) }
        // First the facts, then what the run wants with them: a run that is stopped begins nothing.
        try await conductor.record(facts)
        if !wasDriven {
            entries[id]?.stall = nil
            entries[id]?.isDriven = true
            await conductor.start()
        }
        await taken()
    }

    /// Appends facts that were observed from outside of the run: one that nobody drives stays undriven.
    func note(_ facts: [RunFact], in id: RunID) async throws {
        guard let conductor = conductor(of: id) else { throw Self.unknown(id) }
        try await conductor.record(facts)
        await taken()
    }

    /// Returns when what was recorded until now is seen by whoever asks.
    func taken() async {
        // Before the first conductor nobody listens, and nothing was recorded.
        guard isListening else { return }
        await withCheckedContinuation { inbox.yield(.mark($0)) }
    }

    func conductor(of id: RunID) -> RunConductor? {
        guard let entry = entries[id] else { return nil }
        if let conductor = entry.conductor { return conductor }
        let conductor = RunConductor(
            run: entry.run, append: { [weak self] in try await self?.append($0, to: id) ?? [] },
            stages: stages, host: host,
            notify: { [weak self] notice in self?.post(notice, of: id) })
        entries[id]?.conductor = conductor
        listen()
        return conductor
    }

    private func append(_ facts: [RunFact], to id: RunID) async throws -> [Int64] {
        let entries = try facts.map { fact in
            EventJournal.Entry(
                run: id, kind: fact.name, payload: try JSONText.line(encoding: fact),
                idempotencyKey: nil)
        }
        return try await journal.append(entries)
    }

    // MARK: Notices

    /// One task per notice would lose their order; the stream keeps it.
    private enum Posted: Sendable {
        case notice(RunNotice, of: RunID)
        /// Resumed when everything posted before it was taken.
        case mark(CheckedContinuation<Void, Never>)
    }
    private nonisolated let inbox: AsyncStream<Posted>.Continuation
    private let notices: AsyncStream<Posted>
    private nonisolated let backlog = Mutex(0)
    private var isListening = false

    private nonisolated func post(_ notice: RunNotice, of id: RunID) {
        let isFull = backlog.withLock { count in
            count += 1
            return count > Self.noticeBacklogMax
        }
        switch notice {
        case .recorded, .stalled: break
        case .session, .activity:
            guard !isFull else { return backlog.withLock { $0 -= 1 } }
        }
        inbox.yield(.notice(notice, of: id))
    }

    private func listen() {
        guard !isListening else { return }
        isListening = true
        Task { [notices] in
            for await posted in notices {
                switch posted {
                case .notice(let notice, let id):
                    backlog.withLock { $0 -= 1 }
                    self.take(notice, of: id)
                case .mark(let continuation): continuation.resume()
                }
            }
        }
    }

    private func take(_ notice: RunNotice, of id: RunID) {
        guard entries[id] != nil else { return }
        switch notice {
        case .recorded(let facts, let run):
            if entries[id]?.run.savedCommits != run.savedCommits { moved(run.request.repository) }
            entries[id]?.run = run
            for (sequence, fact) in facts {
                guard
                    let event = entries[id]?.chronicle.note(
                        fact, sequence: sequence, at: WallClock.nowSeconds(), run: run)
                else { continue }
                tell(id, .event(event))
            }
        case .session(_, _, let task, let event):
            guard let (kind, wording) = EventWording.describe(event) else { return }
            entries[id]?.chronicle.note(wording.text, task: task)
            // Beginning and end of a session are facts of their own.
            guard kind != "started", kind != "ended" else { break }
            tell(
                id,
                .event(
                    EventView(
                        sequence: 0, at: WallClock.nowSeconds(), run: id, task: task, kind: kind,
                        text: wording.text,
                        tone: wording.tone)))
        case .activity(let task, let text):
            entries[id]?.chronicle.note(text, task: task)
            // A set-up may take minutes in which nothing else is to be seen.
            guard text.hasPrefix("set-up: ") else { break }
            tell(
                id,
                .event(
                    EventView(
                        sequence: 0, at: WallClock.nowSeconds(), run: id, task: task, kind: "set-up",
                        text: text, tone: .plain)))
        case .stalled(let problem):
            entries[id]?.stall = problem
            log.error(problem.description, ["run": id.rawValue])
        }
        tell(id, .changed)
        if case .recorded(_, let run) = notice, run.state.isSettled { Task { await close(id) } }
    }

    private func close(_ id: RunID) async {
        // A person may have resumed it meanwhile.
        guard let run = entries[id]?.run, run.state.isSettled else { return }
        await settled(run)
    }

    private func tell(_ id: RunID, _ item: WatchItem) {
        for continuation in (entries[id]?.watchers ?? [:]).values { continuation.yield(item) }
    }

    // MARK: Looking

    func ids() -> [RunID] { order }
    /// Every run that could be read, the newest last.
    package func lifecycles() -> [RunLifecycle] { order.compactMap { entries[$0]?.run } }
    func lifecycle(_ id: RunID) throws -> RunLifecycle {
        guard let entry = entries[id] else { throw Self.unknown(id) }
        return entry.run
    }
    func view(_ id: RunID) throws -> RunView {
        guard let entry = entries[id] else { throw Self.unknown(id) }
        return entry.chronicle.view(of: entry.run, stall: entry.stall)
    }
    func views() -> [RunView] {
        order.reversed().compactMap { id in entries[id].map { $0.chronicle.view(of: $0.run, stall: $0.stall) }
        }
    }
    /// The run that waits for this answer.
    func run(asking approval: ApprovalID) -> RunID? {
        order.first { entries[$0]?.run.openApprovals.contains { $0.id == approval } ?? false }
    }

    /// The facts after a sequence number, and then what happens, until the watcher ends it.
    func watch(_ id: RunID, after sequence: Int64) throws -> (past: [EventView], live: AsyncStream<WatchItem>)
    {
        guard let entry = entries[id] else { throw Self.unknown(id) }
        let (stream, continuation) = AsyncStream<WatchItem>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.watcherBacklogMax))
        nextWatcher += 1
        let watcher = nextWatcher
        entries[id]?.watchers[watcher] = continuation
        continuation.onTermination = { [weak self] _ in
            Task { await self?.forget(watcher, of: id) }
        }
        return (entry.chronicle.events.filter { $0.sequence > sequence }, stream)
    }
    private func forget(_ watcher: Int, of id: RunID) { entries[id]?.watchers[watcher] = nil }

    private static func seconds(of text: String) throws -> Double {
        try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text).timeIntervalSince1970
    }

    static func unknown(_ id: RunID) -> Problem {
        Problem(
            "There is no run \(id).", hint: "List the runs with `graftwork status`.", blame: .user,
            exitCode: .usage)
    }
}

extension RunLifecycle {
    /// The newest commit of each live worktree, by task.
    fileprivate var savedCommits: [TaskID: ObjectID] {
        Dictionary(
            tasks.filter(\.hasLiveWorktree).compactMap { task in task.savedCommit.map { (task.task.id, $0) }
            },
            uniquingKeysWith: { first, _ in first })
    }
}
