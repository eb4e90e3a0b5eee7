import ChildProcess
import FoundationEssentials
import Glibc
import Linux
import Sandbox
import Vocabulary
import Worktrees

/// Does to worktrees what measurements and fault tests ask for, one JSON line each, and says how long each
/// took.
///
/// One process, as the server is one: what is opened once there is opened once here. Told to die, it is
/// killed by the kernel between two steps of what it does.
@main
struct WorktreeDriver {
    struct Order: Decodable {
        enum Deed: String, Decodable {
            case open, prepare, run, snapshot, collisions, remove, restore, materialise, retire, reconcile
        }
        var deed: Deed
        var repository: String?
        var state: String?
        var programs: String?
        var task: String?
        var backend: WorktreeBackend?
        var command: [String]?
        /// The snapshot to restore.
        var number: Int?
        /// Whether the journal needs the task; what it does not need is adopted or swept.
        var isNeeded: Bool?
        /// The process kills itself when so many steps have been passed.
        var dieAfter: Int?
    }

    struct Answer: Encodable {
        var milliseconds = 0.0
        /// Where what the worktree changed lies: its files, or the upper layer of an overlay.
        var path: String?
        var tree: String?
        var stdout: String?
        /// The steps between which it could have been killed.
        var steps: [String]?
        var problem: String?
    }

    static let lineBytesMax = 1 << 20
    static let run = RunID("bench")

    static func main() async throws {
        let lines = LineStream(
            reading: try Descriptor.open("/dev/stdin", flags: 0), lineBytesMax: lineBytesMax)
        var driver: WorktreeDriver?
        while let line = try await lines.next() {
            var answer: Answer
            do {
                let order = try JSONDecoder().decode(Order.self, from: Data(line.text.utf8))
                if order.deed == .open { driver = try await WorktreeDriver(order) }
                guard driver != nil else { throw Missing(what: "an open repository") }
                answer = try await driver?.answer(order) ?? Answer()
            } catch {
                answer = Answer(problem: "\(error)")
            }
            print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
            fflush(nil)
        }
    }

    struct Missing: Error, CustomStringConvertible {
        var what: String
        var description: String { "The order needs \(what)." }
    }

    let store: RepositoryStore
    let base: ObjectID
    /// nil: nothing can be run in a worktree.
    let launcher: SandboxLauncher?
    let steps = PassedSteps()
    let home: String
    let uid: UInt32?
    let support: LayerSupport
    /// The newest snapshot of each worktree.
    var snapshots: [WorktreeName: ObjectID] = [:]

    init(_ order: Order) async throws {
        guard let repository = order.repository, let state = order.state else {
            throw Missing(what: "a repository and a state folder")
        }
        store = try RepositoryStore(repository: repository, state: "\(state)/r")
        base = try await store.resolve(branch: nil).commit
        home = "\(state)/home"
        let steps = steps
        await store.crash(by: { steps.pass($0) })
        guard let programs = order.programs else {
            (launcher, uid, support) = (nil, nil, .full)
            return
        }
        uid = SystemIdentity.isRoot ? 1_910_000_001 : nil
        var tools = try SandboxTools.locate(beside: programs)
        if let uid {
            // Where the programs were built, no session's uid may look.
            tools.sandboxInit = try ProgramMirror(stateDirectory: state).reachable(tools.sandboxInit, by: uid)
        }
        let launcher = SandboxLauncher(tools: tools)
        self.launcher = launcher
        support = await LayerProbe.run(launcher: launcher, uid: uid, in: "\(state)/r")
        try Files.makeDirectory(home, mode: 0o700)
        if let uid { try Files.changeOwner(tree: home, uid: uid, gid: uid) }
    }

    mutating func answer(_ order: Order) async throws -> Answer {
        let begin = ContinuousClock.now
        func done(_ change: (inout Answer) -> Void = { _ in }) -> Answer {
            var answer = Answer(milliseconds: (ContinuousClock.now - begin) / .milliseconds(1))
            answer.steps = steps.all
            change(&answer)
            return answer
        }
        steps.begin(dyingAfter: order.dieAfter)
        switch order.deed {
        case .open: return done { $0.problem = support.overlayProblem }
        case .prepare:
            guard let task = order.task else { throw Missing(what: "a task") }
            let worktree = try await store.prepareWorktree(
                run: Self.run, task: task, base: base, owner: uid, backend: order.backend ?? .checkout,
                support: support)
            return done { $0.path = worktree.layers?.upper ?? worktree.path }
        case .run:
            guard let launcher, let command = order.command else { throw Missing(what: "a command") }
            let output = try await launcher.run(
                profile(try await worktree(order), command), timeout: .seconds(600))
            guard case .exited(0) = output.termination else {
                throw Missing(
                    what: "another command: it \(output.termination) and said "
                        + String(decoding: output.stderr.suffix(2000), as: UTF8.self))
            }
            return done { $0.stdout = String(decoding: output.stdout, as: UTF8.self) }
        case .snapshot:
            let worktree = try await worktree(order)
            let begin = ContinuousClock.now
            let snapshot = try await store.snapshot(worktree, message: "measured")
            let milliseconds = (ContinuousClock.now - begin) / .milliseconds(1)
            snapshots[worktree.name] = snapshot.commit
            return Answer(milliseconds: milliseconds, tree: snapshot.tree.rawValue, steps: steps.all)
        case .collisions:
            // Anew each time: a radar that has looked merges only what changed.
            let radar = try CollisionRadar(of: store)
            let found = try await radar.look(at: snapshots)
            return done { $0.stdout = "\(found.values.reduce(0) { $0 + $1.count } / 2)" }
        case .remove:
            try await store.removeWorktree(try await worktree(order), keepSnapshots: false)
            return done()
        case .restore:
            guard let number = order.number else { throw Missing(what: "a number") }
            let restored = try await store.restore(try name(order), number: number, owner: uid)
            return done { $0.path = restored.layers?.upper ?? restored.path }
        case .materialise:
            let opened = try await store.materialise(try await worktree(order))
            return done { $0.path = opened.path }
        case .retire:
            let name = try name(order)
            if let known = try await store.known(name) {
                _ = try await store.retire(known.worktree, message: "removed")
            } else if let failure = try await store.finishRemovals([name]).failed.first {
                throw failure.error
            }
            return done()
        case .reconcile:
            let needed: Set<WorktreeName> = order.isNeeded == true ? [try name(order)] : []
            let report = try await store.reconcile { WantedWorktrees(needed: needed) }
            return done { $0.stdout = report.told.joined(separator: " ") }
        }
    }

    private func name(_ order: Order) throws -> WorktreeName {
        guard let task = order.task else { throw Missing(what: "a task") }
        return try WorktreeName(run: Self.run, task: task)
    }

    private func worktree(_ order: Order) async throws -> PreparedWorktree {
        guard let known = try await store.known(try name(order)) else {
            throw Missing(what: "a task that has a worktree")
        }
        return known.worktree
    }

    private func profile(_ worktree: PreparedWorktree, _ command: [String]) -> SandboxProfile {
        var profile = SandboxProfile(
            kind: .author, worktree: worktree.path, gitPointerFile: worktree.gitPointerFile,
            privateGitDirectory: worktree.privateGitDirectory, home: home, command: command, uid: uid)
        profile.overlay = worktree.layers
        profile.sharedObjects = worktree.sharedObjects
        return profile
    }
}
