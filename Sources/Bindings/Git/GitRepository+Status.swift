import CGit2

extension GitRepository {
    /// The tracked files of this checkout that differ from HEAD, in the index or on disk, sorted; at most
    /// `pathsMax`. Untracked files and submodules do not count. Writes nothing.
    package func changedTrackedFiles(pathsMax: Int) throws(GitError) -> [GitPath] {
        let list = try GitHandle.make("compare the files with HEAD", free: git_status_list_free) { result in
            var options = git_status_options()
            git_status_options_init(&options, UInt32(GIT_STATUS_OPTIONS_VERSION))
            options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR
            options.flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES.rawValue
            return git_status_list_new(result, pointer, &options)
        }
        var paths: [GitPath] = []
        for index in 0..<git_status_list_entrycount(list.pointer) where paths.count < pathsMax {
            guard let entry = git_status_byindex(list.pointer, index) else { continue }
            let delta = entry.pointee.head_to_index ?? entry.pointee.index_to_workdir
            if let path = delta?.pointee.old_file.path ?? delta?.pointee.new_file.path {
                paths.append(GitPath(cString: path))
            }
        }
        return paths.sorted()
    }

    /// Of these paths, those that git's index of this checkout tracks.
    package func tracked(of paths: [GitPath]) throws(GitError) -> Set<GitPath> {
        let index = try GitHandle.make("read the index", free: git_index_free) {
            git_repository_index($0, pointer)
        }
        try git("read the index") { git_index_read(index.pointer, 0) }
        return Set(
            paths.filter { path in path.withCString { git_index_get_bypath(index.pointer, $0, 0) != nil } })
    }
}
