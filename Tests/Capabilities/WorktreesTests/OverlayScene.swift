import Fixtures
import Linux
import Testing
import Vocabulary
import Worktrees

/// A worktree twice over the same base: as a checkout, and as an overlay that is mounted for as long as the
/// scene lasts.
final class OverlayScene {
    let scene: SnapshotTests.Scene
    private(set) var mount: OverlayMount
    let worktree: PreparedWorktree
    private let layers: OverlayLayers
    /// Where its files are.
    var path: String { mount.path }
    var upper: String { layers.upper }
    var store: RepositoryStore { scene.store }

    init(files: [String: String] = ["README": "hello\n"]) async throws {
        scene = try await SnapshotTests.Scene(files: files)
        worktree = try await scene.store.prepareWorktree(
            run: RunID("r1"), task: "t2", base: scene.base, owner: nil, backend: .overlay, support: .full)
        layers = try #require(worktree.layers)
        mount = try await OverlayMount(layers, at: scene.repository.folder.path("merged"))
    }

    /// Does something to the layers while nobody has them mounted.
    func unmounted(_ body: () async throws -> Void) async throws {
        await mount.unmount()
        try await body()
        mount = try await OverlayMount(layers, at: scene.repository.folder.path("merged"))
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
