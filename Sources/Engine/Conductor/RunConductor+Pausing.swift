internal import Lifecycle
package import Vocabulary

extension RunConductor {
    /// Writes the pause down, and then makes the sessions it concerns stand still. What could not be halted
    /// is returned in words; nothing new begins all the same.
    package func pause(_ task: TaskID?, by person: String) async throws -> [Problem] {
        try await record([.paused(task: task, by: person)])
        return await alignSessions(of: task, person)
    }

    /// Writes down that the pause is over, and lets the sessions go on.
    package func unpause(_ task: TaskID?, by person: String) async throws -> [Problem] {
        try await record([.unpaused(task: task, by: person)])
        return await alignSessions(of: task, person)
    }

    private func alignSessions(of task: TaskID?, _ person: String) async -> [Problem] {
        var problems: [Problem] = []
        for session in run.liveSessions(of: task) {
            do {
                // One whose runner has not begun is aligned when it has.
                guard let link = try await host.attach(session) else { continue }
                try await align(session, link, person)
            } catch {
                // It may have ended meanwhile; then nothing of it needs to stand still.
                guard run.session(session.id)?.outcome == nil else { continue }
                problems.append(Problem(error))
            }
        }
        return problems
    }

    /// Makes a session what the run is: it stands still, or goes on. A runner that is asked for what is so
    /// already agrees.
    private func align(_ session: SessionRecord, _ link: SessionLink, _ person: String) async throws {
        while true {
            let pause = run.pause(of: session.task)
            if let pause { try await link.pause(pause.by) } else { try await link.resume(person) }
            // Somebody may have had another word meanwhile.
            if (pause == nil) == (run.pause(of: session.task) == nil) { return }
        }
    }

    /// Aligns a session that was just begun or found again.
    func align(_ session: SessionRecord, _ link: SessionLink) async {
        do {
            try await align(session, link, run.request.person)
        } catch {
            notify(.activity(task: session.task, text: Problem(error).description))
        }
    }

    func mayBegin(_ effect: RunEffect) -> Bool {
        switch effect {
        case .deliverAnswer, .releaseWorktree: true
        case .proveBase, .plan, .askPlanApproval, .prepareWorktree, .author, .check, .review, .settleLanding,
            .testMerge, .land:
            run.pause(of: effect.task) == nil
        }
    }

    /// A step that is under way may come to its session only after the pause began.
    func waitForPauseToEnd(of task: TaskID?) async throws {
        try Task.checkCancellation()
        while run.pause(of: task) != nil {
            await withCheckedContinuation { held.append($0) }
            try Task.checkCancellation()
        }
    }

    /// After each fact: whoever waits looks again.
    func wakeHeld() {
        let woken = held
        held = []
        for waiter in woken { waiter.resume() }
    }
}
