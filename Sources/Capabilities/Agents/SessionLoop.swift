import Linux
package import Vocabulary

/// Drives a ``SessionCourse``: brings it facts one at a time and performs its effects.
///
/// Writing the spool may block on the disk, so the loop runs on a thread of its own.
package actor SessionLoop {
    private let executor = DedicatedExecutor(label: "session")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package typealias Launch = @Sendable () async throws(LaunchFailure) -> HarnessProcess

    private var course: SessionCourse
    private let spool: SpoolWriter
    private let clock: SessionClock
    private let launch: Launch
    private let stopGateway: @Sendable () async -> Void
    private let refuseExecs: @Sendable () -> Void
    private let shared: SharedFacts
    private let inbox: Inbox?

    private var facts: [SessionFact] = []
    private var isDraining = false
    private var process: HarnessProcess?
    private var input: HarnessInput?
    private var timer: (deadline: Duration, task: Task<Void, Never>)?
    /// The last of what halts and releases: one after the other, in the order it was wanted.
    private var halting: Task<Void, Never>?
    private var recordIsFull = false
    private var result: Result<SessionOutcome, SpoolError>?
    private var waiter: CheckedContinuation<Result<SessionOutcome, SpoolError>, Never>?

    /// - Parameters:
    ///   - shared: is told what the session has done, after every fact.
    ///   - inbox: where files that come with a message are put; nil: none are taken.
    ///   - refuseExecs: is called once nothing more can be recorded; no program may begin from then on.
    ///   - stopGateway: returns after every fact of the gateway has been reported.
    package init(
        _ course: SessionCourse, spool: SpoolWriter, clock: SessionClock, launch: @escaping Launch,
        shared: SharedFacts = SharedFacts(), inbox: Inbox? = nil,
        refuseExecs: @escaping @Sendable () -> Void = {},
        stopGateway: @escaping @Sendable () async -> Void
    ) {
        self.course = course
        self.spool = spool
        self.clock = clock
        self.launch = launch
        self.stopGateway = stopGateway
        self.refuseExecs = refuseExecs
        self.shared = shared
        self.inbox = inbox
    }

    /// Runs the session to its end. Throws only when the spool cannot be written: then nothing can be
    /// promised, and the caller must exit so that the sandbox dies with it.
    package func run() async throws(SpoolError) -> SessionOutcome {
        report(.opened)
        let ending: Result<SessionOutcome, SpoolError> = await withCheckedContinuation { continuation in
            if let result { continuation.resume(returning: result) } else { waiter = continuation }
        }
        return try ending.get()
    }

    /// Takes a fact in, and everything that follows from it.
    package func report(_ fact: SessionFact) {
        if case .exited = fact { input?.finish() }
        facts.append(fact)
        guard !isDraining else { return }
        isDraining = true
        defer { isDraining = false }
        while !facts.isEmpty, result == nil {
            for effect in course.apply(facts.removeFirst(), at: clock.now()) { perform(effect) }
        }
        shared.update(course.tally)
        rearm()
    }

    /// A client's request, answered after what it asks for is recorded.
    package func answer(_ request: RunnerRequest) async -> RunnerReply {
        switch request {
        case .attach: return .refused(reason: "the connection is in use")
        case .answer(let approval, let allowed, let by, let message):
            guard course.isOpen(approval) else {
                return .refused(reason: "nobody waits for the answer '\(approval)'")
            }
            report(.answered(approval, allowed: allowed, by: by, message: message))
        case .tell(let text, let files, let by): return await tell(text, files: files, by: by)
        case .interrupt(let by):
            if let reason = course.interruptRefusal { return .refused(reason: reason) }
            report(.interruptAsked(by: by))
        case .pause(let by):
            report(.pauseAsked(by: by))
            await halting?.value
            if course.mayRun { return .refused(reason: "its processes could not be made to stand still") }
        case .resume(let by):
            // One that is being halted is resumed when it is.
            await halting?.value
            report(.resumeAsked(by: by))
            await halting?.value
        case .stop: report(.stopAsked(reason: "It was stopped."))
        }
        return .done
    }

    /// The files are there before the agent is told of them; a message that is refused leaves none.
    private func tell(_ text: String, files: [String], by person: String) async -> RunnerReply {
        if let reason = course.tellingRefusal { return .refused(reason: reason) }
        guard !text.isEmpty, text.utf8.count <= ToldMessage.textBytesMax else {
            return .refused(reason: "a message has 1 to \(ToldMessage.textBytesMax) bytes")
        }
        var placed: [ToldMessage.File] = []
        if !files.isEmpty {
            guard let inbox else { return .refused(reason: "it takes no files") }
            do throws(InboxError) {
                placed = try await inbox.take(files)
            } catch {
                return .refused(reason: error.reason)
            }
        }
        // Copying took its time; what held before it need not hold any more.
        if let reason = course.tellingRefusal {
            await inbox?.giveBack(placed)
            return .refused(reason: reason)
        }
        report(
            .told(
                ToldMessage(
                    number: course.nextMessage, id: RandomBytes.hex(count: 16), text: text, files: placed,
                    by: person)))
        return .done
    }

    private func perform(_ effect: SessionEffect) {
        guard result == nil else { return }
        switch effect {
        case .launch:
            Task {
                do throws(LaunchFailure) {
                    began(try await launch())
                } catch {
                    report(.launchFailed(error.failure, message: error.message))
                }
            }
        case .send(let line):
            // What it would be told may follow from something that was not recorded.
            guard !recordIsFull, let input, !input.enqueue(line) else { return }
            facts.append(.outputRefused(reason: "It does not read what it is told."))
        case .closeInput: input?.finish()
        case .signal(let signal): process?.signal(signal)
        case .record(let event): record(event)
        case .halt:
            afterHalting { loop, process in
                do throws(HaltFailure) {
                    try await process?.halt()
                    await loop.report(.halted)
                } catch {
                    await loop.report(.haltFailed(reason: "It could not be paused: \(error.reason)."))
                }
            }
        case .release:
            afterHalting { loop, process in
                do throws(HaltFailure) {
                    try await process?.release()
                } catch {
                    await loop.report(.haltFailed(reason: "Not all of it goes on: \(error.reason)."))
                }
            }
        case .stopGateway:
            Task {
                await stopGateway()
                report(.gatewayStopped)
            }
        case .end: return  // `record` has seen the last event.
        }
    }

    private func afterHalting(
        _ body: @escaping @Sendable (SessionLoop, HarnessProcess?) async -> Void
    ) {
        let (earlier, process) = (halting, process)
        halting = Task {
            await earlier?.value
            await body(self, process)
        }
    }

    private func record(_ event: SessionEvent) {
        do throws(SpoolError) {
            if try spool.append(event) == .full {
                recordIsFull = true
                refuseExecs()
                facts.append(.recordFilled)
            }
            if case .ended(let outcome) = event { end(.success(outcome)) }
        } catch {
            process?.signal(.kill)
            end(.failure(error))
        }
    }

    private func end(_ ending: Result<SessionOutcome, SpoolError>) {
        result = ending
        timer?.task.cancel()
        timer = nil
        waiter?.resume(returning: ending)
        waiter = nil
    }

    private func began(_ process: HarnessProcess) {
        self.process = process
        let input = HarnessInput(bytesMax: course.bounds.inputBytesMax)
        self.input = input
        Task { await input.pump(into: process) }
        if let text = process.standardInput {
            _ = input.enqueue(text)
            input.finish()
        }
        report(.launched(runnerPID: SystemIdentity.pid, limits: process.limits))
        let lineBytesMax = course.specification.limits.lineBytesMax
        Task { await listen(to: process, lineBytesMax: lineBytesMax) }
    }

    /// Reads to the end even after the turn is over, so that a program that still writes can end.
    ///
    /// Not on the loop's own executor: a harness that prints faster than we read would never let go of it,
    /// and neither its deadline nor a stop would get a turn.
    @concurrent private nonisolated func listen(to process: HarnessProcess, lineBytesMax: Int) async {
        while let output = await process.nextOutput() {
            switch output {
            case .line(let line): await report(.lineReceived(line))
            case .truncated:
                await report(.outputRefused(reason: "It printed a line longer than \(lineBytesMax) bytes."))
            }
        }
        let ending = await process.ending()
        await report(
            .exited(status: ending.status, stderrTail: ending.stderrTail, overuse: ending.overuse))
    }

    /// Keeps one timer at or before the next deadline; one that fires early asks again.
    private func rearm() {
        guard result == nil, let next = course.nextDeadline else {
            timer?.task.cancel()
            timer = nil
            return
        }
        if let timer, timer.deadline <= next { return }
        timer?.task.cancel()
        let task = Task {
            await clock.wait(next)
            guard !Task.isCancelled else { return }
            timer = nil
            report(.timePassed)
        }
        timer = (next, task)
    }
}
