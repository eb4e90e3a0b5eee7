import Glibc

/// What the kernel says about the memory of a process.
package enum ProcessMemory {
    /// The bytes of physical memory a process holds now (`VmRSS`).
    package static func residentBytes(pid: Int32 = getpid()) throws(SystemError) -> UInt64 {
        let path = "/proc/\(pid)/status"
        let text = try Files.readText(path, bytesMax: 64 << 10)
        for line in text.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            let digits = line.drop { !$0.isNumber }.prefix { $0.isNumber }
            if let kibibytes = UInt64(digits) { return kibibytes * 1024 }
        }
        // A zombie and a kernel thread have none.
        return 0
    }
}
