import Agents
import Fixtures
import Linux
import Rehearsal
import Testing
import Vocabulary

/// Runs the built-in agent against a scripted model, through sandbox, relay and gateway.
private func rehearse(
    _ steps: [RehearsalStep], role: SessionRole = .author, schema: JSONValue? = nil, policies: String? = nil,
    limits: SessionLimits = SessionLimits(silenceSeconds: 120, wallSeconds: 600)
) async throws -> (session: RealSession, events: [SessionEvent], requests: [RehearsalRecord]) {
    let server = RehearsalServer(
        script: RehearsalScript(scenes: [RehearsalScene(match: RehearsalMatch(), steps: steps)]))
    let address = try server.start(on: .loopback(port: 0))
    defer { server.stop() }
    let upstream = Upstream(
        name: "anthropic", dialect: .anthropicMessages, baseURL: address.baseURL,
        vendor: .fixed(vendor: .anthropic),
        credential: .none, isRehearsal: true)
    let session = try RealSession(
        .builtIn, "", role: role, schema: schema, upstreams: [upstream], policies: policies, limits: limits)
    var events: [SessionEvent] = []
    for try await entry in try await session.start().events() { events.append(entry.event) }
    return (session, events, server.requests)
}

extension [SessionEvent] {
    fileprivate var outcome: SessionOutcome? {
        if case .ended(let outcome) = last { outcome } else { nil }
    }
    fileprivate var executed: [(program: ExecutedProgram, refusal: Evaluation?)] {
        compactMap { if case .executed(let program, let refusal) = $0 { (program, refusal) } else { nil } }
    }
    fileprivate var answers: [ModelAnswer] {
        compactMap { if case .modelAnswered(let answer) = $0 { answer } else { nil } }
    }
}

@Suite("A session with a model", .timeLimit(.minutes(10))) struct RehearsedSessionTests {
    @Test("writes to the tree, and sums what the gateway saw: vendor, model, tokens, cost, rehearsed")
    func whole() async throws {
        let usage = TokenUsage(input: 1000, output: 100)
        let (session, events, requests) = try await rehearse([
            RehearsalStep(calls: [.write(path: "made.txt", text: "by a model\n")], usage: usage),
            RehearsalStep(say: "Made it.", usage: usage),
        ])
        #expect(
            events.outcome
                == SessionOutcome(
                    result: .completed(text: "Made it.", structured: nil), usage: usage + usage,
                    cost: Money(microdollars: 9_000), vendors: [.anthropic], models: ["claude-sonnet-4-5"],
                    isRehearsed: true))
        #expect(try session.folder.read("tree/made.txt") == "by a model\n")
        #expect(events.answers.count == 2)
        let credentials = requests.map(\.credentials)
        #expect(
            credentials == [
                ["x-api-key: sk-real-key-never-on-disk"], ["x-api-key: sk-real-key-never-on-disk"],
            ])
    }

    @Test("returns a structured answer, and refuses one that does not follow the schema") func structured()
        async throws
    {
        let good: JSONValue = ["verdict": "approve", "summary": "Fine.", "findings": []]
        let (_, events, _) = try await rehearse([.json(good)], role: .reviewer, schema: Verdict.schema)
        guard case .completed(_, let structured) = events.outcome?.result else {
            Issue.record("\(String(describing: events.outcome))")
            return
        }
        #expect(structured == good)
        let (_, others, _) = try await rehearse(
            [.json(["verdict": "maybe"])], role: .reviewer, schema: Verdict.schema)
        guard case .failed(.schema, _) = others.outcome?.result else {
            Issue.record("\(String(describing: others.outcome))")
            return
        }
    }

    @Test("denies a tool call by policy: the agent is told, the tree stays as it was") func denied()
        async throws
    {
        let policies = """
            version: 1
            policies:
              - name: hands-off
                on: [tool]
                when: 'action.tool == "shell"'
                then: deny
                reason: No shells.
            """
        let (session, events, _) = try await rehearse(
            [.shell("echo x > made.txt"), .final("I could not.")], policies: policies
        )
        #expect(events.outcome?.result == .completed(text: "I could not.", structured: nil))
        let decisions = events.compactMap { event -> Evaluation? in
            if case .toolDecided(_, let evaluation) = event { evaluation } else { nil }
        }
        #expect(decisions.map(\.decision) == [.deny] && decisions.first?.reasons == ["No shells."])
        #expect(try Files.list(session.folder.path("tree")) == ["README"])
    }

    @Test("has every program that ran as an event, whichever tool started it") func execs() async throws {
        let (_, events, _) = try await rehearse([
            .shell("/bin/true first; /bin/sh -c '/bin/true second'"), .final("Done."),
        ])
        let lines = events.executed.filter { $0.refusal == nil }.map(\.program.line)
        #expect(lines.filter { $0.hasPrefix("/bin/true") } == ["/bin/true first", "/bin/true second"])
        #expect(lines.first?.hasSuffix("graftwork-agent") == true)
    }

    @Test("denies an exec by policy, whatever is wrapped around it, and nothing beside it") func deniedExec()
        async throws
    {
        let policies = """
            version: 1
            policies:
              - name: no-ls
                on: [exec]
                when: 'action.command == "ls /"'
                then: deny
                reason: No lists.
            """
        let script = "sh -c 'env timeout 9 ls / > made.txt || echo refused > refused.txt'; /bin/true"
        let (session, events, _) = try await rehearse([.shell(script), .final("Done.")], policies: policies)
        let refused = events.executed.filter { $0.refusal != nil }
        #expect(
            refused.allSatisfy { $0.program.path.hasSuffix("/ls") && $0.program.arguments == ["ls", "/"] })
        #expect(refused.first?.refusal?.reasons == ["No lists."])
        #expect(try session.folder.read("tree/made.txt").isEmpty)
        #expect(try session.folder.read("tree/refused.txt") == "refused\n")
        #expect(events.executed.last?.program.line == "/bin/true")
    }

    @Test("stops at the spend limit, with what was spent until then") func spendLimit() async throws {
        let usage = TokenUsage(input: 100_000, output: 1000)
        let step = RehearsalStep(calls: [.shell("true")], usage: usage)
        let limits = SessionLimits(silenceSeconds: 120, wallSeconds: 600, spend: Money(dollars: 0.5))
        let (_, events, _) = try await rehearse(
            Array(repeating: step, count: 50) + [.final("Done.")], limits: limits)
        guard case .failed(.budget, let message) = events.outcome?.result, let cost = events.outcome?.cost
        else {
            Issue.record("\(String(describing: events.outcome))")
            return
        }
        #expect(message.hasPrefix("The spend limit of $0.5000 is reached"))
        #expect(cost > .zero && cost < Money(dollars: 1))
    }

    @Test("blames the model when the model fails") func modelFails() async throws {
        let (_, events, _) = try await rehearse([.fault(.status(401))])
        guard case .failed(.model, let message) = events.outcome?.result else {
            Issue.record("\(String(describing: events.outcome))")
            return
        }
        #expect(message.contains("401"))
    }
}
