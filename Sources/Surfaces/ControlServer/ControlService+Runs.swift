internal import ControlProtocol
internal import Lifecycle
internal import Linux
internal import Vocabulary
internal import Worktrees

extension ControlService {
    /// Sends what happened and what happens, until the run is settled, waits for nobody but a person
    /// elsewhere, or the client leaves.
    func watch(_ id: RunID, after: Int64, _ client: ControlClient) async throws -> ExitCode {
        let (past, live) = try await runs.watch(id, after: after)
        for event in past { try await client.send(.event(event: event)) }
        var view = try await runs.view(id)
        try await client.send(.view(run: view))
        if view.isOver { return view.exit }
        for await item in live {
            switch item {
            case .event(let event): try await client.send(.event(event: event))
            case .changed:
                let next = try await runs.view(id)
                guard next != view else { continue }
                view = next
                try await client.send(.view(run: view))
                if view.isOver { return view.exit }
            }
        }
        return view.exit
    }

    func answer(_ approval: ApprovalID, allowed: Bool, by person: String, note: String?) async throws {
        guard let run = await runs.run(asking: approval) else {
            throw Problem(
                "Nothing waits for an answer to \(approval).", hint: "See what waits with `graftwork inbox`.",
                blame: .user,
                exitCode: .usage)
        }
        do {
            try await runs.record(
                [.approvalAnswered(approval: approval, allowed: allowed, by: person, note: note)], in: run)
        } catch is IllegalTransition {
            throw Problem(
                "\(approval) was answered a moment ago.", hint: "See `graftwork status`.", blame: .user)
        }
    }

    func stop(_ id: RunID) async throws {
        let state = try await runs.lifecycle(id).state
        guard state != .stopped else { return }
        guard !state.isSettled else {
            throw Problem(
                "Nothing of run \(id) is at work: it is \(state.rawValue).",
                hint: "See where it stands with `graftwork status \(id)`.", blame: .user, exitCode: .usage)
        }
        try await runs.record([.runStopped(by: SystemIdentity.userName)], in: id)
    }

    func land(_ id: RunID, task: TaskID?, updateCheckout: Bool?, into branch: String?) async throws {
        let run = try await runs.lifecycle(id)
        var target: String?
        if let branch {
            target = try await repositories.store(of: run.request.repository).resolve(branch: branch).ref
        }
        guard !run.isStopped else {
            throw Problem(
                "Run \(id) is stopped, and nothing of it lands.",
                hint: "Go on with `graftwork resume \(id)`.", blame: .user, exitCode: .usage)
        }
        // A task that is held on its way to the gate has nothing to land yet; `resume` would spend on it.
        let held = run.tasks.filter { $0.isHeldAtGate && (task == nil || $0.task.id == task) }
        guard !held.isEmpty else {
            let isHeld = run.tasks.contains {
                $0.displayState == .held && (task == nil || $0.task.id == task)
            }
            throw Problem(
                "No landing of run \(id)\(task.map { ", task \($0)," } ?? "") is held.",
                hint: isHeld
                    ? "It is held before its landing: go on with `graftwork resume \(id)`."
                    : "See where it stands with `graftwork status \(id)`.", blame: .user, exitCode: .usage)
        }
        for item in held {
            try await runs.record(
                [.landingRetried(task: item.task.id, updateCheckout: updateCheckout, target: target)], in: id)
        }
    }

    func resume(_ id: RunID?, environment: [String: String], _ client: ControlClient) async throws -> ExitCode
    {
        let chosen: [RunID]
        if let id {
            chosen = [id]
        } else {
            chosen = await runs.views().filter { $0.canGoOn }.map(\.id).reversed()
        }
        // One that cannot go on keeps no other from it.
        var first: (any Error)?
        for run in chosen {
            do {
                try await starter.makeReady(runs.lifecycle(run).request, environment: environment)
                try await runs.resume(run, by: SystemIdentity.userName)
            } catch {
                first = first ?? error
                continue
            }
            try await client.send(.accepted(run: run))
        }
        if let first { throw first }
        return .done
    }

    /// The one that was named, else all.
    func chosen(_ id: RunID?) async -> [RunID] { if let id { [id] } else { await runs.ids() } }

    func diff(of id: RunID, task: TaskID?, turn: Int?) async throws -> ControlReply {
        let lifecycle = try await runs.lifecycle(id)
        let store = try await repositories.store(of: lifecycle.request.repository)
        var text = ""
        var wasTruncated = false
        var patchIDs: [String] = []
        let chosen = lifecycle.tasks.filter { task == nil || $0.task.id == task }
        if chosen.isEmpty, let task {
            throw Problem(
                "Run \(id) has no task \(task).", hint: "See its tasks with `graftwork status \(id)`.",
                blame: .user,
                exitCode: .usage)
        }
        if let turn { return try await diff(of: turn, chosen, in: lifecycle, store) }
        for item in chosen {
            guard let candidate = item.lastCandidate else { continue }
            let part = try await store.unifiedDiff(
                from: candidate.baseTree, to: candidate.tree, bytesMax: Self.diffBytesMax)
            text += part.text
            patchIDs.append(part.patchID)
            wasTruncated = wasTruncated || part.wasTruncated
        }
        return .diff(text: text, wasTruncated: wasTruncated, patchIDs: patchIDs)
    }
    static let diffBytesMax = 16 << 20

    private func diff(
        of number: Int, _ tasks: [TaskLifecycle], in run: RunLifecycle, _ store: RepositoryStore
    ) async throws -> ControlReply {
        guard let task = tasks.first, tasks.count == 1 else {
            throw Problem(
                "Run \(run.request.run) has more than one task, and each has turns of its own.",
                hint: "Name the task: \(tasks.map(\.task.id.rawValue).joined(separator: ", ")).",
                blame: .user,
                exitCode: .usage)
        }
        guard let turn = task.turns.first(where: { $0.number == number }) else {
            let last = task.turns.last?.number ?? 0
            throw Problem(
                "Task \(task.task.id) has no turn \(number).",
                hint: last == 0 ? "Its author has not ended a turn yet." : "Its last turn is \(last).",
                blame: .user, exitCode: .usage)
        }
        let part = try await store.unifiedDiff(from: turn.from, to: turn.to, bytesMax: Self.diffBytesMax)
        return .diff(text: part.text, wasTruncated: part.wasTruncated, patchIDs: [part.patchID])
    }

    func costs(of id: RunID?) async throws -> [CostView] {
        var views: [CostView] = []
        for run in await chosen(id) {
            for session in try await runs.lifecycle(run).sessions {
                guard let outcome = session.outcome else { continue }
                views.append(
                    CostView(
                        run: run, task: session.record.task, role: session.record.role,
                        agent: session.record.agent.name.rawValue, vendors: outcome.vendors,
                        models: outcome.models,
                        usage: outcome.usage, cost: outcome.cost, isRehearsed: outcome.isRehearsed))
            }
        }
        return views
    }
}

extension RunView {
    /// Nothing more will happen by itself: settled, or interrupted.
    var isOver: Bool { state.isSettled || endedAt != nil }
    /// A person may say "go on" without naming it. A run that failed is begun again by its name only: that
    /// spends anew.
    var canGoOn: Bool {
        switch state {
        case .landed, .planned, .failed: false
        case .held, .stopped: true
        // At work here, or interrupted by the end of an earlier server, or paused by a person.
        case .proving, .planning, .awaitingApproval, .building:
            endedAt != nil || pausedBy != nil || tasks.contains { $0.pausedBy != nil }
        }
    }
}
