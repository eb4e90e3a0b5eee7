import Git
import Glibc
import Linux
import Vocabulary

/// Layers made for an overlay after its beginning: for another base, or for the files of an earlier moment.
extension RepositoryStore {
    /// New layers in which a worktree has the files of `tree` over `base`, and of its present files those
    /// that `saved`, what was just read and kept as a snapshot, does not hold, such as ignored ones. Nothing
    /// refers to them until the worktree's marker does; the old ones stay whole.
    ///
    /// What `tree` has wins over what would be kept at the same place, which goes to `NAME.kept-…`. No
    /// session may live in the worktree.
    func makeLayers(
        of worktree: PreparedWorktree, holding tree: GitID, over base: GitID, saved: ReadWorktree
    ) async throws -> OverlayLayers {
        let pristine = try await pristineCheckout(of: base)
        let layers = try makeLayers(worktree.name, over: pristine)
        let wanted = try scratch.flatten(tree: tree, entriesMax: Self.treeEntriesMax)
        let difference = try LayerDifference(
            wanted: wanted,
            lower: scratch.flatten(tree: try scratch.tree(of: base), entriesMax: Self.treeEntriesMax))
        try await write(difference.changed, of: tree, to: layers.upper)
        try crash("layers written")
        let writer = FolderWriter(root: layers.upper, trash: layers.work)
        var kept: Set<GitPath> = []
        if let old = worktree.layers?.upper {
            let entries = try scratch.flatten(tree: saved.tree, entriesMax: Self.treeEntriesMax)
            let held = Set(entries.map(\.path).filter { !saved.isDoubted($0) })
            // Where the tree has what it had before, what could not be saved may stay.
            let unchanged = Set(entries.filter { saved.isDoubted($0.path) }).intersection(wanted)
            let staying = Set(unchanged.map(\.path))
            let suffix = ".kept-\(RandomBytes.hex(count: 4))"
            var modes: [GitPath: UInt32] = [:]
            try LayerEntry.walk(old) { entry, _ in
                if entry.isFolder {
                    modes[entry.path] = entry.status.st_mode & 0o7777
                } else if !entry.isWhiteout, !held.contains(entry.path) {
                    let stays = staying.contains(entry.path) && !writer.exists(entry.path)
                    let place = stays ? entry.path : difference.room(for: entry.path, suffix: suffix)
                    if let parent = place.parent {
                        try writer.makeFolder(
                            parent, mode: entry.path.parent.flatMap { modes[$0] } ?? 0o755)
                    }
                    try writer.link(entry.path, from: old, to: place)
                    kept.insert(place)
                }
            }
        }
        for path in difference.whiteouts(keeping: kept) where !writer.exists(path) {
            if let parent = path.parent { try writer.makeFolder(parent) }
            try writer.whiteout(path)
        }
        if let uid = worktree.owner, SystemIdentity.isRoot {
            for folder in [layers.upper, layers.work] {
                try Files.changeOwner(tree: folder, uid: uid, gid: uid)
            }
        }
        return layers
    }

    /// Empty layers in a folder of their own, with something for the sandbox to bind the pointer over.
    func makeLayers(_ name: WorktreeName, over pristine: PristineCheckout) throws -> OverlayLayers {
        let folder = "\(state.layersFolder(name))/\(RandomBytes.hex(count: 4))"
        for place in [state.layersFolder(name), folder] {
            try Files.makeDirectory(place, mode: 0o711)
            try Files.changeMode(place, 0o711)
        }
        let layers = OverlayLayers(lower: pristine.files, upper: "\(folder)/upper", work: "\(folder)/work")
        try Files.makeDirectory(layers.upper, mode: 0o700)
        try Files.makeDirectory(layers.work, mode: 0o700)
        try Files.create("\(layers.upper)/.git", mode: 0o600)
        return layers
    }

    /// Removes the layers of a worktree that its marker does not name.
    func removeOtherLayers(than layers: OverlayLayers?, of name: WorktreeName) throws {
        let folder = state.layersFolder(name)
        guard Files.exists(folder) else { return }
        let kept = layers.map { Files.parent(of: $0.upper) }
        for other in try Files.list(folder) where "\(folder)/\(other)" != kept {
            try Files.removeTree("\(folder)/\(other)")
        }
    }

    /// Writes some files of a tree as a checkout of all of it would: attributes and line endings are the
    /// tree's.
    func write(_ entries: [GitEntry], of tree: GitID, to folder: String) async throws {
        guard !entries.isEmpty else { return }
        var names: [UInt8] = []
        for entry in entries { names += entry.path.bytes + [0] }
        let index = state.temporary("index")
        defer { unlink(index) }
        let place = place(workTree: folder, indexFile: index)
        _ = try await git.run(["read-tree", tree.hex], in: place)
        _ = try await git.run(["checkout-index", "--force", "-z", "--stdin"], in: place, input: names)
    }
}

/// In which files two trees differ, in the terms of an overlay.
struct LayerDifference {
    /// What has to lie in the upper layer; submodules have no files.
    let changed: [GitEntry]
    /// What the lower layer has and must not be seen, sorted.
    private let removed: [GitPath]
    private let wanted: Set<GitPath>
    private let wantedFolders: Set<GitPath>

    init(wanted entries: [GitEntry], lower: [GitEntry]) {
        let below = Dictionary(lower.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        changed = entries.filter { below[$0.path] != $0 && !$0.isSubmodule }
        let wanted = Set(entries.map(\.path))
        removed = lower.filter { !$0.isSubmodule && !wanted.contains($0.path) }.map(\.path).sorted()
        self.wanted = wanted
        wantedFolders = Self.folders(above: entries.map(\.path))
    }

    /// Where a file that is in no tree can lie: where it is, or beside what is wanted there.
    func room(for path: GitPath, suffix: String) -> GitPath {
        var place = GitPath("")
        var isMoved = false
        for component in path.components {
            place = place.appending(Array(component))
            let isLast = place.bytes.count >= path.bytes.count
            if !isMoved, wanted.contains(place) || (isLast && wantedFolders.contains(place)) {
                place = GitPath(bytes: place.bytes + Array(suffix.utf8))
                isMoved = true
            }
        }
        return place
    }

    /// The topmost places of which nothing is wanted or kept, sorted, each once.
    func whiteouts(keeping kept: Set<GitPath>) -> [GitPath] {
        let needed = wantedFolders.union(Self.folders(above: kept))
        var places: Set<GitPath> = []
        for path in removed where !kept.contains(path) {
            var place = path
            var folder = path.parent
            var isHidden = false
            while let current = folder {
                // A file of the upper layer hides the whole folder below.
                if wanted.contains(current) || kept.contains(current) { isHidden = true }
                if !needed.contains(current) { place = current }
                folder = current.parent
            }
            // Something wanted or kept below it makes a folder of it, which hides it too.
            if !isHidden && !needed.contains(place) { places.insert(place) }
        }
        return places.sorted()
    }

    private static func folders(above paths: some Sequence<GitPath>) -> Set<GitPath> {
        var folders: Set<GitPath> = []
        for path in paths {
            var folder = path.parent
            while let current = folder, folders.insert(current).inserted { folder = current.parent }
        }
        return folders
    }
}
