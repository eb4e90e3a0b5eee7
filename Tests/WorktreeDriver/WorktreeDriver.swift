import ChildProcess
import FoundationEssentials
import Glibc
import Linux
import Sandbox
import Vocabulary
import Worktrees

/// Does to worktrees what `scripts/bench worktrees` asks for, one JSON line each, and says how long it took.
///
/// One process, as the server is one: what is opened once there is opened once here.
@main
struct WorktreeDriver {
    struct Order: Decodable {
        enum Deed: String, Decodable { case open, prepare, run, snapshot, collisions, remove }
        var deed: Deed
        var repository: String?
        var state: String?
        var programs: String?
        var task: String?
        var backend: WorktreeBackend?
        var command: [String]?
    }

    struct Answer: Encodable {
        var milliseconds = 0.0
        var path: String?
        var tree: String?
        var stdout: String?
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
    let launcher: SandboxLauncher
    let home: String
    let uid: UInt32?
    let support: LayerSupport
    /// The newest snapshot of each worktree.
    var snapshots: [WorktreeName: ObjectID] = [:]

    init(_ order: Order) async throws {
        guard let repository = order.repository, let state = order.state, let programs = order.programs else {
            throw Missing(what: "a repository, a state folder and the folder of the programs")
        }
        store = try RepositoryStore(repository: repository, state: "\(state)/r")
        base = try await store.resolve(branch: nil).commit
        uid = SystemIdentity.isRoot ? 1_910_000_001 : nil
        var tools = try SandboxTools.locate(beside: programs)
        if let uid {
            // Where the programs were built, no session's uid may look.
            tools.sandboxInit = try ProgramMirror(stateDirectory: state).reachable(tools.sandboxInit, by: uid)
        }
        launcher = SandboxLauncher(tools: tools)
        support = await LayerProbe.run(launcher: launcher, uid: uid, in: "\(state)/r")
        home = "\(state)/home"
        try Files.makeDirectory(home, mode: 0o700)
        if let uid { try Files.changeOwner(tree: home, uid: uid, gid: uid) }
    }

    mutating func answer(_ order: Order) async throws -> Answer {
        let begin = ContinuousClock.now
        func done(_ change: (inout Answer) -> Void = { _ in }) -> Answer {
            var answer = Answer(milliseconds: (ContinuousClock.now - begin) / .milliseconds(1))
            change(&answer)
            return answer
        }
        switch order.deed {
        case .open: return done()
        case .prepare:
            guard let task = order.task else { throw Missing(what: "a task") }
            let worktree = try await store.prepareWorktree(
                run: Self.run, task: task, base: base, owner: uid, backend: order.backend ?? .checkout,
                support: support)
            return done { $0.path = worktree.path }
        case .run:
            guard let command = order.command else { throw Missing(what: "a command") }
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
            return Answer(milliseconds: milliseconds, tree: snapshot.tree.rawValue)
        case .collisions:
            // Anew each time: a radar that has looked merges only what changed.
            let radar = try CollisionRadar(of: store)
            let found = try await radar.look(at: snapshots)
            return done { $0.stdout = "\(found.values.reduce(0) { $0 + $1.count } / 2)" }
        case .remove:
            try await store.removeWorktree(try await worktree(order), keepSnapshots: false)
            return done()
        }
    }

    private func worktree(_ order: Order) async throws -> PreparedWorktree {
        guard let task = order.task,
            let known = try await store.list().first(where: { $0.worktree.name.task == task })
        else { throw Missing(what: "a task that has a worktree") }
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
