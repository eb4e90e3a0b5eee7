import CGit2

extension GitRepository {
    /// Makes attributes and line-ending decisions of this handle come from one tree, not from any file on
    /// disk. For a handle opened bare; what `info/attributes` says comes first. A file that the tree has with
    /// carriage returns keeps them where the attributes leave the decision to git.
    package func readAttributes(from tree: GitID) throws(GitError) {
        let index = try GitMemoryIndex()
        try index.read(tree: tree, from: self)
        try git("use the attributes of \(tree)") { git_repository_set_index(pointer, index.handle.pointer) }
    }

    /// The same, with the files of an index as the only ones known. What is added to it later is known later.
    package func readAttributes(from index: GitMemoryIndex) throws(GitError) {
        try git("use attributes") { git_repository_set_index(pointer, index.handle.pointer) }
    }

    /// The bytes as they would be committed at this path: line endings normalised where the attributes say
    /// so.
    package func normalised(_ bytes: [UInt8], at path: GitPath) throws(GitError) -> [UInt8] {
        try filtered(bytes, at: path, GIT_FILTER_TO_ODB)
    }

    /// The bytes as they would be checked out at this path, the inverse.
    package func checkedOut(_ bytes: [UInt8], at path: GitPath) throws(GitError) -> [UInt8] {
        try filtered(bytes, at: path, GIT_FILTER_TO_WORKTREE)
    }

    private func filtered(
        _ bytes: [UInt8], at path: GitPath, _ mode: git_filter_mode_t
    ) throws(GitError) -> [UInt8] {
        var filters: OpaquePointer?
        defer { git_filter_list_free(filters) }
        _ = try path.withCString { path throws(GitError) in
            try git("read the attributes of a file") {
                git_filter_list_load(
                    &filters, pointer, nil, path, mode, GIT_FILTER_ALLOW_UNSAFE.rawValue)
            }
        }
        guard filters != nil else { return bytes }
        var result = git_buf()
        defer { git_buf_dispose(&result) }
        try git("normalise a file") {
            bytes.withUnsafeBytes {
                git_filter_list_apply_to_buffer(
                    &result, filters, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
            }
        }
        return Array(UnsafeRawBufferPointer(start: result.ptr, count: result.size))
    }

    /// What one attribute is for a path: its text, "set", or nil when it is unset or not mentioned.
    package func attribute(_ name: String, at path: GitPath) throws(GitError) -> String? {
        var value: UnsafePointer<CChar>?
        _ = try path.withCString { path throws(GitError) in
            try git("read the attributes of a file") { git_attr_get(&value, pointer, 0, path, name) }
        }
        switch git_attr_value(value) {
        case GIT_ATTR_VALUE_TRUE: return "set"
        case GIT_ATTR_VALUE_STRING: return value.map { String(cString: $0) }
        // Unspecified and unset are the same to the caller; the C enum has no other members.
        default: return nil
        }
    }
}
