import Agents
import ChildProcess
import Fixtures
import Foundation
import Glibc
import Harnesses
import Linux
import Testing
import Vocabulary

private func waitUntil(_ fact: () throws -> Bool) async throws {
    // Bounded by the test's own time limit; the pause is no measure of anything.
    while try !fact() { try await Task.sleep(for: .milliseconds(10)) }
}

private func runnerPID(_ handle: RunnerHandle) async throws -> Int32 {
    for try await entry in handle.events() {
        if case .started(_, let pid, _) = entry.event { return pid }
    }
    throw AgentError.runnerLost(session: handle.session)
}

private func failure(_ session: RealSession) async throws -> (SessionFailure, String) {
    guard case .failed(let reason, let message) = try await session.outcome().result else {
        throw Problem("The session did not fail.")
    }
    return (reason, message)
}

@Suite("A runner", .timeLimit(.minutes(10))) struct RunnerTests {
    @Test("runs a command in the sandbox, with the prompt on its stdin, and leaves nothing behind")
    func command() async throws {
        let session = try RealSession(.command, "cat; echo; pwd; id -u; echo made > made")
        let outcome = try await session.outcome()
        #expect(
            outcome.result
                == .completed(text: "Do it.\n\n\(session.folder.path("tree"))\n1000", structured: nil))
        #expect(try session.folder.read("tree/made") == "made\n")
        try await waitUntil { try !session.files.lockIsHeldByAnyone() }
        #expect(
            try Files.list(session.files.directory) == ["home", "runner.lock", "runner.log", "spool.jsonl"])
        #expect(try session.processes() == [])
        #expect(try session.folder.read("s/runner.log") == "")
    }

    @Test(
        "shows a planner and a reviewer a tree they cannot write",
        arguments: [SessionRole.planner, .reviewer])
    func readOnly(role: SessionRole) async throws {
        let session = try RealSession(.command, "cat README; echo x > made || echo refused", role: role)
        #expect(try await session.outcome().result == .completed(text: "A tree.\nrefused", structured: nil))
        #expect(try Files.list(session.folder.path("tree")) == ["README"])
    }

    @Test(
        "decides tool calls by the policies it was given, and holds what must be asked until it is answered")
    func policies() async throws {
        let session = try RealSession(
            .acp,
            acpScript(
                """
                ask 5 make; a=$answer; ask 6 'rm x'; b=$answer; ask 7 'push it'; say "$a $b $answer"; end
                """),
            policies: """
                version: 1
                policies:
                  - { name: no-rm, on: [tool], when: 'action.command == "rm x"', then: deny,
                      reason: "Keep it." }
                  - { name: look, on: [tool], when: 'action.command == "push it"', then: ask,
                      reason: "Look first." }
                """)
        let first = try await session.start()
        var asked: (Int, ApprovalID)?
        for try await entry in first.events() {
            if case .asked(let approval, let call, let evaluation) = entry.event {
                #expect(call?.command == "push it" && evaluation.reasons == ["Look first."])
                asked = (entry.n, approval)
                break
            }
        }
        // The server goes away here; another finds the session by its directory and answers.
        let (number, approval) = try #require(asked)
        let second = try #require(
            try await session.host.reattach(session: SessionID("s1"), directory: session.files.directory))
        try await second.answer(approval: approval, allowed: true, by: "ann")
        var rest: [SessionEvent] = []
        for try await entry in second.events(after: number) { rest.append(entry.event) }
        #expect(rest.first == .answered(approval: approval, allowed: true, by: "ann"))
        guard case .ended(let outcome) = rest.last else {
            Issue.record("no end")
            return
        }
        #expect(outcome.result == .completed(text: "yes no yes", structured: nil))
    }

    /// At 0 the kernel would start the machine's own program for dumps, where it has one (core(5)).
    @Test("lets no crash be dumped by anybody, the agent's or its own: both limits are 1, and not 0")
    func coreLimit() async throws {
        func limit(_ table: String) -> [Substring] {
            let line = table.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            return Array(line?.split(separator: " ").dropFirst(4).prefix(2) ?? [])
        }
        let policy = "{ name: wait, on: [tool], when: 'true', then: ask, reason: Wait. }"
        let session = try RealSession(
            .acp, acpScript("ask 5 x; say \"$(grep 'core file' /proc/self/limits)\"; end"),
            policies: "version: 1\npolicies:\n  - \(policy)\n")
        let handle = try await session.start()
        let pid = try await runnerPID(handle)
        var text = ""
        for try await entry in handle.events() {
            switch entry.event {
            case .asked(let approval, _, _):
                #expect(limit(try Files.readText("/proc/\(pid)/limits", bytesMax: 8 << 10)) == ["1", "1"])
                try await handle.answer(approval: approval, allowed: true, by: "ann")
            case .ended(let outcome):
                if case .completed(let said, _) = outcome.result { text = said }
            default: break
            }
        }
        #expect(limit(text) == ["1", "1"], "\(text)")
    }

    @Test("takes everything inside with it when it is killed, and the loss is told, never papered over")
    func killed() async throws {
        let session = try RealSession(
            .acp, acpScript("(trap '' TERM; sleep 1000) & say working; ask 5 x; sleep 1000"))
        let handle = try await session.start()
        let pid = try await runnerPID(handle)
        try await waitUntil { try session.processes().count >= 3 }
        kill(pid, SIGKILL)
        try await waitUntil { try session.processes().isEmpty }
        await #expect(throws: AgentError.runnerLost(session: SessionID("s1"))) {
            _ = try await handle.outcome()
        }
        await #expect(throws: AgentError.runnerLost(session: SessionID("s1"))) {
            _ = try await session.start()
        }
        await #expect(throws: AgentError.runnerLost(session: SessionID("s1"))) {
            _ = try await session.host.reattach(session: SessionID("s1"), directory: session.files.directory)
        }
    }

    @Test(
        "leaves nothing behind when it is stopped or killed while the sandbox is being built",
        arguments: 0..<8)
    func earlyEnd(round: Int) async throws {
        let session = try RealSession(.acp, "sleep 1000")
        let handle = try await session.start()
        let pid = try await runnerPID(handle)
        if round % 2 == 0 {
            await handle.stop()
            #expect(
                try await handle.outcome().result == .failed(reason: .stopped, message: "It was stopped."))
        } else {
            kill(pid, SIGKILL)
        }
        try await waitUntil { try session.processes().isEmpty && session.processesOfItsUser().isEmpty }
    }

    @Test("is one for its session: a second start finds the first, a second runner is refused") func once()
        async throws
    {
        let session = try RealSession(.acp, acpScript("say working; sleep 1000"))
        let handle = try await session.start()
        let pid = try await runnerPID(handle)
        let again = try await session.start()
        #expect(try await runnerPID(again) == pid)
        let order = RunnerOrder(
            specification: session.specification, keys: [:],
            program: HarnessProgram(kind: .acp, executable: "/bin/true", readOnlyPaths: []),
            executables: session.host.executables, stateDirectory: nil)
        let rival = try await Child.run(
            ChildCommand([session.host.executables + "/graftwork-runner"], environment: [:]),
            input: Array(try JSONEncoder().encode(order)), timeout: .seconds(60))
        #expect(rival.termination == .exited(75))
        #expect(rival.stderrText.hasSuffix("Another runner serves this session.\n"))
        await handle.stop()
        #expect(try await handle.outcome().result == .failed(reason: .stopped, message: "It was stopped."))
        let replay = try await session.start()
        #expect(try await replay.outcome().result == .failed(reason: .stopped, message: "It was stopped."))
    }

    @Test("ends its session when it is told to terminate") func terminated() async throws {
        let session = try RealSession(
            .acp, acpScript("say working; trap '' TERM; while :; do sleep 1000; done"))
        let handle = try await session.start()
        kill(try await runnerPID(handle), SIGTERM)
        #expect(
            try await handle.outcome().result
                == .failed(reason: .stopped, message: "Its runner was told to end."))
        try await waitUntil { try session.processes().isEmpty }
    }

    @Test("lives on when the server that started it is gone") func outlives() async throws {
        // The "server" is a process of its own, which is killed with its whole group after the start.
        let session = try RealSession(.acp, acpScript("say working; sleep 1000"))
        let handle = try await session.start()
        let pid = try await runnerPID(handle)
        #expect(getsid(pid) == pid && getpgid(pid) == pid)
        await handle.stop()
        _ = try await handle.outcome()
    }

    @Test("names a crash, with what the harness said last") func crash() async throws {
        let (reason, message) = try await failure(RealSession(.acp, "echo 'out of luck' >&2; exit 3"))
        #expect(reason == .crashed && message.contains("out of luck"))
    }

    @Test("names garbage: noise without end, a line without end") func garbage() async throws {
        let noise = try await failure(RealSession(.acp, "while :; do echo '{]'; done"))
        #expect(noise.0 == .garbage)
        let line = try await failure(
            RealSession(
                .acp, "head -c 200000 /dev/zero | tr '\\0' x; sleep 1000",
                limits: SessionLimits(silenceSeconds: 120, wallSeconds: 600, lineBytesMax: 100_000)))
        #expect(line == (.garbage, "It printed a line longer than 100000 bytes."))
    }

    @Test("names a hang") func hang() async throws {
        let limits = SessionLimits(silenceSeconds: 1, wallSeconds: 600)
        #expect(
            try await failure(RealSession(.acp, "sleep 1000", limits: limits))
                == (.hung, "It gave no sign of life for 1 s."))
    }

    @Test("names a missing harness, be it the program or its interpreter") func missing() async throws {
        let session = try RealSession(.acp, "")
        try session.folder.write("bin/agent", "#!/nonexistent/interpreter\n", mode: 0o755)
        #expect(try await failure(session).0 == .missing)
        let other = try RealSession(.command, "")
        try Files.removeFile(other.folder.path("bin/agent"))
        await #expect(throws: AgentError.noProgram(agent: AgentName("tester"), harness: .command)) {
            _ = try await other.start()
        }
    }

    @Test("names a sandbox that cannot be built") func sandbox() async throws {
        let session = try RealSession(.command, "")
        try Files.removeTree(session.folder.path("tree"))
        #expect(try await failure(session).0 == .sandbox)
    }

    @Test("keeps the keys in its memory: not on disk, not in argv, not in the environment, not inside")
    func secrets() async throws {
        let session = try RealSession(
            .acp, acpScript("say working; ask 5 x; sleep 1000"),
            upstreams: [
                Upstream(
                    name: "anthropic", dialect: .anthropicMessages, baseURL: "http://127.0.0.1:9",
                    vendor: .fixed(vendor: .anthropic),
                    credential: .none)
            ])
        let handle = try await session.start()
        let pid = try await runnerPID(handle)
        try await waitUntil { try session.processes().count >= 2 }
        let found = try await Child.run(
            ChildCommand(
                ["grep", "-rlaF", "sk-real-key", session.folder.path],
                environment: ["PATH": "/usr/bin:/bin"]),
            timeout: .seconds(60))
        #expect(found.stdoutText == "")
        for name in try [String(pid)] + session.processes() {
            for file in ["cmdline", "environ"] {
                // Not a cause lost: a process may be gone by now.
                let text = (try? Files.readText("/proc/\(name)/\(file)", bytesMax: 1 << 20)) ?? ""
                #expect(!text.contains("sk-real-key"))
            }
        }
        await handle.stop()
        _ = try await handle.outcome()
    }

    @Test("is refused when its directory's name is too long for sockets, and when its program is missing")
    func refusals() async throws {
        let session = try RealSession(.command, "")
        var specification = session.specification
        specification.directory = session.folder.path(String(repeating: "x", count: 100))
        await #expect(throws: AgentError.directoryTooLong(path: specification.directory, limit: 107)) {
            _ = try await session.host.start(specification, keys: [:])
        }
        let nowhere = RunnerHost(executables: "/nonexistent", stateDirectory: nil, programs: [])
        await #expect(throws: AgentError.runnerMissing(path: "/nonexistent/graftwork-runner")) {
            _ = try await nowhere.start(session.specification, keys: [:])
        }
        specification = session.specification
        specification.agent.harness = .codex
        await #expect(throws: AgentError.noProgram(agent: AgentName("tester"), harness: .codex)) {
            _ = try await session.host.start(specification, keys: [:])
        }
    }
}

extension SessionFiles {
    func lockIsHeldByAnyone() throws -> Bool {
        guard let mine = try FileLock.tryAcquire(path: lock) else { return true }
        mine.close()
        return false
    }
}
