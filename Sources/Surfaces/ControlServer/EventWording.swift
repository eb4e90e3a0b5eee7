internal import ControlProtocol
internal import Lifecycle
internal import Vocabulary

/// Puts facts and session events in words: one line each, for people.
enum EventWording {
    struct Wording: Hashable, Sendable {
        var text: String
        var tone: EventView.Tone
        init(_ text: String, _ tone: EventView.Tone = .plain) {
            self.text = text
            self.tone = tone
        }
    }

    static func describe(_ fact: RunFact, in run: RunLifecycle) -> Wording {
        switch fact {
        case .runRequested(let request):
            let weaker = request.limitMeans == .watchdog ? "; limits are kept by a watchdog" : ""
            return Wording(
                "\(request.goal) (into \(request.targetBranch), from \(request.base.short)\(weaker))")
        case .baseProven(let results): return Wording("base proven: \(summary(results))", .good)
        case .baseRefused(let problem, _): return Wording(problem.description, .bad)
        case .sessionStarted(let session):
            return Wording(
                "\(word(session.role)) \(session.agent.name) begins (\(session.agent.harness.rawValue))")
        case .toolDecided(_, _, let call, let evaluation):
            let verb = evaluation.decision == .deny ? "denied" : "asked about"
            return Wording(
                "\(verb) \(line(of: call)): \(reasons(evaluation))",
                evaluation.decision == .deny ? .bad : .waiting)
        case .sessionEnded(let id, let outcome): return describe(outcome, of: run.session(id)?.record)
        case .planProposed(let plan):
            return Wording(
                """
                plan of \(counted(plan.tasks.count, "task")): \
                \(plan.tasks.map(\.id.rawValue).joined(separator: ", "))
                """,
                .good)
        case .planRefused(let problem): return Wording("plan refused: \(problem.description)", .bad)
        case .approvalRequested(let approval): return asking(approval)
        case .approvalAnswered(_, let allowed, let person, let note):
            let suffix = note.map { ": \($0)" } ?? ""
            return Wording("\(allowed ? "approved" : "denied") by \(person)\(suffix)", allowed ? .good : .bad)
        case .answerDelivered: return Wording("the agent has the answer")
        case .worktreePrepared(_, let worktree):
            return Wording(
                (["worktree ready on \(worktree.branch)"] + [worktree.note].compactMap(\.self))
                    .joined(separator: "; "))
        case .treeSetUp(_, let setup): return Wording(describe(setup), .good)
        case .worktreeMoved(_, let base): return Wording("worktree moved to \(base.short)")
        case .snapshotTaken(_, let record): return describe(record)
        case .collisionsFound(_, let collisions): return describe(collisions, in: run.request.run)
        case .candidateTaken(_, let attempt, let candidate, _):
            return Wording("candidate \(attempt): \(summary(candidate.delta))")
        case .attemptFailed(_, let attempt, _, let problem):
            return Wording("attempt \(attempt) failed: \(problem.description)", .bad)
        case .checksFinished(_, let results):
            return Wording(
                "checks: \(summary(results))", results.allSatisfy { $0.outcome == .passed } ? .good : .bad)
        case .reviewFinished(_, let round, let verdict): return describe(verdict, round: round)
        case .landingEvaluated(_, _, _, let evaluation, let approval):
            if let approval { return asking(approval) }
            return evaluation.decision == .deny
                ? Wording("landing denied: \(reasons(evaluation))", .bad)
                : Wording("policies allow the landing", .good)
        case .mergeStarted: return Wording("merging with the target's head")
        case .mergeBuilt(_, let merge):
            return Wording("merge with \(merge.head.short) tested: \(summary(merge.checks))")
        case .mergeConflicted(_, let head, _, let paths):
            return Wording("conflicts with \(head.short) in \(paths.prefix(3).joined(separator: ", "))", .bad)
        case .targetMoved(_, let actual): return Wording("the target moved to \(actual.short); merging again")
        case .approvalVoided(_, let reason): return Wording("approval void: \(reason)", .waiting)
        case .landed(_, let commit, let sameVendor):
            return Wording(
                "landed \(commit.short) on \(branch(run.target))\(sameVendor ? ", same-vendor review" : "")",
                .good)
        case .worktreeReleased: return Wording("worktree released; its snapshots stay")
        case .taskHeld(_, let problem), .runHeld(let problem):
            return Wording("held: \(problem.description)", .waiting)
        case .landingRetried: return Wording("landing tried again")
        case .runStopped(let person): return Wording("stopped by \(person)", .waiting)
        case .runResumed(let person): return Wording("resumed by \(person)")
        case .paused(_, let person): return Wording("paused by \(person)", .waiting)
        case .unpaused(_, let person): return Wording("goes on: \(person) ended the pause")
        }
    }

