import ChildProcess
import FoundationEssentials
import Glibc
import Linux
import Sandbox
import Seccomp
import Vocabulary

/// Starts programs in sandboxes and beside them, one JSON line each, and says how long each took.
///
/// One process, as a runner is one: what is found and compiled once there is so here.
@main
struct SandboxDriver {
    struct Order: Decodable {
        enum Way: String, Decodable {
            /// As the product does it, by the whole launch.
            case sandbox
            /// The same, with every exec inside recorded.
            case recorded
            /// bwrap alone, with the same mounts, variables and filter.
            case bwrap
            /// No sandbox.
            case spawn
        }
        var way: Way
        var command: [String]
    }

    struct Answer: Encodable {
        var milliseconds = 0.0
        var execs = 0
        var limits: LimitMeans?
        var problem: String?
    }

    private let launcher: SandboxLauncher
    private let profile: SandboxProfile
    /// The product compiles its filter once per process, and so does what it is compared with.
    private let filter: [UInt8]

    /// - Parameter folder: an empty folder that every uid can reach; the sandbox's worktree and home are made
    ///   in it.
    init(programs: String, folder: String) throws {
        let isRoot = SystemIdentity.isRoot
        let uid: UInt32? = isRoot ? 1_912_000_000 : nil
        launcher = SandboxLauncher(
            tools: try SandboxTools.locate(beside: programs),
            mirror: isRoot ? ProgramMirror(stateDirectory: folder) : nil)
        for name in ["worktree", "home"] {
            try Files.makeDirectory("\(folder)/\(name)", mode: 0o755)
            if let uid { try Files.changeOwner(tree: "\(folder)/\(name)", uid: uid, gid: uid) }
        }
        profile = SandboxProfile(
            kind: .author, worktree: folder + "/worktree", home: folder + "/home", command: ["true"], uid: uid
        )
        filter = try SeccompCompiler.compile(try launcher.plan(profile).filter)
    }

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            print("usage: SandboxDriver PROGRAMS FOLDER")
            exit(64)
        }
        let driver = try SandboxDriver(programs: arguments[1], folder: arguments[2])
        while let line = readLine() {
            var answer = Answer()
            do {
                answer = try await driver.obey(
                    JSONDecoder().decode(Order.self, from: Data(line.utf8)))
            } catch {
                answer.problem = "\(error)"
            }
            print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
            fflush(nil)
        }
    }

    private func obey(_ order: Order) async throws -> Answer {
        var answer = Answer()
        let start = ContinuousClock.now
        switch order.way {
        case .sandbox:
            let sandbox = try launcher.start(plan(order.command, recordsExecs: false))
            answer.limits = sandbox.means
            try Self.expect(await sandbox.wait())
        case .recorded:
            let execs = Count()
            let ledger = try ExecLedger(decide: { _ in true }, record: { _ in execs.add() })
            let sandbox = try launcher.start(plan(order.command, recordsExecs: true), ledger: ledger)
            try Self.expect(await sandbox.wait())
            await ledger.ended()
            answer.execs = execs.value
        case .bwrap: try Self.expect(await bwrap(order.command).wait())
        case .spawn:
            let child = try Child.spawn(ChildCommand(order.command, environment: ["PATH": "/usr/bin:/bin"]))
            try Self.expect(await child.wait())
        }
        let (seconds, attoseconds) = start.duration(to: .now).components
        answer.milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
        return answer
    }

    private func plan(_ command: [String], recordsExecs: Bool) throws -> SandboxPlan {
        var profile = profile
        profile.command = command
        profile.recordsExecs = recordsExecs
        return try launcher.plan(profile)
    }

    private func bwrap(_ command: [String]) throws -> RunningChild {
        let plan = try plan(command, recordsExecs: false)
        let arguments = plan.bwrapArguments.filter { $0 != "--as-pid-1" }.joined(separator: "\0") + "\0"
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
        let words =
            [launcher.tools.bwrap, "--args", String(SandboxPlan.argumentsDescriptor), "--"] + command
        return try Child.spawn(
            ChildCommand(words, environment: [:], workingDirectory: "/", passedDescriptors: passed))
    }

    private static func expect(_ termination: Termination) throws {
        guard termination.isSuccess else { throw Problem("The command \(termination).", blame: .environment) }
    }
}
