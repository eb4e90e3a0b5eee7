import FoundationEssentials
import Linux
import Vocabulary

/// The word that a worktree is to be removed: written before the first step and taken away after the last.
struct Tombstone: Hashable, Codable {
    enum Phase: String, Hashable, Codable {
        /// Registration, branch and files may all still be there.
        case begun
        /// The files lie in the graveyard; the name is free for another worktree.
        case buried
    }
    var phase: Phase
    var base: ObjectID
    /// Whose files they are; the uid is another's only after they are gone.
    var owner: UInt32?
    var keepsSnapshots: Bool
    /// What no snapshot can hold goes too: a person's decision.
    var discardsUnsaved: Bool?
    /// How often it was tried.
    var tries = 0
    /// Why the last try did not finish.
    var problem: String?
}

/// A removal that is not finished.
package struct PendingRemoval: Sendable, Hashable, Codable {
    package var name: WorktreeName
    package var owner: UInt32?
    package var tries: Int
    /// Why the last try did not finish; nil while the first is under way.
    package var problem: String?
    /// There is a worktree of that name again, or one is being made: its uid is in use.
    package var isMadeAgain = false
}

extension StateDirectory {
    private static let tombstoneBytesMax = 64 << 10

    /// nil when the worktree is not being removed.
    func tombstone(of name: WorktreeName) throws -> Tombstone? {
        let path = tombstonePath(name)
        guard Files.exists(path) else { return nil }
        let bytes = try Files.read(path, bytesMax: Self.tombstoneBytesMax)
        return try JSONDecoder().decode(Tombstone.self, from: Data(bytes))
    }

    func write(_ tombstone: Tombstone, of name: WorktreeName) throws {
        try Files.writeAtomically(tombstonePath(name), text: JSONText.line(encoding: tombstone))
    }

    /// The worktrees that are being removed, sorted.
    func tombstones() throws -> [WorktreeName] {
        try Files.list(removals).compactMap { file in
            file.hasSuffix(Self.tombstoneSuffix)
                ? WorktreeName(folder: String(file.dropLast(Self.tombstoneSuffix.count))) : nil
        }.sorted()
    }
}

extension WorktreeName {
    /// The name a folder of ours stands for; nil when it is none of ours.
    init?(folder: String) {
        let parts = folder.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        // Not a cause lost: what is no name of ours is nobody's worktree.
        guard parts.count == 2, let name = try? WorktreeName(run: RunID(parts[0]), task: parts[1]) else {
            return nil
        }
        self = name
    }
}
