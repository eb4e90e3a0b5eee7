import Harnesses
import Vocabulary

// What a person does to a session at work: tells it something, pauses it, lets it go on.
extension SessionCourse {
    /// Whether the processes of the sandbox may run.
    enum Halt: Hashable, Sendable {
        case none
        /// Paused before there was anything to halt: what comes up is halted at once.
        case wanted(by: String)
        /// They are being stopped, one by one.
        case underWay(by: String)
        case done
    }

    /// The number that the next message gets.
    var nextMessage: Int { messagesTold + 1 }

    /// Why a message cannot be taken now; nil: it can.
    var tellingRefusal: String? {
        switch phase {
        case .fresh, .waiting, .launching: return "its agent is not at work yet"
        case .closing, .settling, .ended: return "its turn is over"
        case .running(let interruption):
            if interruption != nil { return "its turn was interrupted" }
        }
        guard messagesTold < bounds.messagesMax else {
            return "it was told \(bounds.messagesMax) messages, which is the limit"
        }
        return machine.tellingRefusal
    }

    mutating func told(_ message: ToldMessage, at now: Duration) -> [SessionEffect] {
        guard tellingRefusal == nil else { return [] }
        messagesTold += 1
        unheard.append(message.number)
        return [.record(.told(message: message))] + perform(machine.told(message), at: now)
    }

    mutating func heard(_ number: Int) -> [SessionEffect] {
        guard let index = unheard.firstIndex(of: number) else { return [] }
        unheard.remove(at: index)
        return [.record(.heard(message: number))]
    }

    mutating func turnEnded() -> [SessionEffect] {
        guard case .running = phase else { return [] }
        turnsEnded += 1
        return [.record(.turnEnded(number: turnsEnded))]
    }

    /// Nothing a person said is lost in silence.
    mutating func leftUnheard() -> [SessionEffect] {
        defer { unheard = [] }
        return unheard.map {
            .record(.unheard(message: $0, reason: "The session ended before its agent took it in."))
        }
    }

    /// - Parameter by: the person who wants it; nil when a limit does.
    mutating func interrupt(_ failure: HarnessResult?, by: String?, at now: Duration)
        -> [SessionEffect]
    {
        let recorded = by.map { [SessionEffect.record(.interrupted(by: $0))] } ?? []
        switch phase {
        case .fresh, .closing, .settling, .ended: return []
        case .waiting, .launching:
            return recorded
                + close(failure ?? .failed(.stopped, message: Self.interrupted(by)), by: .firm, at: now)
        case .running(let earlier):
            let deadline = earlier?.deadline ?? now + bounds.interruptGrace
            phase = .running(
                Interruption(
                    deadline: deadline, failure: earlier?.failure ?? failure, by: earlier?.by ?? by))
            return recorded + (earlier == nil ? perform(machine.interrupted(), at: now) : [])
        }
    }

    /// Why an interrupt has nothing to end; nil: it has.
    var interruptRefusal: String? {
        switch phase {
        case .closing, .settling, .ended: return "its turn is over"
        case .fresh, .waiting, .launching: return nil
        case .running(let interruption):
            if halt != .none { return "it is paused, and a turn that stands still cannot end itself" }
            return interruption == nil ? nil : "its turn was interrupted already"
        }
    }

    static func interrupted(_ by: String?) -> String { "\(by ?? "A limit") interrupted it." }
}

// MARK: pause and resume

extension SessionCourse {
    var isPaused: Bool {
        switch halt {
        case .none, .underWay: false
        case .wanted, .done: true
        }
    }

    /// Nothing happens to one that is paused already, or whose turn is over: it is on its way down.
    mutating func pause(by person: String, at now: Duration) -> [SessionEffect] {
        guard halt == .none else { return [] }
        switch phase {
        case .closing, .settling, .ended: return []
        case .fresh, .waiting, .launching:
            halt = .wanted(by: person)
            return [.record(.paused(by: person))]
        case .running:
            halt = .underWay(by: person)
            watch.pause(.halt, at: now)
            return [.halt]
        }
    }

    /// Processes of it may run although somebody wants them to stand still.
    var mayRun: Bool {
        switch phase {
        case .closing, .settling, .ended: false
        case .fresh, .waiting, .launching, .running: !isPaused
        }
    }

    /// What was paused before it began stands still as soon as it is there.
    mutating func haltIfWanted(at now: Duration) -> [SessionEffect] {
        guard case .wanted(let person) = halt else { return [] }
        halt = .underWay(by: person)
        watch.pause(.halt, at: now)
        return [.halt]
    }

    mutating func halted(at now: Duration) -> [SessionEffect] {
        guard case .underWay(let person) = halt else { return [.release] }
        guard case .running = phase else {
            // It ended meanwhile, and what stands still cannot end.
            halt = .none
            return [.release]
        }
        halt = .done
        return [.record(.paused(by: person))]
    }

    mutating func haltFailed(_ reason: String, at now: Duration) -> [SessionEffect] {
        if case .underWay = halt { endHalt(at: now) }
        return phase == .ended ? [] : [.record(.noticed(text: reason))]
    }

    mutating func resume(by person: String, at now: Duration) -> [SessionEffect] {
        guard isPaused else { return [] }
        let effects: [SessionEffect] = halt == .done ? [.release] : []
        endHalt(at: now)
        return effects + [.record(.resumed(by: person))]
    }

    /// What stands still neither reads that its input is closed, nor takes a signal but the last.
    mutating func releaseAtEnd() -> [SessionEffect] {
        guard halt == .done else { return [] }
        halt = .none
        return [.release]
    }

    private mutating func endHalt(at now: Duration) {
        halt = .none
        watch.resume(.halt, at: now)
        // It could do nothing about the interrupt meanwhile.
        if case .running(var interruption?) = phase {
            interruption.deadline = now + bounds.interruptGrace
            phase = .running(interruption)
        }
    }
}

extension SessionCourse.Interruption {
    /// What the end of an interrupted turn is told as.
    func judged(_ result: HarnessResult) -> HarnessResult {
        if let failure { return failure }
        guard let by, case .failed(.stopped, _) = result else { return result }
        return .failed(.stopped, message: SessionCourse.interrupted(by))
    }
}
