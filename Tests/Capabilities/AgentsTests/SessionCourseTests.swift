import Policies
import Testing
import Vocabulary

@testable import Agents

/// Commands with `ask` are asked about, with `rm` denied, everything else is allowed.
private let rules = SessionPolicy { action, _ in
    let command = action.fields["command"]?.stringValue ?? ""
    if command.contains("rm") {
        return Evaluation(
            decision: .deny,
            matched: [
                RuleMatch(rule: "no-rm", decision: .deny, reason: "Nothing is removed.", instead: "Move it.")
            ])
    }
    if command.contains("ask") {
        return Evaluation(
            decision: .ask, matched: [RuleMatch(rule: "careful", decision: .ask, reason: "Look first.")])
    }
    return Evaluation(decision: .allow, matched: [])
}

private let asked = Evaluation(
    decision: .ask, matched: [RuleMatch(rule: "careful", decision: .ask, reason: "Look first.")])
private let allowed = Evaluation(decision: .allow, matched: [])

private func makeCourse(
    schema: JSONValue? = nil, policy: SessionPolicy = rules, bounds: SessionBounds = SessionBounds()
) -> SessionCourse {
    SessionCourse(.test(schema: schema), machine: ScriptedMachine(), policy: policy, bounds: bounds)
}

/// A course whose harness runs since second 0.
private func running(schema: JSONValue? = nil, bounds: SessionBounds = SessionBounds()) -> SessionCourse {
    var course = makeCourse(schema: schema, bounds: bounds)
    _ = course.apply(.opened, at: .zero)
    _ = course.apply(.launched(runnerPID: 7, limits: nil), at: .zero)
    return course
}

extension SessionCourse {
    /// What the session ends with when nothing else happens.
    fileprivate mutating func outcome() -> SessionOutcome? {
        _ = apply(.exited(status: 0, stderrTail: ""), at: .seconds(1000))
        let effects = apply(.gatewayStopped, at: .seconds(1000))
        guard effects.count == 2, effects[1] == .end, case .record(.ended(let outcome)) = effects[0] else {
            return nil
        }
        return outcome
    }
}

