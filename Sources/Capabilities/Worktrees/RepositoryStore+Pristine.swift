import Git
import Linux

extension RepositoryStore {
    /// Remembers how the files of a checkout lie now, when they are exactly those of a tree and nobody is at
    /// work there: after it was filled and given to its owner, before any agent.
    ///
    /// Snapshots then read only what differs. Without a record, or with a stale one, they are as right and
    /// slower.
    func takePristineRecord(of name: WorktreeName, tree: GitID) throws {
        let draft = try PristineRecord.draft(of: tree, in: state.worktree(name), readingFrom: scratch)
        try Files.writeAtomically(state.pristineRecord(name), draft.bytes)
    }

    /// The same after the files became those of another tree. By now an agent was there, and a person may
    /// be: only files that nobody has touched since the record was taken stay vouched for.
    func movePristineRecord(of name: WorktreeName, to tree: GitID) throws {
        let draft = try PristineRecord.draft(
            of: tree, following: pristineRecord(of: name), readingFrom: scratch)
        try Files.writeAtomically(state.pristineRecord(name), draft.bytes)
    }

    func pristineRecord(of name: WorktreeName) throws -> PristineRecord? {
        try PristineRecord.read(state.pristineRecord(name))
    }
}
