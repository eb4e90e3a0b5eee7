import CGit2

/// One configuration file, read by itself: no defaults, no other levels.
package final class GitConfiguration {
    private let handle: GitHandle

    package init(file path: String) throws(GitError) {
        _ = GitLibrary.start
        let file = try GitHandle.make("read \(path)", free: git_config_free) {
            git_config_open_ondisk($0, path)
        }
        handle = try GitHandle.make("read \(path)", free: git_config_free) {
            git_config_snapshot($0, file.pointer)
        }
    }

    /// The entries whose names begin with a prefix, names in lower case as git keeps them, sorted by name.
    package func entries(withPrefix prefix: String) throws(GitError) -> [(name: String, value: String)] {
        var entries: [(name: String, value: String)] = []
        let iterator = try GitHandle.make("read the configuration", free: git_config_iterator_free) {
            git_config_iterator_new($0, handle.pointer)
        }
        var entry: UnsafeMutablePointer<git_config_entry>?
        while true {
            let code = git_config_next(&entry, iterator.pointer)
            if code == GIT_ITEROVER.rawValue { return entries.sorted { $0.name < $1.name } }
            try git("read the configuration") { code }
            guard let entry, let name = entry.pointee.name.map({ String(cString: $0) }),
                name.hasPrefix(prefix)
            else { continue }
            entries.append((name, entry.pointee.value.map { String(cString: $0) } ?? ""))
        }
    }

    /// nil when it is not set or says nothing that git takes for a Boolean.
    package func flag(_ name: String) -> Bool? {
        var value: Int32 = 0
        return git_config_get_bool(&value, handle.pointer, name) == 0 ? value != 0 : nil
    }
}
