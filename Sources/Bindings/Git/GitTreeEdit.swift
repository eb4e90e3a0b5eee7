import CGit2

/// Changes to one tree, collected by path and written as the trees that differ and no others.
///
/// The folders that no change touches keep their ids and are never read, so the cost is that of the changes,
/// whatever the size of the tree. As in an index, a folder exists only by what it holds, and a path is one
/// thing: what is set takes the place of whatever stood there, on the path to it too.
package final class GitTreeEdit {
    private let base: GitID
    private let root = Folder(isFresh: false)

    package init(of base: GitID) { self.base = base }

    /// What shall stand at one name of a folder.
    private enum Change {
        case entry(mode: UInt32, id: GitID)
        case removed
        case folder(Folder)
    }

    private final class Folder {
        var changes: [ArraySlice<UInt8>: Change] = [:]
        /// Begins empty, whatever the base has there.
        let isFresh: Bool
        init(isFresh: Bool) { self.isFresh = isFresh }
    }

    /// Puts a file, link or submodule at a path.
    package func set(_ path: GitPath, mode: UInt32, id: GitID) {
        change(path) { $0.changes[$1] = .entry(mode: mode, id: id) }
    }

    /// Takes a path out, with everything below it.
    package func remove(_ path: GitPath) {
        change(path) { $0.changes[$1] = .removed }
    }

    private func change(_ path: GitPath, _ body: (Folder, ArraySlice<UInt8>) -> Void) {
        var folder = root
        let names = path.components
        for name in names.dropLast() {
            switch folder.changes[name] {
            case .folder(let next): folder = next
            case .entry, .removed:
                let next = Folder(isFresh: true)
                folder.changes[name] = .folder(next)
                folder = next
            case nil:
                let next = Folder(isFresh: false)
                folder.changes[name] = .folder(next)
                folder = next
            }
        }
        if let last = names.last { body(folder, last) }
    }

    /// Writes the trees that changed and answers the root's id.
    ///
    /// - Parameters:
    ///   - source: where the base is read.
    ///   - target: where the trees are written.
    package func write(reading source: GitRepository, to target: GitRepository) throws(GitError) -> GitID {
        if let id = try write(root, base: base, source, target) { return id }
        return try target.write(.tree, [])
    }

    /// nil for a folder that holds nothing.
    private func write(_ folder: Folder, base: GitID?, _ source: GitRepository, _ target: GitRepository)
        throws(GitError) -> GitID?
    {
        var kept: [GitEntry] = []
        var changed: [GitEntry] = []
        var old: [ArraySlice<UInt8>: GitEntry] = [:]
        var isSame = true
        if let base {
            for entry in try source.entries(ofTree: base) {
                let name = entry.path.bytes[...]
                if folder.changes[name] == nil { kept.append(entry) } else { old[name] = entry }
            }
        }
        for (name, change) in folder.changes {
            let before = old[name]
            let after = try written(change, at: name, before, source, target)
            isSame = isSame && before == after
            if let after { changed.append(after) }
        }
        if isSame, let base { return base }
        changed.sort(by: Self.isOrdered)
        let entries = Self.merged(kept, changed)
        return entries.isEmpty ? nil : try target.write(.tree, Self.encoded(entries))
    }

    private func written(
        _ change: Change, at name: ArraySlice<UInt8>, _ before: GitEntry?, _ source: GitRepository,
        _ target: GitRepository
    ) throws(GitError) -> GitEntry? {
        switch change {
        case .removed: return nil
        case .entry(let mode, let id):
            return GitEntry(path: GitPath(bytes: Array(name)), mode: mode, id: id)
        case .folder(let folder):
            let old = folder.isFresh || before?.isTree != true ? nil : before?.id
            if let id = try write(folder, base: old, source, target) {
                // An unchanged folder keeps its mode as well, be it one that git would write today or not.
                if let before, before.id == id, before.isTree { return before }
                return GitEntry(path: GitPath(bytes: Array(name)), mode: GitEntry.treeMode, id: id)
            }
            // Removing what is below a file leaves the file.
            return folder.isFresh || before?.isTree == true ? nil : before
        }
    }

    private static func merged(_ kept: [GitEntry], _ changed: [GitEntry]) -> [GitEntry] {
        var entries: [GitEntry] = []
        entries.reserveCapacity(kept.count + changed.count)
        var rest = changed[...]
        for entry in kept {
            while let next = rest.first, isOrdered(next, entry) {
                entries.append(next)
                rest.removeFirst()
            }
            entries.append(entry)
        }
        return entries + rest
    }

    /// git's order: by bytes, a folder as if its name ended with a slash.
    private static func isOrdered(_ first: GitEntry, _ second: GitEntry) -> Bool {
        let (one, other) = (first.path.bytes, second.path.bytes)
        let shared = min(one.count, other.count)
        for index in 0..<shared where one[index] != other[index] { return one[index] < other[index] }
        func end(_ entry: GitEntry) -> UInt8 {
            if entry.path.bytes.count > shared { return entry.path.bytes[shared] }
            return entry.isTree ? UInt8(ascii: "/") : 0
        }
        return end(first) < end(second)
    }

    private static func encoded(_ entries: [GitEntry]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes += String(entry.mode, radix: 8).utf8
            bytes.append(UInt8(ascii: " "))
            bytes += entry.path.bytes
            bytes.append(0)
            bytes += entry.id.raw.bytes
        }
        return bytes
    }
}
