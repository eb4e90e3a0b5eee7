import CLinux
import Glibc

/// Holds the exclusive lock of a file until it is closed or its process ends, however that ends.
package final class FileLock: Sendable {
    package let path: String
    private let descriptor: Descriptor

    private init(path: String, descriptor: Descriptor) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Takes the lock, making the file where needed; nil when another holds it.
    package static func tryAcquire(path: String) throws(SystemError) -> FileLock? {
        let descriptor = try Descriptor.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        let code = try descriptor.withRawValue("flock") { CLinux_flock_exclusive($0) }
        if code == -EWOULDBLOCK { return nil }
        try checked("flock", path, code)
        return FileLock(path: path, descriptor: descriptor)
    }

    /// Gives the lock back. The file stays: removing it would let two processes hold "the" lock.
    package func close() { descriptor.close() }
}
