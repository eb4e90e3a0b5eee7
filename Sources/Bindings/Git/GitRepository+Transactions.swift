import CGit2

/// One ref's part of a change of several.
package struct GitRefChange: Hashable, Sendable {
    package var ref: String
    /// Where it must stand; nil: it must not exist.
    package var old: GitID?
    /// Where it shall stand; nil: it goes.
    package var new: GitID?

    package init(ref: String, old: GitID?, new: GitID?) {
        self.ref = ref
        self.old = old
        self.new = new
    }
}

extension GitRepository {
    /// Every ref of a transaction is locked by a file of its own, which is held open.
    package static let transactionRefsMax = 200

    /// Changes several refs if every one stands where it is expected, and none otherwise.
    ///
    /// All are locked before the first is looked at, so what holds for all holds until all are changed.
    package func change(_ changes: [GitRefChange], log message: String) throws(GitError) -> GitSwap {
        guard changes.count <= Self.transactionRefsMax else {
            throw GitError(
                code: GIT_ERROR.rawValue, operation: "change refs",
                message: "more than \(Self.transactionRefsMax) at once")
        }
        let transaction = try GitHandle.make("begin to change refs", free: git_transaction_free) {
            git_transaction_new($0, pointer)
        }
        for change in changes {
            try git("lock \(change.ref)") { git_transaction_lock_ref(transaction.pointer, change.ref) }
        }
        for change in changes {
            let actual = try target(of: change.ref)
            guard actual == change.old else { return .moved(actual: actual) }
            if var new = change.new?.oid {
                try git("move \(change.ref)") {
                    git_transaction_set_target(transaction.pointer, change.ref, &new, nil, message)
                }
            } else {
                try git("delete \(change.ref)") { git_transaction_remove(transaction.pointer, change.ref) }
            }
        }
        try git("change refs") { git_transaction_commit(transaction.pointer) }
        return .swapped
    }
}
