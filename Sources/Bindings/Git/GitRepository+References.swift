import CGit2
import Glibc

/// What HEAD says.
package enum GitHead: Hashable, Sendable {
    /// The full name of the ref, and the commit it stands at.
    case branch(ref: String, commit: GitID)
    case unborn(ref: String)
    case detached(commit: GitID)
}

/// How a compare-and-swap of a ref ended.
package enum GitSwap: Hashable, Sendable {
    case swapped
    /// The ref stood elsewhere; nil: it was not there.
    case moved(actual: GitID?)
}

extension GitRepository {
    /// Whether git takes this as the name of a branch.
    package static func isBranchName(_ name: String) -> Bool {
        _ = GitLibrary.start
        // `@` alone means HEAD wherever git reads a revision, though a ref could bear the name.
        guard name != "@", !name.utf8.contains(0) else { return false }
        var isValid: Int32 = 0
        return git_branch_name_is_valid(&isValid, name) == 0 && isValid == 1
    }

    package func head() throws(GitError) -> GitHead {
        let head = try GitHandle.make("read HEAD", free: git_reference_free) {
            git_reference_lookup($0, pointer, "HEAD")
        }
        guard git_reference_type(head.pointer) == GIT_REFERENCE_SYMBOLIC else {
            let target = try present(git_reference_target(head.pointer), "read HEAD")
            return .detached(commit: GitID(target.pointee))
        }
        let ref = String(cString: try present(git_reference_symbolic_target(head.pointer), "read HEAD"))
        guard let commit = try target(of: ref) else { return .unborn(ref: ref) }
        return .branch(ref: ref, commit: commit)
    }

    /// The id a ref stands at, through symbolic refs; nil when there is no such ref.
    package func target(of ref: String) throws(GitError) -> GitID? {
        var oid = git_oid()
        do {
            try git("read \(ref)") { git_reference_name_to_id(&oid, pointer, ref) }
        } catch  where error.isNotFound {
            return nil
        }
        return GitID(oid)
    }

    /// The full names of all refs below a prefix, sorted.
    package func references(withPrefix prefix: String) throws(GitError) -> [String] {
        let iterator = try GitHandle.make("list \(prefix)", free: git_reference_iterator_free) {
            git_reference_iterator_glob_new($0, pointer, prefix + "*")
        }
        var names: [String] = []
        var name: UnsafePointer<CChar>?
        while true {
            let code = git_reference_next_name(&name, iterator.pointer)
            if code == GIT_ITEROVER.rawValue { return names.sorted() }
            try git("list \(prefix)") { code }
            if let name { names.append(String(cString: name)) }
        }
    }

    /// Moves a ref only if it stands at `old`; nil: only if it does not exist.
    package func swap(_ ref: String, from old: GitID?, to new: GitID, log message: String) throws(GitError)
        -> GitSwap
    {
        var made: OpaquePointer?
        defer { git_reference_free(made) }
        var newOID = new.oid
        do {
            if var oldOID = old?.oid {
                try patiently("move \(ref)") {
                    git_reference_create_matching(&made, pointer, ref, &newOID, 1, &oldOID, message)
                }
            } else {
                try patiently("create \(ref)") {
                    git_reference_create(&made, pointer, ref, &newOID, 0, message)
                }
            }
            return .swapped
        } catch  where error.isModified || error.isNotFound || error.isAlreadyThere {
            return .moved(actual: try target(of: ref))
        }
    }

    /// Deletes a ref only if it stands at `old`. A ref that is gone already counts as deleted.
    ///
    /// A `git pack-refs` at the same moment may have read the ref before and write it down after: then it is
    /// deleted again.
    package func delete(_ ref: String, ifAt old: GitID) throws(GitError) -> GitSwap {
        for _ in 1..<Self.deletionsMax {
            guard try deleteOnce(ref, ifAt: old) == .swapped else { break }
            for _ in 0..<Self.lockPollsMax where access("\(commonDirectory)/packed-refs.lock", F_OK) == 0 {
                pause()
            }
            if try target(of: ref) != old { return .swapped }
        }
        return try deleteOnce(ref, ifAt: old)
    }

    private static let deletionsMax = 5

    private func deleteOnce(_ ref: String, ifAt old: GitID) throws(GitError) -> GitSwap {
        do {
            let reference = try GitHandle.make("read \(ref)", free: git_reference_free) {
                git_reference_lookup($0, pointer, ref)
            }
            guard let target = git_reference_target(reference.pointer), GitID(target.pointee) == old else {
                return .moved(actual: try self.target(of: ref))
            }
            // libgit2 compares with what the handle read, under the ref's lock.
            try patiently("delete \(ref)") { git_reference_delete(reference.pointer) }
            return .swapped
        } catch  where error.isNotFound {
            return .swapped
        } catch  where error.isModified {
            return .moved(actual: try target(of: ref))
        }
    }

    private static let lockPollsMax = 100
    private static let lockPollNanoseconds = 10_000_000

    /// Waits for another git program's lock as long as git itself does (`core.packedRefsTimeout`, a second):
    /// each `git gc` packs the refs.
    private func patiently(_ operation: String, _ call: () -> Int32) throws(GitError) {
        for _ in 1..<Self.lockPollsMax {
            do throws(GitError) {
                try git(operation, call)
                return
            } catch  where error.isLocked {
                pause()
            }
        }
        try git(operation, call)
    }

    private func pause() {
        var time = timespec(tv_sec: 0, tv_nsec: Self.lockPollNanoseconds)
        nanosleep(&time, nil)
    }

    /// Whether the history of one commit contains the other. A commit is its own ancestor.
    package func isAncestor(_ ancestor: GitID, of commit: GitID) throws(GitError) -> Bool {
        guard ancestor != commit else { return true }
        var (commitOID, ancestorOID) = (commit.oid, ancestor.oid)
        return try git("compare \(ancestor) and \(commit)") {
            git_graph_descendant_of(pointer, &commitOID, &ancestorOID)
        } == 1
    }
}
