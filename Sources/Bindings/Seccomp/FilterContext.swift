import CLinux
import CSeccomp
import Glibc

/// Owns one libseccomp filter while it is being built.
struct FilterContext: ~Copyable {
    private let handle: scmp_filter_ctx

    init() throws(SeccompError) {
        guard let handle = seccomp_init(Action.allow) else {
            throw .failed(step: "seccomp_init", errno: ENOMEM)
        }
        self.handle = handle
    }

    deinit { seccomp_release(handle) }

    func killForeignABIs() throws(SeccompError) { try setForeignABIs(Action.killProcess) }
    func allowForeignABIs() throws(SeccompError) { try setForeignABIs(Action.allow) }

    private func setForeignABIs(_ action: UInt32) throws(SeccompError) {
        let code = seccomp_attr_set(handle, SCMP_FLTATR_ACT_BADARCH, action)
        guard code == 0 else { throw .failed(step: "the action for foreign ABIs", errno: -code) }
    }

    func add(_ rule: SeccompRule) throws(SeccompError) {
        let number = seccomp_syscall_resolve_name(rule.systemCall)
        if number == __NR_SCMP_ERROR { throw .unknownSystemCall(rule.systemCall) }
        // A name that only other architectures have: it cannot be called here but through a foreign ABI.
        guard number >= 0 else { return }
        let action =
            switch rule.action {
            case .fail(let code): Action.fail(errno: code)
            }
        let comparisons = rule.arguments.map(\.comparisonForLibrary)
        let code = comparisons.withUnsafeBufferPointer {
            seccomp_rule_add_exact_array(handle, action, number, UInt32($0.count), $0.baseAddress)
        }
        guard code == 0 else { throw .refusedRule(systemCall: rule.systemCall, errno: -code) }
    }

    /// The finished program. libseccomp 2.5 writes it to descriptors only.
    func export() throws(SeccompError) -> [UInt8] {
        let file = CLinux_memory_file("seccomp")
        guard file >= 0 else { throw .failed(step: "memfd_create", errno: -file) }
        defer { close(file) }
        let code = seccomp_export_bpf(handle, file)
        guard code == 0 else { throw .failed(step: "seccomp_export_bpf", errno: -code) }
        let length = Int(lseek(file, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: max(0, length))
        let count = pread(file, &bytes, bytes.count, 0)
        guard count == bytes.count, count > 0 else {
            throw .failed(step: "reading the filter back", errno: EIO)
        }
        return bytes
    }
}

/// The library's action codes; the macros that make them are not imported.
private enum Action {
    static let allow: UInt32 = 0x7fff_0000
    static let killProcess: UInt32 = 0x8000_0000
    static func fail(errno code: Int32) -> UInt32 { 0x0005_0000 | (UInt32(bitPattern: code) & 0xffff) }
}

extension SeccompArgument {
    fileprivate var comparisonForLibrary: scmp_arg_cmp {
        switch comparison {
        case .equal(let value): scmp_arg_cmp(arg: index, op: SCMP_CMP_EQ, datum_a: value, datum_b: 0)
        case .notEqual(let value): scmp_arg_cmp(arg: index, op: SCMP_CMP_NE, datum_a: value, datum_b: 0)
        case .above(let value): scmp_arg_cmp(arg: index, op: SCMP_CMP_GT, datum_a: value, datum_b: 0)
        case .masked(let mask, let value):
            scmp_arg_cmp(arg: index, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value)
        }
    }
}
