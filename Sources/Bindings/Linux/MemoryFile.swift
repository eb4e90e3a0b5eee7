import CLinux
import Glibc

/// Makes files that live in memory only, have no name and go with their last descriptor.
package enum MemoryFile {
    /// A file holding these bytes, to be read from its beginning by whoever is given the descriptor.
    package static func holding(_ bytes: [UInt8], name: String) throws(SystemError) -> Descriptor {
        let number = CLinux_memory_file(name)
        guard number >= 0 else { throw SystemError(code: -number, call: "memfd_create", subject: name) }
        let descriptor = Descriptor(owning: number)
        var written = 0
        while written < bytes.count {
            // pwrite leaves the offset, which the reader shares, at the beginning.
            let count = bytes[written...].withUnsafeBytes {
                pwrite(number, $0.baseAddress, $0.count, off_t(written))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw SystemError(call: "write", subject: name) }
            written += count
        }
        return descriptor
    }
}
