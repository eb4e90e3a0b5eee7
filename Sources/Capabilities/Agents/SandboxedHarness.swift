import ChildProcess
import Egress
import Glibc
import Harnesses
import Linux
import Sandbox
import Synchronization
import Vocabulary

/// Starts a session's harness in its sandbox: the gateway, the home, the mounts, the program.
struct SandboxedHarness: Sendable {
    let order: RunnerOrder
    let files: SessionFiles
    let gateway: ModelGateway
    let execs: ExecFeed
    /// Ends after the last entry of the ledger is recorded.
    let recording: LateTask
    let bounds: SessionBounds

    private var specification: SessionSpecification { order.specification }

    static func surroundings(of specification: SessionSpecification) -> HarnessSurroundings {
        HarnessSurroundings(
            home: SandboxLauncher.homeInside, worktree: specification.worktree,
            gatewayURL: "\(SandboxLauncher.gatewayURL)/\(specification.agent.upstream)",
            placeholderKey: RunnerOrder.placeholderKey)
    }

    /// 1. the gateway, so that the first request finds it  2. the home and the harness's files in it  3. the
    ///   sandbox
    func start() async throws(LaunchFailure) -> HarnessProcess {
        let started: (RunningSandbox, HarnessLaunch, ExecLedger) = try await runBlocking {
            () throws(LaunchFailure) in
            try startGateway()
            let (launcher, program) = try preparePrograms()
            let launch = HarnessLauncher.launch(
                for: specification, program: program, in: Self.surroundings(of: specification))
            try fillHome(launch.homeFiles)
            let ledger = try makeLedger()
            do throws(SandboxError) {
                let sandbox = try launcher.launch(
                    profile(launch), stdin: .pipe, stdout: .pipe, stderr: .pipe, ledger: ledger)
                return (sandbox, launch, ledger)
            } catch {
                throw LaunchFailure(.sandbox, error.description)
            }
        }
        return process(started.0, ledger: started.2, standardInput: started.1.standardInput)
    }

    private func makeLedger() throws(LaunchFailure) -> ExecLedger {
        do throws(SystemError) {
            return try ExecLedger(
                decide: { [execs] in execs.decide($0) }, record: { [execs] in execs.record($0) })
        } catch {
            throw LaunchFailure(.sandbox, "The exec ledger cannot begin: \(error)")
        }
    }

    private func startGateway() throws(LaunchFailure) {
        do throws(EgressError) {
            // Not by the socket's mode alone: nobody but who is in the sandbox speaks with the key.
            try gateway.start(
                socketPath: files.gatewaySocket,
                permittedUID: specification.uid ?? SystemIdentity.effectiveUID)
        } catch {
            throw LaunchFailure(error.blame == .environment ? .sandbox : .model, error.description)
        }
    }

    /// A root server's programs may lie where the session's uid cannot go; it then gets copies.
    private func preparePrograms() throws(LaunchFailure) -> (SandboxLauncher, HarnessProgram) {
        let executable = order.program.executable
        guard !executable.hasPrefix("/") || Files.exists(executable) else {
            let name = specification.agent.harness.rawValue
            throw LaunchFailure(
                .missing, "The harness '\(name)' cannot be started: there is no program '\(executable)'.")
        }
        do throws(SandboxError) {
            let tools = try SandboxTools.locate(beside: order.executables)
            let mirror = order.stateDirectory.map { ProgramMirror(stateDirectory: $0) }
            var program = order.program
            // A program that is shown as a folder needs its neighbours, so only a single file can be moved.
            if let mirror, let uid = specification.uid,
                let index = program.readOnlyPaths.firstIndex(of: program.executable)
            {
                program.executable = try mirror.reachable(program.executable, by: uid)
                program.readOnlyPaths[index] = program.executable
            }
            return (SandboxLauncher(tools: tools, mirror: mirror), program)
        } catch {
            throw LaunchFailure(.sandbox, error.description)
        }
    }

    private func fillHome(_ homeFiles: [HarnessLaunch.HomeFile]) throws(LaunchFailure) {
        do throws(SystemError) {
            try Files.makeDirectory(files.home, mode: 0o700)
            for file in homeFiles {
                let parts = file.path.split(separator: "/", omittingEmptySubsequences: false)
                guard !file.path.hasPrefix("/"), parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
                else {
                    throw SystemError(code: EINVAL, call: "write", subject: file.path)
                }
                let path = "\(files.home)/\(file.path)"
                try Files.makeDirectory(Files.parent(of: path), mode: 0o700)
                try Files.writeAtomically(path, text: file.contents, mode: 0o600)
            }
            if let uid = specification.uid { try Files.changeOwner(tree: files.home, uid: uid, gid: uid) }
        } catch {
            throw LaunchFailure(.sandbox, "The session's home cannot be made: \(error)")
        }
    }

