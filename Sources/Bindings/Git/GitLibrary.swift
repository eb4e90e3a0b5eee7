import CGit2

/// Starts libgit2 once per program, deaf to configuration files outside the repository.
enum GitLibrary {
    /// Who owns a repository is decided by the caller, by its files; so `safe.directory` need not be read,
    /// and a user's global attributes, excludes and line endings never change what a tree contains.
    static let start: Void = {
        git_libgit2_init()
        for level in [
            GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
            GIT_CONFIG_LEVEL_PROGRAMDATA,
        ] {
            _ = CGit2_set_search_path(level.rawValue, "")
        }
    }()
}
