import Fixtures
import Linux
import Provisioning
import Sandbox
import Vocabulary
import Workflows
import Worktrees

/// A user's repository, a server's state folder and a provisioner over both, with a real sandbox.
final class SetupScene: Sendable {
    let folder: TemporaryFolder
    let repository: TestRepository
    let store: RepositoryStore
    let places: SessionPlaces
    let provisioner: Provisioner
    let base: ObjectID
    private let owner = "c" + RandomBytes.hex(count: 6)

    init(files: [String: String] = ["a.txt": "one\n", ".gitignore": "made/\n.env*\n"]) async throws {
        folder = try TemporaryFolder(reachable: true)
        repository = try await TestRepository(in: folder, files: files)
        let state = folder.path("state")
        try Files.makeDirectory(state, mode: 0o711)
        store = try RepositoryStore(repository: repository.path, state: "\(state)/r/one")
        places = SessionPlaces(state: state)
        base = ObjectID(try await repository.revParse("HEAD"))
        provisioner = try Self.provisioner(
            state, places, store, repository, CopyOrder(run: RunID("run"), base: base, approved: nil))
    }

    /// The same of the next server on this state.
    func restarted(run: String = "run", approved: Digest? = nil) throws -> Provisioner {
        try Self.provisioner(
            folder.path("state"), places, store, repository,
            CopyOrder(run: RunID(run), base: base, approved: approved))
    }

    private static func provisioner(
        _ state: String, _ places: SessionPlaces, _ store: RepositoryStore, _ repository: TestRepository,
        _ order: CopyOrder
    ) throws -> Provisioner {
        let tools = try SandboxTools.locate(beside: Files.parent(of: try builtProduct(named: "sandbox-init")))
        return Provisioner(
            launcher: SandboxLauncher(
                tools: tools, mirror: SystemIdentity.isRoot ? ProgramMirror(stateDirectory: state) : nil),
            places: places, cache: SetupCache(state: state), store: store, repository: repository.path,
            order: order)
    }

    /// A fresh tree of a commit, owned as a check's would be.
    func tree(_ name: String, of source: ObjectID? = nil, firstPort: Int? = nil) async throws -> SetupTree {
        let uid = try await places.claim(for: owner)
        let path = try places.makeFolder(name, uid: uid) + "/tree"
        try await store.materialise(tree: source ?? base, at: path, owner: uid)
        return SetupTree(path: path, source: source ?? base, uid: uid, firstPort: firstPort, isPristine: true)
    }

    @discardableResult
    func setUp(_ tree: SetupTree, _ setup: WorktreeSetup, _ told: Told) async throws -> SetupRecord {
        try await provisioner.setUp(tree, as: setup, allowance: SandboxAllowance(), report: { told.add($0) })
    }

    /// The same in another run, or in one whose raw copies a person said yes to.
    @discardableResult
    func setUp(
        _ tree: SetupTree, _ setup: WorktreeSetup, order run: String = "run", approved: Digest? = nil
    ) async throws -> SetupRecord {
        try await restarted(run: run, approved: approved).setUp(
            tree, as: setup, allowance: SandboxAllowance(), report: { _ in })
    }

    func text(_ tree: SetupTree, _ name: String) throws -> String {
        try Files.readText("\(tree.path)/\(name)", bytesMax: 1 << 20)
    }

    /// The outcomes that are kept.
    func outcomes() throws -> [String] {
        let place = folder.path("state/setup")
        return Files.exists(place) ? try Files.list(place).filter { $0 != "drafts" } : []
    }
}
