import ControlServer
import Fixtures
import Lifecycle
import Linux
import Sandbox
import Simulation
import Telemetry
import Testing
import Vocabulary

@Suite("What a killed server left")
struct LeftoversTests {
    static func session(_ id: String, role: SessionRole = .planner) -> SessionRecord {
        SessionRecord(
            id: SessionID(id), role: role, task: nil, attempt: 1, agent: SampleRun.second, directory: "/s",
            uid: nil)
    }

    @Test("goes where nobody needs it: checks, ended sessions' homes, and what was never written down")
    func sweeps() throws {
        let folder = try TemporaryFolder(reachable: true)
        let places = SessionPlaces(state: folder.path)
        // The run knows a session at work and one that ended; the other folders are nobody's or another's.
        let run = try RunLifecycle(folding: [
            .runRequested(request: SampleRun.request()), .baseProven(results: SampleRun.results("base")),
            .sessionStarted(session: Self.session("r1-0000ended")),
            .sessionEnded(
                session: SessionID("r1-0000ended"),
                outcome: SessionOutcome(result: .completed(text: "", structured: nil))),
            .sessionStarted(session: Self.session("r1-0000live")),
        ])
        let names = ["c0123456789ab", "r1-0000ended", "r1-0000live", "r1-0000never", "r9-00unread", "other"]
        for name in names {
            let uid = try places.claim(for: name)
            _ = try places.makeFolder(name, uid: uid)
            try folder.write("s/\(name)/spool.jsonl", "{}\n")
            try folder.write("s/\(name)/home/file", "x")
        }
        _ = try places.claim(for: "self-test-\(SystemIdentity.pid)")
        _ = try places.claim(for: "self-test-4194304999")
        let probes = ["layer-probe-4194304999-ab", "layer-probe-\(SystemIdentity.pid)-ab"]
        for probe in probes { try folder.write("\(probe)/lower/file", "x") }

        Leftovers(places: places, log: Log.file(folder.path("log"))).sweep([run])

        #expect(try places.names() == ["other", "r1-0000ended", "r1-0000live", "r9-00unread"])
        #expect(probes.map { Files.exists(folder.path($0)) } == [false, true])
        #expect(try Files.list(places.path(of: "r1-0000ended")) == ["spool.jsonl"])
        #expect(try Files.list(places.path(of: "r1-0000live")).sorted() == ["home", "spool.jsonl"])
        #expect(try Files.list(places.path(of: "r9-00unread")).sorted() == ["home", "spool.jsonl"])
        if SystemIdentity.isRoot {
            #expect(
                Set(try places.claims().map(\.owner)) == [
                    "self-test-\(SystemIdentity.pid)", "other", "r1-0000live", "r9-00unread",
                ])
        }
    }

    @Test("goes from a repository's own folder, too, when a server first looks at it")
    func drafts() async throws {
        let folder = try TemporaryFolder()
        let repository = try await TestRepository(in: folder, files: ["a": "1\n"])
        let first = Repositories(state: folder.path("state"))
        _ = try await first.store(of: repository.path)
        let name = try #require(try Files.list(folder.path("state/r")).first)
        let drafts = [
            "radar-ab/git/objects/x", "attributes-ab/.gitattributes", "index-ab", "base-ab/files/a",
        ]
        for draft in drafts { try folder.write("state/r/\(name)/temporary/\(draft)", "x") }
        // While that server lives, they may be its own.
        _ = try await first.store(of: repository.path)
        #expect(try Files.list(folder.path("state/r/\(name)/temporary")).count == drafts.count)
        _ = try await Repositories(state: folder.path("state")).store(of: repository.path)
        #expect(try Files.list(folder.path("state/r/\(name)/temporary")).isEmpty)
        #expect(try Files.list(folder.path("state/r/\(name)")).contains("scratch.git"))
    }

    @Test(
        "keeps the uid of a worktree that is still there, for another could read its files",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func worktrees() throws {
        let folder = try TemporaryFolder(reachable: true)
        let places = SessionPlaces(state: folder.path)
        var worktree = SampleRun.worktree
        worktree.path = folder.path("worktree")
        try Files.makeDirectory(worktree.path)
        let run = try RunLifecycle(folding: [
            .runRequested(request: SampleRun.request()), .baseProven(results: SampleRun.results("base")),
            .planProposed(plan: SampleRun.plan(SampleRun.task("a"))),
            .worktreePrepared(task: TaskID("a"), worktree: worktree),
            .attemptFailed(
                task: TaskID("a"), attempt: 1, failure: .schema, problem: SampleRun.problem()),
            .worktreeReleased(task: TaskID("a")),
        ])
        _ = try places.claim(for: "r1/a")
        let leftovers = Leftovers(places: places, log: Log.file(folder.path("log")))
        leftovers.sweep([run])
        #expect(try places.claims().map(\.owner) == ["r1/a"])
        try Files.removeTree(worktree.path)
        leftovers.sweep([run])
        #expect(try places.claims() == [])
    }

    @Test("keeps what a command at work made, and sweeps what one left that was killed")
    func commands() throws {
        let folder = try TemporaryFolder(reachable: true)
        let places = SessionPlaces(state: folder.path)
        // No process has this number: it is above every limit Linux has.
        let (alive, killed) = ("sandbox-\(SystemIdentity.pid)", "sandbox-4194305")
        for name in [alive, killed] {
            _ = try places.claim(for: name)
            _ = try places.makeFolder(name, uid: nil)
        }
        Leftovers(places: places, log: Log.file(folder.path("log"))).sweep([])
        #expect(try places.names() == [alive])
        #expect(try places.claims().map(\.owner) == (SystemIdentity.isRoot ? [alive] : []))
    }
}
