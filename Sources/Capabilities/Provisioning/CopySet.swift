package import Vocabulary

/// The files of a user's checkout that a run's trees get, as they were when the run proved its base.
package struct CopySet: Hashable, Sendable, Codable {
    /// Of everything in it: paths, modes and bytes.
    package var digest: Digest
    package var files: Int
    package var replaced: [String]
    package var leftOut: [String]
    /// Copied as they are, though they look like secrets.
    package var raw: [RawCopy]
    package var notes: [String]

    /// What a person's yes to the raw copies is bound to; nil where none are asked for.
    package var rawDigest: Digest? {
        raw.isEmpty ? nil : CopySets.digest(of: raw)
    }
}

/// Whose copies these are, and what a person said of them.
package struct CopyOrder: Hashable, Sendable {
    package var run: RunID
    /// The commit whose ignore rules say what may be copied.
    package var base: ObjectID
    /// The raw copies a person said yes to.
    package var approved: Digest?
    package init(run: RunID, base: ObjectID, approved: Digest?) {
        self.run = run
        self.base = base
        self.approved = approved
    }
}
