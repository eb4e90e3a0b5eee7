import CLinux
import Glibc

extension Files {
    /// How many directories deep a tree is held open at once.
    private static let openDirectoriesMax = 64
    /// How deep a tree may be whose owner is changed.
    private static let ownedDepthMax = 400

    /// Removes whatever is at a path. It follows no link, stays on one file system, and mends directories
    /// whose modes are in the way. Nothing there is fine, and so is what somebody else removes meanwhile.
    ///
    /// The tree may have been made by a stranger: names may be no UTF-8, and it may be deeper than
    /// descriptors last; a directory that lies too deep is first moved up to the top.
    package static func removeTree(_ path: String) throws(SystemError) {
        var status = stat()
        if lstat(path, &status) != 0 {
            if errno == ENOENT { return }
            throw SystemError(call: "lstat", subject: path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return try removeFile(path) }
        do throws(SystemError) {
            try removeContents(ofTop: path)
            try retrying("rmdir", path) { rmdir(path) }
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    private static func removeContents(ofTop path: String) throws(SystemError) {
        let top = try DirectoryHandle(path: path, isMending: true)
        let device = try top.device()
        var moved = 0
        while try removeContents(of: top, top: top.number, device: device, depth: 0, moved: &moved) {}
    }

    /// Answers whether directories were moved to the top meanwhile, so that another pass is needed.
    private static func removeContents(
        of directory: borrowing DirectoryHandle, top: Int32, device: dev_t, depth: Int, moved: inout Int
    ) throws(SystemError) -> Bool {
        var needsAnother = false
        for name in try directory.names() {
            let path = "\(directory.path)/\(name.text)"
            if unlinkat(directory.number, name.bytes, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM || errno == EBUSY else {
                throw SystemError(call: "unlink", subject: path)
            }
            do throws(SystemError) {
                if try remove(
                    folder: name, of: directory, path, top: top, device: device, depth: depth, moved: &moved)
                {
                    needsAnother = true
                }
            } catch {
                guard error.isNotFound else { throw error }
            }
        }
        return needsAnother
    }

    private static func remove(
        folder name: EntryName, of directory: borrowing DirectoryHandle, _ path: String, top: Int32,
        device: dev_t, depth: Int, moved: inout Int
    ) throws(SystemError) -> Bool {
        guard try directory.status(of: name).st_mode & S_IFMT == S_IFDIR else {
            throw SystemError(code: EPERM, call: "unlink", subject: path)
        }
        let child = try DirectoryHandle(in: directory, name, isMending: true)
        guard try child.device() == device else {
            throw SystemError(code: EBUSY, call: "unlink", subject: path)
        }
        let number = directory.number
        if depth >= openDirectoriesMax {
            moved += 1
            let place = "\(RandomBytes.hex(count: 8)).\(moved)"
            try retrying("rename", path) { renameat(number, name.bytes, top, place) }
            return true
        }
        let needsAnother = try removeContents(
            of: child, top: top, device: device, depth: depth + 1, moved: &moved)
        try retrying("rmdir", path) { unlinkat(number, name.bytes, AT_REMOVEDIR) }
        return needsAnother
    }

    /// Gives a path and everything below it to another owner. Links are changed themselves, never followed.
    package static func changeOwner(tree path: String, uid: UInt32, gid: UInt32) throws(SystemError) {
        try retrying("lchown", path) { lchown(path, uid, gid) }
        guard try status(of: path).st_mode & S_IFMT == S_IFDIR else { return }
        try changeOwner(below: DirectoryHandle(path: path), uid: uid, gid: gid, depth: 0)
    }

    private static func changeOwner(
        below directory: borrowing DirectoryHandle, uid: UInt32, gid: UInt32, depth: Int
    ) throws(SystemError) {
        guard depth < ownedDepthMax else {
            throw SystemError(code: ENAMETOOLONG, call: "lchown", subject: directory.path)
        }
        let number = directory.number
        for name in try directory.names() {
            let path = "\(directory.path)/\(name.text)"
            let status = try directory.status(of: name)
            // What is theirs already keeps its time of change.
            if status.st_uid != uid || status.st_gid != gid {
                try retrying("lchown", path) { fchownat(number, name.bytes, uid, gid, AT_SYMLINK_NOFOLLOW) }
            }
            guard status.st_mode & S_IFMT == S_IFDIR else { continue }
            try changeOwner(
                below: DirectoryHandle(in: directory, name, isMending: false), uid: uid, gid: gid,
                depth: depth + 1)
        }
    }

    /// Puts a copy in the place of each file below a folder that has other names too, which may lie anywhere,
    /// and does not belong to `uid`: what is done to the copy is not done to those.
    package static func separateLinks(tree path: String, ownedBy uid: UInt32) throws(SystemError) {
        try separateLinks(below: DirectoryHandle(path: path), uid: uid, depth: 0)
    }

    private static func separateLinks(
        below directory: borrowing DirectoryHandle, uid: UInt32, depth: Int
    ) throws(SystemError) {
        guard depth < ownedDepthMax else {
            throw SystemError(code: ENAMETOOLONG, call: "link", subject: directory.path)
        }
        for name in try directory.names() {
            let status = try directory.status(of: name)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                try separateLinks(
                    below: DirectoryHandle(in: directory, name, isMending: false), uid: uid, depth: depth + 1)
            case S_IFREG where status.st_nlink > 1 && status.st_uid != uid:
                try replaceByCopy(name, in: directory)
            default: continue
            }
        }
    }

    private static func replaceByCopy(
        _ name: EntryName, in directory: borrowing DirectoryHandle
    ) throws(SystemError) {
        let (number, path) = (directory.number, "\(directory.path)/\(name.text)")
        let draft = ".graftwork-\(RandomBytes.hex(count: 8))"
        let input = try retrying("open", path) {
            openat(number, name.bytes, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        }
        defer { close(input) }
        var status = stat()
        try retrying("fstat", path) { fstat(input, &status) }
        let output = try retrying("open", path) {
            openat(number, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        }
        defer { close(output) }
        do throws(SystemError) {
            let code = CLinux_copy_contents(input, output)
            guard code >= 0 else { throw SystemError(code: -code, call: "copy", subject: path) }
            try retrying("fchmod", path) { fchmod(output, status.st_mode & 0o777) }
            let times = [status.st_atim, status.st_mtim]
            try retrying("futimens", path) { futimens(output, times) }
            try retrying("rename", path) { renameat(number, draft, number, name.bytes) }
        } catch {
            unlinkat(number, draft, 0)
            throw error
        }
    }
}
