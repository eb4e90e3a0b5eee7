import Glibc

/// Files that have no name any more and take up room because a process holds them open.
package enum DeletedFiles {
    package struct Found: Hashable, Sendable {
        package var device: UInt64
        package var inode: UInt64
        package var bytes: Int64
    }

    /// Those that a process holds by a descriptor, on these devices. What is only mapped into its memory is
    /// not seen.
    package static func held(by pid: Int32, on devices: Set<UInt64>) throws(SystemError) -> [Found] {
        let folder = "/proc/\(pid)/fd"
        let names: [String]
        do throws(SystemError) {
            names = try Files.list(folder)
        } catch {
            // It has ended, or is on its way out and has let go of everything.
            if error.isNotFound || error.code == ESRCH || error.code == EACCES { return [] }
            throw error
        }
        return names.compactMap { name in
            var status = stat()
            // Follows the descriptor to what it has open; one that is closed by now is none.
            guard stat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                status.st_nlink == 0, devices.contains(UInt64(status.st_dev))
            else { return nil }
            return Found(
                device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
                bytes: Int64(status.st_blocks) * 512)
        }
    }

    /// The device that a path lies on; nil: nothing is there.
    package static func device(of path: String) -> UInt64? {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt64(status.st_dev) : nil
    }
}
