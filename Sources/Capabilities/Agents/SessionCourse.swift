package import Harnesses
import Policies
package import Vocabulary

/// The course of one session as a pure machine: facts in, effects out. `now` counts from any fixed instant.
///
/// ```
/// opened ─ policy ─► launching ─► running ─► closing ─► settling ─► ended
///            │ ask: waiting          │ finish, watchdog, stop, budget   ▲
///            └ deny ─────────────────┴──────────── exited ──────────────┘
/// ```
/// While a person is asked, the silence and wall limits stand still.
package struct SessionCourse: Sendable {
    enum Phase: Hashable, Sendable {
        case fresh
        /// A policy asks whether the session may start at all.
        case waiting(ApprovalID, Evaluation)
        /// `stop` holds what to end with when a stop came before the sandbox was up.
        case launching(stop: HarnessResult?)
        case running(Interruption?)
        case closing(HarnessResult, rungs: [TeardownLadder.Rung], next: Duration?)
        /// The sandbox is gone; the gateway is on its way down.
        case settling(HarnessResult)
        case ended
    }

    /// A turn that was told to end. `failure` replaces whatever the harness makes of it.
    struct Interruption: Hashable, Sendable {
        var deadline: Duration
        var failure: HarnessResult?
        /// The person who wanted it; nil when a limit did.
        var by: String?
    }

    private struct OpenQuestion: Hashable, Sendable {
        var call: ToolCall
        var evaluation: Evaluation
    }

    let specification: SessionSpecification
    let bounds: SessionBounds
    private let policy: SessionPolicy
    var machine: any HarnessMachine
    var phase: Phase = .fresh
    private(set) var sums = SessionSums()
    private(set) var tally = WorktreeFacts()
    var watch: SessionWatch
    var halt: Halt = .none
    /// Messages the harness has not taken in.
    var unheard: [Int] = []
    var messagesTold = 0
    private var questions: [ApprovalID: OpenQuestion] = [:]
    private var approvalsMade = 0
    private var modelFailure: String?
    private var heardAnything = false
    var turnsEnded = 0

    package init(
        _ specification: SessionSpecification, machine: any HarnessMachine, policy: SessionPolicy,
        bounds: SessionBounds = SessionBounds()
    ) {
        self.specification = specification
        self.machine = machine
        self.policy = policy
        self.bounds = bounds
        watch = SessionWatch(limits: specification.limits, bounds: bounds)
        tally.collisions = specification.collisions
    }

    /// When ``SessionFact/timePassed`` should be reported at the latest; nil: there is nothing to wait for.
    package var nextDeadline: Duration? {
        switch phase {
        case .fresh, .waiting, .launching, .settling, .ended: nil
        case .running(let interruption):
            halt == .none ? [watch.deadline, interruption?.deadline].compactMap(\.self).min() : nil
        case .closing(_, _, let next): next
        }
    }

    package mutating func apply(_ fact: SessionFact, at now: Duration) -> [SessionEffect] {
        switch fact {
        case .opened: return open()
        case .launched(let pid, let limits): return launched(pid, limits, at: now)
        case .launchFailed(let failure, let message): return launchFailed(.failed(failure, message: message))
        case .lineReceived(let line): return received(line, at: now)
        case .outputRefused(let reason): return close(.failed(.garbage, message: reason), by: .firm, at: now)
        case .recordFilled: return close(Self.recordFilled, by: .immediate, at: now)
        case .exited(let status, let tail, let overuse):
            return remember(overuse) + exited(status, tail, overuse, at: now)
        case .gatewayActive:
            watch.sawLife(at: now)
            return []
        case .modelAnswered(let answer): return count(answer, at: now)
        case .modelFailed(let message):
            watch.sawLife(at: now)
            modelFailure = message
            return phase == .ended
                ? [] : [.record(.noticed(text: "The model endpoint failed: \(ending.bounded(message))"))]
        case .modelUnmetered(let message):
            watch.sawLife(at: now)
            sums.loseCost()
            return phase == .ended ? [] : [.record(.noticed(text: ending.bounded(message)))]
        case .budgetReached(let message):
            return spent(.failed(.budget, message: message), at: now)
        case .executed(let program, let refusal):
            watch.sawLife(at: now)
            if refusal != nil { tally.denials += 1 }
            return phase == .ended ? [] : [.record(.executed(program: program, refusedBy: refusal))]
        case .execUnreadable(let process, let reason):
            tally.denials += 1
            return phase == .ended ? [] : [.record(.noticed(text: Self.unreadable(process, reason)))]
        case .answered(let approval, let allowed, let by, let message):
            return answered(approval, allowed, by: by, message, at: now)
        case .told(let message): return told(message, at: now)
        case .interruptAsked(let by): return interrupt(nil, by: by, at: now)
        case .pauseAsked(let by): return pause(by: by, at: now)
        case .halted: return halted(at: now)
        case .haltFailed(let reason): return haltFailed(reason, at: now)
        case .resumeAsked(let by): return resume(by: by, at: now)
        case .stopAsked(let reason): return close(.failed(.stopped, message: reason), by: .firm, at: now)
        case .gatewayStopped: return settled()
        case .timePassed: return timePassed(at: now)
        }
    }

    /// Whether an answer to this approval would be heard.
    package func isOpen(_ approval: ApprovalID) -> Bool {
        if case .waiting(approval, _) = phase { return true }
        return questions[approval] != nil
    }
}

