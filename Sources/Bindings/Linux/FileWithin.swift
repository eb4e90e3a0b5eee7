import CLinux
import Glibc

/// A file as a process with another root folder would find it.
package struct FileWithin: Hashable, Sendable {
    package let mode: UInt32

    /// Follows every link inside that root and never out of it (openat2(2), RESOLVE_IN_ROOT).
    package static func find(_ path: [UInt8], root: Descriptor) throws(SystemError) -> FileWithin {
        let terminated = path.map { CChar(bitPattern: $0) } + [0]
        let code = try root.withRawValue("openat2") { CLinux_mode_within($0, terminated) }
        guard code >= 0 else {
            throw SystemError(code: -code, call: "openat2", subject: String(decoding: path, as: UTF8.self))
        }
        return FileWithin(mode: UInt32(code))
    }

    /// The file that a link of `/proc` leads to, whatever that link is called.
    package static func behind(_ link: String) throws(SystemError) -> FileWithin {
        var status = stat()
        try retrying("stat", link) { stat(link, &status) }
        return FileWithin(mode: status.st_mode)
    }

    /// A regular file that somebody may execute.
    package var isExecutableFile: Bool { mode & S_IFMT == S_IFREG && mode & 0o111 != 0 }
}
