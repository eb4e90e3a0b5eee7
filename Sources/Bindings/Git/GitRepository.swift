import CGit2

/// An open repository. Not shared: it belongs to one actor, and its calls block.
///
/// libgit2 runs no hooks, filter programs, merge drivers or aliases, whatever the repository's configuration
/// says.
package final class GitRepository {
    let handle: GitHandle
    var pointer: OpaquePointer { handle.pointer }
    private let place: String

    /// Opens exactly this git directory or working directory.
    package init(at path: String) throws(GitError) {
        _ = GitLibrary.start
        place = path
        handle = try GitHandle.make("open \(path)", free: git_repository_free) {
            git_repository_open_ext($0, path, GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue, nil)
        }
    }

    /// Opens a git directory without its working directory, whatever its configuration says.
    package init(bareAt path: String) throws(GitError) {
        _ = GitLibrary.start
        place = path
        handle = try GitHandle.make("open \(path)", free: git_repository_free) {
            git_repository_open_bare($0, path)
        }
    }

    /// The git directory of the repository that a path lies in; nil when it lies in none. Opens nothing.
    package static func discover(from path: String) throws(GitError) -> String? {
        _ = GitLibrary.start
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        do {
            try git("find a repository at \(path)") { git_repository_discover(&buffer, path, 0, nil) }
        } catch  where error.isNotFound {
            return nil
        }
        return buffer.ptr.map { withoutSlash(String(cString: $0)) }
    }

    /// Makes an empty git directory without a working directory, or leaves the one that is there.
    package static func makeBare(at path: String) throws(GitError) {
        _ = GitLibrary.start
        _ = try GitHandle.make("make \(path)", free: git_repository_free) { result in
            var options = git_repository_init_options()
            git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION))
            options.flags = GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_MKPATH.rawValue
            return git_repository_init_ext(result, path, &options)
        }
    }

    /// This checkout's own git directory; in a linked worktree a folder below `worktrees/`.
    package var gitDirectory: String {
        withoutSlash(git_repository_path(pointer).map { String(cString: $0) } ?? place)
    }
    /// The git directory that all worktrees share.
    package var commonDirectory: String {
        withoutSlash(git_repository_commondir(pointer).map { String(cString: $0) } ?? place)
    }
    /// nil for a bare repository.
    package var workingDirectory: String? {
        git_repository_workdir(pointer).map { withoutSlash(String(cString: $0)) }
    }
    package var isBare: Bool { git_repository_is_bare(pointer) == 1 }

    /// What git program has begun here and not ended, like "a rebase"; nil when nothing is under way.
    package var unfinishedOperation: String? {
        switch git_repository_state(pointer) {
        case Int32(GIT_REPOSITORY_STATE_NONE.rawValue): nil
        case Int32(GIT_REPOSITORY_STATE_MERGE.rawValue): "a merge"
        case Int32(GIT_REPOSITORY_STATE_REVERT.rawValue),
            Int32(GIT_REPOSITORY_STATE_REVERT_SEQUENCE.rawValue):
            "a revert"
        case Int32(GIT_REPOSITORY_STATE_CHERRYPICK.rawValue),
            Int32(GIT_REPOSITORY_STATE_CHERRYPICK_SEQUENCE.rawValue):
            "a cherry-pick"
        case Int32(GIT_REPOSITORY_STATE_BISECT.rawValue): "a bisect"
        case Int32(GIT_REPOSITORY_STATE_APPLY_MAILBOX.rawValue): "an application of patches"
        // libgit2's codes are plain numbers; whatever is left, or is new, is some kind of rebase.
        default: "a rebase"
        }
    }

    /// What reflog entries made through this handle say.
    package func setIdentity(name: String, email: String) throws(GitError) {
        try git("set the identity of \(place)") { git_repository_set_ident(pointer, name, email) }
    }
}

func withoutSlash(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
}
