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

    /// Takes the lock, blocking while others hold it, in no order among those who wait; throws EWOULDBLOCK
    /// when they hold it for longer than that.
    package static func acquire(path: String, patience: Duration) throws(SystemError) -> FileLock {
        let end = ContinuousClock.now.advanced(by: patience)
        while true {
            if let lock = try tryAcquire(path: path) { return lock }
            guard ContinuousClock.now < end else {
                throw SystemError(code: EWOULDBLOCK, call: "flock", subject: path)
            }
            usleep(pauseMicroseconds)
        }
    }
    private static let pauseMicroseconds: UInt32 = 1000

    /// Gives the lock back. The file stays: removing it would let two processes hold "the" lock.
    package func close() { descriptor.close() }
}
