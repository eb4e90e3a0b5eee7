package import Glibc

/// Plain file calls, each of which names its path when it fails.
///
/// They block for as long as the disk takes: short files from anywhere, trees from a dedicated thread.
package enum Files {
    /// What is at the path itself; a symbolic link is not followed.
    package static func status(of path: String) throws(SystemError) -> stat {
        var status = stat()
        try retrying("lstat", path) { lstat(path, &status) }
        return status
    }

    /// Whether anything is at the path, be it a dangling link. A path that cannot be looked at counts as
    /// absent.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Whether a directory is at the path, or at what a link there points to.
    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    package static func isExecutable(_ path: String) -> Bool {
        access(path, X_OK) == 0 && !isDirectory(path)
    }

    /// Reads a whole file; `EFBIG` when it is longer than allowed.
    package static func read(_ path: String, bytesMax: Int) throws(SystemError) -> [UInt8] {
        let descriptor = try Descriptor.open(path, flags: O_RDONLY)
        var bytes: [UInt8] = []
        while true {
            let chunk = try descriptor.withRawValue("read") { number throws(SystemError) in
                try readChunk(number, path, min(64 << 10, bytesMax + 1 - bytes.count))
            }
            if chunk.isEmpty { return bytes }
            bytes += chunk
            if bytes.count > bytesMax { throw SystemError(code: EFBIG, call: "read", subject: path) }
        }
    }

    /// Reads a whole file as text; bytes that are no UTF-8 become U+FFFD.
    package static func readText(_ path: String, bytesMax: Int) throws(SystemError) -> String {
        String(decoding: try read(path, bytesMax: bytesMax), as: UTF8.self)
    }

    /// The names in a directory, sorted by their bytes, without `.` and `..`.
    package static func list(_ path: String) throws(SystemError) -> [String] {
        try DirectoryHandle(path: path).names().map(\.text).sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
    }

    /// What a symbolic link points to, unresolved.
    package static func linkTarget(_ path: String) throws(SystemError) -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = try retrying("readlink", path) {
            buffer.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return -1 }
                return readlink(path, start.assumingMemoryBound(to: CChar.self), bytes.count)
            }
        }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// The absolute path without links, `.` and `..`; everything on it must exist.
    package static func realPath(_ path: String) throws(SystemError) -> String {
        guard let resolved = realpath(path, nil) else { throw SystemError(call: "realpath", subject: path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func readChunk(_ number: Int32, _ path: String, _ count: Int) throws(SystemError)
        -> [UInt8]
    {
        var bytes = [UInt8](repeating: 0, count: max(count, 1))
        let got = try retrying("read", path) { Glibc.read(number, &bytes, bytes.count) }
        return Array(bytes[..<got])
    }
}