// MARK: the beginning

extension SessionCourse {
    private mutating func open() -> [SessionEffect] {
        guard phase == .fresh else { return [] }
        let evaluation = policy.decideStart(of: specification, tally)
        switch evaluation.decision {
        case .allow:
            phase = .launching(stop: nil)
            return [.launch]
        case .ask:
            let approval = nextApproval()
            tally.asks += 1
            phase = .waiting(approval, evaluation)
            return [.record(.asked(approval: approval, call: nil, evaluation: evaluation))]
        case .deny:
            return settle(
                .failed(.stopped, message: "A policy denies this session: \(Self.sentence(evaluation))"))
        }
    }

    private mutating func launched(_ pid: Int32, _ limits: LimitMeans?, at now: Duration) -> [SessionEffect] {
        guard case .launching(let stop) = phase else { return [] }
        phase = .running(nil)
        watch.start(at: now)
        let started = SessionEffect.record(
            .started(harness: specification.agent.harness, runnerPID: pid, limits: limits))
        if let stop { return [started] + close(stop, by: .firm, at: now) }
        return [started] + haltIfWanted(at: now) + perform(machine.begin(), at: now)
    }

    private mutating func launchFailed(_ result: HarnessResult) -> [SessionEffect] {
        guard case .launching(let stop) = phase else { return [] }
        return settle(stop ?? result)
    }
}

// MARK: the turn

extension SessionCourse {
    private mutating func received(_ line: String, at now: Duration) -> [SessionEffect] {
        // After the end of the turn its output no longer matters.
        guard case .running = phase else { return [] }
        heardAnything = true
        watch.sawLife(at: now)
        if let excess = watch.countLine(bytes: line.utf8.count, at: now) {
            return close(.failed(.garbage, message: excess), by: .firm, at: now)
        }
        return perform(machine.received(line), at: now)
    }

    /// Performs what the machine wants, in order, what follows from it included.
    mutating func perform(_ actions: [HarnessAction], at now: Duration) -> [SessionEffect] {
        var effects: [SessionEffect] = []
        var waiting = actions[...]
        while let action = waiting.popFirst() {
            switch action {
            case .send(let line):
                if case .running = phase { effects.append(.send(line)) }
            case .emit(let event):
                if let event = admitted(event) { effects.append(.record(event)) }
            case .decide(let call):
                let (recorded, answer) = decide(call, at: now)
                effects += recorded
                if let answer { waiting = (machine.decided(call.id, answer) + waiting)[...] }
            case .heard(let number): effects += heard(number)
            case .turnEnded: effects += turnEnded()
            case .finish(let result):
                if case .completed = result { effects += turnEnded() }
                effects += close(result, by: .patient, at: now)
            }
        }
        return effects
    }

