import Configuration
import Dispatch
import Egress
import FoundationEssentials
import Glibc
import Harnesses
import Linux
import Policies
import Sandbox
import Vocabulary

/// One session in its own process: takes its order, runs the session to its end, and leaves the spool as its
/// word.
///
/// It outlives the server that started it. It does not outlive its session, and nothing inside its sandbox
/// outlives it.
package struct Runner {
    /// What the runner says on its standard output, once, when its control socket stands.
    package static let readyLine = "ready"
    /// The lock may be held for a moment by a server that looks whether a runner lives.
    static let lockAttemptsMax = 100
    static let lockPause: Duration = .milliseconds(10)
    /// By then a session is under way, and what its start ran is not run again.
    static let startDuration: Duration = .seconds(2)

    private let order: RunnerOrder
    private let files: SessionFiles

    /// Reads the order from standard input and runs its session.
    @concurrent package static func main() async -> RunnerExit {
        do {
            // One of this process would hold the keys.
            guard MemoryDumps.forbid() else { throw SandboxError.coreLimitTooLow }
            let order = try await readOrder(from: Descriptor(owning: STDIN_FILENO))
            return try await Runner(order: order).run()
        } catch let error as any ExplainedError {
            return say(error.description, .failed)
        } catch is DecodingError {
            return say("The order on standard input cannot be understood.", .usage)
        } catch {
            return say("\(error)", .failed)
        }
    }

    private init(order: RunnerOrder) {
        self.order = order
        files = SessionFiles(directory: order.specification.directory)
    }

    /// 1. the lock: one runner per session  2. the spool: its first byte makes the session a used one  3. the
    ///   control socket, and the word that it stands  4. the session  5. sockets away; the lock goes with the
    ///   process
    private func run() async throws -> RunnerExit {
        guard let lock = try await acquireLock() else {
            return Self.say("Another runner serves this session.", .alreadyRunning)
        }
        defer { lock.close() }
        guard !Files.exists(files.spool) else {
            return Self.say("This session was run before; its spool is there.", .alreadyUsed)
        }
        let bounds = SessionBounds()
        let progress = SpoolProgress()
        let spool = try SpoolWriter(path: files.spool, bounds: bounds, progress: progress)
        try Files.removeFile(files.gatewaySocket)

        let feed = GatewayFeed()
        let gateway = ModelGateway(configuration: gatewayConfiguration, observe: { feed.observe($0) })
        let policy = SessionPolicy(sources: order.specification.policies, of: order.specification)
        let facts = SharedFacts()
        let execs = ExecFeed(policy: policy, facts: facts)
        let recording = LateTask()
        let harness = SandboxedHarness(
            order: order, files: files, gateway: gateway, execs: execs, recording: recording, bounds: bounds)
        let course = SessionCourse(
            order.specification,
            machine: HarnessLauncher.machine(
                for: order.specification, in: SandboxedHarness.surroundings(of: order.specification)),
            policy: policy,
            bounds: bounds)
        let feeding = LateTask()
        let quiet = Task {
            try await ContinuousClock().sleep(for: Self.startDuration)
            try ProcessMemory.giveBackProgramText()
        }
        defer { quiet.cancel() }
        let loop = SessionLoop(
            course, spool: spool, clock: .suspending(),
            launch: { () throws(LaunchFailure) in try await harness.start() },
            shared: facts,
            inbox: Inbox(
                home: files.home, homeInside: SandboxedHarness.surroundings(of: order.specification).home,
                uid: order.specification.uid),
            refuseExecs: { execs.refuseAll() },
            stopGateway: {
                await runBlocking { gateway.stop() }
                feed.finish()
                await feeding.finished()
            })
        feeding.start { await feed.report(to: loop) }
        recording.start { await execs.report(to: loop) }

        let control = try RunnerListener(
            path: files.controlSocket, spoolPath: files.spool, progress: progress,
            answer: { await loop.answer($0) })
        defer { control.close() }
        let serving = Task { await control.serve() }
        let signals = Self.onTermination {
            Task { await loop.report(.stopAsked(reason: "Its runner was told to end.")) }
        }
        defer { signals.cancel() }
        Self.announce()

        _ = try await loop.run()
        control.close()
        serving.cancel()
        return .ended
    }

    private var gatewayConfiguration: GatewayConfiguration {
        GatewayConfiguration(
            upstreams: order.specification.upstreams, keys: order.keys,
            spendLimit: order.specification.limits.spend,
            placeholderKey: RunnerOrder.placeholderKey)
    }

    private func acquireLock() async throws -> FileLock? {
        for _ in 0..<Self.lockAttemptsMax {
            if let lock = try FileLock.tryAcquire(path: files.lock) { return lock }
            try await ContinuousClock().sleep(for: Self.lockPause)
        }
        return nil
    }

    private static func readOrder(from input: Descriptor) async throws -> RunnerOrder {
        var bytes: [UInt8] = []
        while true {
            let chunk = try await input.read(upTo: 64 << 10)
            if chunk.isEmpty { break }
            bytes += chunk
            guard bytes.count <= RunnerOrder.bytesMax else {
                throw Problem("The order on standard input is longer than \(RunnerOrder.bytesMax) bytes.")
            }
        }
        return try JSONDecoder().decode(RunnerOrder.self, from: Data(bytes))
    }

    /// Says that the control socket stands. From then on standard output is the log: the server's end may be
    /// gone.
    private static func announce() {
        let line = Array((readyLine + "\n").utf8)
        _ = signal(SIGPIPE, SIG_IGN)
        _ = write(STDOUT_FILENO, line, line.count)
        dup2(STDERR_FILENO, STDOUT_FILENO)
    }

    private static func onTermination(_ body: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
        _ = signal(SIGTERM, SIG_IGN)  // The source below sees it all the same.
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        source.setEventHandler(handler: body)
        source.resume()
        return source
    }

    /// Standard error is the session's `runner.log`.
    private static func say(_ sentence: String, _ exit: RunnerExit) -> RunnerExit {
        let line = Array("\(WallClock.nowText()) \(VisibleText.oneLine(sentence, limit: 4 << 10))\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        return exit
    }
}