    /// What an agent does just now; nil for what is not worth a line.
    static func describe(_ event: SessionEvent) -> (kind: String, wording: Wording)? {
        switch event {
        case .said(let text):
            let line =
                text.split(separator: "\n", omittingEmptySubsequences: true).first.map(String.init) ?? ""
            return line.isEmpty ? nil : ("said", Wording(String(line.prefix(200))))
        case .toolRequested(let call): return ("tool", Wording(line(of: call)))
        case .toolDecided(_, let evaluation):
            return evaluation.decision == .deny
                ? ("denied", Wording("denied: \(reasons(evaluation))", .bad)) : nil
        case .asked(_, _, let evaluation): return ("asked", Wording("asks: \(reasons(evaluation))", .waiting))
        case .toolFinished(_, let succeeded, let summary):
            return succeeded ? nil : ("failed", Wording("failed: \(summary.prefix(160))", .bad))
        case .executed(let program, let refusal):
            guard let refusal else { return nil }
            return (
                "denied", Wording("exec of \(program.line.prefix(160)) denied: \(reasons(refusal))", .bad)
            )
        case .noticed(let text): return ("notice", Wording(text))
        case .told(let message):
            let files = message.files.isEmpty ? "" : " (with \(list(message.files.map(\.path))))"
            return ("told", Wording("\(message.by): \(message.text)\(files)"))
        case .heard(let number): return ("heard", Wording("the agent has message \(number)"))
        case .unheard(let number, let reason):
            return ("unheard", Wording("message \(number) was not delivered: \(reason)", .bad))
        case .paused(let person): return ("paused", Wording("stands still: paused by \(person)", .waiting))
        case .resumed(let person): return ("resumed", Wording("goes on: resumed by \(person)"))
        case .interrupted(let person): return ("interrupted", Wording("interrupted by \(person)", .waiting))
        case .turnEnded: return nil
        case .modelAnswered(let answer):
            let cost = answer.cost.map { " $\(amount($0))" } ?? ""
            return (
                "model",
                Wording("\(answer.vendor) \(answer.model) answered, \(answer.usage.total) tokens\(cost)")
            )
        case .ended(let outcome): return ("ended", describe(outcome, of: nil))
        case .started(let harness, _, let limits):
            let weaker = limits == .watchdog ? ", its limits kept by a watchdog" : ""
            return ("started", Wording("\(harness.rawValue) started\(weaker)"))
        case .ready, .answered: return nil
        }
    }

    static func amount(_ money: Money) -> String {
        let cents = (money.microdollars + 50) / 100
        let fraction = String(cents % 10_000)
        return "\(cents / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
    }

    private static func describe(_ setup: SetupRecord) -> String {
        let seconds = "\((setup.seconds * 10).rounded() / 10) s"
        var text = setup.wasReused ? "set-up: reused (\(seconds))" : "set-up done in \(seconds)"
        if setup.copied > 0 { text += ", \(counted(setup.copied, "file")) copied" }
        if !setup.replaced.isEmpty { text += "; secrets replaced in \(list(setup.replaced))" }
        if !setup.leftOut.isEmpty { text += "; left out \(list(setup.leftOut))" }
        if !setup.raw.isEmpty { text += "; copied as they are: \(list(setup.raw.map(\.path)))" }
        return ([text] + setup.notes).joined(separator: ". ")
    }
    private static func list(_ names: [String]) -> String {
        names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }

