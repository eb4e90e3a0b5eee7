import Glibc

/// What the kernel says about the memory of a process.
package enum ProcessMemory {
    /// The bytes of physical memory a process holds now (`VmRSS`).
    package static func residentBytes(pid: Int32 = getpid()) throws(SystemError) -> UInt64 {
        try sum(of: ["VmRSS:"], in: "/proc/\(pid)/status")
    }

    /// What it holds that is in no file, with all it shares with its parent; nil: it is gone.
    package static func unfiledBytes(of pid: Int32) throws(SystemError) -> UInt64? {
        try unlessGone { () throws(SystemError) in
            try sum(of: ["RssAnon:", "RssShmem:"], in: "/proc/\(pid)/status")
        }
    }

    /// The same with what is shared by several counted in parts, which takes the kernel longer to tell; nil:
    /// it is gone.
    package static func unfiledPart(of pid: Int32) throws(SystemError) -> UInt64? {
        try unlessGone { () throws(SystemError) in
            try sum(of: ["Pss_Anon:", "Pss_Shmem:"], in: "/proc/\(pid)/smaps_rollup")
        }
    }

    private static func unlessGone(_ body: () throws(SystemError) -> UInt64) throws(SystemError) -> UInt64? {
        do throws(SystemError) {
            return try body()
        } catch {
            if error.isNotFound || error.code == ESRCH { return nil }
            throw error
        }
    }

    private static func sum(of names: [String], in path: String) throws(SystemError) -> UInt64 {
        var bytes: UInt64 = 0
        for line in try Files.readText(path, bytesMax: 64 << 10).split(separator: "\n") {
            guard names.contains(where: line.hasPrefix) else { continue }
            let digits = line.drop { !$0.isNumber }.prefix { $0.isNumber }
            bytes += (UInt64(digits) ?? 0) * 1024
        }
        // A zombie and a kernel thread have none.
        return bytes
    }

    /// Unmaps the program text that only the start needed; what is run again is mapped again from the page
    /// cache.
    ///
    /// The kernel maps sixteen pages around each that a start touches and takes none back without pressure,
    /// so a process that then waits for hours would look twice its size. Only executable mappings of files
    /// are given back: they cannot have been written to (madvise(2), MADV_DONTNEED: "subsequent accesses …
    /// will succeed, but will result in … repopulating the memory contents from the up-to-date contents of
    /// the underlying mapped file").
    package static func giveBackProgramText() throws(SystemError) {
        for line in try Files.readText("/proc/self/maps", bytesMax: 4 << 20).split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
            let bounds = fields[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
            guard bounds.count == 2, let start = UnsafeMutableRawPointer(bitPattern: bounds[0]) else {
                continue
            }
            guard madvise(start, Int(bounds[1] - bounds[0]), MADV_DONTNEED) == 0 else {
                throw SystemError(call: "madvise", subject: String(fields[5]))
            }
        }
    }
}
