package import Vocabulary

/// One saved state of a task's worktree as the journal knows it.
package struct SnapshotRecord: Hashable, Sendable, Codable {
    /// Why it was taken.
    package enum Occasion: String, Hashable, Sendable, Codable {
        /// Before an author went on in files that were there already.
        case begin
        /// A turn of the author ended.
        case turn
        /// A minute had passed while the author was at work.
        case minute
        /// Before a person opened the worktree.
        case opening
        /// What lay there before a restore.
        case restore
        /// What a restore put there.
        case restored
        /// Before the worktree was removed.
        case removal
    }
    /// Counts a worktree's snapshots; given by the store.
    package var number: Int
    package var tree: ObjectID
    package var commit: ObjectID
    /// The commit it stands on.
    package var base: ObjectID
    package var attempt: Int
    package var occasion: Occasion
    /// The author's session it was taken in or after.
    package var session: SessionID?
    /// Counts the session's turns from 1; for `turn` the one that ended.
    package var turn: Int?
    /// What is not in it as it lay there, one sentence each, the first few; nil: nothing of the kind.
    package var notes: [String]?
    package init(
        number: Int, tree: ObjectID, commit: ObjectID, base: ObjectID, attempt: Int, occasion: Occasion,
        session: SessionID? = nil, turn: Int? = nil, notes: [String] = []
    ) {
        self.number = number
        self.tree = tree
        self.commit = commit
        self.base = base
        self.attempt = attempt
        self.occasion = occasion
        self.session = session
        self.turn = turn
        self.notes = notes.isEmpty ? nil : Array(notes.prefix(Self.notesMax))
    }
    private static let notesMax = 5
}

/// What one turn of an author made of a worktree.
package struct AuthorTurn: Hashable, Sendable, Codable {
    /// Counts the task's turns over all attempts, from 1.
    package var number: Int
    package var attempt: Int
    package var session: SessionID?
    package var turnOfSession: Int
    /// The files before it, as a tree or a commit.
    package var from: ObjectID
    /// The tree after it.
    package var to: ObjectID
    /// The number of the snapshot after it.
    package var snapshot: Int
    package init(
        number: Int, attempt: Int, session: SessionID?, turnOfSession: Int, from: ObjectID, to: ObjectID,
        snapshot: Int
    ) {
        self.number = number
        self.attempt = attempt
        self.session = session
        self.turnOfSession = turnOfSession
        self.from = from
        self.to = to
        self.snapshot = snapshot
    }
}
