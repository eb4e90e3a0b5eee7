package import Vocabulary

/// The key of one worktree: which run, which task. Safe in a branch name and in a path by construction.
package struct WorktreeName: Hashable, Sendable, Codable, Comparable {
    package static let lengthMax = 64
    package let run: String
    package let task: String

    /// Takes only slugs, so that two keys can never share a branch or a path.
    package init(run: RunID, task: String) throws(WorktreeError) {
        for part in [run.rawValue, task] where !Self.isSlug(part) { throw .invalidName(name: part) }
        self.run = run.rawValue
        self.task = task
    }

    package var branch: String { "graftwork/\(run)/\(task)" }
    /// A dot is in no slug, so it separates without doubt.
    var folder: String { "\(run).\(task)" }
    func snapshotRef(_ number: Int) -> String { "\(snapshotPrefix)\(number)" }
    var snapshotPrefix: String { "refs/graftwork/snapshots/\(run)/\(task)/" }

    package static func < (lhs: Self, rhs: Self) -> Bool { (lhs.run, lhs.task) < (rhs.run, rhs.task) }

    static func isSlug(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= lengthMax && !text.hasPrefix("-") && !text.hasSuffix("-")
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}
