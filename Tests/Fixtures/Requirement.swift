import Linux

/// What a test needs of the machine, with the reason that is shown when it is skipped:
///
///     @Test("…", .enabled(if: Requirement.isRoot, Requirement.rootReason))
package enum Requirement {
    package static var isRoot: Bool { SystemIdentity.isRoot }
    package static let rootReason = "needs root: it mounts, or takes another identity"

    package static var isUnprivileged: Bool { !SystemIdentity.isRoot }
    package static let unprivilegedReason = "needs an ordinary user: root may do what is refused here"

    /// Whether a program is installed where tests look for programs.
    package static func has(_ program: String) -> Bool {
        ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"].contains {
            Files.isExecutable("\($0)/\(program)")
        }
    }
    package static func programReason(_ program: String) -> String { "needs the program \(program)" }
}
