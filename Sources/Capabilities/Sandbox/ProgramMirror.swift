import Glibc
import Hashing
package import Linux

/// Copies of programs that a session's uid could not reach where they are, such as those below `/root`.
///
/// A copy is named by its content and made once: `<state>/programs/<digest>/<name>`. It is never changed and
/// belongs to the server, so that no session can put something else in its place.
package struct ProgramMirror: Hashable, Sendable {
    package let folder: String
    /// The same for whole folders.
    package let toolchains: ToolchainMirror

    package static let fileBytesMax = 1 << 30

    package init(stateDirectory: String) {
        folder = stateDirectory + "/programs"
        toolchains = ToolchainMirror(stateDirectory: stateDirectory)
    }

    /// The path to bind for a program: its own when the uid can reach and run it there, else that of a copy.
    ///
    /// Reads and copies the whole file the first time, so not to be called on the cooperative pool with large
    /// programs.
    package func reachable(_ program: String, by uid: UInt32) throws(SandboxError) -> String {
        do throws(SystemError) {
            let real = try Files.realPath(program)
            let status = try Files.status(of: real)
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw SystemError(code: EINVAL, call: "copy", subject: real + ", which is not a plain file,")
            }
            let isOpen = status.st_mode & 0o005 == 0o005 || status.st_uid == uid
            if isOpen, Reachability.obstacle(on: real, for: uid) == nil { return real }
            return try copy(of: real, status)
        } catch {
            throw .mirrorFailed(path: program, reason: "\(error)")
        }
    }

    private func copy(of program: String, _ status: stat) throws(SystemError) -> String {
        let name = program.split(separator: "/").last.map(String.init) ?? "program"
        try Files.makeDirectory(folder + "/known", mode: 0o755)
        // 0711: whoever knows the digest may run the program, nobody may list them. Set again past the umask.
        try Files.changeMode(folder, 0o711)
        // Reading a program of 200 MB takes longer than starting it, so what was read once is remembered by
        // the file's identity and times.
        let identity = SHA256.hex(
            of: "\(program)\0\(status.st_dev)\0\(status.st_ino)\0\(status.st_size)\0\(status.st_mtim.tv_sec)"
                + "\0\(status.st_mtim.tv_nsec)\0\(status.st_ctim.tv_sec)\0\(status.st_ctim.tv_nsec)")
        let memory = folder + "/known/" + identity
        if let known = try Self.copy(named: memory), Files.isExecutable(known),
            try Files.status(of: known).st_size == status.st_size
        {
            ToolchainRecord.markUsed(memory)
            return known
        }

        let draft = folder + "/" + RandomBytes.hex(count: 8) + Self.draftSuffix
        let digest = try copy(program, to: draft)
        let home = folder + "/" + digest
        let place = home + "/" + name
        do throws(SystemError) {
            try Files.makeDirectory(home, mode: 0o755)
            try Files.changeMode(home, 0o755)
            try Files.changeMode(draft, 0o755)
            try Files.move(draft, to: place)
            // A record that outlived a loss of power must not speak of bytes that did not.
            try Files.synchronizeFileSystem(of: folder)
            try Files.writeAtomically(memory, text: place)
        } catch {
            unlink(draft)
            throw error
        }
        return place
    }

    private static let draftSuffix = ".new"

    /// Where a record says that a copy is; nil: there is no record.
    private static func copy(named record: String) throws(SystemError) -> String? {
        Files.exists(record) ? try Files.readText(record, bytesMax: 4096) : nil
    }

    /// Removes what nobody has used for long, and what a crash left behind; answers the names of what went.
    ///
    /// - Parameter now: seconds since 1970.
    package func sweep(now: Int) throws(SystemError) -> [String] {
        guard Files.isDirectory(folder + "/known") else { return [] }
        var kept: Set<String> = []
        for name in try Files.list(folder + "/known") {
            let record = "\(folder)/known/\(name)"
            if now - (try Files.status(of: record)).st_mtim.tv_sec > ToolchainMirror.unusedSecondsMax {
                try Files.removeFile(record)
            } else if let place = try Self.copy(named: record) {
                kept.insert(place)
            }
        }
        let inUse = Set(kept.map { Files.parent(of: $0) })
        var removed: [String] = []
        for name in try Files.list(folder) {
            guard ToolchainRecord.isDigest(name) || name.hasSuffix(Self.draftSuffix) else { continue }
            let path = "\(folder)/\(name)"
            // One that is being made, or was just made and is not written down yet.
            let changed = try Files.status(of: path).st_ctim.tv_sec
            let isOld = now - changed > ToolchainMirror.supersededSecondsMax
            guard isOld, !inUse.contains(path) else { continue }
            try Files.removeTree(path)
            removed.append(name)
        }
        return removed
    }

    /// Copies and hashes in one pass; answers the digest.
    private func copy(_ program: String, to draft: String) throws(SystemError) -> String {
        let source = try Descriptor.open(program, flags: O_RDONLY)
        let target = try Descriptor.open(draft, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o700)
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var total = 0
        do throws(SystemError) {
            while true {
                let count = read(source.rawValue, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { throw SystemError(call: "read", subject: program) }
                if count == 0 { break }
                total += count
                guard total <= Self.fileBytesMax else {
                    throw SystemError(code: EFBIG, call: "copy", subject: program)
                }
                hash.update(buffer[..<count])
                var written = 0
                while written < count {
                    let step = buffer[written..<count].withUnsafeBytes {
                        write(target.rawValue, $0.baseAddress, $0.count)
                    }
                    if step < 0 && errno == EINTR { continue }
                    guard step > 0 else { throw SystemError(call: "write", subject: draft) }
                    written += step
                }
            }
        } catch {
            unlink(draft)
            throw error
        }
        return hash.finalizeHex()
    }
}
