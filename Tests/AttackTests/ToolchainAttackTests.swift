import Fixtures
import Glibc
import Linux
import Sandbox
import SandboxScene
import Testing

/// A toolchain that lies below a closed folder, as in somebody's home: shown, and nothing beside it.
@Suite("An agent with a toolchain from a closed home", bwrapIsHere)
struct ToolchainAttackTests {
    /// A home that only its owner may enter, with a toolchain and a secret in it.
    private struct Home {
        let scene: SandboxScene
        var path: String { scene.folder.path("closed") }
        var tools: String { path + "/sdk/1.0" }
        var secret: String { path + "/secret" }

        init(_ mode: SandboxScene.Mode) throws {
            scene = try SandboxScene(mode)
            try scene.folder.write("closed/sdk/1.0/bin/hello", "#!/bin/sh\ncat \"$0\".txt\n", mode: 0o755)
            try scene.folder.write("closed/sdk/1.0/bin/hello.txt", "hello\n")
            try scene.folder.write("closed/sdk/0.9/bin/hello", "#!/bin/sh\necho old\n", mode: 0o755)
            try scene.folder.write("closed/secret", SandboxScene.secretText + "\n")
            try scene.folder.write("closed/sdk/1.0/.npmrc", SandboxScene.secretText + "\n")
            try Files.makeLink(at: tools + "/linked", to: secret)
            try Files.makeLink(at: tools + "/beside", to: "../../secret")
            try Files.makeLink(at: tools + "/above", to: path)
            // An ordinary user's home is his own, and a root server's is closed to every session.
            if mode == .ordinaryUser { try scene.own(path) }
            try Files.changeMode(path, 0o700)
        }

        /// What a script printed inside, as the product starts it for this mode.
        func said(_ script: String) async throws -> String {
            var profile = scene.profile(["sh", "-c", script])
            profile.readOnlyPaths = [tools]
            profile.environment = Toolchains.environment(for: [tools])
            let output =
                scene.mode == .sessionUID
                ? try await launcher.run(profile, timeout: SandboxScene.patience)
                : try await scene.run(profile)
            #expect(output.isSuccess, "\(output.stderrText)")
            return output.stdoutText
        }

        /// A root server's, with its mirror.
        private var launcher: SandboxLauncher {
            SandboxLauncher(
                tools: scene.launcher.tools,
                mirror: ProgramMirror(stateDirectory: scene.folder.path("state")))
        }
    }

    @Test("runs it by its name, at its own path", arguments: SandboxScene.Mode.available)
    func runs(mode: SandboxScene.Mode) async throws {
        let home = try Home(mode)
        #expect(try await home.said("hello; command -v hello") == "hello\n\(home.tools)/bin/hello\n")
    }

    @Test(
        "cannot read its neighbours, nor what links in it lead to, and reads the toolchain",
        arguments: SandboxScene.Mode.available)
    func neighbours(mode: SandboxScene.Mode) async throws {
        let home = try Home(mode)
        let seen = try await home.said(
            """
            ls \(home.path) \(home.path)/sdk
            for file in \(home.secret) \(home.path)/sdk/0.9/bin/hello \(home.tools)/linked \
            \(home.tools)/beside \(home.tools)/above/secret \(home.tools)/../../secret; do
                cat $file 2>/dev/null && echo "read $file"
            done
            cat \(home.tools)/bin/hello.txt
            """)
        #expect(seen == "\(home.path):\nsdk\n\n\(home.path)/sdk:\n1.0\nhello\n")
    }

    @Test("cannot write it, in its place or in the server's copy", arguments: SandboxScene.Mode.available)
    func writing(mode: SandboxScene.Mode) async throws {
        let home = try Home(mode)
        let tool = home.tools + "/bin/hello.txt"
        let seen = try await home.said(
            """
            (echo x > \(tool)) 2>/dev/null && echo wrote; rm -f \(tool) 2>/dev/null && echo removed
            chmod 777 \(tool) 2>/dev/null && echo changed; mv \(home.tools) \(home.path)/x 2>/dev/null && \
            echo moved
            touch \(home.tools)/new 2>/dev/null && echo added
            ls -d \(home.scene.folder.path("state")) 2>/dev/null && echo found
            hello; touch own && echo works
            """)
        #expect(seen == "hello\nworks\n")
        #expect(try Files.readText(tool, bytesMax: 100) == "hello\n")
    }

    @Test(
        "finds no credentials in the copy that a root server makes of it",
        .enabled(if: Requirement.isRoot, "needs root: only its server makes copies"))
    func credentials() async throws {
        let home = try Home(.sessionUID)
        #expect(
            try await home.said("cat \(home.tools)/.npmrc 2>&1 | tail -c 10; hello") == "directory\nhello\n")
    }

    @Test(
        "is refused where a root server has no copy to show",
        .enabled(if: Requirement.isRoot, "needs root: whoever owns a home may enter it"))
    func withoutMirror() async throws {
        let home = try Home(.sessionUID)
        var profile = home.scene.profile(["true"])
        profile.readOnlyPaths = [home.tools]
        await #expect(
            throws: SandboxError.pathNotTraversable(
                path: home.tools, blockedAt: home.path, uid: home.scene.uid)
        ) { _ = try await home.scene.run(profile) }
    }
}
