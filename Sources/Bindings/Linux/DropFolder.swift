import Glibc

/// A folder in a place that a stranger may change, into which files are put.
///
/// Every step is taken from the open folder: no link is followed, no file is written over, and what the
/// stranger puts in the folder's place meanwhile gets nothing.
package struct DropFolder: ~Copyable {
    private static let chunkBytes = 64 << 10
    private let folder: DirectoryHandle
    private let owner: UInt32?

    /// Opens the folder of this name, or makes it.
    ///
    /// - Parameter owner: whose the folder and the files become, group included; nil: this process's.
    package init(named name: String, in parent: String, owner: UInt32?) throws(SystemError) {
        let parent = try DirectoryHandle(path: parent)
        let entry = EntryName(bytes: Array(name.utf8CString))
        let wasMade = try Self.make(entry, in: parent)
        let opened = try DirectoryHandle(in: parent, entry, isMending: false)
        if wasMade, let owner {
            let (number, path) = (opened.number, opened.path)
            try retrying("chown", path) { fchown(number, owner, owner) }
        }
        folder = opened
        self.owner = owner
    }

    /// False when something of that name is there.
    private static func make(_ entry: EntryName, in parent: borrowing DirectoryHandle) throws(SystemError)
        -> Bool
    {
        if mkdirat(parent.number, entry.bytes, 0o700) == 0 { return true }
        if errno == EEXIST { return false }
        throw SystemError(call: "mkdir", subject: "\(parent.path)/\(entry.text)")
    }

    /// Copies a file in under this name, and says how long it is; nil when something of that name is there.
    ///
    /// `EFBIG` when it is longer than allowed, `EINVAL` when it is no file. A copy that fails leaves nothing.
    package func put(_ source: Descriptor, as name: String, bytesMax: Int) throws(SystemError) -> Int? {
        let path = "\(folder.path)/\(name)"
        return try source.withRawValue("read") { input throws(SystemError) in
            var status = stat()
            try retrying("fstat", name) { fstat(input, &status) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw SystemError(code: EINVAL, call: "read", subject: name)
            }
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
            let output = openat(folder.number, name, flags, 0o600)
            if output < 0, errno == EEXIST { return nil }
            guard output >= 0 else { throw SystemError(call: "open", subject: path) }
            defer { close(output) }
            do throws(SystemError) {
                let count = try Self.copy(input, to: output, path, bytesMax: bytesMax)
                if let owner { try retrying("chown", path) { fchown(output, owner, owner) } }
                return count
            } catch {
                remove(name)
                throw error
            }
        }
    }

    /// Removes a file again; one that is gone is no matter.
    package func remove(_ name: String) { unlinkat(folder.number, name, 0) }

    private static func copy(_ input: Int32, to output: Int32, _ path: String, bytesMax: Int)
        throws(SystemError) -> Int
    {
        var buffer = [UInt8](repeating: 0, count: chunkBytes)
        var total = 0
        while true {
            let got = try retrying("pread", path) { pread(input, &buffer, buffer.count, off_t(total)) }
            if got == 0 { return total }
            total += got
            if total > bytesMax { throw SystemError(code: EFBIG, call: "read", subject: path) }
            var start = 0
            while start < got {
                start += try retrying("write", path) {
                    buffer.withUnsafeBytes {
                        Glibc.write(output, $0.baseAddress?.advanced(by: start), got - start)
                    }
                }
            }
        }
    }
}
