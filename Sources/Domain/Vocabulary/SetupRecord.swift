/// What the set-up of one tree did, for the record.
package struct SetupRecord: Hashable, Sendable, Codable {
    /// The outcome was copied from an earlier set-up of exactly the same inputs.
    package var wasReused: Bool
    package var seconds: Double
    /// The commands that ran, one line each.
    package var commands: [String]
    /// How many files of the user's checkout were copied.
    package var copied: Int
    /// Files whose secrets were replaced by placeholders.
    package var replaced: [String]
    /// Files that were left out because they look like secrets.
    package var leftOut: [String]
    /// Files that look like secrets and were copied as they are, because a person said so.
    package var raw: [RawCopy]
    /// What a person should know, one sentence each.
    package var notes: [String]

    package init(
        wasReused: Bool, seconds: Double, commands: [String] = [], copied: Int = 0, replaced: [String] = [],
        leftOut: [String] = [], raw: [RawCopy] = [], notes: [String] = []
    ) {
        self.wasReused = wasReused
        self.seconds = seconds
        self.commands = commands
        self.copied = copied
        self.replaced = replaced
        self.leftOut = leftOut
        self.raw = raw
        self.notes = notes
    }
}

/// A file that is copied as it is though it looks like a secret, and its bytes.
package struct RawCopy: Hashable, Sendable, Codable {
    package var path: String
    package var digest: Digest
    package init(path: String, digest: Digest) {
        self.path = path
        self.digest = digest
    }
}
