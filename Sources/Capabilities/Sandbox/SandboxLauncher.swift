package import ChildProcess
import Glibc
package import Linux
import Seccomp
package import Vocabulary

/// Starts programs in sandboxes: makes the plan, looks whether it can work, and carries it out.
package struct SandboxLauncher: Sendable {
    package let tools: SandboxTools
    /// Where a session uid reaches sandbox-init when it lies in a folder that uid may not enter. nil: it is
    /// not copied.
    package let mirror: ProgramMirror?

    package static let relayPort = SandboxPlan.relayPort
    /// Sent to the child: everything inside is killed, and the child ends when the last process is gone. Not
    /// SIGKILL, which would end the child at once and leave nobody to see that.
    package static let killSignal = SIGPWR
    /// What a harness is given as the base URL of its vendor.
    package static let gatewayURL = "http://127.0.0.1:\(SandboxPlan.relayPort)"
    package static let homeInside = SandboxPlan.homeInside

    /// Where control groups can be made, looked up at each start: a machine may be mended meanwhile.
    package typealias FindGroups = @Sendable () throws(ControlGroups.Absence) -> ControlGroups
    private let findGroups: FindGroups

    package init(
        tools: SandboxTools, mirror: ProgramMirror? = nil,
        findGroups: @escaping FindGroups = { () throws(ControlGroups.Absence) in
            try ControlGroups.find(name: SandboxLauncher.groupFolder)
        }
    ) {
        self.tools = tools
        self.mirror = mirror
        self.findGroups = findGroups
    }

    /// The plan of a profile on this machine. Copies first what the session could not reach, which may take
    /// long.
    package func plan(_ profile: SandboxProfile) throws(SandboxError) -> SandboxPlan {
        var shownInit = tools.sandboxInit
        var profile = profile
        if let mirror, let uid = profile.uid {
            shownInit = try mirror.reachable(shownInit, by: uid)
            profile.readOnlyCopies = try mirror.toolchains.copies(of: profile.readOnlyPaths, for: uid)
        }
        return try SandboxPlan(profile, sandboxInit: shownInit, host: .observe(profile))
    }

    /// Starts the profile's command in a sandbox and returns once bwrap is being set up; what then goes wrong
    /// is said on standard error, with an exit code of sandbox-init or of bwrap.
    ///
    /// The child ends with the command's own exit code, or 128 + the signal that ended it. When it has ended,
    /// nothing that ran inside is left. SIGTERM, INT, HUP, QUIT, USR1 and USR2 to the child reach the
    /// command; three seconds after the first of them that ends programs, everything is killed.
    package func launch(
        _ profile: SandboxProfile, stdin: StandardDescriptor = .null, stdout: StandardDescriptor = .null,
        stderr: StandardDescriptor = .null, ledger: ExecLedger? = nil
    ) throws(SandboxError) -> RunningSandbox {
        try start(plan(profile), stdin: stdin, stdout: stdout, stderr: stderr, ledger: ledger)
    }

    /// Carries out a plan. Only tests start one that `plan(_:)` did not make, to see a protection fail.
    package func start(
        _ plan: SandboxPlan, stdin: StandardDescriptor = .null, stdout: StandardDescriptor = .null,
        stderr: StandardDescriptor = .null, ledger: ExecLedger? = nil
    ) throws(SandboxError) -> RunningSandbox {
        // The sandbox's is the only copy of its end: with the last process, the ledger ends.
        defer { ledger?.channel.close() }
        for source in plan.sources { try Reachability.check(source, uid: plan.uid) }
        let group = try group(for: plan.limits.resources)
        do {
            let child = try Child.spawn(
                try command(for: plan, ledger, group), stdin: stdin, stdout: stdout, stderr: stderr)
            return RunningSandbox(child, group: group, plan: plan)
        } catch {
            // Not a cause lost: nobody is in it, and the next server's sweep takes it.
            _ = try? group?.remove()
            throw (error as? SandboxError) ?? .launchFailed(reason: "\(error)")
        }
    }

    /// The folder of all our groups.
    package static let groupFolder = "graftwork"

    /// How the limits of a sandbox that is started now are kept, and why not by the kernel.
    package static func limitMeans() -> (means: LimitMeans, absence: String?) {
        do throws(ControlGroups.Absence) {
            return (try ControlGroups.find(name: groupFolder).version == .two ? .cgroup2 : .cgroup1, nil)
        } catch {
            return (.watchdog, error.description)
        }
    }

    /// Ends what still runs in control groups whose makers are gone; answers how many groups there were.
    package static func sweepGroups() throws(SystemError) -> Int {
        let groups: ControlGroups
        do throws(ControlGroups.Absence) {
            groups = try ControlGroups.find(name: groupFolder)
        } catch {
            return 0  // Where none can be made, none were.
        }
        return try groups.sweep()
    }

    /// What the kernel keeps the limits by; nil where it cannot be told to.
    private func group(for limits: ResourceLimits) throws(SandboxError) -> ControlGroup? {
        let groups: ControlGroups
        do throws(ControlGroups.Absence) {
            groups = try findGroups()
        } catch {
            if limits.requiresGroups { throw .noControlGroups(reason: error.description) }
            return nil
        }
        do throws(SystemError) {
            return try groups.make(
                .init(
                    processesMax: limits.processesMax + Self.ownProcesses,
                    memoryBytesMax: limits.memoryBytesMax, cpuWeight: Self.cpuWeight,
                    milliCPUsMax: limits.milliCPUsMax))
        } catch {
            throw .launchFailed(reason: "its control group cannot be made: \(error)")
        }
    }

    /// bwrap, sandbox-init inside and its relay.
    private static let ownProcesses: UInt64 = 4
    /// Half of what everybody has: the person's own programs and the server come first.
    private static let cpuWeight: UInt64 = 50

    /// Runs the profile's command to its end and collects what it says.
    package func run(
        _ profile: SandboxProfile, input: [UInt8]? = nil, outputBytesMax: Int = 1 << 20, timeout: Duration
    ) async throws(SandboxError) -> SandboxOutput {
        let plan = try await runBlocking { () throws(SandboxError) -> SandboxPlan in try self.plan(profile) }
        return try await run(plan, input: input, outputBytesMax: outputBytesMax, timeout: timeout)
    }

    package func run(
        _ plan: SandboxPlan, input: [UInt8]? = nil, outputBytesMax: Int = 1 << 20, timeout: Duration
    ) async throws(SandboxError) -> SandboxOutput {
        if Task.isCancelled { throw .cancelled }
        let sandbox = try start(plan, stdin: input == nil ? .null : .pipe, stdout: .pipe, stderr: .pipe)
        let output = await sandbox.child.collect(
            input: input, outputBytesMax: outputBytesMax, timeout: timeout)
        _ = await sandbox.wait()
        guard let output else { throw .cancelled }
        return SandboxOutput(output: output, excess: sandbox.excess, memoryKills: sandbox.memoryKills)
    }

    private func command(for plan: SandboxPlan, _ ledger: ExecLedger?, _ group: ControlGroup?)
        throws(SandboxError) -> ChildCommand
    {
        guard plan.recordsExecs == (ledger != nil) else {
            throw .launchFailed(reason: "a profile that records execs and a ledger belong together")
        }
        let filter = try Self.filterBytes(plan.filter)
        do throws(SystemError) {
            let arguments = plan.bwrapArguments.joined(separator: "\0") + "\0"
            var passed = [
                ChildCommand.PassedDescriptor(
                    try MemoryFile.holding(Array(arguments.utf8), name: "arguments"),
                    as: SandboxPlan.argumentsDescriptor),
                ChildCommand.PassedDescriptor(
                    try MemoryFile.holding(filter, name: "filter"),
                    as: SandboxPlan.filterDescriptor),
            ]
            for (index, text) in plan.generatedFiles.enumerated() {
                passed.append(
                    ChildCommand.PassedDescriptor(
                        try MemoryFile.holding(Array(text.utf8), name: "file"),
                        as: SandboxPlan.firstFileDescriptor + Int32(index)))
            }
            if let ledger {
                passed.append(
                    ChildCommand.PassedDescriptor(
                        ledger.channel, as: SandboxPlan.ledgerDescriptor(plan.mounts)))
            }
            return ChildCommand(
                plan.launchArguments(
                    tools: tools, parent: SystemIdentity.pid, groups: group?.entrances ?? [],
                    sharesProcessors: group?.contains(controller: "cpu") ?? false), environment: [:],
                workingDirectory: "/", passedDescriptors: passed)
        } catch {
            throw .launchFailed(reason: "\(error)")
        }
    }

    /// The product's filter is compiled once per process; it is the same for every sandbox.
    private static let compiled = Result { () throws(SeccompError) in
        try SeccompCompiler.compile(SandboxFilter.program)
    }

    private static func filterBytes(_ program: SeccompProgram) throws(SandboxError) -> [UInt8] {
        do throws(SeccompError) {
            return program == SandboxFilter.program
                ? try compiled.get() : try SeccompCompiler.compile(program)
        } catch {
            throw .filterNotCompiled(reason: error.description)
        }
    }
}
