import Git
import Glibc
import Linux

/// The entry of a linked worktree in the user's git directory, as gitrepository-layout(5) describes it.
///
/// Written by hand: `git worktree add` takes milliseconds to start and reads the repository's configuration,
/// and libgit2 before 1.6 always writes the files of HEAD too.
struct WorktreeRegistration {
    let commonDirectory: String
    /// The folder with the files.
    let path: String
    /// The full ref that HEAD names.
    let branch: String

    private static let reason = "in use by graftwork"
    /// Somebody's worktrees may have the same last name.
    private static let namesakesMax = 1_000
    private static let attemptsMax = 10

    /// 1. the entry's folder  2. `locked`, which keeps `git worktree prune` away  3. HEAD and the way to the
    /// common directory  4. `gitdir`, with which it counts  5. the folder and its `.git`.
    ///
    /// A prune that comes before 2 takes away the entry, or the folder of all entries; then it is made again.
    ///
    /// - Parameter crash: called between the steps; tests cut there.
    func write(crash: (String) throws -> Void) throws {
        var attempt = 1
        while true {
            do {
                return try attemptToWrite(crash)
            } catch let error as SystemError {
                guard error.isNotFound, attempt < Self.attemptsMax else { throw error }
                attempt += 1
            }
        }
    }

    /// Removes what a process that was killed before step 4 left: it names no folder, so git does not list
    /// it, and being locked it is never pruned.
    static func forgetHalfMade(for path: String, in commonDirectory: String) throws(SystemError) {
        let folder = "\(commonDirectory)/worktrees"
        guard Files.exists(folder) else { return }
        let name = Self.entryName(of: path)
        for entry in try Files.list(folder).filter({ $0.hasPrefix(name) }).map({ "\(folder)/\($0)" })
        where !Files.exists("\(entry)/gitdir") {
            // Who locks with other words has a worktree of his own of this name.
            let isOurs =
                try Files.exists("\(entry)/locked")
                ? Files.readText("\(entry)/locked", bytesMax: wordsBytesMax) == reason + "\n"
                : Files.list(entry).isEmpty
            if isOurs { try Files.removeTree(entry) }
        }
    }

    private static let wordsBytesMax = 4096

    private static func entryName(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? "worktree"
    }

    private func attemptToWrite(_ crash: (String) throws -> Void) throws {
        // Gone again whenever the last entry is pruned.
        try Files.makeDirectory("\(commonDirectory)/worktrees", mode: 0o777, withParents: false)
        let entry = try makeEntry()
        try crash("entry made")
        for (name, line) in [
            ("locked", Self.reason), ("HEAD", "ref: \(branch)"), ("commondir", "../.."),
            ("gitdir", "\(path)/.git"),
        ] {
            // HEAD must never be empty, not even after a power failure: the user's `git gc` would refuse.
            try Files.writeAtomically(
                "\(entry)/\(name)", text: line + "\n", mode: 0o644, isDurable: name == "HEAD")
            try crash("\(name) written")
        }
        try Files.makeDirectory(path, mode: 0o700)
        try Files.writeAtomically("\(path)/.git", text: "gitdir: \(entry)\n", mode: 0o600, isDurable: false)
    }

    /// A folder for the entry that nobody else has, named after the worktree's own.
    private func makeEntry() throws(SystemError) -> String {
        let name = Self.entryName(of: path)
        for number in 0..<Self.namesakesMax {
            let entry = "\(commonDirectory)/worktrees/\(name)\(number == 0 ? "" : String(number))"
            if mkdir(entry, 0o777) == 0 { return entry }
            guard errno == EEXIST else { throw SystemError(call: "mkdir", subject: entry) }
        }
        throw SystemError(code: EEXIST, call: "mkdir", subject: "\(commonDirectory)/worktrees/\(name)")
    }
}
