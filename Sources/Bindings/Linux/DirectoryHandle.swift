import CLinux
import Glibc

/// A name in a directory as the kernel gives it: bytes, not text. A stranger may choose names that are no
/// UTF-8.
struct EntryName: Hashable {
    /// With the closing zero.
    let bytes: [CChar]
    var text: String { String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) }
}

/// An open directory, from which everything below is reached without ever following a link.
struct DirectoryHandle: ~Copyable {
    let number: Int32
    let path: String

    /// Opens a directory; a link is not followed. With `isMending`, one that its owner may not list, enter or
    /// change is first given those rights.
    init(path: String, isMending: Bool = false) throws(SystemError) {
        try self.init(at: AT_FDCWD, Array(path.utf8CString), path: path, isMending: isMending)
    }

    /// Opens the directory `name` in `parent`.
    init(in parent: borrowing DirectoryHandle, _ name: EntryName, isMending: Bool) throws(SystemError) {
        let path = "\(parent.path)/\(name.text)"
        try self.init(at: parent.number, name.bytes, path: path, isMending: isMending)
    }

    private init(at parent: Int32, _ name: [CChar], path: String, isMending: Bool) throws(SystemError) {
        self.path = path
        guard isMending else {
            let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
            number = try retrying("open", path) { openat(parent, name, flags) }
            return
        }
        // O_PATH needs no right on the directory itself; /proc/self/fd then names exactly this inode,
        // whatever is put at the path meanwhile.
        let place = try checked("open", path, CLinux_open_place(parent, name))
        defer { close(place) }
        var status = stat()
        try retrying("fstat", path) { fstat(place, &status) }
        if status.st_mode & 0o700 != 0o700 {
            try retrying("chmod", path) { chmod("/proc/self/fd/\(place)", status.st_mode & 0o7777 | 0o700) }
        }
        number = try retrying("open", path) { openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    }

    deinit { close(number) }

    func names() throws(SystemError) -> [EntryName] {
        // A stream of its own offset; fdopendir takes its descriptor over.
        let copy = try retrying("open", path) { openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = fdopendir(copy) else {
            let failure = SystemError(call: "fdopendir", subject: path)
            close(copy)
            throw failure
        }
        defer { closedir(stream) }
        var names: [EntryName] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw SystemError(call: "readdir", subject: path) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) {
                    EntryName(bytes: Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)))
                }
            }
            if name.text != "." && name.text != ".." { names.append(name) }
        }
    }

    func status(of name: EntryName) throws(SystemError) -> stat {
        var status = stat()
        try retrying("fstatat", "\(path)/\(name.text)") {
            fstatat(number, name.bytes, &status, AT_SYMLINK_NOFOLLOW)
        }
        return status
    }

    func device() throws(SystemError) -> dev_t {
        var status = stat()
        try retrying("fstat", path) { fstat(number, &status) }
        return status.st_dev
    }
}
