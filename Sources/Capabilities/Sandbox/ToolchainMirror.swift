import Glibc
import Hashing
import Linux

/// Copies of folders that are shown to sessions whose uid cannot reach them where they are, such as a
/// compiler below `/root`.
///
/// A copy is named by its content, made once as `<state>/toolchains/<digest>` and never changed: read-only,
/// the server's own, and shown at the path of what it is a copy of. It gives a session nothing that the
/// folder itself would not, if only the way to it were open: what is closed to others there, and what holds
/// somebody's credentials, is left out; links are copied and not followed, and no bit lends rights.
///
/// Reading every file at each start would take longer than most checks, so the content is remembered by the
/// paths, modes, sizes, inodes and times of all entries, which are looked at each time.
package struct ToolchainMirror: Hashable, Sendable {
    let state: String
    package var folder: String { state + "/toolchains" }
    private var records: String { folder + "/known" }

    /// Of one copy.
    private let bytesMax: Int64
    private let entriesMax: Int
    /// What a copy leaves of its disk to others.
    static let bytesLeftFree: UInt64 = 1 << 30
    /// How often it is tried with a folder that changes meanwhile.
    private static let attemptsMax = 2
    /// Counts up when something else is left out of copies than before.
    private static let rules = 1

    package init(stateDirectory: String, bytesMax: Int64 = 8 << 30, entriesMax: Int = 400_000) {
        state = stateDirectory
        self.bytesMax = bytesMax
        self.entriesMax = entriesMax
    }

    /// Of these paths, those that the uid cannot reach, with where their copies lie. One that is not there is
    /// left to whoever shows it.
    ///
    /// Walks through folders, and copies them the first time: not for the cooperative pool.
    package func copies(of paths: [String], for uid: UInt32) throws(SandboxError) -> [String: String] {
        var copies: [String: String] = [:]
        for path in Set(paths).sorted() where !ShownPath.contains("/usr", path) {
            if let copy = try copy(of: path, for: uid) { copies[path] = copy }
        }
        return copies
    }

    private func copy(of path: String, for uid: UInt32) throws(SandboxError) -> String? {
        guard Files.exists(path) else { return nil }
        try ShownPath.check(path)
        let real: String
        let status: stat
        do throws(SystemError) {
            real = try Files.realPath(path)
            status = try Files.status(of: real)
        } catch {
            throw .mirrorFailed(path: path, reason: "\(error)")
        }
        let isReachable =
            Reachability.obstacle(on: path, for: uid) == nil
            && Reachability.obstacle(on: real, for: uid) == nil
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        // Whoever shows what nobody inside can read only finds that something is wrong there.
        guard Self.isOpen(status, to: isReachable ? uid : nil) else {
            throw .mirrorFailed(path: path, reason: "it is closed to others; `chmod -R o+rX` would open it")
        }
        if isReachable { return nil }
        try ShownPath.check(real)
        if ShownPath.contains(real, state) || ShownPath.contains(state, real) {
            throw .mirrorFailed(path: path, reason: "the server's own files lie in it")
        }
        guard isFolder else { return try ProgramMirror(stateDirectory: state).reachable(real, by: uid) }
        do throws(SystemError) {
            return try copy(ofFolder: real)
        } catch {
            throw .mirrorFailed(path: path, reason: reason(error))
        }
    }

    /// - Parameter uid: whose files it may be; nil: only what everybody may read counts.
    private static func isOpen(_ status: stat, to uid: UInt32?) -> Bool {
        let needed: mode_t = status.st_mode & S_IFMT == S_IFDIR ? 0o5 : 0o4
        let shift: mode_t = status.st_uid == uid ? 6 : status.st_gid == uid ? 3 : 0
        return status.st_mode >> shift & needed == needed
    }

    private func reason(_ error: SystemError) -> String {
        switch error.code {
        case EFBIG: "it holds more than \(entriesMax) entries or \(bytesMax >> 30) GiB"
        case EBUSY: "it changes while it is copied"
        case ENOSPC: "there is no room for it on the disk of the server's state"
        default: "\(error)"
        }
    }

    // MARK: Copying

    private func copy(ofFolder source: String) throws(SystemError) -> String {
        for _ in 0..<Self.attemptsMax {
            let listing = try TreeListing(of: source, entriesMax: entriesMax)
            let record = "\(records)/\(Self.identity(of: source, listing))"
            if let known = try ToolchainRecord(at: record), Files.isDirectory("\(folder)/\(known.digest)") {
                ToolchainRecord.markUsed(record)
                return "\(folder)/\(known.digest)"
            }
            let wanted = Self.wanted(of: listing)
            let bytes = wanted.reduce(into: UInt64(0)) { $0 += $1.kind == .file ? UInt64($1.bytes) : 0 }
            guard bytes <= UInt64(bytesMax) else {
                throw SystemError(code: EFBIG, call: "copy", subject: source)
            }
            // 0711: who is shown a copy passes through, and nobody may list them. Set again past the umask.
            try Files.makeDirectory(records, mode: 0o700)
            try Files.changeMode(folder, 0o711)
            if let room = try FileSystemRoom.of(folder), room.bytesFree < bytes + Self.bytesLeftFree {
                throw SystemError(code: ENOSPC, call: "copy", subject: source)
            }
            guard let digest = try keep(wanted, of: source, seen: listing) else { continue }
            try ToolchainRecord(digest: digest, source: source).write(to: record)
            return "\(folder)/\(digest)"
        }
        throw SystemError(code: EBUSY, call: "copy", subject: source)
    }

    /// Puts a copy together aside and gives it its name in one step; nil: the source changed meanwhile.
    private func keep(_ wanted: [TreeListing.Entry], of source: String, seen: TreeListing)
        throws(SystemError) -> String?
    {
        let draft = "\(folder)/\(ToolchainRecord.draftPrefix)\(RandomBytes.hex(count: 8))"
        try Files.makeDirectory(draft, mode: 0o700)
        do throws(SystemError) {
            _ = try Files.copyTree(
                source, into: draft, only: Set(wanted.map(\.path)), owner: nil, bytesMax: bytesMax,
                modes: 0o555)
            let after = try TreeListing(of: source, entriesMax: entriesMax)
            guard Self.identity(of: source, after) == Self.identity(of: source, seen) else {
                try Files.removeTree(draft)
                return nil
            }
            let digest = try Self.digest(of: wanted, in: draft)
            let place = "\(folder)/\(digest)"
            try Files.changeMode(draft, 0o555)
            // Another server, or session, may have made the same one meanwhile.
            if !Files.exists(place) {
                do throws(SystemError) {
                    try Files.move(draft, to: place)
                } catch  where error.code == EEXIST || error.code == ENOTEMPTY {
                    try Files.removeTree(draft)
                }
            } else {
                try Files.removeTree(draft)
            }
            return digest
        } catch {
            // Not a cause lost: what cannot be removed now is swept later.
            try? Files.removeTree(draft)
            throw error
        }
    }

    /// What a session may have of a folder: what everybody may read there, and nobody's credentials.
    private static func wanted(of listing: TreeListing) -> [TreeListing.Entry] {
        var closed: Set<[UInt8]> = []
        var wanted: [TreeListing.Entry] = []
        for entry in listing.entries {
            let parent = entry.path.lastIndex(of: UInt8(ascii: "/")).map { Array(entry.path[..<$0]) }
            let isBelowClosed = parent.map(closed.contains) ?? false
            let needed: UInt32 = entry.kind == .folder ? 0o005 : 0o004
            let isOpen = entry.kind == .link || entry.mode & needed == needed
            // A name that is no text is nothing a toolchain needs, and no path could be made of it.
            guard !isBelowClosed, isOpen, entry.kind != .other,
                let path = String(validating: entry.path, as: UTF8.self),
                !CredentialFile.isAt(path, isFolder: entry.kind == .folder)
            else {
                if entry.kind == .folder { closed.insert(entry.path) }
                continue
            }
            wanted.append(entry)
        }
        return wanted
    }

    private static func identity(of source: String, _ listing: TreeListing) -> String {
        var hash = SHA256()
        hash.update("\(rules)\0\(source)\0")
        for entry in listing.entries {
            hash.update(entry.path)
            hash.update([0])
            hash.update(entry.stamp)
        }
        return hash.finalizeHex()
    }

    private static let pieceBytes = 1 << 20

    /// Over paths, kinds, modes, times and contents: compiled Python, for one, is tied to the times.
    private static func digest(of entries: [TreeListing.Entry], in copy: String) throws(SystemError)
        -> String
    {
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: pieceBytes)
        for entry in entries {
            let path = "\(copy)/\(String(decoding: entry.path, as: UTF8.self))"
            switch entry.kind {
            case .link: hash.update("link \(try Files.linkTarget(path))\0")
            case .folder: hash.update("folder \(entry.mode & 0o555)\0")
            case .file:
                hash.update("file \(entry.mode & 0o555) \(entry.modifiedSeconds) \(entry.bytes)\0")
                try feed(&hash, path, &buffer)
            case .other: break
            }
            hash.update(entry.path)
            hash.update([0])
        }
        return hash.finalizeHex()
    }

    private static func feed(_ hash: inout SHA256, _ path: String, _ buffer: inout [UInt8])
        throws(SystemError)
    {
        let file = try Descriptor.open(path, flags: O_RDONLY | O_NOFOLLOW)
        defer { file.close() }
        while true {
            let count = read(file.rawValue, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError(call: "read", subject: path) }
            if count == 0 { return }
            hash.update(buffer[..<count])
        }
    }
}
