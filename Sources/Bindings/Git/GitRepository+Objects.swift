import CGit2

/// What kind of thing an object is.
package enum GitObjectKind: Hashable, Sendable { case blob, tree, commit, tag }

extension GitRepository {
    private func database() throws(GitError) -> GitHandle {
        try GitHandle.make("open the object database", free: git_odb_free) { git_repository_odb($0, pointer) }
    }

    /// Whether the object is there, loose, packed or in an alternate.
    package func contains(_ id: GitID) throws(GitError) -> Bool {
        var oid = id.oid
        return git_odb_exists(try database().pointer, &oid) == 1
    }

    /// Kind and size without the contents; nil when there is no such object.
    package func header(of id: GitID) throws(GitError) -> (kind: GitObjectKind, bytes: Int)? {
        var (oid, size, type) = (id.oid, 0, GIT_OBJECT_INVALID)
        let database = try database()
        do {
            try git("read \(id)") { git_odb_read_header(&size, &type, database.pointer, &oid) }
        } catch  where error.isNotFound {
            return nil
        }
        return (try Self.kind(type, id), size)
    }

    /// The whole contents of an object; nil when there is no such object or it is larger than the limit.
    package func read(_ id: GitID, bytesMax: Int) throws(GitError) -> (kind: GitObjectKind, bytes: [UInt8])? {
        guard let header = try header(of: id), header.bytes <= bytesMax else { return nil }
        var oid = id.oid
        let database = try database()
        let object = try GitHandle.make("read \(id)", free: git_odb_object_free) {
            git_odb_read($0, database.pointer, &oid)
        }
        let bytes = UnsafeRawBufferPointer(
            start: git_odb_object_data(object.pointer), count: git_odb_object_size(object.pointer))
        return (header.kind, Array(bytes))
    }

    /// Writes an object into this repository's own database and returns its id. One that is there stays.
    @discardableResult
    package func write(_ kind: GitObjectKind, _ bytes: [UInt8]) throws(GitError) -> GitID {
        var oid = git_oid()
        let database = try database()
        try git("write an object") {
            bytes.withUnsafeBytes {
                git_odb_write(&oid, database.pointer, $0.baseAddress, $0.count, Self.type(kind))
            }
        }
        return GitID(oid)
    }

    /// The tree of a commit or tag; a tree is its own.
    package func tree(of id: GitID) throws(GitError) -> GitID {
        var oid = id.oid
        let object = try GitHandle.make("read \(id)", free: git_object_free) {
            git_object_lookup($0, pointer, &oid, GIT_OBJECT_ANY)
        }
        let tree = try GitHandle.make("read the tree of \(id)", free: git_object_free) {
            git_object_peel($0, object.pointer, GIT_OBJECT_TREE)
        }
        return GitID(try present(git_object_id(tree.pointer), "read the tree of \(id)").pointee)
    }

    private static func type(_ kind: GitObjectKind) -> git_object_t {
        switch kind {
        case .blob: GIT_OBJECT_BLOB
        case .tree: GIT_OBJECT_TREE
        case .commit: GIT_OBJECT_COMMIT
        case .tag: GIT_OBJECT_TAG
        }
    }

    private static func kind(_ type: git_object_t, _ id: GitID) throws(GitError) -> GitObjectKind {
        switch type {
        case GIT_OBJECT_BLOB: .blob
        case GIT_OBJECT_TREE: .tree
        case GIT_OBJECT_COMMIT: .commit
        case GIT_OBJECT_TAG: .tag
        default:
            throw GitError(
                code: GIT_ERROR.rawValue, operation: "read \(id)", message: "it is an object of no known kind"
            )
        }
    }
}
