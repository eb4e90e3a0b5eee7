import Fixtures
import Linux
import Sandbox
import Testing

@testable import Provisioning

@Suite("A command of a set-up", .timeLimit(.minutes(10))) struct SetupCommandTests {
    @Test("that goes on for longer than its limit is ended, with all that it started")
    func limit() async throws {
        #expect(SetupCommand.minutesMax == 30)
        let scene = try await SetupScene()
        let tree = try await scene.tree("one")
        let home = scene.folder.path("home")
        try Files.makeDirectory(home, mode: 0o755)
        if let uid = tree.uid { try Files.changeOwner(tree: home, uid: uid, gid: uid) }
        let tools = try SandboxTools.locate(beside: Files.parent(of: try builtProduct(named: "sandbox-init")))
        let profile = SandboxProfile(
            kind: .setup, worktree: tree.path, home: home,
            command: ["sh", "-c", "(trap '' TERM; sleep 1000000) & trap '' TERM; sleep 1000000"],
            uid: tree.uid)
        let state = scene.folder.path("state")
        let command = SetupCommand(
            launcher: SandboxLauncher(
                tools: tools, mirror: SystemIdentity.isRoot ? ProgramMirror(stateDirectory: state) : nil),
            profile: profile, line: "make", report: { _ in }, limit: .milliseconds(50))
        await #expect(
            throws: SetupError.commandTookTooLong(command: "make", minutes: 30, lastLines: [])
        ) { try await command.run() }
        // The last process of the sandbox is gone, so nothing writes to the tree any more.
        let inside = try Files.list("/proc").filter { name in
            guard Int32(name) != nil else { return false }
            // Gone by now, or not ours to look at and so not from here.
            let mounts = (try? Files.readText("/proc/\(name)/mountinfo", bytesMax: 1 << 20)) ?? ""
            return mounts.contains(tree.path)
        }
        #expect(inside == [])
    }
}