    /// A machine may not write what only the runner knows.
    private func admitted(_ event: SessionEvent) -> SessionEvent? {
        switch event {
        case .ready, .said, .toolFinished, .noticed: event
        case .started, .toolRequested, .toolDecided, .executed, .asked, .answered, .modelAnswered, .turnEnded,
            .told, .heard, .unheard, .paused, .resumed, .interrupted, .ended:
            nil
        }
    }

    private mutating func decide(_ call: ToolCall, at now: Duration) -> ([SessionEffect], ToolAnswer?) {
        let effects: [SessionEffect] = [.record(.toolRequested(call: call))]
        var evaluation = policy.decide(call, tally)
        tally.count(call)
        if evaluation.decision == .ask, questions.count >= bounds.openApprovalsMax {
            evaluation = Self.tightened(
                evaluation, "built-in: open-approvals", "Too many questions are open already.")
        }
        switch evaluation.decision {
        case .allow:
            return (effects + [.record(.toolDecided(call: call.id, evaluation: evaluation))], .allow)
        case .deny:
            tally.denials += 1
            let answer = ToolAnswer.deny(message: Self.sentence(evaluation))
            return (effects + [.record(.toolDecided(call: call.id, evaluation: evaluation))], answer)
        case .ask:
            tally.asks += 1
            let approval = nextApproval()
            if questions.isEmpty { watch.pause(.question, at: now) }
            questions[approval] = OpenQuestion(call: call, evaluation: evaluation)
            return (effects + [.record(.asked(approval: approval, call: call, evaluation: evaluation))], nil)
        }
    }

    private mutating func answered(
        _ approval: ApprovalID, _ allowed: Bool, by: String, _ message: String?, at now: Duration
    ) -> [SessionEffect] {
        let recorded = SessionEffect.record(.answered(approval: approval, allowed: allowed, by: by))
        if case .waiting(approval, let evaluation) = phase {
            if allowed {
                phase = .launching(stop: nil)
                return [recorded, .launch]
            }
            let reason = message ?? Self.sentence(evaluation)
            return [recorded]
                + settle(.failed(.stopped, message: "\(by) did not let this session start: \(reason)"))
        }
        guard case .running = phase, let question = questions.removeValue(forKey: approval) else { return [] }
        if questions.isEmpty { watch.resume(.question, at: now) }
        var evaluation = question.evaluation
        evaluation.decision = allowed ? .allow : .deny
        let verb = allowed ? "allowed" : "denied"
        let reason = message.map { "\(by) \(verb) it: \($0)" } ?? "\(by) \(verb) it."
        evaluation.matched.append(
            RuleMatch(rule: "built-in: answer", decision: evaluation.decision, reason: reason))
        if !allowed { tally.denials += 1 }
        let answer = allowed ? ToolAnswer.allow : .deny(message: reason)
        return [recorded, .record(.toolDecided(call: question.call.id, evaluation: evaluation))]
            + perform(machine.decided(question.call.id, answer), at: now)
    }

    private mutating func count(_ answer: ModelAnswer, at now: Duration) -> [SessionEffect] {
        guard phase != .ended else { return [] }
        watch.sawLife(at: now)
        modelFailure = nil
        sums.add(answer)
        tally.spend = sums.knownCost
        tally.tokens = sums.usage.total
        return [.record(.modelAnswered(answer: answer))]
    }

    private mutating func timePassed(at now: Duration) -> [SessionEffect] {
        switch phase {
        case .fresh, .waiting, .launching, .settling, .ended: return []
        case .running(let interruption):
            guard halt == .none else { return [] }
            if let interruption, interruption.deadline <= now {
                let result = HarnessResult.failed(
                    .stopped, message: "It did not end its turn when it was interrupted.")
                return close(interruption.failure ?? result, by: .firm, at: now)
            }
            guard let (failure, message) = watch.expired(at: now) else { return [] }
            return close(.failed(failure, message: message), by: .firm, at: now)
        case .closing(let result, let rungs, let next):
            guard let next, next <= now, let rung = rungs.first else { return [] }
            let rest = Array(rungs.dropFirst())
            phase = .closing(result, rungs: rest, next: rest.first.map { now + $0.after })
            return [.signal(rung.signal)]
        }
    }
}

// MARK: the end

