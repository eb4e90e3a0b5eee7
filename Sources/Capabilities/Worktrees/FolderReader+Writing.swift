import Git
import Glibc
import Linux

/// Changing what lies in an open folder, by name; the same care as in reading.
extension FolderReader {
    /// Gives the owner the rights to change what is in the folder.
    func makeWritable() throws(SystemError) {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw failure("fstat") }
        guard status.st_mode & 0o300 != 0o300 else { return }
        guard fchmod(number, status.st_mode & 0o7777 | 0o700) == 0 else { throw failure("fchmod") }
    }

    /// Hides, in the upper layer of an overlay, whatever the lower one has in this folder.
    func makeOpaque() throws(SystemError) {
        try ExtendedAttribute.set(Self.opaqueName, to: Self.opaqueValue, of: number)
    }

    func remove(_ name: [UInt8]) throws(SystemError) {
        guard Self.withName(name, { unlinkat(number, $0, 0) }) == 0 || errno == ENOENT else {
            throw failure("unlink", name)
        }
    }

    /// False when it is no folder, or not empty.
    func removeIfEmpty(_ name: [UInt8]) -> Bool {
        Self.withName(name) { unlinkat(number, $0, AT_REMOVEDIR) } == 0
    }

    func rename(_ name: [UInt8], to other: [UInt8]) throws(SystemError) {
        let code = Self.withName(name) { old in
            Self.withName(other) { renameat(number, old, number, $0) }
        }
        guard code == 0 else { throw failure("rename", name) }
    }

    func makeFolder(_ name: [UInt8], owner: UInt32?) throws(SystemError) {
        guard Self.withName(name, { mkdirat(number, $0, 0o755) }) == 0 || errno == EEXIST else {
            throw failure("mkdir", name)
        }
        try give(name, to: owner)
    }

    func makeWhiteout(_ name: [UInt8]) throws(SystemError) {
        guard Self.withName(name, { mknodat(number, $0, S_IFCHR, 0) }) == 0 else {
            throw failure("mknod", name)
        }
    }

    func putLink(_ name: [UInt8], to target: [UInt8], owner: UInt32?) throws(SystemError) {
        let draft = draftName()
        let code = Self.withName(draft) { draft in Self.withName(target) { symlinkat($0, number, draft) } }
        guard code == 0 else { throw failure("symlink", name) }
        try give(draft, to: owner)
        try rename(draft, to: name)
    }

    /// Replaces a file whole, so that nobody sees half of it.
    func putFile(_ name: [UInt8], _ bytes: [UInt8], isExecutable: Bool, owner: UInt32?) throws(SystemError) {
        let draft = draftName()
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = Self.withName(draft) { openat(number, $0, flags, 0o600) }
        guard file >= 0 else { throw failure("open", name) }
        do throws(SystemError) {
            defer { close(file) }
            var done = 0
            while done < bytes.count {
                let step = bytes.withUnsafeBytes {
                    Glibc.write(file, $0.baseAddress.map { $0 + done }, bytes.count - done)
                }
                if step < 0 && errno == EINTR { continue }
                guard step > 0 else { throw failure("write", name) }
                done += step
            }
            guard fchmod(file, isExecutable ? 0o755 : 0o644) == 0 else { throw failure("fchmod", name) }
            try give(draft, to: owner)
            try rename(draft, to: name)
        } catch {
            try remove(draft)
            throw error
        }
    }

    /// The same with a file of our own that lies elsewhere on the same disk.
    func putFile(
        _ name: [UInt8], movedFrom path: [UInt8], isExecutable: Bool, owner: UInt32?
    ) throws(SystemError) {
        let draft = draftName()
        // Where nobody else can put a link in its place.
        let changed = Self.withName(path) { chmod($0, isExecutable ? 0o755 : 0o644) }
        guard changed == 0 else { throw failure("chmod", name) }
        let moved = Self.withName(path) { old in
            Self.withName(draft) { renameat(AT_FDCWD, old, number, $0) }
        }
        guard moved == 0 else { throw failure("rename", name) }
        do throws(SystemError) {
            try give(draft, to: owner)
            try rename(draft, to: name)
        } catch {
            try remove(draft)
            throw error
        }
    }

    private func draftName() -> [UInt8] { Array(".graftwork-\(RandomBytes.hex(count: 8))".utf8) }

    private func give(_ name: [UInt8], to owner: UInt32?) throws(SystemError) {
        guard let owner, SystemIdentity.isRoot else { return }
        let code = Self.withName(name) { fchownat(number, $0, owner, owner, AT_SYMLINK_NOFOLLOW) }
        guard code == 0 else { throw failure("lchown", name) }
    }

    private func failure(_ call: String, _ name: [UInt8] = []) -> SystemError {
        SystemError(call: call, subject: name.isEmpty ? path.text : path.appending(name).text)
    }
}
