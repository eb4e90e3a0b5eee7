import YAML

/// How long snapshots of worktrees are kept; whichever limit is reached first counts.
package struct SnapshotsKept: Hashable, Sendable, Codable {
    package static let standard = SnapshotsKept(days: 30, count: 50)
    private static let daysMax = 3_650
    private static let countMax = 100_000

    package var days: Int
    /// Of one worktree.
    package var count: Int
    package init(days: Int, count: Int) {
        self.days = days
        self.count = count
    }

    /// `{ days: 30, count: 50 }`; what is left out stays as it is by itself.
    init(_ node: YAMLNode, file: String) throws(ConfigurationError) {
        let reader = try FieldReader(
            node, file: file, place: "keep-snapshots", keys: ["days", "count"])
        self = .standard
        if let days = try reader.int("days") {
            guard (1...Self.daysMax) ~= days else {
                throw reader.bad(
                    "days", "is a number from 1 to \(Self.daysMax)", at: reader.value("days") ?? node)
            }
            self.days = days
        }
        if let count = try reader.int("count") {
            guard (1...Self.countMax) ~= count else {
                throw reader.bad(
                    "count", "is a number from 1 to \(Self.countMax)", at: reader.value("count") ?? node)
            }
            self.count = count
        }
    }
}
