import Git
import Linux
package import Vocabulary

/// Sees which live worktrees of one repository could not be merged with each other as they stand now.
///
/// Every pair of newest snapshots is merged in the server's own git directory, in one run of git, and only
/// pairs of which a side is new. It warns, and decides nothing: what lands is merged again by the gate.
package actor CollisionRadar {
    /// More worktrees than these are not compared; the first by name are.
    package static let worktreesMax = 100
    private static let outputBytesMax = 64 << 20
    private static let timeout: Duration = .seconds(60)

    private struct Pair: Hashable {
        let one: WorktreeName
        let other: WorktreeName
    }
    private struct Merged {
        let one: ObjectID
        let other: ObjectID
        let conflict: Conflict?

        func isOf(_ one: ObjectID, _ other: ObjectID) -> Bool { self.one == one && self.other == other }
    }
    private struct Conflict {
        let paths: [String]
        let count: Int
    }

    private let state: StateDirectory
    private let git: HardenedGit
    private let scratch: GitRepository
    private let executor = DedicatedExecutor(label: "graftwork.radar")
    private let turns = Turnstile()
    private var merged: [Pair: Merged] = [:]
    /// The `.gitattributes` of a base, as one comparable text.
    private var attributes: [GitID: String] = [:]
    /// How many pairs were merged so far; tests see by it that nothing is merged twice.
    private(set) var pairsMerged = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(of store: RepositoryStore) throws(WorktreeError) {
        (state, git) = (store.state, store.git)
        do {
            scratch = try GitRepository(bareAt: store.state.scratch)
        } catch {
            throw WorktreeError(error, at: store.state.scratch)
        }
    }

    /// Takes the newest snapshot of every live worktree and answers whom each collides with. Worktrees that
    /// collide with nobody are left out; what is not among `live` is forgotten.
    ///
    /// Throws when a pair could not be merged, after every other was. It counts as before then, and is not
    /// tried again until a side of it is new, so that another look has the answer of all others.
    package func look(at live: [WorktreeName: ObjectID]) async throws(WorktreeError)
        -> [WorktreeName: [Collision]]
    {
        guard await turns.enter() else { throw .cancelled(operation: "merge") }
        defer { turns.leave() }
        do {
            let names = Array(live.keys.sorted().prefix(Self.worktreesMax))
            merged = merged.filter { live[$0.key.one] != nil && live[$0.key.other] != nil }
            var stale: [(pair: Pair, one: ObjectID, other: ObjectID)] = []
            for (index, one) in names.enumerated() {
                for other in names[(index + 1)...] {
                    guard let mine = live[one], let theirs = live[other] else { continue }
                    let pair = Pair(one: one, other: other)
                    if merged[pair]?.isOf(mine, theirs) == true { continue }
                    stale.append((pair, mine, theirs))
                }
            }
            var failure: (any Error)?
            var failures: [ObjectID: Int] = [:]
            do {
                for (base, group) in try grouped(stale) { try await merge(group, attributesOf: base) }
            } catch {
                // One that is too hard, or not there, is among them.
                for item in stale where merged[item.pair]?.isOf(item.one, item.other) != true {
                    let sides = [item.one, item.other]
                    if sides.contains(where: { failures[$0, default: 0] >= Self.failuresMax }) {
                        countAsBefore(item)
                    } else if let error = try await mergeAlone(item) {
                        failure = failure ?? error
                        for side in sides { failures[side, default: 0] += 1 }
                    }
                }
            }
            if let failure { throw failure }
        } catch {
            throw WorktreeError(error, at: state.root)
        }
        return collisions
    }

    private var collisions: [WorktreeName: [Collision]] {
        var found: [WorktreeName: [Collision]] = [:]
        for (pair, outcome) in merged {
            guard let conflict = outcome.conflict else { continue }
            for (mine, theirs) in [(pair.one, pair.other), (pair.other, pair.one)] {
                found[mine, default: []].append(
                    Collision(
                        run: RunID(theirs.run), task: TaskID(theirs.task), paths: conflict.paths,
                        pathCount: conflict.count))
            }
        }
        return found.mapValues { $0.sorted { ($0.run, $0.task) < ($1.run, $1.task) } }
    }

    /// By the attributes that apply: bases differ, but their `.gitattributes` hardly ever do.
    private func grouped(
        _ stale: [(pair: Pair, one: ObjectID, other: ObjectID)]
    ) throws -> [(base: GitID, group: [(pair: Pair, one: ObjectID, other: ObjectID)])] {
        var order: [String] = []
        var groups: [String: (base: GitID, group: [(pair: Pair, one: ObjectID, other: ObjectID)])] = [:]
        for item in stale {
            let commit = try GitID(item.one)
            let base = try scratch.commit(commit)?.parents.first ?? commit
            let key = try attributeText(of: base)
            if groups[key] == nil { order.append(key) }
            groups[key, default: (base, [])].group.append(item)
        }
        return order.compactMap { groups[$0] }
    }

    private func attributeText(of base: GitID) throws -> String {
        if let known = attributes[base] { return known }
        let files = try scratch.flatten(
            tree: scratch.tree(of: base), entriesMax: RepositoryStore.treeEntriesMax
        ).filter { $0.isNamed(".gitattributes") }
        let text = files.map { "\($0.path.text) \($0.id.hex)\n" }.joined()
        if attributes.count >= Self.worktreesMax { attributes = [:] }
        attributes[base] = text
        return text
    }

    /// What could not be merged with so many others is not tried with the rest: each try may take a minute.
    private static let failuresMax = 2

    private func countAsBefore(_ item: (pair: Pair, one: ObjectID, other: ObjectID)) {
        merged[item.pair] = Merged(one: item.one, other: item.other, conflict: merged[item.pair]?.conflict)
    }

    /// Answers why it cannot be merged; then it counts as before.
    private func mergeAlone(
        _ item: (pair: Pair, one: ObjectID, other: ObjectID)
    ) async throws -> (any Error)? {
        do {
            for (base, group) in try grouped([item]) { try await merge(group, attributesOf: base) }
            return nil
        } catch {
            // What has nothing to do with the two would be the same for the next pair.
            if case .cancelled = WorktreeError(error, at: state.root) { throw error }
            if case .diskFull = WorktreeError(error, at: state.root) { throw error }
            countAsBefore(item)
            return error
        }
    }

    /// Merges these pairs in one run of git. What the merges write goes with the folder they are written to.
    private func merge(
        _ group: [(pair: Pair, one: ObjectID, other: ObjectID)], attributesOf base: GitID
    ) async throws {
        let folder = state.temporary("radar")
        let place = HardenedGit.Place(gitDirectory: "\(folder)/git", workTree: "\(folder)/files")
        do {
            try Files.makeDirectory(folder, mode: 0o700)
            try prepare(place)
            try AttributeFiles.write(of: scratch.tree(of: base), from: scratch, to: place.workTree)
            let output = try await git.run(
                [
                    "merge-tree", "--write-tree", "--stdin", "--name-only", "--no-messages",
                    "--allow-unrelated-histories",
                ], in: place,
                input: group.flatMap { Array("\($0.one) \($0.other)\n".utf8) },
                outputBytesMax: Self.outputBytesMax,
                memoryBytesMax: RepositoryStore.mergeMemoryBytesMax, timeout: Self.timeout)
            try Files.removeTree(folder)
            try take(output.stdout, of: group)
        } catch {
            try Files.removeTree(folder)
            throw error
        }
    }

    /// A git directory that sees the server's objects, and through them the user's.
    private func prepare(_ place: HardenedGit.Place) throws {
        try GitRepository.makeBare(at: place.gitDirectory)
        try Files.makeDirectory(place.workTree, mode: 0o700)
        let own = "\(state.scratch)/objects"
        let others = try Files.readText("\(own)/info/alternates", bytesMax: 16 << 20)
        try Files.makeDirectory("\(place.gitDirectory)/objects/info", mode: 0o700)
        try Files.writeAtomically(
            "\(place.gitDirectory)/objects/info/alternates", text: "\(own)\n\(others)")
        try Files.makeDirectory("\(place.gitDirectory)/info", mode: 0o700)
        try Files.writeAtomically(
            "\(place.gitDirectory)/info/attributes", text: ScratchRepository.attributes)
        try Files.writeAtomically(
            "\(place.gitDirectory)/config",
            // What is written goes at once: packing it would take longer than the merges.
            text: """
                [core]
                \trepositoryformatversion = 0
                \tbare = true
                \tcompression = 0

                """)
        let shallow = "\(state.scratch)/shallow"
        if Files.exists(shallow) {
            try Files.writeAtomically(
                "\(place.gitDirectory)/shallow", Files.read(shallow, bytesMax: 16 << 20))
        }
    }

    /// For each pair: its status, the tree, the conflicting paths, and an empty field.
    private func take(
        _ output: [UInt8], of group: [(pair: Pair, one: ObjectID, other: ObjectID)]
    ) throws {
        var fields = output.split(separator: 0, omittingEmptySubsequences: false)[...]
        for item in group {
            guard let status = fields.popFirst(), fields.popFirst() != nil else { throw Self.garbled }
            var paths: Set<[UInt8]> = []
            while let field = fields.popFirst(), !field.isEmpty { paths.insert(Array(field)) }
            let conflict: Conflict?
            switch Array(status) {
            case Array("1".utf8): conflict = nil
            case Array("0".utf8):
                let sorted = paths.map { GitPath(bytes: $0) }.sorted().prefix(Collision.pathsMax)
                conflict = Conflict(paths: sorted.map(\.text).sorted(), count: paths.count)
            default: throw Self.garbled
            }
            merged[item.pair] = Merged(one: item.one, other: item.other, conflict: conflict)
            pairsMerged += 1
        }
    }

    private static let garbled = WorktreeError.git(
        operation: "merge", message: "its answer was not understood")
}
