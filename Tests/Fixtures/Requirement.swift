import Linux

/// What a test needs of the machine, with the reason that is shown when it is skipped:
///
///     @Test("…", .enabled(if: Requirement.isRoot, Requirement.rootReason))
package enum Requirement {
    package static var isRoot: Bool { SystemIdentity.isRoot }
    package static let rootReason = "needs root: it mounts, or takes another identity"

    /// Whether a program is installed where tests look for programs.
    package static func has(_ program: String) -> Bool {
        ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"].contains {
            Files.isExecutable("\($0)/\(program)")
        }
    }
}
