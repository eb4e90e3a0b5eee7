import ChildProcess
import ControlServer
import Fixtures
import Glibc
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
    func sweeps() async throws {
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
            let uid = try await places.claim(for: name)
            _ = try places.makeFolder(name, uid: uid)
            try folder.write("s/\(name)/spool.jsonl", "{}\n")
            try folder.write("s/\(name)/home/file", "x")
        }
        _ = try await places.claim(for: "self-test-\(SystemIdentity.pid)")
        _ = try await places.claim(for: "self-test-4194304999")
        let probes = ["layer-probe-4194304999-ab", "layer-probe-\(SystemIdentity.pid)-ab"]
        for probe in probes { try folder.write("\(probe)/lower/file", "x") }

        await Leftovers(places: places, log: Log.file(folder.path("log"))).sweep([run])

        #expect(try places.names() == ["other", "r1-0000ended", "r1-0000live", "r9-00unread"])
        #expect(probes.map { Files.exists(folder.path($0)) } == [false, true])
        #expect(try Files.list(places.path(of: "r1-0000ended")) == ["spool.jsonl"])
        // Its uid may be another's from now on.
        for path in ["", "/spool.jsonl"] {
            let owner = try Files.status(of: places.path(of: "r1-0000ended") + path).st_uid
            #expect(owner == SystemIdentity.effectiveUID)
        }
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
        "is ended where it still runs, without control groups too, and nothing else's sandbox is",
        .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"))
    func processes() async throws {
        let folder = try TemporaryFolder(reachable: true)
        let state = folder.path("state")
        try Files.makeDirectory(state, mode: 0o711)
        let places = SessionPlaces(state: state)
        let launcher = SandboxLauncher(
            tools: try SandboxTools.locate(
                beside: Files.parent(of: try builtProduct(named: "graftwork-runner"))),
            mirror: SystemIdentity.isRoot ? ProgramMirror(stateDirectory: state) : nil,
            findGroups: { () throws(ControlGroups.Absence) in
                throw ControlGroups.Absence(description: "none here")
            })
        func start(_ name: String) async throws -> (RunningSandbox, LineStream) {
            let uid = try await places.claim(for: name)
            let own = try places.makeFolder(name, uid: uid)
            for path in ["home", "tree"] {
                try Files.makeDirectory("\(own)/\(path)", mode: 0o700)
                if let uid { try Files.changeOwner(tree: "\(own)/\(path)", uid: uid, gid: uid) }
            }
            let sandbox = try launcher.launch(
                SandboxProfile(
                    kind: .check, worktree: "\(own)/tree", home: "\(own)/home",
                    command: ["sh", "-c", "echo up; read line; echo still"], uid: uid),
                stdin: .pipe, stdout: .pipe)
            return (sandbox, LineStream(reading: try #require(sandbox.stdout), lineBytesMax: 100))
        }
        // One of a check that no server waits for, and one of a command at work.
        let alive = "sandbox-\(SystemIdentity.pid)"
        let (left, leftLines) = try await start("c0123456789ab")
        let (needed, neededLines) = try await start(alive)
        #expect(try await leftLines.next()?.text == "up")
        #expect(try await neededLines.next()?.text == "up")
        await Leftovers(places: places, log: Log.file(folder.path("log"))).sweep([])
        #expect(try places.names() == [alive])
        // Who lives still answers; who was killed does not.
        left.stdin?.close()
        #expect(try await leftLines.next() == nil)
        _ = await left.wait()
        needed.stdin?.close()
        #expect(try await neededLines.next()?.text == "still")
        _ = await needed.wait()
    }

    @Test(
        "keeps the uid of a worktree that is still there, for another could read its files",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func worktrees() async throws {
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
        _ = try await places.claim(for: "r1/a")
        let leftovers = Leftovers(places: places, log: Log.file(folder.path("log")))
        await leftovers.sweep([run])
        #expect(try places.claims().map(\.owner) == ["r1/a"])
        try Files.removeTree(worktree.path)
        await leftovers.sweep([run])
        #expect(try places.claims() == [])
    }

    @Test("asks the runner of a trial to end whose server was killed, and leaves it its folder till then")
    func trials() async throws {
        let folder = try TemporaryFolder(reachable: true)
        let places = SessionPlaces(state: folder.path)
        let leftovers = Leftovers(places: places, log: Log.file(folder.path("log")))
        let trial = "proof-4194305"
        _ = try await places.claim(for: trial)
        let lock = try FileLock.tryAcquire(path: try places.makeFolder(trial, uid: nil) + "/runner.lock")
        await leftovers.sweep([])
        #expect(try places.names() == [trial])
        #expect(try places.claims().map(\.owner) == (SystemIdentity.isRoot ? [trial] : []))
        lock?.close()
        await leftovers.sweep([])
        #expect(try places.names() == [])
        #expect(try places.claims() == [])
    }

    @Test("keeps what a command at work made, and sweeps what one left that was killed")
    func commands() async throws {
        let folder = try TemporaryFolder(reachable: true)
        let places = SessionPlaces(state: folder.path)
        // No process has this number: it is above every limit Linux has.
        let (alive, killed) = ("sandbox-\(SystemIdentity.pid)", "sandbox-4194305")
        for name in [alive, killed] {
            _ = try await places.claim(for: name)
            _ = try places.makeFolder(name, uid: nil)
        }
        await Leftovers(places: places, log: Log.file(folder.path("log"))).sweep([])
        #expect(try places.names() == [alive])
        #expect(try places.claims().map(\.owner) == (SystemIdentity.isRoot ? [alive] : []))
    }
}
