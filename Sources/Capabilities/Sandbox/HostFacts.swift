import Glibc
import Vocabulary

/// What the plan has to know about this machine, observed once so that planning stays a function of values.
package struct HostFacts: Hashable, Sendable {
    package enum DotGit: Hashable, Sendable { case absent, file, directory, other }

    /// The effective uid of the process that will start the sandbox.
    package var callerUID: UInt32
    /// Symbolic links of the root folder into /usr, by name: `bin` is `usr/bin`.
    package var rootLinks: [String: String]
    /// Of `SandboxPlan.procReadOnly` and `SandboxPlan.procHidden`, those this kernel has: bwrap dies of a
    /// mask without a file.
    package var procEntries: Set<String>
    /// What stands at `WORKTREE/.git`.
    package var dotGit: DotGit

    package init(callerUID: UInt32, rootLinks: [String: String], procEntries: Set<String>, dotGit: DotGit) {
        self.callerUID = callerUID
        self.rootLinks = rootLinks
        self.procEntries = procEntries
        self.dotGit = dotGit
    }

    package static func observe(_ profile: SandboxProfile) -> HostFacts {
        var rootLinks: [String: String] = [:]
        for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
            if let target = linkTarget(of: "/" + name), target.hasPrefix("usr/") || target.hasPrefix("/usr/")
            {
                rootLinks[name] = target
            }
        }
        let entries = (SandboxPlan.procReadOnly + SandboxPlan.procHidden).filter { access($0, F_OK) == 0 }
        return HostFacts(
            callerUID: geteuid(), rootLinks: rootLinks, procEntries: Set(entries),
            // What an overlay shows of a `.git` is what its upper layer has.
            dotGit: kind(of: (profile.overlay?.upper ?? profile.worktree) + "/.git"))
    }

    private static func kind(of path: String) -> DotGit {
        var status = stat()
        guard lstat(path, &status) == 0 else { return errno == ENOENT ? .absent : .other }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    private static func linkTarget(of path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            readlink(path, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }
}
