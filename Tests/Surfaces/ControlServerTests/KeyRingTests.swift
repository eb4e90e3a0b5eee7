import ControlServer
import Lifecycle
import Simulation
import Testing
import Vocabulary

@Suite("The keys of the runs at work")
struct KeyRingTests {
    static func request(_ run: String = "r1") -> RunRequest {
        var request = SampleRun.request()
        request.run = RunID(run)
        request.upstreams[0].credential = .environment(variable: "OPENAI_API_KEY")
        return request
    }
    static func keys(in ring: KeyRing, _ run: String = "r1") async throws -> [String: String] {
        try await ring.keys(
            for: SessionSpecification(
                session: SessionID("s"), run: RunID(run), task: nil, role: .planner,
                agent: SampleRun.builder, prompt: "", systemPrompt: "", outputSchema: nil, worktree: "/w",
                privateGitDirectory: nil, gitPointerFile: nil, worktreeIsReadOnly: true, directory: "/s",
                upstreams: request().upstreams, policies: [], limits: SessionLimits(), uid: nil,
                isRehearsed: false))
    }

    @Test("are those the run's configuration names, and no others of the client's environment")
    func named() async throws {
        let ring = KeyRing(environment: [:])
        try await ring.remember(Self.request(), from: ["OPENAI_API_KEY": "k", "AWS_SECRET": "s"])
        #expect(try await Self.keys(in: ring) == ["openai": "k"])
    }

    @Test("are refused at once where one is missing, before anything is spent")
    func missing() async throws {
        let ring = KeyRing(environment: [:])
        await #expect(throws: (any Error).self) { try await ring.remember(Self.request(), from: [:]) }
    }

    @Test("stay with a run that another shell resumes without them")
    func anotherShell() async throws {
        let ring = KeyRing(environment: [:])
        try await ring.remember(Self.request(), from: ["OPENAI_API_KEY": "k"])
        try await ring.remember(Self.request(), from: [:])
        #expect(try await Self.keys(in: ring) == ["openai": "k"])
        try await ring.remember(Self.request(), from: ["OPENAI_API_KEY": "new"])
        #expect(try await Self.keys(in: ring) == ["openai": "new"])
    }

    @Test("are forgotten with their run, and no other run's are")
    func forgotten() async throws {
        let ring = KeyRing(environment: [:])
        try await ring.remember(Self.request("r1"), from: ["OPENAI_API_KEY": "k"])
        try await ring.remember(Self.request("r2"), from: ["OPENAI_API_KEY": "k"])
        await ring.forget(RunID("r1"))
        await #expect(throws: (any Error).self) { try await Self.keys(in: ring, "r1") }
        #expect(try await Self.keys(in: ring, "r2") == ["openai": "k"])
    }
}
