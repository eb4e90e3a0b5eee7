import Glibc

extension Files {
    /// How many directories deep a tree is held open at once.
    private static let openDirectoriesMax = 64
    /// How deep a tree may be whose owner is changed.
    private static let ownedDepthMax = 400

    /// Removes whatever is at a path. It follows no link, stays on one file system, and mends directories
    /// whose modes are in the way. Nothing there is fine.
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
        do {
            let top = try DirectoryHandle(path: path, isMending: true)
            let device = try top.device()
            var moved = 0
            while try removeContents(of: top, top: top.number, device: device, depth: 0, moved: &moved) {}
        }
        try retrying("rmdir", path) { rmdir(path) }
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
            guard try directory.status(of: name).st_mode & S_IFMT == S_IFDIR else {
                throw SystemError(code: EPERM, call: "unlink", subject: path)
            }
            let child = try DirectoryHandle(in: directory, name, isMending: true)
            guard try child.device() == device else {
                throw SystemError(code: EBUSY, call: "unlink", subject: path)
            }
            if depth >= openDirectoriesMax {
                moved += 1
                let number = directory.number
                let place = "\(RandomBytes.hex(count: 8)).\(moved)"
                try retrying("rename", path) { renameat(number, name.bytes, top, place) }
                needsAnother = true
                continue
            }
            if try removeContents(of: child, top: top, device: device, depth: depth + 1, moved: &moved) {
                needsAnother = true
            }
            let number = directory.number
            try retrying("rmdir", path) { unlinkat(number, name.bytes, AT_REMOVEDIR) }
        }
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
            try retrying("lchown", path) { fchownat(number, name.bytes, uid, gid, AT_SYMLINK_NOFOLLOW) }
            guard try directory.status(of: name).st_mode & S_IFMT == S_IFDIR else { continue }
            try changeOwner(
                below: DirectoryHandle(in: directory, name, isMending: false), uid: uid, gid: gid,
                depth: depth + 1)
        }
    }
}
