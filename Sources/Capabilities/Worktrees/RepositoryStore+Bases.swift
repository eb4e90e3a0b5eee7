import Git
import Glibc
import Linux
package import Vocabulary

/// What all worktrees of one base share: its packed objects and, for overlays, its files. Both are made once,
/// outside of any lock of the repository, by draft and rename; what a crash left half made is never seen.
extension RepositoryStore {
    /// Everything reachable from a base as one pack, in a folder that `objects/info/alternates` can name.
    func packedObjects(of base: GitID) async throws -> String {
        let folder = state.pack(base)
        return try await made(folder, holding: "pack") { draft in
            try Files.makeDirectory("\(draft)/pack")
            _ = try await git.run(
                ["pack-objects", "--revs", "--delta-base-offset", "-q", "\(draft)/pack/pack"],
                in: place(workTree: state.empty), input: Array("\(base.hex)\n".utf8))
        }
    }

    /// The files of a base with an index that git need not doubt.
    func pristineCheckout(of base: GitID) async throws -> PristineCheckout {
        let checkout = state.pristine(base)
        _ = try await made(checkout.folder, holding: "index") { draft in
            let files = PristineCheckout(folder: draft)
            try Files.makeDirectory(files.files, mode: 0o700)
            try await checkOut(base, at: files.files, index: files.index)
        }
        return checkout
    }

    /// Writes the files of a commit and an index of them that counts though owners and ctimes change.
    func checkOut(_ commit: GitID, at path: String, index: String) async throws {
        _ = try await git.run(
            ["read-tree", "--reset", "-u", commit.hex], in: place(workTree: path, indexFile: index))
        try GitIndexFile.setModificationTime(
            Int64(WallClock.nowSeconds()) - Self.settledSeconds, index: index, workTree: path,
            tree: scratch.tree(of: commit), readingFrom: scratch)
    }

    /// How far back the files' times are set; more than the second in which git would doubt them.
    private static let settledSeconds: Int64 = 10

    /// A folder that is either not there or whole. `part` is in every whole one.
    private func made(
        _ folder: String, holding part: String, _ fill: (_ draft: String) async throws -> Void
    ) async throws -> String {
        if Files.exists("\(folder)/\(part)") { return folder }
        return try await oneAtATime(folder) {
            if Files.exists("\(folder)/\(part)") { return folder }
            // An earlier version kept something else there.
            try Files.removeTree(folder)
            let draft = state.temporary("base")
            try Files.makeDirectory(draft, mode: 0o711)
            do {
                try await fill(draft)
                try crash("draft filled")
                // Root's sessions pass through to what is shown as their own, and see nothing beside it.
                try Files.changeMode(draft, 0o711)
                try Files.move(draft, to: folder)
            } catch {
                try Files.removeTree(draft)
                throw error
            }
            return folder
        }
    }

    /// Runs a step that only one task of this store may be in at a time, by the name of what it makes.
    func oneAtATime<Value>(_ name: String, _ body: () async throws -> Value) async throws -> Value {
        let turnstile = turnstiles[name] ?? Turnstile()
        turnstiles[name] = turnstile
        guard await turnstile.enter() else { throw CancellationError() }
        defer { turnstile.leave() }
        return try await body()
    }

    /// Keeps what a base's worktrees share from being swept while one of them is made.
    func using<Value>(_ base: GitID, _ body: () async throws -> Value) async throws -> Value {
        basesInUse[base, default: 0] += 1
        defer {
            basesInUse[base, default: 1] -= 1
            if basesInUse[base] == 0 { basesInUse[base] = nil }
        }
        return try await body()
    }

    /// The bases that something is kept for and no worktree is made from any more, sorted. None while there
    /// is a worktree that cannot be read: it may be made from any of them.
    package func unusedBases() throws(WorktreeError) -> [ObjectID] {
        try explainingNow {
            var used = Set(basesInUse.keys)
            for name in try worktreeNames() {
                do {
                    if let known = try known(name) { used.insert(try GitID(known.worktree.base)) }
                } catch {
                    return []
                }
            }
            let kept = Set(try Files.list(state.packs) + Files.list(state.pristines)).compactMap(
                GitID.init(hex:))
            return Set(kept).subtracting(used).map { ObjectID($0) }.sorted { $0.rawValue < $1.rawValue }
        }
    }

    /// Removes what is kept for bases of which no worktree is left, and drafts that a crash left. Safe beside
    /// everything else: what is being made is left alone.
    ///
    /// - Parameter newest: so many of them, the youngest, stay: the next run often begins where this one did.
    package func sweepUnusedBases(keepingNewest newest: Int = 0) async throws(WorktreeError) {
        let unused = try unusedBases()
        let doomed = try explainingNow {
            var aged: [(base: GitID, made: Int)] = []
            for base in try unused.map({ try GitID($0) }) {
                let places = [state.pack(base), state.pristine(base).folder].filter(Files.exists)
                let times = try places.map { try Files.status(of: $0).st_mtim.tv_sec }
                aged.append((base, times.max() ?? 0))
            }
            aged.sort { $0.made > $1.made }
            var doomed: [String] = []
            for (base, _) in aged.dropFirst(newest) {
                for folder in [state.pristine(base).folder, state.pack(base)] where Files.exists(folder) {
                    // Out of the way first, so that half of it is never taken for the whole.
                    doomed.append(state.temporary("base"))
                    try Files.move(folder, to: doomed[doomed.count - 1])
                }
            }
            if basesInUse.isEmpty {
                doomed = try Files.list("\(state.root)/temporary").filter { $0.hasPrefix("base-") }
                    .map { "\(state.root)/temporary/\($0)" }
            }
            return doomed
        }
        try await explaining {
            // Not on the store's own thread: a large tree takes its time.
            try await runBlocking { () throws(SystemError) in
                for folder in doomed { try Files.removeTree(folder) }
            }
        }
    }
}

/// The files of one base as git writes them, shared by all overlays of that base.
struct PristineCheckout: Hashable, Sendable {
    let folder: String
    var files: String { "\(folder)/files" }
    var index: String { "\(folder)/index" }
}
