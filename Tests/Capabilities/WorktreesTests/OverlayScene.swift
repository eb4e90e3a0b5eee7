import Fixtures
import Linux
import Vocabulary
import Worktrees

/// A worktree twice over the same base: as a checkout, and as an overlay that is mounted for as long as the
/// scene lasts.
final class OverlayScene {
    let scene: SnapshotTests.Scene
    let mount: OverlayMount
    /// As the store would hand it to a session.
    let worktree: PreparedWorktree
    /// Where its files are.
    var path: String { mount.path }
    var upper: String { mount.upper }
    var store: RepositoryStore { scene.store }

    init(files: [String: String] = ["README": "hello\n"]) async throws {
        scene = try await SnapshotTests.Scene(files: files)
        let folder = scene.repository.folder.path("overlay")
        try Files.makeDirectory(folder)
        try await scene.store.materialise(tree: scene.base, at: "\(folder)/lower", owner: nil)
        mount = try await OverlayMount(lower: "\(folder)/lower", in: folder)
        var worktree = try await scene.store.prepareWorktree(
            run: RunID("r1"), task: "t2", base: scene.base, owner: nil)
        worktree.layers = OverlayLayers(lower: mount.lower, upper: mount.upper, work: mount.work)
        self.worktree = worktree
    }

    func write(_ name: String, _ text: String) throws {
        try Files.makeDirectory(Files.parent(of: "\(path)/\(name)"), mode: 0o755)
        try Files.writeAtomically("\(path)/\(name)", text: text, mode: 0o644)
    }

    func snapshot() async throws -> Snapshot { try await store.snapshot(worktree, message: "m") }

    func treeByGit() async throws -> ObjectID {
        try await scene.treeByGit(at: mount.merged, entering: mount.entering)
    }
}

/// Runs a test on an overlay, which is gone afterwards.
func withOverlay(
    files: [String: String] = ["README": "hello\n"], _ body: (OverlayScene) async throws -> Void
) async throws {
    let scene = try await OverlayScene(files: files)
    do {
        try await body(scene)
    } catch {
        await scene.mount.unmount()
        throw error
    }
    await scene.mount.unmount()
}