    private static func describe(_ outcome: SessionOutcome, of session: SessionRecord?) -> Wording {
        let who = session.map { "\(word($0.role)) \($0.agent.name) " } ?? ""
        let vendors =
            outcome.vendors.isEmpty ? "" : " (\(outcome.vendors.map(\.rawValue).joined(separator: ", ")))"
        switch outcome.result {
        case .completed: return Wording("\(who)finished\(vendors)")
        case .failed(_, let message): return Wording("\(who)failed: \(message)", .bad)
        }
    }

    private static func describe(_ verdict: Verdict, round: Int) -> Wording {
        let by = verdict.reviewerVendors.map(\.rawValue).joined(separator: ", ")
        switch verdict.outcome {
        case .approve: return Wording("review \(round) by \(by): approved", .good)
        case .requestChanges:
            let first = verdict.findings.first { $0.severity == .blocking } ?? verdict.findings.first
            return Wording("review \(round) by \(by): changes. \(first?.claim ?? verdict.summary)", .bad)
        case .incomplete: return Wording("review \(round) is incomplete: \(verdict.summary)", .bad)
        }
    }

    private static func describe(_ record: SnapshotRecord) -> Wording {
        let why =
            switch record.occasion {
            case .begin: "before the author goes on"
            case .turn: "after a turn"
            case .minute: "while the author is at work"
            case .opening: "before the worktree was opened"
            case .restore: "before a restore"
            case .restored: "as restored"
            case .removal: "before the worktree was removed"
            }
        let notes = (record.notes ?? []).joined(separator: " ")
        return Wording("snapshot \(record.number), \(why)\(notes.isEmpty ? "" : ". \(notes)")")
    }

    private static func describe(_ collisions: [Collision], in run: RunID) -> Wording {
        guard !collisions.isEmpty else { return Wording("collides with nobody any more", .good) }
        let named = collisions.prefix(3).map { other in
            let name = other.run == run ? other.task.rawValue : "\(other.run)/\(other.task)"
            return "\(name) in \(other.paths.prefix(3).joined(separator: ", "))"
        }
        let rest = collisions.count > 3 ? " and \(counted(collisions.count - 3, "other"))" : ""
        return Wording("collides with \(named.joined(separator: "; "))\(rest)", .waiting)
    }

    private static func asking(_ approval: ApprovalRequest) -> Wording {
        Wording("asks: \(approval.text) (\(reasons(approval.evaluation)))", .waiting)
    }
    private static func reasons(_ evaluation: Evaluation) -> String {
        evaluation.reasons.joined(separator: "; ")
    }
    private static func word(_ role: SessionRole) -> String { role.rawValue }
    private static func branch(_ ref: String) -> String {
        ref.hasPrefix("refs/heads/") ? String(ref.dropFirst("refs/heads/".count)) : ref
    }
    static func line(of call: ToolCall) -> String {
        if let command = call.command { return "\(call.kind.rawValue): \(command.prefix(160))" }
        let paths = call.paths.prefix(3).joined(separator: ", ")
        return paths.isEmpty ? call.rawName : "\(call.kind.rawValue): \(paths)"
    }
    static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    static func summary(_ results: [CheckResult]) -> String {
        results.map { result in
            let tests = result.testsRun.map { " (\(counted($0, "test")))" } ?? ""
            return "\(result.name) \(word(result.outcome))\(tests)"
        }.joined(separator: ", ")
    }
    private static func word(_ outcome: CheckResult.Outcome) -> String {
        switch outcome {
        case .passed: "passed"
        case .failed: "failed"
        case .didNotRun: "did not run"
        case .timedOut: "timed out"
        }
    }
    private static func summary(_ delta: Delta) -> String {
        "\(counted(delta.entries.count, "file")), +\(delta.addedLines) -\(delta.removedLines)"
    }
}