    private func profile(_ launch: HarnessLaunch) -> SandboxProfile {
        let kind: SandboxProfile.Kind =
            switch specification.role {
            case .author: .author
            case .planner: .planner
            case .reviewer: .reviewer
            }
        return SandboxProfile(
            kind: kind, worktree: specification.worktree,
            // Only an author writes: what a planner or reviewer looks at must stay what it is.
            treeIsReadOnly: specification.worktreeIsReadOnly || specification.role != .author,
            gitPointerFile: specification.gitPointerFile,
            privateGitDirectory: specification.privateGitDirectory,
            home: files.home, gatewaySocket: files.gatewaySocket,
            readOnlyPaths: launch.readOnlyPaths + specification.toolchains
                + (specification.sharedPaths ?? []),
            // The harness's own variables win: they lead it to its gateway.
            environment: Toolchains.environment(for: specification.toolchains)
                .merging(specification.environment ?? [:]) { $1 }.merging(launch.environment) { $1 },
            command: launch.argv, uid: specification.uid,
            limits: SandboxLimits(resources: specification.resources ?? .standard), recordsExecs: true,
            overlay: specification.overlay, sharedObjects: specification.sharedObjects)
    }

    private func process(_ sandbox: RunningSandbox, ledger: ExecLedger, standardInput: String?)
        -> HarnessProcess
    {
        let child = sandbox.child
        let output = child.stdout.map {
            LineStream(reading: $0, lineBytesMax: specification.limits.lineBytesMax)
        }
        let input = child.stdin.map(LineWriter.init(writing:))
        let tail = OutputTail(bytesMax: bounds.stderrTailBytesMax)
        let stderr = child.stderr
        let tree = HaltedTree(below: child.pid)
        let listening = Task { await tail.follow(stderr) }
        let (sightings, seen) = AsyncStream<Termination>.makeStream()
        return HarnessProcess(
            nextOutput: {
                // Not a cause lost: a pipe that cannot be read has ended, and the exit status says the rest.
                guard let line = (try? await output?.next()).flatMap(\.self) else { return nil }
                return line.wasTruncated ? .truncated : .line(line.text)
            },
            send: { line in
                guard let input else { return false }
                do throws(SystemError) {
                    try await input.write(line)
                    return true
                } catch {
                    // The harness closed its stdin; its output or its end tells what that means.
                    return false
                }
            },
            closeInput: { child.stdin?.close() },
            signal: { signal in
                switch signal {
                case .terminate: child.signal(SIGTERM)
                case .kill: child.signal(SandboxLauncher.killSignal)
                case .killLauncher: child.signalGroup(SIGKILL)
                case .abandon:
                    seen.finish()
                    // Who reads our ends of the pipes waits for nobody who holds the others.
                    for end in [child.stdin, child.stdout, child.stderr] { end?.close() }
                }
            },
            halt: { () throws(HaltFailure) in try await tree.halt() },
            release: { () throws(HaltFailure) in try await tree.release() },
            ending: {
                Task {
                    let termination = await sandbox.wait()
                    await listening.value
                    await ledger.ended()
                    seen.yield(termination)
                }
                var ends = sightings.makeAsyncIterator()
                // The result is none where nobody saw the sandbox end.
                let termination = await ends.next() ?? .signalled(SIGKILL)
                execs.finish()
                await recording.finished()
                let status: Int32 =
                    switch termination {
                    case .exited(let code): code
                    case .signalled(let number): -number
                    }
                return HarnessProcess.Ending(
                    status: status, stderrTail: tail.text,
                    overuse: Overuse(
                        excess: sandbox.excess?.sentence, memoryKills: sandbox.memoryKills))
            },
            standardInput: standardInput, limits: sandbox.means)
    }
}

/// The last bytes of a stream; everything before them is read and forgotten.
final class OutputTail: Sendable {
    private let bytesMax: Int
    private let bytes = Mutex<[UInt8]>([])
    init(bytesMax: Int) { self.bytesMax = bytesMax }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    func follow(_ stream: Descriptor?) async {
        // Not a cause lost: a pipe that cannot be read has ended.
        while let chunk = try? await stream?.read(upTo: 16 << 10), !chunk.isEmpty {
            bytes.withLock { $0 = ($0 + chunk).suffix(bytesMax) }
        }
        stream?.close()
    }
}
