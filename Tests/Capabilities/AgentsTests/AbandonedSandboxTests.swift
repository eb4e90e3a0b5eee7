import Egress
import Fixtures
import Glibc
import Harnesses
import Linux
import Sandbox
import Testing
import Vocabulary

@testable import Agents

@Suite(
    "A sandbox that does not end", .enabled(if: Requirement.has("bwrap"), "needs bwrap"),
    .timeLimit(.minutes(10)))
struct AbandonedSandboxTests {
    private func start(_ session: RealSession) async throws -> HarnessProcess {
        let specification = session.specification
        let program = HarnessProgram(
            kind: .command, executable: specification.agent.command[0],
            readOnlyPaths: specification.agent.command)
        let order = RunnerOrder(
            specification: specification, keys: [:], program: program,
            executables: session.host.executables, stateDirectory: session.host.stateDirectory)
        try Files.makeDirectory(specification.directory)
        if let uid = specification.uid {
            try Files.changeOwner(tree: specification.directory, uid: uid, gid: uid)
        }
        let policy = SessionPolicy { _, _ in Evaluation(decision: .allow, matched: []) }
        let (execs, recording) = (ExecFeed(policy: policy, facts: SharedFacts()), LateTask())
        recording.start { await execs.report { _ in } }
        let harness = SandboxedHarness(
            order: order, files: session.files,
            gateway: ModelGateway(
                configuration: GatewayConfiguration(upstreams: [], keys: [:]), observe: { _ in }),
            execs: execs, recording: recording, bounds: SessionBounds())
        return try await harness.start()
    }

    @Test("is no longer waited for in the end, though its output is held open, and has no result then")
    func held() async throws {
        let session = try RealSession(.command, "echo here; exec sleep 1000")
        let process = try await start(session)
        #expect(await process.nextOutput() == .line("here"))
        // Somebody outside has its output, as a process would that does not die.
        let inside = try #require(
            try session.processes().first { name in
                // Not a cause lost: a process that is gone is not the one.
                let line = try? Files.readText("/proc/\(name)/cmdline", bytesMax: 1 << 10)
                return line?.hasPrefix("sleep\0") ?? false
            })
        let held = try [1, 2].map { try Descriptor.open("/proc/\(inside)/fd/\($0)", flags: O_WRONLY) }
        process.signal(.kill)
        process.signal(.killLauncher)
        try await wait { try session.processes().isEmpty }
        process.signal(.abandon)
        #expect(await process.nextOutput() == nil)
        #expect(await process.ending().status == -SIGKILL)
        for end in held { end.close() }
    }
}
