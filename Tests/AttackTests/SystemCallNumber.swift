import SandboxScene
import Seccomp

/// The number of a call that this architecture has, for scripts that make it without libc.
func number(_ systemCall: String) throws -> Int {
    guard let number = try SeccompCompiler.number(of: systemCall) else {
        throw SceneFailure("\(systemCall) does not exist on this architecture")
    }
    return number
}
