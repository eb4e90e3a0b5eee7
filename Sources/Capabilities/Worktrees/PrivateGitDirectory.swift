import Git
import Glibc
import Linux
import Vocabulary

/// The git directory an agent gets instead of the user's: its own branch, index, configuration and objects.
///
/// It holds what is reachable from the base and nothing else: no remote, no other branch, no stash, no hook.
/// What it borrows lies in a pack folder of the server's, never in the user's objects.
/// Once an agent had it, the host runs neither git nor libgit2 on it again.
struct PrivateGitDirectory {
    let path: String
    let workTree: String
    let branch: String
    let base: GitID

    /// Writes everything but copied objects and the index.
    ///
    /// - Parameter alternate: a folder of packs that holds all the base needs; nil: they will be copied.
    func writeFiles(now: Int64, shallow: [UInt8]?, alternate: String?) throws {
        let branchFile = "\(path)/refs/heads/\(branch)"
        let branchLog = "\(path)/logs/refs/heads/\(branch)"
        for folder in [
            "\(path)/objects/pack", "\(path)/objects/info", "\(path)/info", "\(path)/refs/tags",
            Files.parent(of: branchFile), Files.parent(of: branchLog),
        ] {
            try Files.makeDirectory(folder, mode: 0o700)
        }
        let agent = CommitIdentity.agent
        let entry =
            "\(GitID.zero.hex) \(base.hex) \(agent.name) <\(agent.email)> \(now) +0000"
            + "\tbranch: Created from \(base.hex)\n"
        try write("HEAD", "ref: refs/heads/\(branch)\n")
        try write("config", configuration)
        try write("info/attributes", ScratchRepository.attributes)
        try write("refs/heads/\(branch)", base.hex + "\n")
        try write("logs/refs/heads/\(branch)", entry)
        try write("logs/HEAD", entry)
        if let alternate { try write("objects/info/alternates", alternate + "\n") }
        if let shallow { try Files.writeAtomically("\(path)/shallow", shallow, mode: 0o600) }
    }

    private func write(_ name: String, _ text: String) throws {
        try Files.writeAtomically("\(path)/\(name)", text: text, mode: 0o600, isDurable: false)
    }

    /// Whether git can begin with it. A power failure may have left files empty, for nothing here is worth
    /// waiting for the disk. Which of the others there are is the agent's affair.
    static func isWhole(_ path: String, branch: String) -> Bool {
        [("HEAD", true), ("config", true), ("index", false), ("refs/heads/\(branch)", false)].allSatisfy {
            name, isNeeded in
            var status = stat()
            return lstat("\(path)/\(name)", &status) == 0 ? status.st_size > 0 : !isNeeded
        }
    }

    /// `checkStat=minimal` and `trustctime=false` keep the index valid though owner and ctime of the files
    /// change after it is written.
    private var configuration: String {
        """
        [core]
        \trepositoryformatversion = 0
        \tfilemode = true
        \tbare = false
        \tlogallrefupdates = true
        \tworktree = \(Self.quoted(workTree))
        \tcheckStat = minimal
        \ttrustctime = false
        \tfsmonitor = false
        [user]
        \tname = \(CommitIdentity.agent.name)
        \temail = \(CommitIdentity.agent.email)
        [commit]
        \tgpgSign = false
        [gc]
        \tauto = 0

        """
    }

    /// A value as git's configuration quotes it.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            + "\""
    }
}
