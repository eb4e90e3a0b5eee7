import FoundationEssentials
import Glibc
import Linux
import Vocabulary

/// Outcomes of set-ups that went through, by everything they depend on.
///
/// An outcome is what the commands made, changed and removed in a tree that the server had made a moment
/// before; a tree in which an agent may have worked fills nothing. What is kept by inputs alone, and so given
/// to trees that differ, came of a run's base and replaces no file that a tree has of its own. The folder is
/// the server's alone and no sandbox shows it. An outcome is put together aside and takes its place in one
/// step: one that a crash cut short is never found, and swept by the next server.
package actor SetupCache {
    static let outcomesMax = 16
    static let entriesMax = 500_000
    static let outcomeBytesMax: Int64 = 4 << 30
    /// Larger files are not searched for the path of their tree.
    static let searchedFileBytesMax = 32 << 20

    /// What is small and lies near the root may be a configuration with a port in it.
    static let configurationBytesMax = 64 << 10

    struct Outcome: Hashable, Codable {
        /// Relative paths, as bytes.
        var removed: [[UInt8]]
        /// How long the commands took that time.
        var seconds: Double
    }

    /// What came of keeping one.
    enum Keeping: Hashable, Sendable {
        /// With the files that are new or changed, as relative paths.
        case kept(changed: [[UInt8]])
        /// Why it is made anew each time.
        case notKept(String)
    }

    private let folder: String
    private let executor = DedicatedExecutor(label: "graftwork.setup")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// One per state folder and process; `state` is the server's own.
    package init(state: String) { folder = state + "/setup" }

    private func path(_ key: SetupKey) -> String { "\(folder)/\(key.digest.rawValue)" }
    private var drafts: String { "\(folder)/drafts" }

    /// Copies a kept outcome into a tree that holds what the set-up began with; nil: none is kept that would
    /// leave the tree's own files as they are.
    ///
    /// - Parameter own: the paths of those files; nil: the outcome came of the same.
    func restore(_ key: SetupKey, into tree: SetupTree, sparing own: [[UInt8]]?) throws -> Outcome? {
        let place = path(key)
        guard Files.exists("\(place)/outcome.json") else { return nil }
        let outcome = try JSONDecoder().decode(
            Outcome.self, from: Data(Files.read("\(place)/outcome.json", bytesMax: 64 << 20)))
        // Over a lower layer a missing file is a whiteout, which is the kernel's to make.
        guard tree.layers == nil || outcome.removed.isEmpty else { return nil }
        if let own {
            let files = try TreeStamps(of: "\(place)/files", entriesMax: Self.entriesMax)
            guard files.firstTouched(of: own, removed: outcome.removed) == nil else { return nil }
        }
        try Files.remove(outcome.removed, below: tree.path)
        _ = try Files.copyTree(
            "\(place)/files", into: tree.layers?.upper ?? tree.path,
            owner: SystemIdentity.isRoot ? tree.uid : nil)
        touch(place)
        return outcome
    }

    /// Keeps what is different in a tree since `before`.
    func keep(
        _ key: SetupKey, of tree: SetupTree, since before: TreeStamps, sparing own: [[UInt8]]?,
        seconds: Double
    ) throws -> Keeping {
        try sweepDraftsOnce()
        try Files.makeDirectory(drafts, mode: 0o700)
        let draft = "\(drafts)/\(RandomBytes.hex(count: 8))"
        do {
            let keeping = try keep(key, of: tree, since: before, sparing: own, seconds: seconds, in: draft)
            try Files.removeTree(draft)
            return keeping
        } catch let error as SystemError {
            try Files.removeTree(draft)
            // The set-up went through; only its next time is no shorter.
            return .notKept("\(error)")
        }
    }

    private func keep(
        _ key: SetupKey, of tree: SetupTree, since before: TreeStamps, sparing own: [[UInt8]]?,
        seconds: Double, in draft: String
    ) throws -> Keeping {
        let after = try TreeStamps(of: tree.path, entriesMax: Self.entriesMax)
        let (changed, removed) = before.changes(to: after)
        let touched = Set(changed + removed)
        if let file = own?.first(where: touched.contains) {
            let name = VisibleText.oneLine(String(decoding: file, as: UTF8.self), limit: 200)
            return .notKept("it changes or removes the tracked file \(name)")
        }
        try Files.makeDirectory("\(draft)/files", mode: 0o700)
        let files = changed.filter { !after.isFolder($0) }
        _ = try Files.copyTree(
            tree.path, into: "\(draft)/files", only: Set(changed), owner: nil, bytesMax: Self.outcomeBytesMax)
        if let file = try Files.firstEntry(
            below: "\(draft)/files", holding: Array(tree.path.utf8), fileBytesMax: Self.searchedFileBytesMax)
        {
            // A virtual environment, for one, is of use nowhere else.
            return .notKept(
                "\(VisibleText.oneLine(file, limit: 200)) holds the path of its own tree")
        }
        if !key.isBoundToPort, let port = tree.firstPort,
            let file = try Files.firstEntry(
                below: "\(draft)/files", holding: Array(String(port).utf8),
                fileBytesMax: Self.configurationBytesMax, depthMax: 1)
        {
            return .notKept("\(VisibleText.oneLine(file, limit: 200)) holds the port of its own tree")
        }
        try Files.writeAtomically(
            "\(draft)/outcome.json",
            text: JSONText.line(encoding: Outcome(removed: removed, seconds: seconds)))
        // What is found after a loss of power is whole, or not found.
        try Files.synchronizeFileSystem(of: draft)
        let place = path(key)
        if Files.exists(place) {
            // Two trees of the same base were set up at the same time; one outcome is as good as the other.
            return .kept(changed: files)
        }
        try Files.move(draft, to: place)
        try prune()
        return .kept(changed: files)
    }

    /// The oldest go when there are too many.
    private func prune() throws {
        let kept = try Files.list(folder).filter { $0.utf8.count == 64 }
        guard kept.count > Self.outcomesMax else { return }
        let byAge = try kept.map { name in
            let time = try Files.status(of: "\(folder)/\(name)").st_mtim
            return (name: name, used: [time.tv_sec, time.tv_nsec])
        }.sorted { $0.used.lexicographicallyPrecedes($1.used) }
        for old in byAge.prefix(kept.count - Self.outcomesMax) {
            // Away in one step: half of one must not be found.
            let grave = "\(drafts)/\(RandomBytes.hex(count: 8))"
            try Files.move("\(folder)/\(old.name)", to: grave)
            try Files.removeTree(grave)
        }
    }

    private func touch(_ place: String) {
        // Only the order of removal depends on it.
        utimensat(AT_FDCWD, place, nil, 0)
    }

    private var hasSwept = false
    private func sweepDraftsOnce() throws {
        guard !hasSwept else { return }
        hasSwept = true
        try Files.removeTree(drafts)
    }
}