@Suite("The course of a session") struct SessionCourseTests {
    @Test("starts the harness when policies allow it, and begins the conversation") func start() {
        var course = makeCourse()
        #expect(course.apply(.opened, at: .zero) == [.launch])
        #expect(
            course.apply(.launched(runnerPID: 7, limits: nil), at: .zero)
                == [.record(.started(harness: .command, runnerPID: 7, limits: nil)), .send("begin")])
    }

    @Test("ends a turn by closing stdin, then up the ladder, and records the end last") func ending() {
        var course = running()
        #expect(
            course.apply(.lineReceived("end done"), at: .seconds(1))
                == [.record(.turnEnded(number: 1)), .closeInput])
        #expect(course.nextDeadline == .seconds(2))
        #expect(course.apply(.timePassed, at: .seconds(2)) == [.signal(.terminate)])
        #expect(course.apply(.timePassed, at: .seconds(3)) == [])
        #expect(course.apply(.timePassed, at: .seconds(7)) == [.signal(.kill)])
        #expect(course.nextDeadline == .seconds(37))
        #expect(course.apply(.timePassed, at: .seconds(37)) == [.signal(.killLauncher)])
        #expect(course.apply(.timePassed, at: .seconds(67)) == [.signal(.abandon)])
        #expect(course.nextDeadline == nil)
        #expect(course.apply(.exited(status: 137, stderrTail: ""), at: .seconds(67)) == [.stopGateway])
        #expect(
            course.apply(.gatewayStopped, at: .seconds(68)) == [
                .record(.ended(outcome: SessionOutcome(result: .completed(text: "done", structured: nil)))),
                .end,
            ])
    }

    /// The launcher outside waits for the last process inside. Killed itself, it has seen nobody go, and what
    /// still runs could change the files between this end and the snapshot.
    @Test("takes no result of a session whose launcher was killed: an agent may still be writing")
    func launcherKilled() {
        var course = running()
        _ = course.apply(.lineReceived("end done"), at: .seconds(1))
        #expect(course.apply(.exited(status: -9, stderrTail: ""), at: .seconds(1)) == [.stopGateway])
        let message = "Its sandbox was killed from outside, so nobody saw that all of it had ended."
        #expect(
            course.apply(.gatewayStopped, at: .seconds(2)) == [
                .record(.ended(outcome: SessionOutcome(result: .failed(reason: .crashed, message: message)))),
                .end,
            ])
    }

    @Test("answers allowed and denied calls at once, with the reason and what to do instead") func decisions()
    {
        var course = running()
        #expect(
            course.apply(.lineReceived("call 1 make"), at: .zero) == [
                .record(.toolRequested(call: .shell("1", "make"))),
                .record(.toolDecided(call: ToolCallID("1"), evaluation: allowed)), .send("allowed 1"),
            ])
        let effects = course.apply(.lineReceived("call 2 rm x"), at: .zero)
        #expect(effects.last == .send("denied 2 Nothing is removed. Move it."))
        #expect(
            course.tally.toolCalls == 2 && course.tally.denials == 1
                && course.tally.commands == ["make", "rm x"])
    }

    @Test("holds an asked call until a person answers, and lets other calls go on") func ask() {
        var course = running()
        let approval = ApprovalID("s1.1")
        #expect(
            course.apply(.lineReceived("call 1 ask"), at: .zero) == [
                .record(.toolRequested(call: .shell("1", "ask"))),
                .record(.asked(approval: approval, call: .shell("1", "ask"), evaluation: asked)),
            ])
        #expect(course.apply(.lineReceived("call 2 make"), at: .zero).last == .send("allowed 2"))
        #expect(course.isOpen(approval))
        let effects = course.apply(
            .answered(approval, allowed: true, by: "ann", message: nil), at: .seconds(5))
        let answer = RuleMatch(rule: "built-in: answer", decision: .allow, reason: "ann allowed it.")
        #expect(
            effects == [
                .record(.answered(approval: approval, allowed: true, by: "ann")),
                .record(
                    .toolDecided(
                        call: ToolCallID("1"),
                        evaluation: Evaluation(decision: .allow, matched: asked.matched + [answer]))),
                .send("allowed 1"),
            ])
        #expect(
            course.apply(.answered(approval, allowed: false, by: "bob", message: nil), at: .seconds(6)) == [])
    }

    @Test("tells the agent what the person said when the answer is no") func refusal() {
        var course = running()
        _ = course.apply(.lineReceived("call 1 ask"), at: .zero)
        let effects = course.apply(
            .answered(ApprovalID("s1.1"), allowed: false, by: "ann", message: "Not today."), at: .zero)
        #expect(effects.last == .send("denied 1 ann denied it: Not today."))
    }

    @Test("denies further questions when too many are open") func tooManyQuestions() {
        var bounds = SessionBounds()
        bounds.openApprovalsMax = 1
        var course = running(bounds: bounds)
        _ = course.apply(.lineReceived("call 1 ask"), at: .zero)
        let effects = course.apply(.lineReceived("call 2 ask"), at: .zero)
        #expect(effects.last == .send("denied 2 Too many questions are open already."))
    }

    @Test("ends a session that is silent for too long as hung") func silence() {
        var course = running()
        _ = course.apply(.lineReceived("idle"), at: .seconds(50))
        #expect(course.nextDeadline == .seconds(110))
        #expect(course.apply(.timePassed, at: .seconds(109)) == [])
        _ = course.apply(.gatewayActive, at: .seconds(109))
        #expect(course.apply(.timePassed, at: .seconds(110)) == [])
        #expect(course.apply(.timePassed, at: .seconds(169)) == [.closeInput, .signal(.terminate)])
        #expect(
            course.outcome()?.result == .failed(reason: .hung, message: "It gave no sign of life for 60 s."))
    }

    @Test("ends a session that runs for too long, however lively it is") func wall() {
        var course = running()
        for second in 1..<600 { _ = course.apply(.lineReceived("idle"), at: .seconds(second)) }
        #expect(course.apply(.timePassed, at: .seconds(600)) == [.closeInput, .signal(.terminate)])
        #expect(course.outcome()?.result == .failed(reason: .tooLong, message: "It ran longer than 600 s."))
    }

    @Test("stops both clocks while a person is asked") func clocksStandStill() {
        var course = running()
        _ = course.apply(.lineReceived("call 1 ask"), at: .seconds(10))
        #expect(course.nextDeadline == nil)
        #expect(course.apply(.timePassed, at: .seconds(100_000)) == [])
        _ = course.apply(
            .answered(ApprovalID("s1.1"), allowed: true, by: "ann", message: nil), at: .seconds(100_010))
        #expect(course.nextDeadline == .seconds(100_070))
        for second in stride(from: 100_011, to: 100_600, by: 30) {
            #expect(course.apply(.lineReceived("idle"), at: .seconds(second)) == [])
        }
        #expect(course.apply(.timePassed, at: .seconds(100_600)) == [.closeInput, .signal(.terminate)])
    }

    @Test("ends a flood of lines, a flood of bytes and a line beyond the limit as garbage") func floods() {
        var bounds = SessionBounds()
        bounds.linesPerSecondMax = 10
        var course = running(bounds: bounds)
        for _ in 0..<10 { #expect(course.apply(.lineReceived("idle"), at: .seconds(1)) == []) }
        for _ in 0..<10 { #expect(course.apply(.lineReceived("idle"), at: .seconds(2)) == []) }
        #expect(course.apply(.lineReceived("idle"), at: .seconds(2)) == [.closeInput, .signal(.terminate)])
        #expect(
            course.outcome()?.result
                == .failed(reason: .garbage, message: "It printed more than 10 lines within a second."))

        bounds.outputBytesMax = 10
        course = running(bounds: bounds)
        _ = course.apply(.lineReceived("idle"), at: .zero)
        _ = course.apply(.lineReceived("idle idle"), at: .zero)
        #expect(course.outcome()?.result == .failed(reason: .garbage, message: "It printed more than 0 MiB."))

        course = running()
        _ = course.apply(.outputRefused(reason: "Too long."), at: .zero)
        #expect(course.outcome()?.result == .failed(reason: .garbage, message: "Too long."))
    }

    @Test("lets no harness write the events that only the runner knows") func forgedEvents() {
        var course = running()
        #expect(course.apply(.lineReceived("forge all is well"), at: .zero) == [])
    }

    @Test("ends as over budget also when the harness complains before the gateway has told of its refusal")
    func budgetToldLate() {
        for exitsFirst in [false, true] {
            var course = running()
            _ = course.apply(.lineReceived("fail no money"), at: .seconds(1))
            if exitsFirst { _ = course.apply(.exited(status: 0, stderrTail: ""), at: .seconds(1)) }
            #expect(course.apply(.budgetReached(message: "1 $ is spent."), at: .seconds(1)) == [])
            if !exitsFirst { _ = course.apply(.exited(status: 0, stderrTail: ""), at: .seconds(1)) }
            let outcome = SessionOutcome(result: .failed(reason: .budget, message: "1 $ is spent."))
            #expect(
                course.apply(.gatewayStopped, at: .seconds(2)) == [
                    .record(.ended(outcome: outcome)), .end,
                ])
        }
    }

    @Test("interrupts the turn at the spend limit and ends as over budget, whatever the harness says")
    func budget() {
        var course = running()
        #expect(
            course.apply(.budgetReached(message: "1 $ is spent."), at: .seconds(1)) == [.send("interrupt")])
        #expect(course.apply(.budgetReached(message: "1 $ is spent."), at: .seconds(2)) == [])
        #expect(
            course.apply(.lineReceived("end fine"), at: .seconds(3))
                == [.record(.turnEnded(number: 1)), .closeInput])
        #expect(course.outcome()?.result == .failed(reason: .budget, message: "1 $ is spent."))
    }

    @Test("gives an interrupted turn its time, then ends it") func interrupt() {
        var course = running()
        #expect(
            course.apply(.interruptAsked(by: "ada"), at: .seconds(1))
                == [.record(.interrupted(by: "ada")), .send("interrupt")])
        #expect(course.nextDeadline == .seconds(11))
        #expect(course.apply(.timePassed, at: .seconds(11)) == [.closeInput, .signal(.terminate)])
        #expect(
            course.outcome()?.result
                == .failed(reason: .stopped, message: "ada interrupted it."))
        course = running()
        _ = course.apply(.interruptAsked(by: "ada"), at: .seconds(1))
        _ = course.apply(.lineReceived("end as far as I came"), at: .seconds(2))
        #expect(course.outcome()?.result == .completed(text: "as far as I came", structured: nil))
    }

    @Test("stops at once in every phase") func stop() {
        var course = makeCourse()
        #expect(course.apply(.stopAsked(reason: "Stopped."), at: .zero) == [.stopGateway])
        course = makeCourse()
        _ = course.apply(.opened, at: .zero)
        #expect(course.apply(.stopAsked(reason: "Stopped."), at: .zero) == [])
        #expect(
            course.apply(.launched(runnerPID: 7, limits: nil), at: .zero) == [
                .record(.started(harness: .command, runnerPID: 7, limits: nil)), .closeInput,
                .signal(.terminate),
            ])
        course = running()
        #expect(
            course.apply(.stopAsked(reason: "Stopped."), at: .zero) == [.closeInput, .signal(.terminate)])
        #expect(course.outcome()?.result == .failed(reason: .stopped, message: "Stopped."))
        course = running()
        _ = course.apply(.lineReceived("end done"), at: .zero)
        #expect(course.apply(.stopAsked(reason: "Stopped."), at: .zero) == [.signal(.terminate)])
        #expect(course.outcome()?.result == .completed(text: "done", structured: nil))
    }

    @Test("is never started when a policy denies it, and held when a policy asks") func startDecision() {
        var course = makeCourse(
            policy: SessionPolicy { _, _ in
                Evaluation(
                    decision: .deny, matched: [RuleMatch(rule: "r", decision: .deny, reason: "Not here.")])
            })
        #expect(course.apply(.opened, at: .zero) == [.stopGateway])
        #expect(
            course.outcome()?.result
                == .failed(reason: .stopped, message: "A policy denies this session: Not here."))

        course = makeCourse(policy: SessionPolicy { action, _ in action.kind == .session ? asked : allowed })
        let approval = ApprovalID("s1.1")
        #expect(
            course.apply(.opened, at: .zero) == [
                .record(.asked(approval: approval, call: nil, evaluation: asked))
            ])
        #expect(course.nextDeadline == nil)
        #expect(
            course.apply(.answered(approval, allowed: true, by: "ann", message: nil), at: .seconds(9))
                == [.record(.answered(approval: approval, allowed: true, by: "ann")), .launch])
    }

    @Test("tells a missing harness, a missing sandbox and a crash apart") func reasons() {
        func ending(_ status: Int32, _ stderr: String, after line: String? = nil) -> SessionOutcome.Ending? {
            var course = running()
            if let line { _ = course.apply(.lineReceived(line), at: .zero) }
            _ = course.apply(.exited(status: status, stderrTail: stderr), at: .zero)
            return course.outcome()?.result
        }
        #expect(
            ending(127, "sandbox-init: cannot execute '/x': No such file or directory.")
                == .failed(
                    reason: .missing,
                    message: """
                        The harness 'command' cannot be started: cannot execute '/x': No such file or \
                        directory.
                        """
                ))
        #expect(
            ending(1, "bwrap: No permissions\n")
                == .failed(reason: .sandbox, message: "The sandbox could not be built: No permissions"))
        #expect(ending(127, "") == .failed(reason: .crashed, message: "It ended with status 127."))
        #expect(
            ending(1, "bwrap: a lie\n", after: "idle")
                == .failed(reason: .crashed, message: "It ended with status 1."))
    }

    @Test("blames the model endpoint when that failed last") func modelFailure() {
        var course = running()
        _ = course.apply(.modelFailed(message: "anthropic: 529 overloaded"), at: .zero)
        _ = course.apply(.lineReceived("fail I give up."), at: .zero)
        #expect(
            course.outcome()?.result
                == .failed(
                    reason: .model, message: "I give up. The model endpoint said: anthropic: 529 overloaded"))
        course = running()
        _ = course.apply(.modelFailed(message: "anthropic: 529 overloaded"), at: .zero)
        _ = course.apply(.modelAnswered(.test()), at: .zero)
        _ = course.apply(.lineReceived("fail I give up."), at: .zero)
        #expect(course.outcome()?.result == .failed(reason: .crashed, message: "I give up."))
    }

    @Test("sums what the gateway saw, and knows no cost as soon as one price is unknown") func sums() {
        var course = running()
        _ = course.apply(.modelAnswered(.test(model: "b", cost: Money(microdollars: 5))), at: .zero)
        _ = course.apply(
            .modelAnswered(.test(vendor: .openai, model: "a", cost: Money(microdollars: 6))), at: .zero)
        _ = course.apply(.lineReceived("end done"), at: .zero)
        let late = course.apply(
            .modelAnswered(.test(model: "b", cost: Money(microdollars: 7), rehearsed: true)), at: .zero)
        #expect(late.count == 1)
        #expect(
            course.outcome()
                == SessionOutcome(
                    result: .completed(text: "done", structured: nil), usage: TokenUsage(input: 3, output: 6),
                    cost: Money(microdollars: 18), vendors: [.anthropic, .openai], models: ["a", "b"],
                    isRehearsed: true))
        course = running()
        _ = course.apply(.modelAnswered(.test(cost: nil)), at: .zero)
        _ = course.apply(.modelAnswered(.test(cost: Money(microdollars: 7))), at: .zero)
        let outcome = course.outcome()
        #expect(outcome != nil && outcome?.cost == nil)
    }

    @Test("holds an answer against the schema that was asked for") func schema() {
        func result(_ text: String) -> SessionOutcome.Ending? {
            var course = running(schema: Verdict.schema)
            _ = course.apply(.lineReceived("end \(text)"), at: .zero)
            return course.outcome()?.result
        }
        let good = #"{"verdict":"approve","summary":"fine","findings":[]}"#
        #expect(
            result(good)
                == .completed(
                    text: good, structured: ["verdict": "approve", "summary": "fine", "findings": []]))
        #expect(
            result("Looks good.") == .failed(reason: .schema, message: "The answer is not a JSON document."))
        #expect(
            result(#"{"verdict":"maybe","findings":[]}"#)
                == .failed(
                    reason: .schema,
                    message: """
                        In the answer: the answer lacks 'summary'; the answer.verdict must be one of \
                        approve, changes.
                        """
                ))
    }
}

extension ModelAnswer {
    static func test(
        vendor: Vendor = .anthropic, model: String = "m", cost: Money? = .zero, rehearsed: Bool = false
    ) -> ModelAnswer {
        ModelAnswer(
            upstream: "u", vendor: vendor, model: model, usage: TokenUsage(input: 1, output: 2), cost: cost,
            isRehearsed: rehearsed)
    }
}
