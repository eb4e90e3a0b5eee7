import Harnesses
import Testing
import Vocabulary

@testable import Agents

private let rules = SessionPolicy { action, _ in
    let asks = action.fields["command"]?.stringValue == "ask"
    return Evaluation(decision: asks ? .ask : .allow, matched: [])
}

private func running(_ machine: any HarnessMachine = ScriptedMachine()) -> SessionCourse {
    var course = SessionCourse(.test(), machine: machine, policy: rules)
    _ = course.apply(.opened, at: .zero)
    _ = course.apply(.launched(runnerPID: 7), at: .zero)
    return course
}

private func message(_ number: Int) -> ToldMessage {
    ToldMessage(number: number, id: "m\(number)", text: "Use tabs.", files: [], by: "ada")
}

@Suite("A person's hand in a session") struct SessionSteeringTests {
    // MARK: messages

    @Test("records a message, passes it on, and records when the harness took it in") func told() {
        var course = running()
        #expect(
            course.apply(.told(message(1)), at: .seconds(1))
                == [.record(.told(message: message(1))), .send("told 1 Use tabs.")])
        #expect(course.apply(.lineReceived("heard 1"), at: .seconds(2)) == [.record(.heard(message: 1))])
        #expect(course.apply(.lineReceived("heard 1"), at: .seconds(3)) == [])
        #expect(course.nextMessage == 2)
    }

    @Test("counts a turn that was not the last") func turns() {
        var course = running()
        #expect(course.apply(.lineReceived("turn"), at: .seconds(1)) == [.record(.turnEnded(number: 1))])
        #expect(
            course.apply(.lineReceived("end done"), at: .seconds(2))
                == [.record(.turnEnded(number: 2)), .closeInput])
    }

    @Test(
        "says of a message that was not taken in that it was not, however the session ends",
        arguments: [
            SessionFact.lineReceived("end done"), .lineReceived("fail it"), .stopAsked(reason: "Stopped."),
            .exited(status: 1, stderrTail: ""), .outputRefused(reason: "Too much."),
        ])
    func unheard(_ end: SessionFact) {
        var course = running()
        _ = course.apply(.told(message(1)), at: .zero)
        _ = course.apply(.told(message(2)), at: .zero)
        _ = course.apply(.lineReceived("heard 1"), at: .zero)
        _ = course.apply(end, at: .seconds(1))
        _ = course.apply(.exited(status: 0, stderrTail: ""), at: .seconds(2))
        let effects = course.apply(.gatewayStopped, at: .seconds(2))
        #expect(
            effects.first
                == .record(
                    .unheard(message: 2, reason: "The session ended before its agent took it in.")))
        #expect(effects.count == 3)
    }

    @Test("takes no message before its harness runs, after its turn, or over the limit") func refused() {
        var course = SessionCourse(.test(), machine: ScriptedMachine(), policy: rules)
        #expect(course.tellingRefusal == "its agent is not at work yet")
        course = running()
        _ = course.apply(.interruptAsked(by: "ada"), at: .zero)
        #expect(course.tellingRefusal == "its turn was interrupted")
        _ = course.apply(.lineReceived("end done"), at: .zero)
        #expect(course.tellingRefusal == "its turn is over")
        #expect(course.apply(.told(message(1)), at: .zero) == [])
        course = running()
        for number in 1...course.bounds.messagesMax { _ = course.apply(.told(message(number)), at: .zero) }
        #expect(course.tellingRefusal == "it was told 200 messages, which is the limit")
        #expect(
            running(CommandMachine(schema: nil)).tellingRefusal?.contains("reads its prompt once") == true)
    }

    // MARK: interrupt

    @Test("names who interrupted a turn, and leaves one that came to its end what it is") func interrupted() {
        var course = running()
        #expect(
            course.apply(.interruptAsked(by: "ada"), at: .zero)
                == [.record(.interrupted(by: "ada")), .send("interrupt")])
        #expect(course.interruptRefusal == "its turn was interrupted already")
        _ = course.apply(.exited(status: 1, stderrTail: ""), at: .seconds(1))
        #expect(
            course.apply(.gatewayStopped, at: .seconds(1)).first
                == .record(
                    .ended(
                        outcome: SessionOutcome(
                            result: .failed(reason: .crashed, message: "It ended with status 1."), cost: .zero
                        )
                    )))
    }

    // MARK: pause and resume

    @Test("is paused when everything stands still, and no limit of time runs until it goes on") func paused()
    {
        var course = running()
        #expect(course.apply(.pauseAsked(by: "ada"), at: .seconds(10)) == [.halt])
        #expect(!course.isPaused)
        #expect(course.apply(.halted, at: .seconds(11)) == [.record(.paused(by: "ada"))])
        #expect(course.isPaused && course.nextDeadline == nil)
        #expect(course.apply(.timePassed, at: .seconds(100_000)) == [])
        #expect(course.apply(.pauseAsked(by: "bob"), at: .seconds(100_000)) == [])
        #expect(
            course.apply(.resumeAsked(by: "bob"), at: .seconds(100_010))
                == [.release, .record(.resumed(by: "bob"))])
        // The silence begins anew; the wall has moved by the pause.
        #expect(course.nextDeadline == .seconds(100_070))
        for second in 1...9 { _ = course.apply(.gatewayActive, at: .seconds(100_010 + second * 59)) }
        #expect(course.nextDeadline == .seconds(100_600))
        #expect(course.apply(.resumeAsked(by: "bob"), at: .seconds(100_011)) == [])
    }

    @Test(
        "stands still for a question and a pause until both are over, in either order",
        arguments: [true, false])
    func both(_ answersFirst: Bool) {
        var course = running()
        _ = course.apply(.lineReceived("call 1 ask"), at: .seconds(1))
        _ = course.apply(.pauseAsked(by: "ada"), at: .seconds(2))
        _ = course.apply(.halted, at: .seconds(2))
        let answer = SessionFact.answered(ApprovalID("s1.1"), allowed: true, by: "ada", message: nil)
        _ = course.apply(answersFirst ? answer : .resumeAsked(by: "ada"), at: .seconds(5_000))
        #expect(course.nextDeadline == nil)
        _ = course.apply(answersFirst ? .resumeAsked(by: "ada") : answer, at: .seconds(9_000))
        #expect(course.nextDeadline == .seconds(9_060))
    }

    @Test("halts what comes up when it was paused before") func early() {
        var course = SessionCourse(.test(), machine: ScriptedMachine(), policy: rules)
        _ = course.apply(.opened, at: .zero)
        #expect(course.apply(.pauseAsked(by: "ada"), at: .zero) == [.record(.paused(by: "ada"))])
        #expect(course.isPaused)
        #expect(
            course.apply(.launched(runnerPID: 7), at: .zero)
                == [.record(.started(harness: .command, runnerPID: 7, limits: nil)), .halt, .send("begin")])
        #expect(course.nextDeadline == nil)
    }

    @Test("is let go before it is ended, also when it is halted only then") func ended() {
        var course = running()
        _ = course.apply(.pauseAsked(by: "ada"), at: .zero)
        _ = course.apply(.halted, at: .zero)
        #expect(
            course.apply(.stopAsked(reason: "Stopped."), at: .seconds(1))
                == [.release, .closeInput, .signal(.terminate)])
        #expect(course.nextDeadline == .seconds(6))
        course = running()
        _ = course.apply(.pauseAsked(by: "ada"), at: .zero)
        #expect(
            course.apply(.stopAsked(reason: "Stopped."), at: .seconds(1))
                == [.closeInput, .signal(.terminate)])
        #expect(course.apply(.halted, at: .seconds(2)) == [.release])
        #expect(!course.isPaused)
    }

    @Test("goes on, and says so, when not everything could be halted") func failed() {
        var course = running()
        _ = course.apply(.pauseAsked(by: "ada"), at: .zero)
        #expect(
            course.apply(.haltFailed(reason: "It could not."), at: .seconds(10))
                == [.record(.noticed(text: "It could not."))])
        #expect(!course.isPaused && course.mayRun)
        #expect(course.nextDeadline == .seconds(70))
    }

    @Test("gives a turn that was interrupted by a limit while it stood still its time afterwards")
    func limit() {
        var course = running()
        _ = course.apply(.pauseAsked(by: "ada"), at: .zero)
        _ = course.apply(.halted, at: .zero)
        #expect(course.interruptRefusal?.contains("paused") == true)
        #expect(course.apply(.budgetReached(message: "Spent."), at: .seconds(1)) == [.send("interrupt")])
        #expect(course.apply(.timePassed, at: .seconds(50)) == [])
        _ = course.apply(.resumeAsked(by: "ada"), at: .seconds(100))
        #expect(course.nextDeadline == .seconds(110))
    }
}