extension SessionCourse {
    /// Ends the session with this result, by whatever way its phase still asks for. The first end wins.
    mutating func close(_ result: HarnessResult, by ladder: TeardownLadder, at now: Duration)
        -> [SessionEffect]
    {
        switch phase {
        case .fresh, .waiting: return settle(result)
        case .launching(let earlier):
            phase = .launching(stop: earlier ?? result)
            return []
        case .running(let interruption):
            phase = .closing(
                interruption?.judged(result) ?? result, rungs: ladder.rungs,
                next: ladder.rungs.first.map { now + $0.after })
            return releaseAtEnd() + [.closeInput] + timePassed(at: now)
        case .closing(let earlier, let rungs, _):
            // A stop must not wait for the patience of an earlier end.
            let isPatient = rungs.first?.signal == .terminate
            guard ladder == .immediate || ladder == .firm && isPatient else { return [] }
            phase = .closing(earlier, rungs: ladder == .firm ? rungs : ladder.rungs, next: now)
            return timePassed(at: now)
        case .settling, .ended: return []
        }
    }

    /// A harness whose programs were killed seldom knows why.
    private func remember(_ overuse: Overuse) -> [SessionEffect] {
        guard overuse.memoryKills > 0, phase != .ended else { return [] }
        return [.record(.noticed(text: Self.killed(overuse.memoryKills)))]
    }

    private mutating func exited(
        _ status: Int32, _ stderrTail: String, _ overuse: Overuse, at now: Duration
    ) -> [SessionEffect] {
        switch phase {
        case .fresh, .waiting, .launching, .settling, .ended: return []
        case .closing(.completed, _, _) where overuse.excess != nil:
            return settle(.failed(.resources, message: overuse.excess ?? ""))
        case .closing(let result, _, _):
            // The launcher ends after the last process inside. One that was killed saw nobody go, and files
            // may still change.
            guard status < 0, case .completed = result else { return settle(result) }
            return settle(
                .failed(
                    .crashed,
                    message: "Its sandbox was killed from outside, so nobody saw that all of it had ended."))
        case .running(let interruption):
            var effects: [SessionEffect] = []
            var result = HarnessResult.failed(.crashed, message: "The harness ended with status \(status).")
            for action in machine.exited(status: status, stderrTail: stderrTail) {
                switch action {
                case .send, .decide, .heard, .turnEnded: continue  // Nobody is there any more.
                case .emit(let event):
                    if let event = admitted(event) { effects.append(.record(event)) }
                case .finish(let last): result = last
                }
            }
            result =
                overuse.excess.map { .failed(.resources, message: $0) }
                ?? (heardAnything ? result : ending.explained(result, status, stderrTail))
            result = interruption?.judged(result) ?? result
            return effects + settle(result)
        }
    }

    private var ending: SessionEnding { SessionEnding(specification: specification, bounds: bounds) }

    /// The refusal reaches the harness by a way of its own, and its complaint may be here first: a session
    /// that failed for want of money did not fail for whatever its harness made of that.
    private mutating func spent(_ failure: HarnessResult, at now: Duration) -> [SessionEffect] {
        switch phase {
        case .closing(.failed(let earlier, _), let rungs, let next) where earlier != .stopped:
            phase = .closing(failure, rungs: rungs, next: next)
        case .settling(.failed(let earlier, _)) where earlier != .stopped: phase = .settling(failure)
        case .fresh, .waiting, .launching, .running, .closing, .settling, .ended:
            return interrupt(failure, by: nil, at: now)
        }
        return []
    }

    private mutating func settle(_ result: HarnessResult) -> [SessionEffect] {
        questions = [:]
        phase = .settling(result)
        return [.stopGateway]
    }

    private mutating func settled() -> [SessionEffect] {
        guard case .settling(let result) = phase else { return [] }
        phase = .ended
        return leftUnheard() + [
            .record(.ended(outcome: sums.outcome(ending.judged(result, modelFailure: modelFailure)))), .end,
        ]
    }

    private mutating func nextApproval() -> ApprovalID {
        approvalsMade += 1
        return ApprovalID("\(specification.session).\(approvalsMade)")
    }
}
