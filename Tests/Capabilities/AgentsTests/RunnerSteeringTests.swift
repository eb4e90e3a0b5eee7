import Agents
import Fixtures
import Foundation
import Glibc
import Linux
import Testing
import Vocabulary

/// The events of a session until one that is wanted; the last is that one.
private func events(
    of handle: RunnerHandle, until isWanted: (SessionEvent) -> Bool
) async throws -> [SessionEvent] {
    var events: [SessionEvent] = []
    for try await entry in handle.events() {
        events.append(entry.event)
        if isWanted(entry.event) { return events }
    }
    throw AgentError.runnerLost(session: handle.session)
}

extension SessionEvent {
    fileprivate var isEnd: Bool { if case .ended = self { true } else { false } }
}

/// A second prompt's turn for a script that speaks the Agent Client Protocol.
private let secondTurn = """
    read -r line
    say "$(printf '%s' "$line" | tr -d '\\\\"' | cut -c1-400)"; end
    """

@Suite("A runner whose session a person steers", .timeLimit(.minutes(10))) struct RunnerSteeringTests {
    // MARK: telling

    @Test("brings a message into the same session as its next prompt, and ends only after that")
    func told() async throws {
        let session = try RealSession(
            .acp, acpScript("touch begun; while [ ! -e go ]; do sleep 0.02; done; end; \(secondTurn)"))
        let handle = try await session.start()
        try await wait { Files.exists(session.folder.path("tree/begun")) }
        try await handle.tell("Use tabs.", files: [], by: "ada")
        try session.folder.write("tree/go", "")
        let all = try await events(of: handle) { $0.isEnd }
        guard case .told(let message) = all.first(where: { if case .told = $0 { true } else { false } })
        else {
            Issue.record("no message in \(all)")
            return
        }
        #expect(message.number == 1 && message.text == "Use tabs." && message.by == "ada")
        #expect(all.contains(.heard(message: 1)))
        #expect(all.contains(.turnEnded(number: 1)) && all.contains(.turnEnded(number: 2)))
        guard case .ended(let outcome) = all.last, case .completed(let text, _) = outcome.result else {
            Issue.record("no end in \(all)")
            return
        }
        #expect(text.contains("session/prompt") && text.contains("Use tabs.") && text.contains("sessionId:x"))
    }

    @Test("brings files into the inbox of its home, owned by its user, and tells where they are")
    func files() async throws {
        let session = try RealSession(
            .acp,
            acpScript(
                """
                touch begun; while [ ! -e go ]; do sleep 0.02; done; end
                read -r line; cd /home/agent/inbox || exit 9
                say "$(cat plan.txt) $(stat -c %a plan.txt) $(id -un) $(ls | tr '\\n' ' ')"
                end
                """))
        try session.folder.write("given/plan.txt", "first")
        try session.folder.write("given/odd/.env; rm -rf", "second")
        try session.folder.write("given/more/plan.txt", "third")
        let handle = try await session.start()
        try await wait { Files.exists(session.folder.path("tree/begun")) }
        try await handle.tell(
            "Look.",
            files: ["given/plan.txt", "given/odd/.env; rm -rf", "given/more/plan.txt"].map(
                session.folder.path),
            by: "ada")
        try session.folder.write("tree/go", "")
        let all = try await events(of: handle) { $0.isEnd }
        let messages = all.compactMap { if case .told(let message) = $0 { message } else { nil } }
        #expect(
            messages.first?.files == [
                ToldMessage.File(path: "/home/agent/inbox/plan.txt", bytes: 5),
                ToldMessage.File(path: "/home/agent/inbox/_env__rm_-rf", bytes: 6),
                ToldMessage.File(path: "/home/agent/inbox/2-plan.txt", bytes: 5),
            ])
        guard case .ended(let outcome) = all.last, case .completed(let text, _) = outcome.result else {
            Issue.record("no end in \(all)")
            return
        }
        #expect(text == "first 600 agent 2-plan.txt _env__rm_-rf plan.txt ")
        let inbox = session.files.home + "/inbox"
        for name in try Files.list(inbox) {
            let status = try Files.status(of: "\(inbox)/\(name)")
            #expect(status.st_uid == session.specification.uid ?? SystemIdentity.effectiveUID)
        }
    }

    @Test("follows no link that the agent put in the place of its inbox or of a file, and says so")
    func links() async throws {
        let session = try RealSession(
            .acp,
            acpScript(
                """
                mkdir -p "$HOME/inbox"; echo mine > "$HOME/inbox/a"; ln -s /home/agent/caught "$HOME/inbox/b"
                touch begun; while [ ! -e go ]; do sleep 0.02; done
                rm -rf "$HOME/inbox"; ln -s \(Files.parent(of: "/tmp/x")) "$HOME/inbox"
                touch again; while [ ! -e on ]; do sleep 0.02; done; end; \(secondTurn)
                """))
        try session.folder.write("given/a", "new")
        try session.folder.write("given/b", "new")
        let files = ["given/a", "given/b"].map(session.folder.path)
        let handle = try await session.start()
        try await wait { Files.exists(session.folder.path("tree/begun")) }
        try await handle.tell("Look.", files: files, by: "ada")
        let inbox = session.files.home + "/inbox"
        #expect(try Files.list(inbox) == ["2-a", "2-b", "a", "b"])
        #expect(try Files.readText("\(inbox)/a", bytesMax: 100) == "mine\n")
        #expect(!Files.exists(session.files.home + "/caught"))
        try session.folder.write("tree/go", "")
        try await wait { Files.exists(session.folder.path("tree/again")) }
        await #expect {
            try await handle.tell("Look.", files: files, by: "ada")
        } throws: {
            "\($0)".contains("the folder 'inbox' of its home cannot be used")
        }
        #expect(!Files.exists("/tmp/a") && !Files.exists("/tmp/b"))
        await handle.stop()
        _ = try await handle.outcome()
    }

    @Test("takes no file that is none, that is not there, or that is too long; nothing is left of the others")
    func badFiles() async throws {
        let session = try RealSession(.acp, acpScript("touch begun; read -r line"))
        let good = try session.folder.write("given/good", "x")
        let long = session.folder.path("given/long")
        try Data(count: ToldMessage.fileBytesMax + 1).write(to: URL(fileURLWithPath: long))
        let pipe = session.folder.path("given/pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let handle = try await session.start()
        try await wait { Files.exists(session.folder.path("tree/begun")) }
        for (path, words) in [
            (long, "has more than 8 MiB"), (pipe, "Invalid argument"),
            (session.folder.path("given"), "Invalid argument"),
            (session.folder.path("given/none"), "No such file"),
        ] {
            await #expect {
                try await handle.tell("Look.", files: [good, path], by: "ada")
            } throws: {
                "\($0)".contains(words)
            }
        }
        await #expect(throws: AgentError.self) {
            try await handle.tell("Look.", files: Array(repeating: good, count: 17), by: "ada")
        }
        await #expect(throws: AgentError.self) {
            try await handle.tell(
                String(repeating: "x", count: ToldMessage.textBytesMax + 1), files: [], by: "ada")
        }
        #expect(try Files.list(session.files.home + "/inbox") == [])
        await handle.stop()
        let all = try await events(of: handle) { $0.isEnd }
        #expect(!all.contains { if case .told = $0 { true } else { false } })
    }

    @Test("says of a message its agent never took in that it was not delivered")
    func unheard() async throws {
        let session = try RealSession(.acp, acpScript("touch begun; read -r line"))
        let handle = try await session.start()
        try await wait { Files.exists(session.folder.path("tree/begun")) }
        try await handle.tell("Use tabs.", files: [], by: "ada")
        await handle.stop()
        let all = try await events(of: handle) { $0.isEnd }
        #expect(
            all.suffix(2).first
                == .unheard(message: 1, reason: "The session ended before its agent took it in."))
        // Its turn is over, or already its runner is gone.
        await #expect(throws: AgentError.self) {
            try await handle.tell("Hello?", files: [], by: "ada")
        }
    }

    @Test("refuses to tell a plain command anything, and says why")
    func command() async throws {
        let session = try RealSession(.command, "while [ ! -e go ]; do sleep 0.02; done; echo done")
        let handle = try await session.start()
        _ = try await events(of: handle) { if case .started = $0 { true } else { false } }
        await #expect {
            try await handle.tell("Use tabs.", files: [], by: "ada")
        } throws: {
            "\($0)".contains("reads its prompt once")
        }
        try session.folder.write("tree/go", "")
        #expect(try await handle.outcome().result == .completed(text: "done", structured: nil))
    }

    @Test("ends the turn it is told to interrupt, and names who wanted it") func interrupted() async throws {
        let session = try RealSession(.command, "echo kept > kept; touch begun; sleep 1000")
        let handle = try await session.start()
        try await wait { Files.exists(session.folder.path("tree/begun")) }
        try await handle.interrupt(by: "ada")
        #expect(
            try await handle.outcome().result == .failed(reason: .stopped, message: "ada interrupted it."))
        #expect(try session.folder.read("tree/kept") == "kept\n")
    }

    // MARK: pausing

    /// Works in the background, in another session of processes, and in the foreground; each writes what it
    /// does.
    private static let busy = """
        trap '' TERM CONT
        (while :; do echo x >> back; done) &
        setsid sh -c 'while :; do echo x >> far; done' &
        while [ ! -e go ]; do echo x >> front; done
        echo done
        """

    private static func sizes(_ session: RealSession) throws -> [Int] {
        try ["back", "far", "front"].map {
            Int(try Files.status(of: session.folder.path("tree/\($0)")).st_size)
        }
    }

    private static func isBusy(_ session: RealSession) throws -> Bool {
        ["back", "far", "front"].allSatisfy { Files.exists(session.folder.path("tree/\($0)")) }
    }

    @Test("makes every process of the sandbox stand still, its process 1 too, and lets them go on")
    func paused() async throws {
        let session = try RealSession(.command, Self.busy)
        let handle = try await session.start()
        try await wait { try Self.isBusy(session) }
        try await handle.pause(by: "ada")
        #expect(try session.runningStates(butWaiting: ["D"]) == [])
        // One that waited for the disk stops when it has what it waits for.
        try await wait { try session.runningStates().isEmpty }
        let before = try Self.sizes(session)
        for _ in 0..<500 { sched_yield() }
        #expect(try Self.sizes(session) == before)
        // Asked for twice, it is so already.
        try await handle.pause(by: "bob")
        try await handle.resume(by: "ada")
        try await wait { try zip(Self.sizes(session), before).allSatisfy { $0 > $1 } }
        try session.folder.write("tree/go", "")
        let all = try await events(of: handle) { $0.isEnd }
        #expect(all.filter { $0 == .paused(by: "ada") || $0 == .resumed(by: "ada") }.count == 2)
        #expect(!all.contains(.paused(by: "bob")))
        guard case .ended(let outcome) = all.last else { return }
        #expect(outcome.result == .completed(text: "done", structured: nil))
        try await wait { try session.processes().isEmpty }
    }

    @Test("ends a paused session that is stopped, with everything in it")
    func stopped() async throws {
        let session = try RealSession(.command, Self.busy)
        let handle = try await session.start()
        try await wait { try Self.isBusy(session) }
        try await handle.pause(by: "ada")
        await handle.stop()
        #expect(try await handle.outcome().result == .failed(reason: .stopped, message: "It was stopped."))
        try await wait { try session.processes().isEmpty }
    }

    @Test("dies with everything inside while it is paused, when its runner is killed")
    func killed() async throws {
        let session = try RealSession(.command, Self.busy)
        let handle = try await session.start()
        try await wait { try Self.isBusy(session) }
        let started = try await events(of: handle) { if case .started = $0 { true } else { false } }
        guard case .started(_, let pid, _) = started.last else { return }
        try await handle.pause(by: "ada")
        kill(pid, SIGKILL)
        try await wait { try session.processes().isEmpty }
        try await wait { try session.processesOfItsUser().isEmpty }
    }

    @Test("is resumed by a server that was not there when it was paused") func otherServer() async throws {
        let session = try RealSession(
            .command, "touch begun; while [ ! -e go ]; do sleep 0.02; done; echo done")
        let handle = try await session.start()
        try await wait { Files.exists(session.folder.path("tree/begun")) }
        try await handle.pause(by: "ada")
        let second = try #require(
            try await session.host.reattach(session: SessionID("s1"), directory: session.files.directory))
        try session.folder.write("tree/go", "")
        try await second.resume(by: "bob")
        let all = try await events(of: second) { $0.isEnd }
        #expect(all.contains(.paused(by: "ada")) && all.contains(.resumed(by: "bob")))
        guard case .ended(let outcome) = all.last else { return }
        #expect(outcome.result == .completed(text: "done", structured: nil))
    }

    @Test("brings what was said while it was paused when it goes on")
    func toldWhilePaused() async throws {
        let session = try RealSession(
            .acp, acpScript("touch begun; while [ ! -e go ]; do sleep 0.02; done; end; \(secondTurn)"))
        let handle = try await session.start()
        try await wait { Files.exists(session.folder.path("tree/begun")) }
        try await handle.pause(by: "ada")
        try await handle.tell("Use tabs.", files: [], by: "ada")
        await #expect(throws: AgentError.self) { try await handle.interrupt(by: "ada") }
        try session.folder.write("tree/go", "")
        try await handle.resume(by: "ada")
        let all = try await events(of: handle) { $0.isEnd }
        #expect(all.contains(.heard(message: 1)))
    }
}

extension RealSession {
    /// The states of its processes' threads that could run; of its launcher, which is outside, none.
    fileprivate func runningStates(butWaiting waiting: [String] = []) throws -> [String] {
        var states: [String] = []
        for process in try processesOfItsUser() where try !isLauncher(process) {
            for thread in (try? Files.list("/proc/\(process)/task")) ?? [] {
                let stat =
                    (try? Files.readText("/proc/\(process)/task/\(thread)/stat", bytesMax: 4 << 10)) ?? ""
                let letter =
                    stat.split(separator: ")").last?.split(separator: " ").first.map(String.init) ?? ""
                if !(["T", "Z", "X", ""] + waiting).contains(letter) { states.append("\(process): \(stat)") }
            }
        }
        return states
    }

    private func isLauncher(_ process: String) throws -> Bool {
        let words = (try? Files.readText("/proc/\(process)/cmdline", bytesMax: 1 << 20)) ?? ""
        return words.contains("sandbox-init\0launch\0")
    }
}
