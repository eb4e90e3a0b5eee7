import FoundationEssentials
import Linux
import Vocabulary
import Worktrees

/// How far the set-up of a worktree came, kept beside its git directory and gone with the worktree.
struct SetupMark: Sendable {
    enum State: Hashable, Codable {
        /// A set-up began and did not end: the tree holds more than its base.
        case begun
        /// With the key of what it depended on, nil where it runs no commands, and the base it was done for.
        case done(SetupRecord, key: Digest?, base: ObjectID)
    }

    private let path: String
    private static let bytesMax = 1 << 20

    init(_ worktree: PreparedWorktree) {
        path = Files.parent(of: worktree.gitPointerFile) + "/setup.json"
    }

    /// nil: no set-up was begun.
    func read() throws -> State? {
        guard Files.exists(path) else { return nil }
        return try JSONDecoder().decode(State.self, from: Data(Files.read(path, bytesMax: Self.bytesMax)))
    }

    func write(_ state: State) throws {
        try Files.writeAtomically(path, text: JSONText.line(encoding: state))
    }
}
