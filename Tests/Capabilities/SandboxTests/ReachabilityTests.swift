import Fixtures
import Linux
import Sandbox
import SandboxScene
import Testing

@Suite("What cannot be shown is named", .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"))
struct ReachabilityTests {
    @Test("a path that does not exist, with what it was to be")
    func missing() async throws {
        let scene = try SandboxScene(SandboxScene.Mode.available[0])
        var profile = scene.profile(["true"])
        profile.readOnlyPaths = [scene.folder.path("nowhere")]
        let path = scene.folder.path("nowhere")
        let error = SandboxError.pathMissing(path: path, what: "read-only path")
        await #expect(throws: error) { try await scene.run(profile) }
        #expect(
            error.hint
                == "Make \(path), or take it out of `worktree: share:` or `toolchains:`, whichever names it.")
    }

    @Test(
        "a path below a folder that the session's uid may not enter, with that folder",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func closed() async throws {
        let scene = try SandboxScene(.sessionUID)
        try scene.folder.write("closed/tools/tool", "")
        try Files.changeMode(scene.folder.path("closed"), 0o700)
        var profile = scene.profile(["true"])
        profile.readOnlyPaths = [scene.folder.path("closed/tools")]
        let error = SandboxError.pathNotTraversable(
            path: scene.folder.path("closed/tools"), blockedAt: scene.folder.path("closed"), uid: scene.uid)
        await #expect(throws: error) { try await scene.run(profile) }
        #expect(
            error.hint
                == """
                Move it out of \(scene.folder.path("closed")) to a folder that others may enter, such as one \
                below /opt.
                """
        )
    }
}
