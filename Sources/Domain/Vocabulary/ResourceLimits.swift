/// What one sandbox may use of the machine, all its processes together.
package struct ResourceLimits: Hashable, Sendable, Codable {
    package static let standard = ResourceLimits()

    package var memoryBytesMax: UInt64
    /// Processes and threads.
    package var processesMax: UInt64
    /// The most processors at once, in thousandths; nil: all, but less of each than whoever else wants it.
    package var milliCPUsMax: UInt64?
    /// What the folders it writes to may grow by.
    package var diskBytesMax: UInt64
    /// How many files and folders they may grow by.
    package var filesMax: UInt64
    /// Refuse to start where the kernel cannot keep these limits by control groups.
    package var requiresGroups: Bool

    package init(
        memoryBytesMax: UInt64 = 4 << 30, processesMax: UInt64 = 512, milliCPUsMax: UInt64? = nil,
        diskBytesMax: UInt64 = 20 << 30, filesMax: UInt64 = 2_000_000, requiresGroups: Bool = false
    ) {
        self.memoryBytesMax = memoryBytesMax
        self.processesMax = processesMax
        self.milliCPUsMax = milliCPUsMax
        self.diskBytesMax = diskBytesMax
        self.filesMax = filesMax
        self.requiresGroups = requiresGroups
    }
}

/// How the limits of a sandbox are kept.
package enum LimitMeans: String, Hashable, Sendable, Codable, CaseIterable {
    /// By the kernel, at once: control groups of either version.
    case cgroup2, cgroup1
    /// By looking once a second: a sandbox that uses too much is ended a little later.
    case watchdog

    /// What follows "kept by".
    package var words: String {
        switch self {
        case .cgroup2: "control groups (version 2)"
        case .cgroup1: "control groups (version 1)"
        case .watchdog: "a watchdog that looks once a second"
        }
    }
}

/// What the user lets every sandbox of a run read and use.
package struct SandboxAllowance: Hashable, Sendable {
    /// Host paths of compilers and the like, shown read-only.
    package var toolchains: [String]
    package var resources: ResourceLimits
    package init(toolchains: [String] = [], resources: ResourceLimits = .standard) {
        self.toolchains = toolchains
        self.resources = resources
    }
}
