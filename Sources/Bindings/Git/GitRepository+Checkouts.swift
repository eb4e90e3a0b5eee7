import CGit2
import Glibc

/// One working directory of a repository: the main one or a linked one.
package struct GitCheckout: Hashable, Sendable {
    /// The registration's name below `worktrees/`; nil for the main working directory.
    package var name: String?
    package var workingDirectory: String
    /// Its own git directory, with HEAD and index.
    package var gitDirectory: String
    /// The full ref HEAD names; nil when it is detached.
    package var branch: String?
    /// The ref of a branch that a rebase or bisect, begun here, will come back to.
    package var suspendedBranch: String?
    package var isLocked: Bool

    /// Whether moving this ref would be felt here.
    package func isConcerned(by ref: String) -> Bool { branch == ref || suspendedBranch == ref }
}

extension GitRepository {
    /// All registered checkouts, the main one first, then by name; also those whose files are gone.
    package func checkouts() throws(GitError) -> [GitCheckout] {
        let common = commonDirectory
        var checkouts: [GitCheckout] = []
        if let directory = try GitRepository(at: common).workingDirectory {
            checkouts.append(Self.checkout(name: nil, workingDirectory: directory, gitDirectory: common))
        }
        var names = git_strarray()
        defer { git_strarray_dispose(&names) }
        try git("list the worktrees") { git_worktree_list(&names, pointer) }
        let found = (0..<names.count).compactMap { names.strings[$0].map { String(cString: $0) } }
        for name in found.sorted() {
            let gitDirectory = "\(common)/worktrees/\(name)"
            guard let pointer = Self.line(of: "\(gitDirectory)/gitdir") else { continue }
            let directory = pointer.hasSuffix("/.git") ? String(pointer.dropLast("/.git".count)) : pointer
            checkouts.append(
                Self.checkout(name: name, workingDirectory: directory, gitDirectory: gitDirectory))
        }
        return checkouts
    }

    private static func checkout(name: String?, workingDirectory: String, gitDirectory: String) -> GitCheckout
    {
        let head = line(of: "\(gitDirectory)/HEAD")
        let suspended = ["rebase-merge/head-name", "rebase-apply/head-name"].lazy
            .compactMap { line(of: "\(gitDirectory)/\($0)") }.first { $0.hasPrefix("refs/") }
        let bisected = line(of: "\(gitDirectory)/BISECT_START").map {
            $0.hasPrefix("refs/") ? $0 : "refs/heads/\($0)"
        }
        return GitCheckout(
            name: name, workingDirectory: workingDirectory, gitDirectory: gitDirectory,
            branch: head.flatMap { $0.hasPrefix("ref: ") ? String($0.dropFirst("ref: ".count)) : nil },
            suspendedBranch: suspended ?? bisected,
            isLocked: access("\(gitDirectory)/locked", F_OK) == 0)
    }

    /// The first line of a small file; nil when there is none.
    private static func line(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX) + 64)
        let count = fread(&buffer, 1, buffer.count, file)
        let text = String(
            decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    /// The registration of a linked worktree made for a path; nil when there is none.
    package func registration(ofWorkingDirectory path: String) throws(GitError) -> GitCheckout? {
        try checkouts().first { $0.name != nil && $0.workingDirectory == path }
    }

    /// Forgets a linked worktree, locked or not, and leaves its files alone. One that is not registered is no
    /// error.
    package func forget(worktree name: String) throws(GitError) {
        // libgit2 has no code of its own for a registration that is not there.
        func isRegistered() -> Bool { access("\(commonDirectory)/worktrees/\(name)", F_OK) == 0 }
        guard isRegistered() else { return }
        do throws(GitError) {
            try forgetNow(name)
        } catch {
            // A `git worktree prune` at the same moment took it away.
            if isRegistered() { throw error }
        }
    }

    private func forgetNow(_ name: String) throws(GitError) {
        let worktree = try GitHandle.make("find the worktree \(name)", free: git_worktree_free) {
            git_worktree_lookup($0, pointer, name)
        }
        try git("forget the worktree \(name)") {
            var options = git_worktree_prune_options()
            git_worktree_prune_options_init(&options, UInt32(GIT_WORKTREE_PRUNE_OPTIONS_VERSION))
            options.flags = GIT_WORKTREE_PRUNE_VALID.rawValue | GIT_WORKTREE_PRUNE_LOCKED.rawValue
            return git_worktree_prune(worktree.pointer, &options)
        }
    }
}
