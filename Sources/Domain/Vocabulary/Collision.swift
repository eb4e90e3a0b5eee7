/// Another live worktree whose files cannot be merged with this one's as both stand now.
package struct Collision: Hashable, Sendable, Codable {
    /// More paths than this are counted, not named.
    package static let pathsMax = 50

    package var run: RunID
    package var task: TaskID
    /// Where both conflict, sorted; the first of them where there are many.
    package var paths: [String]
    /// How many paths conflict, those that are not named included.
    package var pathCount: Int
    package init(run: RunID, task: TaskID, paths: [String], pathCount: Int? = nil) {
        self.run = run
        self.task = task
        self.paths = Array(paths.prefix(Self.pathsMax))
        self.pathCount = pathCount ?? paths.count
    }
}

extension Sequence where Element == Collision {
    /// Every path that collides with anybody, once, sorted.
    package var collidingPaths: [String] { Set(flatMap(\.paths)).sorted() }
}
