package import Vocabulary

/// The named limits of one sandbox: those a person may state, and those that are always the same.
package struct SandboxLimits: Hashable, Sendable, Codable {
    package var resources: ResourceLimits
    /// No core dumps: they would be written by the kernel, past every mount.
    package var coreBytesMax: UInt64
    package var openFilesMax: UInt64
    package var fileBytesMax: UInt64
    /// `/tmp`, in memory.
    package var temporaryBytesMax: UInt64
    /// `/dev/shm`, in memory.
    package var sharedMemoryBytesMax: UInt64
    /// Files in each of these two: one that is empty takes about 1 KiB of the kernel's memory.
    package var temporaryFilesMax: UInt64

    // There is no limit on address space: JavaScript engines reserve tens of gigabytes and use little of it.
    package init(
        resources: ResourceLimits = .standard, coreBytesMax: UInt64 = 0, openFilesMax: UInt64 = 4096,
        fileBytesMax: UInt64 = 8 << 30, temporaryBytesMax: UInt64 = 256 << 20,
        sharedMemoryBytesMax: UInt64 = 64 << 20, temporaryFilesMax: UInt64 = 100_000
    ) {
        self.resources = resources
        self.coreBytesMax = coreBytesMax
        self.openFilesMax = openFilesMax
        self.fileBytesMax = fileBytesMax
        self.temporaryBytesMax = temporaryBytesMax
        self.sharedMemoryBytesMax = sharedMemoryBytesMax
        self.temporaryFilesMax = temporaryFilesMax
    }
}
