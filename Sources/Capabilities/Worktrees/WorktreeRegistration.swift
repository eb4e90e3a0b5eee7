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
    func write() throws(SystemError) {
        var attempt = 1
        while true {
            do throws(SystemError) {
                return try attemptToWrite()
            } catch {
                guard error.isNotFound, attempt < Self.attemptsMax else { throw error }
                attempt += 1
            }
        }
    }

    private func attemptToWrite() throws(SystemError) {
        // Gone again whenever the last entry is pruned.
        try Files.makeDirectory("\(commonDirectory)/worktrees", mode: 0o777, withParents: false)
        let entry = try makeEntry()
        for (name, line) in [
            ("locked", Self.reason), ("HEAD", "ref: \(branch)"), ("commondir", "../.."),
            ("gitdir", "\(path)/.git"),
        ] {
            // HEAD must never be empty, not even after a power failure: the user's `git gc` would refuse.
            try Files.writeAtomically(
                "\(entry)/\(name)", text: line + "\n", mode: 0o644, isDurable: name == "HEAD")
        }
        try Files.makeDirectory(path, mode: 0o700)
        try Files.writeAtomically("\(path)/.git", text: "gitdir: \(entry)\n", mode: 0o600, isDurable: false)
    }

    /// A folder for the entry that nobody else has, named after the worktree's own.
    private func makeEntry() throws(SystemError) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? "worktree"
        for number in 0..<Self.namesakesMax {
            let entry = "\(commonDirectory)/worktrees/\(name)\(number == 0 ? "" : String(number))"
            if mkdir(entry, 0o777) == 0 { return entry }
            guard errno == EEXIST else { throw SystemError(call: "mkdir", subject: entry) }
        }
        throw SystemError(code: EEXIST, call: "mkdir", subject: "\(commonDirectory)/worktrees/\(name)")
    }
}
