import CSeccomp
import Glibc

/// Turns a program into the classic BPF that `bwrap --seccomp` and `seccomp(2)` load.
package enum SeccompCompiler {
    /// The filter's bytes: an array of `struct sock_filter`.
    package static func compile(_ program: SeccompProgram) throws(SeccompError) -> [UInt8] {
        let context = try FilterContext()
        if program.killsForeignABIs {
            // The library keeps only the native ABI in the filter; every other one is a "bad architecture".
            try context.killForeignABIs()
        } else {
            try context.allowForeignABIs()
        }
        for rule in program.rules { try context.add(rule) }
        return numberBound(program.firstUnknownNumber) + (try context.export())
    }

    /// The number of a call on this machine; nil when this architecture has no such call.
    package static func number(of systemCall: String) throws(SeccompError) -> Int? {
        let number = seccomp_syscall_resolve_name(systemCall)
        if number == __NR_SCMP_ERROR { throw .unknownSystemCall(systemCall) }
        return number >= 0 ? Int(number) : nil
    }

    /// Six instructions before the library's own. It cannot say "every number from here on", as it knows
    /// calls by name. Foreign ABIs fall through to the library's program, which kills them; so do x32's
    /// numbers, which start at bit 30.
    private static func numberBound(_ first: UInt32) -> [UInt8] {
        let numberOffset: UInt32 = 0
        let architectureOffset: UInt32 = 4
        let x32Bit: UInt32 = 0x4000_0000
        let failWithENOSYS = 0x0005_0000 | UInt32(ENOSYS)
        return [
            Instruction(code: .load, k: architectureOffset),
            Instruction(code: .jumpIfEqual, onFalse: 4, k: seccomp_arch_native()),
            Instruction(code: .load, k: numberOffset),
            Instruction(code: .jumpIfNotBelow, onTrue: 2, k: x32Bit),
            Instruction(code: .jumpIfNotBelow, onFalse: 1, k: first),
            Instruction(code: .answer, k: failWithENOSYS),
        ].flatMap(\.bytes)
    }
}

/// One `struct sock_filter`. The kernel's macros for the codes are not imported.
private struct Instruction {
    enum Code: UInt16 {
        case load = 0x20  // BPF_LD | BPF_W | BPF_ABS
        case jumpIfEqual = 0x15  // BPF_JMP | BPF_JEQ | BPF_K
        case jumpIfNotBelow = 0x35  // BPF_JMP | BPF_JGE | BPF_K
        case answer = 0x06  // BPF_RET | BPF_K
    }
    var code: Code
    var onTrue: UInt8 = 0
    var onFalse: UInt8 = 0
    var k: UInt32
    var bytes: [UInt8] {
        withUnsafeBytes(of: code.rawValue) { Array($0) } + [onTrue, onFalse]
            + withUnsafeBytes(of: k) { Array($0) }
    }
}
