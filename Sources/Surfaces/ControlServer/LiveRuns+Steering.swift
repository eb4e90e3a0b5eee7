internal import Conductor
internal import ControlProtocol
internal import Lifecycle
internal import Vocabulary

// What a person does to sessions at work.
extension LiveRuns {
    /// Says something to the agent at work; returns when its session has it for good.
    func tell(
        _ text: String, files: [String], to task: TaskID?, in id: RunID, by person: String
    ) async throws -> SessionView {
        let session = try atWork(on: task, in: id)
        guard session.role != .reviewer else {
            throw Problem(
                "The reviewer of \(Self.name(id, session.task)) is told nothing by a person: its verdict is "
                    + "independent evidence.",
                hint: "Wait for the verdict, or tell the author when it is at work again.", blame: .user,
                exitCode: .usage)
        }
        try await link(to: session, in: id).tell(text, files, person)
        return Self.view(of: session, in: id)
    }

    /// Ends the turn of the agent at work and keeps what it did.
    func interrupt(_ task: TaskID?, in id: RunID, by person: String) async throws -> SessionView {
        let session = try atWork(on: task, in: id)
        try await link(to: session, in: id).interrupt(person)
        return Self.view(of: session, in: id)
    }

    /// Makes a task, or the whole run, stand still; returns when it does.
    func pause(_ task: TaskID?, in id: RunID, by person: String) async throws {
        let run = try lifecycle(id)
        if let refusal = run.pauseRefusal(of: task) { throw Self.problem(refusal, id, task) }
        guard let conductor = conductor(of: id) else { throw Self.unknown(id) }
        let problems = try await conductor.pause(task, by: person)
        await taken()
        try Self.check(problems)
    }

    func unpause(_ task: TaskID, in id: RunID, by person: String) async throws {
        let run = try lifecycle(id)
        guard run.task(task) != nil else { throw Self.problem(.noSuchTask, id, task) }
        guard run.pauses.contains(where: { $0.task == task }) else {
            let isWhole = run.pause(of: nil) != nil
            throw Problem(
                isWhole ? "The whole run \(id) is paused." : "Task \(task) of run \(id) is not paused.",
                hint: isWhole
                    ? "Go on with `graftwork resume \(id)`."
                    : "What is held or stopped goes on with `graftwork resume \(id)`.",
                blame: .user, exitCode: .usage)
        }
        guard let conductor = conductor(of: id) else { throw Self.unknown(id) }
        let problems = try await conductor.unpause(task, by: person)
        await taken()
        try Self.check(problems)
    }

    /// What could not be halted, or go on, is a failure that names the session; the rest is done.
    static func check(_ problems: [Problem]) throws {
        if let first = problems.first { throw first }
    }

    /// After a crash: sessions are what the journal says of their run.
    func align(_ run: RunLifecycle) async {
        for session in run.liveSessions(of: nil) {
            do {
                guard let link = try await host.attach(session) else { continue }
                if let pause = run.pause(of: session.task) {
                    try await link.pause(pause.by)
                } else {
                    try await link.resume(run.request.person)
                }
            } catch {
                // It is so already, or its runner is gone; whoever follows it learns of that.
            }
        }
    }

    private func atWork(on task: TaskID?, in id: RunID) throws -> SessionRecord {
        let run = try lifecycle(id)
        if let task, run.task(task) == nil { throw Self.problem(.noSuchTask, id, task) }
        let live = run.liveSessions(of: task)
        guard let session = live.last else {
            throw Problem(
                "No agent is at work on \(Self.name(id, task)).",
                hint: "See where it stands with `graftwork status \(id)`.", blame: .user, exitCode: .usage)
        }
        guard live.allSatisfy({ $0.task == session.task }) else {
            let names = live.compactMap { $0.task.map { "\(id)/\($0)" } }.sorted().joined(separator: ", ")
            throw Problem(
                "More than one agent is at work in run \(id).", hint: "Name the task: \(names).",
                blame: .user,
                exitCode: .usage)
        }
        return session
    }

    private func link(to session: SessionRecord, in id: RunID) async throws -> SessionLink {
        guard let link = try await host.attach(session) else {
            throw Problem(
                "The agent of \(Self.name(id, session.task)) is not at work yet.",
                hint: "Try again in a moment.", blame: .user)
        }
        return link
    }

    private static func view(of session: SessionRecord, in id: RunID) -> SessionView {
        SessionView(
            run: id, task: session.task, session: session.id, role: session.role,
            agent: session.agent.name.rawValue)
    }

    private static func name(_ run: RunID, _ task: TaskID?) -> String {
        task.map { "task \($0) of run \(run)" } ?? "run \(run)"
    }

    private static func problem(
        _ refusal: RunLifecycle.PauseRefusal, _ run: RunID, _ task: TaskID?
    ) -> Problem {
        let name = name(run, task)
        let (words, hint): (String, String) =
            switch refusal {
            case .isPaused(let person):
                ("\(name) is paused already, by \(person).", "Go on with `graftwork resume \(run)`.")
            case .isStopped: ("Run \(run) is stopped.", "Go on with `graftwork resume \(run)`.")
            case .isSettled:
                ("Nothing of \(name) is at work.", "See where it stands with `graftwork status \(run)`.")
            case .noSuchTask:
                (
                    "Run \(run) has no task\(task.map { " \($0)" } ?? "").",
                    "See its tasks with `graftwork status \(run)`."
                )
            }
        return Problem(
            words.prefix(1).uppercased() + words.dropFirst(), hint: hint, blame: .user, exitCode: .usage)
    }
}
