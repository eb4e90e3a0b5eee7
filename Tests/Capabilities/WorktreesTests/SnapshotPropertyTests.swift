import Fixtures
import Linux
import Testing
import Vocabulary
import Worktrees

/// A thousand generated scripts of edits in all, each judged by git itself.
@Suite("A snapshot's tree is the one git add -A would write") struct SnapshotPropertyTests {
    private static let scripts = 25

    @Test("of a checkout", arguments: UInt64(1)...20)
    func checkout(seed: UInt64) async throws {
        var edits = EditScript(seed: seed)
        let scene = try await SnapshotTests.Scene(files: edits.baseFiles())
        for round in 1...Self.scripts {
            try edits.edit(scene.worktree.path)
            let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
            guard try await agrees(snapshot, scene.treeByGit(), scene, "seed \(seed), round \(round)") else {
                return
            }
        }
    }

    @Test(
        "of an overlay, read from its upper layer alone",
        .enabled(if: OverlayMount.isPossible, OverlayMount.reason),
        arguments: UInt64(1)...20)
    func overlay(seed: UInt64) async throws {
        var edits = EditScript(seed: seed)
        try await withOverlay(files: edits.baseFiles()) { scene in
            for round in 1...Self.scripts {
                try edits.edit(scene.path)
                let snapshot = try await scene.snapshot()
                guard
                    try await agrees(
                        snapshot, scene.treeByGit(), scene.scene, "seed \(seed), round \(round)")
                else { return }
            }
        }
    }

    private func agrees(
        _ snapshot: Snapshot, _ expected: ObjectID, _ scene: SnapshotTests.Scene, _ place: String
    ) async throws -> Bool {
        if snapshot.tree == expected { return true }
        let difference = try await scene.repository.git(
            "diff", "--raw", expected.rawValue, snapshot.tree.rawValue,
            environment: [
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": "\(scene.worktree.privateGitDirectory)/objects"
            ])
        Issue.record("\(place): git -> ours\n\(difference)")
        return false
    }
}
