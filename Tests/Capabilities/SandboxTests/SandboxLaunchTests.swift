import ChildProcess
import Fixtures
import Linux
import Sandbox
import SandboxScene
import Testing

@Suite("A sandbox", .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"))
struct SandboxLaunchTests {
    @Test("ends with the command's own exit code", arguments: [0, 1, 3, 126, 255])
    func exitCode(code: Int32) async throws {
        for mode in SandboxScene.Mode.available {
            let output = try await SandboxScene(mode).run("sh", "-c", "exit \(code)")
            #expect(output.termination == .exited(code), "\(mode): \(output.stderrText)")
        }
    }

    @Test("says with 128 + n that a signal ended the command", arguments: SandboxScene.Mode.available)
    func signalled(mode: SandboxScene.Mode) async throws {
        let output = try await SandboxScene(mode).run("sh", "-c", "kill -USR1 $$")
        #expect(output.termination == .exited(128 + 10))
    }
}
