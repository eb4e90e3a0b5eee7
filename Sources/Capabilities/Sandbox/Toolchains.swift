internal import Linux

/// Compilers and tools outside `/usr` that a person lets sandboxes read.
package enum Toolchains {
    /// The variables a sandbox with these toolchains needs: their program folders, before the system's own,
    /// on the search path. None for no toolchains.
    package static func environment(for toolchains: [String]) -> [String: String] {
        let folders = toolchains.flatMap { [$0 + "/bin", $0 + "/usr/bin"] }.filter(Files.isDirectory)
        guard !folders.isEmpty else { return [:] }
        return ["PATH": (folders + [SandboxEnvironment.searchPath]).joined(separator: ":")]
    }
}
