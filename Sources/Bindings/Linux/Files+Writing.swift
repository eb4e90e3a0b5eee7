import CLinux
import Glibc

extension Files {
    /// Replaces a file so that a reader, or a crash, sees the old content or the new and nothing between.
    ///
    /// 1. a new file beside it  2. fsync  3. rename  4. fsync of the directory, without which the name may be
    /// lost.
    ///
    /// - Parameter isDurable: whether 2 and 4 are done: what can be made anew after a power failure needs
    ///   neither.
    package static func writeAtomically(
        _ path: String, _ bytes: [UInt8], mode: UInt32 = 0o600, isDurable: Bool = true
    ) throws(SystemError) {
        let folder = parent(of: path)
        let draft = "\(path).\(RandomBytes.hex(count: 6)).new"
        let descriptor = try Descriptor.open(
            draft, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
        do throws(SystemError) {
            try writeAll(descriptor, bytes, path: draft)
            try descriptor.withRawValue("fsync") { number throws(SystemError) in
                try retrying("fchmod", draft) { fchmod(number, mode) }
                if isDurable { try retrying("fsync", draft) { fsync(number) } }
            }
            try retrying("rename", path) { rename(draft, path) }
        } catch {
            unlink(draft)
            throw error
        }
        if isDurable { try synchronizeDirectory(folder) }
    }

    package static func writeAtomically(
        _ path: String, text: String, mode: UInt32 = 0o600, isDurable: Bool = true
    ) throws(SystemError) {
        try writeAtomically(path, Array(text.utf8), mode: mode, isDurable: isDurable)
    }

    /// Makes an empty file; one that is there stays as it is.
    package static func create(_ path: String, mode: UInt32 = 0o600) throws(SystemError) {
        try Descriptor.open(path, flags: O_WRONLY | O_CREAT | O_NOFOLLOW, mode: mode).close()
    }

    /// Copies a file's contents to a new file, sharing the blocks where the file system can.
    package static func copy(_ source: String, to destination: String, mode: UInt32) throws(SystemError) {
        let reading = try Descriptor.open(source, flags: O_RDONLY)
        let writing = try Descriptor.open(destination, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        defer {
            reading.close()
            writing.close()
        }
        try reading.withRawValue("copy") { from throws(SystemError) in
            try writing.withRawValue("copy") { to throws(SystemError) in
                let code = CLinux_copy_contents(from, to)
                guard code >= 0 else { throw SystemError(code: -code, call: "copy", subject: destination) }
            }
        }
    }

    /// Makes a directory; one that is already there is fine, anything else at the path is not.
    package static func makeDirectory(
        _ path: String, mode: UInt32 = 0o700, withParents: Bool = true
    ) throws(SystemError) {
        if mkdir(path, mode) == 0 { return }
        let failure = SystemError(call: "mkdir", subject: path)
        switch failure.code {
        case EEXIST where isDirectory(path): return
        case ENOENT where withParents && parent(of: path) != path:
            try makeDirectory(parent(of: path), mode: mode)
            try makeDirectory(path, mode: mode, withParents: false)
        default: throw failure
        }
    }

    package static func changeMode(_ path: String, _ mode: UInt32) throws(SystemError) {
        try retrying("chmod", path) { chmod(path, mode) }
    }

    package static func makeLink(at path: String, to target: String) throws(SystemError) {
        try retrying("symlink", path) { symlink(target, path) }
    }

    package static func move(_ path: String, to destination: String) throws(SystemError) {
        try retrying("rename", destination) { rename(path, destination) }
    }

    /// Removes a file or link; that there is none is fine.
    package static func removeFile(_ path: String) throws(SystemError) {
        if unlink(path) == 0 || errno == ENOENT { return }
        throw SystemError(call: "unlink", subject: path)
    }

    /// Makes the names in a directory durable.
    package static func synchronizeDirectory(_ path: String) throws(SystemError) {
        let descriptor = try Descriptor.open(path, flags: O_RDONLY | O_DIRECTORY)
        try descriptor.withRawValue("fsync") { number throws(SystemError) in
            _ = try retrying("fsync", path) { fsync(number) }
        }
    }

    /// The folder a path lies in: "." for a bare name, "/" for the root.
    package static func parent(of path: String) -> String {
        var end = path.utf8.endIndex
        while end > path.utf8.startIndex, path.utf8[path.utf8.index(before: end)] == 0x2F {
            end = path.utf8.index(before: end)
        }
        let trimmed = path[..<end]
        guard let slash = trimmed.lastIndex(of: "/") else {
            return trimmed.isEmpty && !path.isEmpty ? "/" : "."
        }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    private static func writeAll(_ descriptor: Descriptor, _ bytes: [UInt8], path: String) throws(SystemError)
    {
        try descriptor.withRawValue("write") { number throws(SystemError) in
            var start = 0
            while start < bytes.count {
                start += try retrying("write", path) {
                    bytes[start...].withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
                }
            }
        }
    }
}
