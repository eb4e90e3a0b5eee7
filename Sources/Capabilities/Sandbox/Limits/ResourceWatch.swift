import ChildProcess
import Glibc
import Linux
import Synchronization
import Vocabulary

/// Looks once a second at what no limit of the kernel counts for a sandbox, and ends one that uses too much:
/// the disk, files in `/tmp`, and where there are no control groups the memory.
///
/// What is used between two looks is beyond the limit; it is bounded by how fast the machine is.
final class ResourceWatch: Sendable {
    static let interval: Duration = .seconds(1)

    private let child: RunningChild
    private let limits: SandboxLimits
    /// Folders of the host that the sandbox writes to.
    private let folders: [String]
    /// The kernel does not.
    private let countsMemory: Bool
    private let meter: Mutex<DiskMeter>
    private let found = Mutex<ResourceExcess?>(nil)
    private let start = SuspendingClock.now

    init(_ child: RunningChild, limits: SandboxLimits, folders: [String], countsMemory: Bool) {
        self.child = child
        self.limits = limits
        self.folders = folders
        self.countsMemory = countsMemory
        meter = Mutex(
            DiskMeter(bytesMax: limits.resources.diskBytesMax, filesMax: limits.resources.filesMax))
    }

    /// What it was ended for; nil: for nothing of this.
    var excess: ResourceExcess? { found.withLock { $0 } }

    /// Looks until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            if let excess = await runBlocking({ self.look() }) {
                found.withLock { $0 = $0 ?? excess }
                child.signal(SandboxLauncher.killSignal)
                return
            }
            do {
                try await ContinuousClock().sleep(for: Self.interval)
            } catch { return }  // The sandbox has ended.
        }
    }

    func look() -> ResourceExcess? {
        do throws(SystemError) {
            if let excess = try lookAtMemory() { return excess }
            if let excess = try lookAtTemporaryFiles() { return excess }
            return try lookAtDisk()
        } catch {
            return .unmeasurable(reason: "\(error)")
        }
    }

    private func lookAtMemory() throws(SystemError) -> ResourceExcess? {
        guard countsMemory else { return nil }
        var bytes: UInt64 = 0
        let processes = try ProcessTree.descendants(of: child.pid).map(\.pid)
        for pid in processes { bytes += try ProcessMemory.unfiledBytes(of: pid) ?? 0 }
        guard bytes > limits.resources.memoryBytesMax else { return nil }
        // What parents share with their children was counted for each of them. The exact count takes long.
        bytes = 0
        for pid in processes { bytes += try ProcessMemory.unfiledPart(of: pid) ?? 0 }
        return bytes > limits.resources.memoryBytesMax
            ? .memory(bytesMax: limits.resources.memoryBytesMax) : nil
    }

    private func lookAtTemporaryFiles() throws(SystemError) -> ResourceExcess? {
        // The launcher's child is bwrap, and bwrap's is process 1 inside.
        guard let bwrap = try ProcessTree.children(of: child.pid).first,
            let inside = try ProcessTree.children(of: bwrap).first
        else { return nil }
        for (folder, bytes) in SandboxPlan.memoryFolders(limits) {
            // While the sandbox is made, another file system may still be at the path; when it ends, none is.
            guard let room = try FileSystemRoom.of("/proc/\(inside)/root\(folder)"),
                room.bytes >= bytes, room.bytes < bytes + room.blockBytes
            else { continue }
            if room.filesUsed > limits.temporaryFilesMax {
                return .temporaryFiles(folder: folder, max: limits.temporaryFilesMax)
            }
        }
        return nil
    }

    private func lookAtDisk() throws(SystemError) -> ResourceExcess? {
        // Each file system counts once: the folders have grown by what all of them have shrunk by, at most.
        var room = DiskMeter.Room(bytes: 0, files: 0)
        var seen: Set<UInt64> = []
        for folder in folders {
            guard let device = DeletedFiles.device(of: folder), let found = try FileSystemRoom.of(folder)
            else { continue }
            // The folders of one btrfs have devices of their own; its size is what they share.
            guard seen.insert(found.countsFiles ? device : found.bytes).inserted else { continue }
            // Some say that all the files there can be are free.
            room.bytes += min(found.bytesFree, .max - room.bytes)
            room.files =
                found.countsFiles ? room.files.map { $0 + min(found.filesFree, .max - $0) } : nil
        }
        let now = start.duration(to: .now)
        guard meter.withLock({ $0.needsWalk(room: room, at: now) }) else { return nil }
        let usage = try usage()
        return meter.withLock { $0.walked(usage, room: room, at: now) }
    }

    private func usage() throws(SystemError) -> DiskMeter.Usage {
        var usage = DiskMeter.Usage(bytes: 0, files: 0)
        for folder in folders {
            let found = Files.usage(of: folder)
            usage.bytes += UInt64(max(0, found.bytes))
            usage.files += UInt64(found.entries)
            if !found.isComplete { usage.isComplete = false }
        }
        let devices = Set(folders.compactMap(DeletedFiles.device(of:)))
        var deleted: Set<DeletedFiles.Found> = []
        for process in try ProcessTree.descendants(of: child.pid) {
            deleted.formUnion(try DeletedFiles.held(by: process.pid, on: devices))
        }
        usage.bytes += deleted.reduce(0) { $0 + UInt64(max(0, $1.bytes)) }
        usage.files += UInt64(deleted.count)
        return usage
    }
}
