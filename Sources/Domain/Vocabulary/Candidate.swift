/// The exact tree and commit that an attempt produced.
package struct Candidate: Hashable, Sendable, Codable {
    package var base: ObjectID
    package var baseTree: ObjectID
    package var commit: ObjectID
    package var tree: ObjectID
    package var delta: Delta
    package init(base: ObjectID, baseTree: ObjectID, commit: ObjectID, tree: ObjectID, delta: Delta) {
        self.base = base
        self.baseTree = baseTree
        self.commit = commit
        self.tree = tree
        self.delta = delta
    }
}

/// What a tree changes against another, path by path.
package struct Delta: Hashable, Sendable, Codable {
    package struct Entry: Hashable, Sendable, Codable {
        package var path: String
        /// Git's octal file mode as a number; 0 where the side has no such path.
        package var oldMode: UInt32
        package var newMode: UInt32
        package var oldBlob: ObjectID?
        package var newBlob: ObjectID?
        package var addedLines: Int
        package var removedLines: Int
        package init(
            path: String, oldMode: UInt32, newMode: UInt32, oldBlob: ObjectID?, newBlob: ObjectID?,
            addedLines: Int,
            removedLines: Int
        ) {
            self.path = path
            self.oldMode = oldMode
            self.newMode = newMode
            self.oldBlob = oldBlob
            self.newBlob = newBlob
            self.addedLines = addedLines
            self.removedLines = removedLines
        }
    }
    /// Sorted by path bytes.
    package var entries: [Entry]
    /// SHA-256 over the path-sorted (path, old mode, old blob, new mode, new blob).
    package var digest: Digest
    package init(entries: [Entry], digest: Digest) {
        self.entries = entries
        self.digest = digest
    }
    package var isEmpty: Bool { entries.isEmpty }
    package var paths: [String] { entries.map(\.path) }
    package var addedLines: Int { entries.reduce(0) { $0 + $1.addedLines } }
    package var removedLines: Int { entries.reduce(0) { $0 + $1.removedLines } }
}
